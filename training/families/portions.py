"""Portions: servings that feed, doses and batches that treat, each made of scarce things."""

from __future__ import annotations

from optiwright.training.choosing import Measure, Trade, choose
from optiwright.training.conditions import Wording
from optiwright.training.families import family
from optiwright.training.story import Story


def _nutrient(name: str, unit: str, low: float, high: float, who: str, step: float = 1) -> Measure:
    return Measure(
        name=name, unit=unit, low=low, high=high, step=step, good=True, even=0.5,
        says=(f"contains {{}} of {name}", f"provides {{}} of {name}", f"has {{}} of {name}"),
        limits=(f"{who} should get at least {{}} of {name}", f"at least {{}} of {name} are needed",
                f"{who} needs a minimum of {{}} of {name}",
                f"the {name} must not fall below {{}}"),
        best=f"most {name}", goal=f"the total {name}", meaning=f"{unit} of {name}",
    )  # fmt: skip


def _harm(name: str, unit: str, low: float, high: float, who: str, step: float = 1) -> Measure:
    return Measure(
        name=name, unit=unit, low=low, high=high, step=step, even=0.5,
        says=(f"contains {{}} of {name}", f"has {{}} of {name}", f"adds {{}} of {name}"),
        limits=(f"{who} may have no more than {{}} of {name}",
                f"the {name} must stay at or below {{}}", f"at most {{}} of {name} are allowed"),
        best=f"least {name}", goal=f"the intake of {name}", meaning=f"{unit} of {name}",
    )  # fmt: skip


def _price(low: float, high: float, step: float = 0.1) -> Measure:
    return Measure(
        name="cost", unit="$", low=low, high=high, step=step,
        says=("costs {}", "is sold at {}", "comes at {}"),
        limits=("no more than {} can be spent", "there is a budget of {}",
                "it must all be had for {} or less"),
        best="lowest cost", goal="the cost of the food", meaning="cost of all",
    )  # fmt: skip


_SERVED = Wording("servings", "eaten", more=("{x} are easy to come by", "{x} keep well"),
                  less=("one gets tired of {x}", "{x} are hard to digest"))  # fmt: skip
_DIETS = (
    Trade("A rower plans a day's meals from {}",
          "lentil soup:1, omelette:1.3, rice bowl:1.2, fish wrap:1.4, bean salad:0.8", _SERVED, (
              _nutrient("protein", "grams", 6, 24, "she"), _nutrient("carbs", "grams", 12, 60,
                  "she"), _harm("fat", "grams", 3, 15, "she"), _price(1.2, 6)),
          "How many servings of each does she take", "dish", (2, 8), "the number of servings", (
              "She rows 14 km every morning",)),
    Trade("A zoo keeper feeds a tapir on {}",
          "carrot bundle:1, pellet scoop:1.5, hay ball:0.7, banana bag:1.2", Wording("portions",
              "given", more=("the tapir loves {x}",), less=("{x} spoil fast",)), (_nutrient("fibre",
                  "grams", 10, 60, "the animal"), _nutrient("calcium", "mg", 30, 120, "the animal",
                      5), _nutrient("energy", "units", 5, 25, "the animal"), _harm("sugar", "grams",
                          2, 12, "the animal"), _price(0.4, 3)),
          "How many portions of each should be given", "feed", (3, 12), "the number of portions", (
              "The tapir weighs 210 kg",)),
    Trade("Hikers pack {} for a week in the hills",
          "nut bar:0.7, noodle pouch/noodle pouches:1.5, jerky pack:1, oat bag:1.3", Wording(
              "packs", "packed", more=("{x} need no cooking",), less=("{x} make one thirsty",)), (
                  _nutrient("energy", "units", 20, 60, "the group"), _nutrient("protein", "grams",
                      5, 30, "the group"), _harm("salt", "grams", 0.5, 3, "the group", 0.1), _price(
                          1, 7)), "How many of each should they pack", "food", (4, 20),
          "the number of packs", ("The path is 61 km long",)),
    Trade("The kitchen of a nursery serves {}",
          "veggie burger:1.4, fruit cup:0.6, cheese toast:1, pea mash/pea mashes:0.9", Wording(
              "plates", "served", more=("the children ask for {x}",), less=(
                  "{x} are often left over",)), (_nutrient("iron", "mg", 1, 6, "the group"),
                      _nutrient("vitamin C", "mg", 5, 40, "the group"), _harm("salt", "grams", 1, 4,
                          "the group", 0.5), _price(0.8, 4)),
          "How many plates of each should be served", "dish", (5, 30), "the number of plates", (
              "The nursery has two cooks",)),
    Trade("A kennel mixes dinners for its huskies from {}",
          "tin of beef:1.5, sack of meal:2, box of offal/boxes of offal:1", Wording("packages",
              "opened", more=("the dogs thrive on {x}",), less=("{x} smell",)), (_nutrient(
                  "protein", "units", 6, 20, "the pack"), _nutrient("fat", "units", 4, 15,
                      "the pack"), _nutrient("vitamins", "units", 2, 12, "the pack"), _price(3, 15,
                          0.5)), "How many packages of each should be opened", "package", (3, 14),
          "the number of packages", ("The kennel houses 24 huskies",)),
    Trade("An athlete drinks {} during a long race",
          "gel drink:1, malt shake:1.6, salt tea:0.6, cola mix/cola mixes:1.1", Wording("cups",
              "drunk", more=("{x} are mild",), less=("{x} are sticky",)), (_nutrient("sugar",
                  "grams", 10, 40, "the athlete"), _nutrient("sodium", "mg", 20, 160, "the athlete",
                      10), _harm("caffeine", "mg", 4, 30, "the athlete"), _harm("acid", "units", 1,
                          7, "the athlete")), "How many cups of each should be drunk", "drink", (2,
                              9), "the number of cups", ("The race leads over 3 passes",
                                  )),
)  # fmt: skip


@family("diet")
def diet(s: Story) -> None:
    """Servings that hold enough of what is wanted, and not too much of what is not."""
    choose(s, s.pick(*_DIETS), most=6)


def _stuff(name: str, unit: str, low: float, high: float, verb: str = "needs") -> Measure:
    return Measure(
        name=name, unit=unit, low=low, high=high, step=0.5 if high < 5 else 1,
        says=(f"{verb} {{}} of {name}", f"requires {{}} of {name}", f"uses {{}} of {name}"),
        limits=(f"there are {{}} of {name}", f"only {{}} of {name} are in stock",
                f"no more than {{}} of {name} can be used", f"the stock of {name} is {{}}"),
        best=f"least {name}", goal=f"the amount of {name} used", meaning=f"{unit} of {name}",
    )  # fmt: skip


def _work(low: float, high: float, noun: str = "work") -> Measure:
    return Measure(
        name=noun, unit="minutes", low=low, high=high,
        says=("takes {} to prepare", "needs {} of work", "keeps somebody busy for {}"),
        limits=("there are {} for the work", "no more than {} are left",
                "the staff can spare {}"),
        best="least time", goal="the time that it takes", meaning="minutes of work",
    )  # fmt: skip


def _effect(
    name: str, unit: str, low: float, high: float, says: str, need: str, goal: str
) -> Measure:
    return Measure(
        name=name, unit=unit, low=low, high=high, good=True,
        says=(says,),
        limits=(f"at least {{}} {need}", f"no fewer than {{}} {need}", f"{{}} or more {need}"),
        best=f"most {unit}", goal=goal, meaning=f"{unit} {name}",
    )  # fmt: skip


_DOSES = (
    Trade("A field hospital makes up {}",
          "syrup bottle:1.3, tablet strip:0.7, ointment jar:1, drip bag:1.8", Wording(
              "preparations", "made", more=("nurses reach for {x} most often",), less=(
                  "{x} do not keep",)), (_stuff("alcohol", "ml", 5, 40), _stuff("base powder",
                      "grams", 4, 30), _work(4, 20), _effect("treated", "patients", 1, 6,
                          "treats {}", "must be treated", "the number of patients treated")),
          "How many of each should one make up", "preparation", (5, 30),
          "the number of preparations", ("The hospital was set up in 9 days",)),
    Trade("A vet stocks up on {}",
          "worming pill:0.6, flea collar:1.4, ear wash/ear washes:1, vitamin paste:0.9", Wording(
              "items", "prepared", more=("farmers ask for {x}",), less=("{x} expire early",)), (
                  _stuff("active agent", "mg", 10, 60), _stuff("binder", "grams", 2, 15), _work(2,
                      12), _effect("helped", "animals", 1, 5, "helps {}", "have to be helped",
                                   "the number of animals helped")),
          "How many of each should the vet prepare", "item", (8, 40), "the number of items", (
              "The practice sees 40 animals a day",)),
    Trade("A soap maker boils {}",
          "shampoo bar:1, bath bomb:0.8, laundry block:2, shaving puck:0.6", Wording("pieces",
              "made", more=("guests praise {x}",), less=("{x} are hard to wrap",)), (_stuff("lye",
                  "grams", 5, 25), _stuff("coconut oil", "grams", 20, 80), _work(2, 9), _effect(
                      "served", "washes", 10, 40, "is good for {}", "must be provided",
                      "the number of washes provided")), "How many of each should be boiled",
          "piece", (6, 40), "the number of pieces", ("Soap has to rest for 5 weeks",)),
    Trade("A plant doctor brews {} against mildew",
          "nettle spray:1, sulphur mix/sulphur mixes:1.5, milk wash/milk washes:0.7", Wording(
              "canisters", "brewed", more=("gardeners trust {x}",), less=("{x} stain the leaves",)),
          (_stuff("extract", "ml", 20, 90), _stuff("soft water", "litres", 1, 8), _work(5, 25),
           _effect("protected", "vines", 3, 14, "protects {}", "must be protected",
                   "the number of vines protected")), "How many canisters of each should be brewed",
          "canister", (4, 25), "the number of canisters", (
              "Mildew was first seen here 12 years ago",)),
    Trade("A laboratory prepares {}", "test kit:1.2, culture dish/culture dishes:0.8, swab "
          "set:0.5, reagent box/reagent boxes:1.6", Wording("batches", "prepared", more=(
              "clinics order {x} daily",), less=("the freezer has little room for {x}",)), (_stuff(
                  "buffer", "ml", 10, 70), _stuff("enzyme", "units", 2, 12), _work(6, 30), _effect(
                      "tested", "people", 3, 15, "serves {}", "must be tested",
                      "the number of people tested")),
          "How many batches of each should the laboratory prepare", "batch", (4, 24),
          "the number of batches", ("The laboratory has 3 freezers",)),
    Trade("A first-aid depot fills {}",
          "car kit:1, hiking pouch/hiking pouches:0.6, ship chest:3, school bag:1.5", Wording(
              "kits", "filled", more=("most orders are for {x}",), less=("{x} take up shelves",)), (
                  _stuff("bandage", "metres", 2, 10), _stuff("antiseptic", "ml", 10, 60), _work(4,
                      14), _effect("cared for", "injuries", 2, 9, "covers {}", "must be covered",
                                   "the number of injuries covered")),
          "How many kits of each type should be filled", "kit", (4, 30), "the number of kits", (
              "The depot supplies 6 counties",)),
)  # fmt: skip


@family("health")
def doses(s: Story) -> None:
    """Preparations made of scarce ingredients that treat as many as possible, or enough."""
    choose(s, s.pick(*_DOSES))
