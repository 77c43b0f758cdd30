"""Energy: which source runs when, and what a battery takes and gives."""

from __future__ import annotations

from optiwright.training.families import family
from optiwright.training.families.places import counted
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing

_SITES = (
    ("An island grid", "diesel generator"),
    ("A mountain hotel", "small water turbine"),
    ("A greenhouse farm", "gas engine"),
    ("A cold store", "biogas unit"),
    ("A research station", "fuel cell"),
    ("A housing estate", "wood-fired plant"),
)
_DAY = ("morning", "midday", "evening", "night")


@family("energy dispatch", aside=True)
def battery_dispatch(s: Story) -> None:
    """A plant, bought power and a battery with a loss meet the demand of each period."""
    who, plant = s.pick(*_SITES)
    times = [Thing(n, n) for n in _DAY[: s.pick(2, 3, 3)]]
    if s.chance(0.4):
        times = [Thing(f"block {n}") for n in range(1, len(times) + 1)]
    speech, unit = s.speech, s.pick("kWh", "kWh", "MWh")
    step = 10 if unit == "kWh" else 5
    limit = step * s.step(6, 15)
    demand = {t: speech.amount(step * s.step(5, 22), unit) for t in times}
    cents = (0.1, 0.5, 0.01) if unit == "kWh" else (60, 240, 5)
    price = {t: speech.money(s.step(*cents)) for t in times}
    s.set("Periods", times, "parts of the day in their order")
    s.table("demand", "Periods", demand, f"{unit} needed", unit)
    s.table("price", "Periods", price, f"price of one bought {unit}")
    most = s.number("most", speech.amount(limit, unit), f"most {unit} of the {plant}", unit)
    fuel = s.number("fuel", speech.money(s.step(*cents)), f"cost of one {unit} of the {plant}")
    size = s.number(
        "size", speech.amount(step * s.step(4, 12), unit), f"{unit} that the battery holds", unit
    )
    kept = s.number(
        "kept", speech.share(s.pick(0.8, 0.85, 0.9, 0.95)), "share of the charge that is kept"
    )
    begin = speech.amount(step * s.step(0, 3), unit)
    if begin.value:
        s.number("opening", begin, f"{unit} in the battery at the start", unit)
    s.decide("run", lambda t: f"{unit} from the {plant}, {t}, at most {most}", over="t in Periods",
             flat=lambda t: f"run {t}", unit=unit, upper="most")  # fmt: skip
    s.decide("buy", lambda t: f"{unit} bought, {t}", over="t in Periods", unit=unit,
             flat=lambda t: f"buy {t}")  # fmt: skip
    s.decide("charge", lambda t: f"{unit} into the battery, {t}", over="t in Periods", unit=unit,
             flat=lambda t: f"charge {t}")  # fmt: skip
    s.decide("draw", lambda t: f"{unit} out of the battery, {t}", over="t in Periods", unit=unit,
             flat=lambda t: f"draw {t}")  # fmt: skip
    start = "opening" if begin.value else "0"
    s.total(
        "level",
        f"({start} if t == first(Periods) else level[prev(t)]) + kept*charge[t] - draw[t]",
        lambda t: f"{unit} in the battery after {t}",
        over="t in Periods",
        flat=lambda t: f"level {t}",
        carried=True,
    )
    s.total("supply", "run[t] + buy[t] + draw[t] - charge[t]", lambda t: f"{unit} supplied, {t}",
            over="t in Periods", flat=lambda t: f"supply {t}")  # fmt: skip
    s.total("running", "fuel*sum(run[t] for t in Periods)", f"cost of the {plant}")
    s.total("buying", "sum(price[t]*buy[t] for t in Periods)", "cost of bought power")
    s.scene = s.pick(
        f"{who} covers its demand for power in {counted(len(times), Thing('part'))} of the day "
        f"with a {plant}, bought power and a battery",
        f"{who} has a {plant} and a battery and can also buy power",
    )
    s.rows(
        "part of the day" if times[0].one in _DAY else "block",
        times,
        [
            Column("demand", s.pick("{} are needed", "the demand is {}"), list(demand.values())),
            Column(
                "price of bought power", f"bought power costs {{}} per {unit}", list(price.values())
            ),
        ],
        lambda t: (
            f"At {t},"
            if t.one in ("midday", "night")
            else f"In {t},"
            if t.one.startswith("block")
            else f"In the {t},"
        ),
    )
    s.fact(
        f"The {plant} gives up to {most} in each part at {fuel} per {unit}",
        f"Each {unit} of the {plant} costs {fuel}, and it can give at most {most} in each part of "
        "the day",
    )
    s.fact(
        f"The battery holds {size}, and {kept} of what is charged can be drawn later",
        f"A battery for {size} keeps {kept} of what goes into it",
    )
    if begin.value:
        s.fact(f"At the start it contains {begin}", f"There are {begin} in the battery at first")
    else:
        s.fact("The battery is empty at the start", "At the start there is nothing in the battery")
    said = s.state("The demand must be met in every part of the day",
                   "Supply must cover demand at all times")  # fmt: skip
    s.rule("demand_met", "supply[t] >= demand[t]", over="t in Periods", comment=said)
    s.rule("not_below", "level[t] >= 0", over="t in Periods",
           comment="nothing can be drawn that is not in the battery")  # fmt: skip
    s.rule(
        "not_above", "level[t] <= size", over="t in Periods", comment=f"the battery holds {size}"
    )
    if s.chance(0.5) and begin.value:
        s.rule("end_level", "level[last(Periods)] >= opening",
               "At the end the battery must hold at least as much as at the start",
               "The battery may not be emptier at the end than at the beginning")  # fmt: skip
    if s.chance(0.4):
        cap = s.number(
            "line", speech.amount(step * s.step(16, 22), unit), f"most {unit} bought", unit
        )
        said = s.state(f"No more than {cap} can be bought in one part of the day",
                       f"The line lets at most {cap} in per part of the day")  # fmt: skip
        s.rule("line_limit", "buy[t] <= line", over="t in Periods", comment=said)
    s.aim("minimize", "running + buying", f"least cost of the {plant} and of bought power")
    s.question = s.pick("How can the demand be met at the least cost?",
                        "Which plan for the plant, the battery and the purchases is cheapest?",
                        "Find the cheapest supply")  # fmt: skip
    s.ask("least cost", "objective")
    s.distract(
        f"The battery weighs {s.step(200, 900, 50):g} kg",
        f"The {plant} is {s.step(2, 25):g} years old",
    )
