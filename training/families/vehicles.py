"""Vehicles and trips: how many of each kind move what has to be moved."""

from __future__ import annotations

from optiwright.training.choosing import Measure, Trade, choose
from optiwright.training.conditions import Wording
from optiwright.training.families import family
from optiwright.training.story import Story


def _load(noun: str, verb: str, low: float, high: float, done: str = "moved") -> Measure:
    return Measure(
        name="load", unit=noun, good=True, even=1, low=low, high=high, step=1 if high < 30 else 5,
        says=(f"{verb} {{}}", f"{verb} up to {{}}", "has room for {}"),
        limits=(f"at least {{}} must be {done}", f"a minimum of {{}} has to be {done}",
                f"no fewer than {{}} need to be {done}", f"there are {{}} that must all be {done}"),
        best=f"most {noun} {done}", goal=f"the number of {noun} {done}", meaning=f"{noun} {done}",
    )  # fmt: skip


def _cost(low: float, high: float) -> Measure:
    return Measure(
        name="cost", unit="$", low=low, high=high, step=5,
        says=("costs {}", "costs {}", "comes to {}"),
        limits=("no more than {} may be spent", "the budget is {}", "at most {} can be paid for it",
                "the total cost must stay within {}"),
        best="lowest cost", goal="the total cost", meaning="cost of all",
    )  # fmt: skip


def _fuel(low: float, high: float) -> Measure:
    return Measure(
        name="fuel", unit="litres", low=low, high=high,
        says=("burns {} of fuel", "uses {} of diesel", "needs {} of fuel"),
        limits=("there are {} of fuel in the tank", "no more than {} of fuel can be burnt",
                "only {} of fuel are at hand"),
        best="least fuel", goal="the amount of fuel burnt", meaning="litres of fuel",
    )  # fmt: skip


def _exhaust(low: float, high: float) -> Measure:
    return Measure(
        name="exhaust", unit="units", low=low, high=high,
        says=("gives off {} of exhaust", "causes {} of pollution", "emits {} of exhaust"),
        limits=("no more than {} of exhaust are allowed", "the city allows at most {} of exhaust",
                "exhaust must be kept to {} or less"),
        best="least exhaust", goal="the total exhaust", meaning="units of exhaust",
    )  # fmt: skip


def _crew(low: float, high: float, noun: str = "helpers") -> Measure:
    return Measure(
        name="crew", unit=noun, low=low, high=high,
        says=("needs {}", "takes {}", "has to be manned by {}"),
        limits=("only {} are available", "there are {} in all", "no more than {} can be called on"),
        best=f"fewest {noun}", goal=f"the number of {noun} needed", meaning=noun,
    )  # fmt: skip


def _minutes(low: float, high: float) -> Measure:
    return Measure(
        name="time", unit="minutes", low=low, high=high,
        says=("takes {}", "lasts {}", "is done in {}"),
        limits=("there are {} in all", "no more than {} may be taken in total",
                "all of it may take {} at most"),
        best="least time", goal="the total time", meaning="minutes taken",
    )  # fmt: skip


_SLOW = ("{x} are slow", "{x} are hard to park", "few drivers are willing to take {x}")
_LIKED = ("{x} are quieter", "the neighbours prefer {x}", "{x} get through narrow streets")
_TRIPS = Wording("trips", "made", more=("{x} disturb nobody", "the weather favours {x}"),
                 less=("{x} are unpopular with the crew", "the road suits {x} badly"))  # fmt: skip
_FLEET = Wording("vehicles", "used", more=_LIKED, less=_SLOW)

_TRADES = (
    Trade("A cider press brings its bottles to the shops in {}",
          "cargo bike:1, van:4, lorry/lorries:9", _FLEET, (_load("bottles", "carries", 20, 60,
              "delivered"), _cost(10, 60), _fuel(2, 9), _exhaust(3, 15)),
          "How many vehicles of each kind should be sent", "vehicle",
          count_goal="the number of vehicles used", aside=(
              "The press has been run by the same family for three generations",
              "The nearest shop lies 4 km away")),
    Trade("The harvest of an olive grove is taken to the mill by {}",
          "donkey trip:1, tractor trip:5, pickup trip:3", _TRIPS, (_load("sacks", "moves", 4, 12),
              _minutes(15, 60), _cost(5, 30), _crew(1, 3, "pickers")),
          "How many trips of each kind should be made", "trip", count_goal="the number of trips",
          aside=("The grove has 420 trees",)),
    Trade("After a flood, villagers are taken to higher ground by {}",
          "rowing boat trip:1, ferry trip:6, raft trip:2", _TRIPS, (_load("villagers", "takes", 3,
              12, "brought to safety"), _minutes(8, 40), _fuel(1, 6)),
          "How many trips of each kind are needed", "trip", count_goal="the number of trips",
          aside=("The river rose by 3 metres overnight",)),
    Trade("A theatre sends its stage sets on tour and can hire {}",
          "box truck:2, trailer:3, minivan:1, flatbed:4", Wording("vehicles", "hired", more=(
              "{x} are easy to load",), less=("{x} are scarce in summer",)), (_load("crates",
                  "holds", 6, 20, "moved"), _cost(80, 300), _fuel(10, 40), _crew(1, 4,
                      "stagehands")), "How many of each should the theatre hire", "vehicle",
          count_goal="the number of vehicles hired", aside=("The tour visits 11 towns",
              )),
    Trade("A mountain hut is supplied by {}",
          "helicopter flight:6, mule trip:1, cable lift ride:4, porter walk:0.5", Wording("runs",
              "made", more=("the wind is kind to {x}",), less=("hikers complain about {x}",)), (
                  _load("parcels", "brings", 6, 25, "brought up"), _cost(20, 120), _minutes(20, 90),
                  _exhaust(2, 9)), "How many runs of each kind should the keeper order", "run",
          count_goal="the number of runs", aside=("The hut stands at 2310 metres",)),
    Trade("A school takes its pupils to a museum in {}",
          "coach/coaches:4, minibus/minibuses:1.5, car:0.5, tram car:5", Wording("vehicles",
              "taken", more=("the pupils like {x}",), less=("it is hard to find room for {x}",)), (
                  _load("pupils", "seats", 8, 14, "taken along"), _cost(40, 150), _exhaust(4, 20),
                  _crew(1, 2, "teachers")), "How many of each should the school take", "vehicle",
          plan=(2, 14), count_goal="the number of vehicles", aside=("The museum opens at 9",
              )),
    Trade("A quarry ships its stone down the canal in {}", "barge:5, punt:1, pontoon:3", Wording(
        "vessels", "loaded", more=("the lock keepers prefer {x}",), less=("{x} block the lock",)), (
            _load("blocks", "bears", 5, 20, "shipped"), _cost(30, 150), _fuel(5, 30), _crew(1, 4,
                "boatmen")), "How many of each should be loaded", "vessel",
          count_goal="the number of vessels", aside=("The canal was dug in 1846",)),
    Trade("A florist delivers bouquets to weddings in {}",
          "estate car:1, cooled van:3, electric cart:0.7, handcart:0.4", Wording("vans and carts",
              "sent out", more=("brides ask for {x}",), less=("{x} warm up quickly",)), (_load(
                  "bouquets", "carries", 15, 50, "delivered"), _minutes(20, 60), _exhaust(2, 12),
                  _cost(10, 50)), "How many of each should go out", "vehicle", aside=(
                      "The shop opens at 7",)),
)  # fmt: skip


@family("transport")
def vehicle_mix(s: Story) -> None:
    """Vehicles or trips that carry enough, of least cost, exhaust, time or number."""
    choose(s, s.pick(*_TRADES))
