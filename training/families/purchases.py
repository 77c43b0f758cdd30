"""Buying: goods for resale, machines, advertising, each within a budget and other limits."""

from __future__ import annotations

from optiwright.training.choosing import Measure, Trade, choose
from optiwright.training.conditions import Wording
from optiwright.training.families import family
from optiwright.training.story import Story

Pair = tuple[str, ...]


def _gain(name: str, unit: str, low: float, high: float, says: Pair, need: Pair,
          best: str, goal: str, step: float = 1, done: str = "") -> Measure:  # fmt: skip
    return Measure(name=name, unit=unit, low=low, high=high, step=step, good=True, even=0.7,
                   says=says, limits=need, best=best, goal=goal,
                   meaning=f"{name} of all" if unit == "$" else f"{unit} {done}")  # fmt: skip


def _take(name: str, unit: str, low: float, high: float, says: Pair, limits: Pair,
          best: str, goal: str, step: float = 1) -> Measure:  # fmt: skip
    meaning = f"{name} of all" if unit == "$" else unit if name == unit else f"{unit} of {name}"
    return Measure(name=name, unit=unit, low=low, high=high, step=step, even=0.7, says=says,
                   limits=limits, best=best, goal=goal, meaning=meaning)  # fmt: skip


def _profit(low: float, high: float, step: float = 0.5) -> Measure:
    return _gain("profit", "$", low, high, ("earns {}", "is sold at a profit of {}",
        "brings in {} of profit"), ("a profit of at least {} is expected",
            "the profit must come to {} or more"), "greatest profit", "the total profit",
                 step)  # fmt: skip


def _price(low: float, high: float, step: float = 1) -> Measure:
    return _take("cost", "$", low, high, ("costs {}", "is bought for {}", "costs {}"), (
        "no more than {} can be spent", "the budget is {}", "there are {} to spend",
        "at most {} may go into the purchase"), "lowest cost", "the total cost", step)  # fmt: skip


_ROOM = _take("shelf space", "units", 1, 6, ("takes up {} of shelf space",
    "needs {} of shelf space"), ("there are {} of shelf space", "the shelves offer {} of space"),
              "least shelf space", "the shelf space taken")  # fmt: skip
_WORK = _take("work", "minutes", 3, 25, ("takes {} to make ready", "needs {} of work"), (
    "there are {} for the work", "the staff has {} for it"), "least work",
              "the time needed")  # fmt: skip
_SELL = Wording("pieces", "bought", more=("{x} sell best", "customers ask for {x}"),
                less=("{x} go out of fashion", "few people want {x}"))  # fmt: skip


def _shop(scene: str, goods: str, noun: str, price: tuple[float, float],
          profit: tuple[float, float], aside: str, *extra: Measure) -> Trade:  # fmt: skip
    return Trade(scene, goods, Wording(noun, "bought", _SELL.more, _SELL.less),
                 (_profit(*profit), _price(*price), *extra), "How many of each are to be bought",
                 "article", (5, 60), aside=(aside,))  # fmt: skip


_SHOPS = (
    _shop("A flea market trader buys {} to sell them on",
          "brass lamp:2, tea tin:0.5, wall clock:1.4, picture frame:0.8", "pieces", (5, 30), (2,
              15), "The market takes place on Sundays", _ROOM, _WORK),
    _shop("A garden centre orders {} for the spring",
          "rose bush/rose bushes:1, fig tree:3, fern:0.5, lavender tray:0.8", "plants", (4, 18), (2,
              9), "The greenhouse measures 600 square metres", _ROOM),
    _shop("A record shop gets in {}",
          "jazz record:1, cassette:0.4, box set:4, turntable needle:0.9", "items", (6, 20), (2, 8),
          "The shop has been there since 1979", _ROOM, _WORK),
    _shop("A kiosk at the beach stocks up on {}",
          "straw hat:1.5, beach towel:1.2, snorkel:1, sun lotion:0.7", "articles", (4, 14), (2, 8),
          "The season lasts 15 weeks", _ROOM),
    _shop("A bicycle dealer restores and sells {}",
          "folding bike:1, road bike:2, child's bike:0.6, tandem:3", "bikes", (60, 150), (25, 80),
          "The dealer has two mechanics", _WORK),
    _shop("A second-hand bookshop takes on {}", "atlas/atlases:2, cookbook:1, comic:0.3, novel:0.5",
          "books", (2, 9), (1, 6), "There are 4,200 books in the cellar", _ROOM,
          _WORK),
    _shop("A music shop buys in {} for the new term",
          "ukulele:0.6, cello:5, clarinet:2, recorder:0.3", "instruments", (40, 110), (15, 60),
          "Three schools send their pupils here", _ROOM, _WORK),
)  # fmt: skip


@family("retail")
def goods_for_resale(s: Story) -> None:
    """Goods bought within a budget and sold on at a profit."""
    choose(s, s.pick(*_SHOPS), most=5)


# --- machines -------------------------------------------------------------------------------------


def _output(unit: str, low: float, high: float, says: Pair, per: str) -> Measure:
    return _gain("output", unit, low, high, says, (f"at least {{}} are needed {per}",
        f"{{}} or more must be turned out {per}", f"the machines must manage at least {{}} {per}"),
                 "greatest output", f"the number of {unit} {per}", 1 if high < 60 else 5,
                 "turned out")  # fmt: skip


def _floor(low: float, high: float) -> Measure:
    return _take("space", "square metres", low, high, ("takes up {}", "occupies {}",
        "needs {} of floor"), ("there are {} of floor", "the hall has room for {}",
            "no more than {} are free"), "least space", "the space that they take")  # fmt: skip


def _power(low: float, high: float) -> Measure:
    return _take("power", "kW", low, high, ("draws {}", "uses {} of power", "needs {}"), (
        "the supply can bear {}", "no more than {} of power are to be had"), "least power",
                 "the power that they draw")  # fmt: skip


def _hands(low: float, high: float, noun: str = "operators") -> Measure:
    return _take(noun, noun, low, high, ("is run by {}", "needs {}"),
                 ("there are {} in all", "only {} are trained for it"), f"fewest {noun}",
                 f"the number of {noun}")  # fmt: skip


_BUY = Wording("machines", "bought", more=("{x} break down less often",
    "spare parts for {x} are in store"), less=("{x} are loud",
        "{x} take long to deliver"))  # fmt: skip
_HALLS = (
    Trade("A brewery wants to fill its bottles with {}",
          "rotary filler:3, hand filler:0.5, line filler:2", _BUY, (_output("bottles", 100, 400, (
              "fills {} an hour",), "an hour"), _price(2000, 6000, 100), _floor(4, 12), _hands(1,
                  3)), "How many of each should the brewery buy", "machine", (2, 12),
          "the number of machines", ("The beer has won 3 prizes",)),
    Trade("A print works compares {}", "offset press/offset presses:4, digital press/digital "
          "presses:2, riso press/riso presses:1", _BUY, (_output("sheets", 300, 900, (
              "prints {} an hour", "turns out {} an hour"), "an hour"), _price(3000, 9000, 500),
              _power(4, 15), _floor(5, 14)), "How many of each should it buy", "press", (2, 10),
          "the number of presses", ("The works lie on the canal",)),
    Trade("A copper mine needs {}", "drill rig:2, loader:1.5, conveyor:1, crusher:3", _BUY, (
        _output("tonnes", 20, 80, ("moves {} an hour", "handles {} an hour"), "an hour"), _price(
            20000, 60000, 1000), _power(20, 90), _hands(1, 4)),
          "How many of each should the mine buy", "machine", (2, 10), "the number of machines", (
              "The shaft is 380 metres deep",)),
    Trade("A data centre equips its hall with {}",
          "blade server:2, rack server:1, storage node:1.5", Wording("servers", "bought", _BUY.more,
              ("{x} run hot",)), (_output("users", 200, 700, ("serves {}", "copes with {}"),
                  "at a time"), _price(1500, 5000, 100), _power(1, 4), _take("heat", "units", 3, 12,
                      ("gives off {} of heat",), ("the cooling copes with {} of heat",
                          "no more than {} of heat can be led off"), "least heat",
                      "the heat given off")), "How many of each are to be bought", "server", (4,
                          30), "the number of servers", ("The hall was once a bakery",
                              )),
    Trade("A laundry replaces its machines by {}", "drum washer:2, tunnel washer:5, small washer:1",
          Wording("washers", "bought", _BUY.more, _BUY.less), (_output("kg", 15, 50, (
              "washes {} of linen an hour",), "an hour"), _price(1500, 5000, 100), _floor(2, 6),
              _take("water", "litres", 40, 120, ("uses {} of water an hour",), (
                  "no more than {} of water an hour may be drawn", "the well gives {} an hour"),
                    "least water", "the water used an hour")), "How many of each should it buy",
          "washer", (2, 12), "the number of washers", ("The laundry serves 12 hotels",
              )),
    Trade("An orchard wants to pick and sort faster with {}",
          "picking robot:2, sorting belt:3, platform cart:1", _BUY, (_output("crates", 20, 70, (
              "gets through {} a day", "handles {} a day"), "a day"), _price(4000, 12000, 500),
              _hands(1, 4, "workers")), "How many of each should the orchard buy", "machine", (2,
                  12), "the number of machines", ("The trees are 20 years old",)),
)  # fmt: skip


@family("equipment")
def machines_to_buy(s: Story) -> None:
    """Machines that turn out enough within a budget, floor and power, or the most."""
    choose(s, s.pick(*_HALLS))


# --- advertising ----------------------------------------------------------------------------------


def _reach(noun: str, low: float, high: float) -> Measure:
    return _gain("reach", noun, low, high, ("reaches {}", "is seen by {}", "is noticed by {}"),
                 ("at least {} must be reached", "no fewer than {} are to be reached"),
                 "widest reach", f"the number of {noun} reached", 100, "reached")  # fmt: skip


_SPENT = _take("cost", "$", 100, 900, ("costs {}", "costs {}", "is billed at {}"), (
    "the budget is {}", "no more than {} can be spent on it", "the campaign may cost up to {}"),
    "lowest cost", "the cost of the campaign", 50)  # fmt: skip
_DESIGN = _take("design", "hours", 2, 12, ("takes {} of design", "keeps the designer busy for {}"),
    ("the designer has {}", "there are {} for design"), "least design",
    "the hours of design")  # fmt: skip
_ADS = Wording("advertisements", "placed", more=("young people look at {x}",
    "{x} are remembered longest"), less=("{x} annoy some people",
        "{x} have to be booked early"))  # fmt: skip
_LOUD = tuple(Trade(scene, media, _ADS, (_reach(*reach), _SPENT, _DESIGN, *more),
    f"How many of each are to be {s_}", "medium", plan, "the number of advertisements", (aside,))
              for scene, media, reach, s_, plan, aside, more in ((
                  "A cinema announces its festival in {}",
                  "radio spot:2, poster:0.5, web banner:1, tram board:1.5", ("people", 500, 3000),
                  "placed", (3, 30), "The festival shows 44 films", ()), (
                      "A new gym advertises by {}",
                      "street poster:1, video clip:3, newsletter:0.6, flyer drop:0.8", ("people",
                          400, 2500), "bought", (3, 25), "The gym opens in May", ()), (
                              "A seed merchant makes itself known by {}",
                              "magazine page:3, fair stand:5, mailing:1", ("growers", 200, 1500),
                              "ordered", (2, 16), "The firm sells 190 sorts of seed", ()), (
                                  "A political party campaigns with {}", "town hall meeting:2, "
                                  "phone round:1, television slot:6, leaflet run:0.7", ("voters",
                                      500, 2500), "planned", (3, 20), "The vote is in 7 weeks", (
                                          _take("volunteers", "volunteers", 3, 15, ("ties up {}",
                                              "needs {}"), ("{} have signed up",
                                                            "there are only {}"),
                                                "fewest volunteers", "the number of volunteers"),)),
                  ("A hotel in the hills places {}",
                   "travel blog post:1, billboard:3, podcast spot:1.5", ("travellers", 300, 2000),
                   "placed", (3, 24), "The hotel has 58 rooms", ()), (
                       "A ferry line promotes its new crossing with {}",
                       "harbour sign:0.8, newspaper page:2, influencer trip:4", ("people", 400,
                           2800), "ordered", (2, 20), "The crossing takes 50 minutes", ()),
                  ))  # fmt: skip


@family("marketing")
def advertising_mix(s: Story) -> None:
    """Advertisements in several media that reach most for a budget, or enough at least cost."""
    choose(s, s.pick(*_LOUD))
