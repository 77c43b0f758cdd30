"""Processes that turn inputs into outputs, and energy from several sources: kept for testing."""

from __future__ import annotations

import math

from optiwright.formulators.phrases import listing
from optiwright.training.choosing import Measure, Trade, choose
from optiwright.training.conditions import Wording
from optiwright.training.families import family
from optiwright.training.round_numbers import up
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import things


def _input(name: str, unit: str, low: float, high: float) -> Measure:
    return Measure(name=name, unit=unit, low=low, high=high, says=(f"consumes {{}} of {name}",
        f"uses up {{}} of {name}", f"starts from {{}} of {name}"), limits=(
            f"{{}} of {name} are in the tanks", f"no more than {{}} of {name} can be fed in",
            f"there are {{}} of {name}"), best=f"least {name}", goal=f"the consumption of {name}",
        meaning=f"{unit} of {name} consumed",)  # fmt: skip


def _output(name: str, unit: str, low: float, high: float) -> Measure:
    return Measure(name=name, unit=unit, low=low, high=high, good=True, says=(
        f"yields {{}} of {name}", f"delivers {{}} of {name}"), limits=(
            f"at least {{}} of {name} must be delivered", f"{{}} or more of {name} are on order"),
        best=f"most {name}", goal=f"the output of {name}", meaning=f"{unit} of {name} delivered",
        )  # fmt: skip


def _waste(name: str, unit: str, low: float, high: float) -> Measure:
    return Measure(
        name=name, unit=unit, low=low, high=high,
        says=(f"leaves {{}} of {name}", f"sets free {{}} of {name}"),
        limits=(f"no more than {{}} of {name} may arise", f"the law allows {{}} of {name}"),
        best=f"least {name}", goal=f"the amount of {name}", meaning=f"{unit} of {name}",
    )  # fmt: skip


_RUNS = Wording("runs", "carried out", more=("{x} wear the plant least",), less=(
    "{x} need watching",))  # fmt: skip
_PLANTS = (
    Trade("A plant for bioplastics can carry out {}", "acid run:1, enzyme run:1.3, steam run:1.6",
          _RUNS, (_input("starch", "kg", 20, 60), _input("water", "litres", 30, 120), _output(
              "pellets", "kg", 10, 35), _waste("sludge", "kg", 2, 12)),
          "How many runs of each kind should be carried out", "run",
          count_goal="the number of runs", aside=("The plant lies by the river",)),
    Trade("A distiller of essences works with {}",
          "slow distillation:1, pressure distillation:1.5, cold pressing:0.6", _RUNS, (_input(
              "peel", "kg", 15, 50), _input("spirit", "litres", 4, 20), _output("essence", "ml", 60,
                  240), _output("wax", "grams", 20, 90), _waste("residue", "kg", 3, 14)),
          "How many of each should be carried out", "run", count_goal="the number of runs", aside=(
              "The still is made of copper",)),
    Trade("A recycler of batteries alternates {}",
          "furnace cycle:2, leaching cycle:1, shredder cycle:0.8", _RUNS, (_input("scrap", "kg", 30,
              90), _input("acid", "litres", 5, 30), _output("lithium", "kg", 1, 6), _output(
                  "cobalt", "kg", 2, 9), _waste("slag", "kg", 5, 25)),
          "How many cycles of each kind are best carried out", "cycle", aside=(
              "The works opened last spring",)),
    Trade("A dye works runs {}",
          "hot batch/hot batches:1.4, cold batch/cold batches:1, trial batch/trial batches:0.5",
          _RUNS, (_input("indigo", "grams", 50, 200), _input("salt", "kg", 2, 12), _output("yarn",
              "kg", 12, 50), _waste("waste water", "litres", 40, 160)),
          "How many batches of each kind should be run", "batch",
          count_goal="the number of batches", aside=("The yarn goes to 3 mills",)),
    Trade("A sugar works can choose between {}",
          "beet campaign:1.5, cane campaign:2, syrup campaign:0.8", Wording("campaigns", "run",
              more=("{x} are easy to staff",), less=("{x} block the silo",)), (_input("steam",
                  "tonnes", 8, 30), _input("lime", "kg", 40, 160), _output("sugar", "tonnes", 5,
                      22), _output("molasses", "tonnes", 2, 9)),
          "How many campaigns of each kind should be run", "campaign", plan=(2, 14), aside=(
              "The silo was painted in June",)),
    Trade("A laboratory isolates an antibody by {}",
          "column pass/column passes:1, filter pass/filter passes:0.7, spin pass/spin passes:1.3",
          Wording("passes", "made", more=("{x} are gentle",), less=("{x} clog",)), (_input("broth",
              "litres", 2, 10), _input("buffer", "litres", 4, 18), _output("antibody", "mg", 20,
                  90), _waste("foam", "litres", 1, 6)),
          "How many passes of each kind should be made", "pass", count_goal="the number of passes",
          aside=("The broth is kept at 4 degrees",)),
)  # fmt: skip


@family("processes", aside=True)
def process_runs(s: Story) -> None:
    """Runs of processes that consume inputs and yield outputs and waste."""
    choose(s, s.pick(*_PLANTS))


_TOWNS = (
    ("An island", "wind, sun, diesel, a sea cable", "wind, sun"),
    ("A mountain village", "a brook turbine, wood chips, gas, the grid",
     "a brook turbine, wood chips"),
    ("A hospital", "solar roofs, gas, the grid, biogas", "solar roofs, biogas"),
    ("A shipyard", "coal, gas, wind, the grid", "wind"),
    ("A greenhouse park", "geothermal heat, gas, wood chips, waste heat",
     "geothermal heat, wood chips, waste heat"),
    ("A university town", "sun, hydropower, gas, oil", "sun, hydropower"),
)  # fmt: skip


@family("energy supply", aside=True)
def energy_sources(s: Story) -> None:
    """Energy from several sources for a given need, cheap or clean, with a share of renewables."""
    who, names, clean_names = s.pick(*_TOWNS)
    sources = s.some(things(names.split(", ")), 3, 4)
    clean = [x for x in sources if x.one in clean_names.split(", ")]
    speech = s.speech
    unit = s.pick("MWh", "GWh")
    plan = {x: s.step(20, 160, 5) for x in sources}
    size = sum(plan.values())
    price = {x: speech.money(s.step(30, 160)) for x in sources}
    dirt = {x: speech.amount(s.step(0, 40, 5) / 1 if x in clean else s.step(200, 900, 10), "kg")
            for x in sources}  # fmt: skip
    most = {x: speech.amount(up(s, plan[x], 0.5), unit) for x in sources}
    s.set("Sources", sources, "sources of energy")
    s.table("price", "Sources", price, f"price of one {unit}")
    s.table("dirt", "Sources", dirt, f"kg of CO2 for one {unit}", "kg")
    s.table("most", "Sources", most, f"most {unit}", unit)
    need = s.number("need", speech.amount(size, unit), f"{unit} needed", unit)
    s.decide("take", lambda x: f"{unit} from {x}", over="k in Sources", flat=lambda x: x.one.split(
        " ", 1)[-1] if x.one.startswith(("a ", "the ")) else x.one, unit=unit)  # fmt: skip
    s.total("energy", "sum(take[k] for k in Sources)", f"{unit} in all")
    s.total("cost", "sum(price[k]*take[k] for k in Sources)", "cost of the energy")
    s.total("co2", "sum(dirt[k]*take[k] for k in Sources)", "kg of CO2")
    s.scene = f"{who} can draw its energy from {listing(map(str, sources))}"
    s.rows("source", sources, [Column(f"price per {unit}", s.pick(f"costs {{}} per {unit}",
        f"is paid for with {{}} a {unit}"), list(price.values())), Column(f"CO2 per {unit}",
            f"causes {{}} of CO2 per {unit}", list(dirt.values())), Column("available",
                "provides up to {}", list(most.values())),],
           lambda x: f"Energy from {x}")  # fmt: skip
    s.rule("need", "energy == need", f"it needs exactly {need}",
           f"its need is {need}, neither more nor less",
           f"{need} have to be drawn in all")  # fmt: skip
    s.rule("available", "take[k] <= most[k]", over="k in Sources",
           comment=lambda x: f"up to {most[x]} from {x}",
           meaning="A source gives no more than it can")  # fmt: skip
    dirty = s.chance(0.4)
    if dirty:
        budget = s.number("budget", speech.money(up(s, sum(price[x].value * plan[x]
            for x in sources), 0.05)), "most cost")  # fmt: skip
        s.rule("budget", "cost <= budget", f"the energy may cost no more than {budget}",
               f"there are {budget} to pay for it")  # fmt: skip
    else:
        cap = s.number("cap", speech.amount(up(s, sum(dirt[x].value * plan[x] for x in sources),
            0.05), "kg"), "most CO2", "kg")  # fmt: skip
        s.rule("cap", "co2 <= cap", f"no more than {cap} of CO2 may be caused",
               f"the permit covers {cap} of CO2")  # fmt: skip
    if clean and s.chance(0.7):
        share = math.floor(sum(plan[x] for x in clean) / size * 20 - 0.2) / 20
        if share > 0:
            part = s.number("share", speech.share(share), "least share of renewable energy")
            s.total("green", " + ".join(f'take["{x}"]' for x in clean),
                    f"{unit} of renewable energy")  # fmt: skip
            names_ = listing(map(str, clean))
            s.rule("share", "green >= share*need",
                   f"at least {part} of the need must come from {names_}" + (" together" if len(
                       clean) > 1 else ""),
                   f"{part} or more of the need must be covered by {names_}")  # fmt: skip
    if s.chance(0.4):
        a, b = sorted(s.some(sources, 2), key=lambda x: plan[x])
        s.rule("order", f'take["{a}"] <= take["{b}"]', f"no more may come from {a} than from {b}")
    if dirty:
        s.aim("minimize", "co2", "least CO2")
        s.question = s.pick(
            "How much should come from each source so that the least CO2 is caused?",
            "Find the cleanest supply")  # fmt: skip
    else:
        s.aim("minimize", "cost", "lowest cost")
        s.question = s.pick("How much should come from each source at the lowest cost?",
            "Find the cheapest supply")  # fmt: skip
    s.ask(lambda x: f"{unit} from {x}", "take[k]", "k in Sources")
    s.ask("least CO2" if dirty else "lowest cost", "objective")
    s.distract(f"The need has grown by {s.step(2, 9):g}% in ten years")
