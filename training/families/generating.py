"""Quadratic costs: units that share a load, each dearer the harder it runs."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import things

_PLANTS = (
    ("An island grid runs", "Cape, Bluff, Quay, Moor", "MW", "power"),
    ("A water works draws from", "lake pump, river pump, deep well, spring", "megalitres", "water"),
    ("A district heating network is fed by", "wood boiler, gas boiler, waste plant, heat pump",
     "MW", "heat"),
    ("A paper group makes pulp in", "Norra, Vester, Lillby", "tonnes", "pulp"),
    ("A factory makes compressed air with", "compressor A, compressor B, compressor C", "cubic "
     "metres", "air"),
    ("A chemical park produces steam in", "east boiler, west boiler, reserve boiler", "tonnes",
     "steam"),
)  # fmt: skip


@family("dispatch")
def quadratic_dispatch(s: Story) -> None:
    """A load shared by units with a linear and a quadratic cost, within their limits."""
    who, names, unit, good = s.pick(*_PLANTS)
    units = s.some(things(names.split(", ")), 2, 4)
    speech = s.speech
    s.set("Units", units, "units")
    plan = {u: s.step(20, 120, 5) for u in units}
    linear = {u: speech.plain(s.step(4, 30, 0.5)) for u in units}
    square = {u: speech.plain(s.step(0.01, 0.15, 0.01)) for u in units}
    fixed = s.chance(0.4)
    low = {u: speech.amount(s.pick(0, 0, 5, 10), unit) for u in units} if s.chance(0.4) else {}
    high = {u: speech.amount(plan[u] + s.step(5, 60, 5), unit) for u in units}
    s.table("linear", "Units", linear, f"cost of each of the {unit}")
    s.table("square", "Units", square, f"cost of the square of the {unit}")
    columns = [
        Column("linear coefficient", "has a linear coefficient of {}", [linear[u] for u in units]),
        Column("quadratic coefficient", "a quadratic coefficient of {}",
               [square[u] for u in units]),
        Column(f"most {unit}", "can give at most {}", [high[u] for u in units]),
    ]  # fmt: skip
    if fixed:
        base = {u: speech.plain(s.step(20, 200, 10)) for u in units}
        s.table("base", "Units", base, "cost that does not change")
        columns.insert(0, Column("constant", "has a constant of {}", [base[u] for u in units]))
    s.table("high", "Units", high, f"most {unit}", unit)
    if low:
        s.table("low", "Units", low, f"least {unit}", unit)
        columns.append(Column(f"least {unit}", "runs at no less than {}", [low[u] for u in units]))
    s.decide("give", lambda u: f"{unit} of the {u}", over="u in Units",
             lower="low[u]" if low else "0", flat=lambda u: u.one, unit=unit)  # fmt: skip
    s.total("supply", "sum(give[u] for u in Units)", f"{unit} of {good} in all")
    inside = ("base[u] + " if fixed else "") + "linear[u]*give[u] + square[u]*give[u]**2"
    s.total("cost", f"sum({inside} for u in Units)", "cost of all")
    s.scene = f"{who} {s.pick('its units', 'several units:')} {listing(u.one for u in units)}"
    s.fact(f"The hourly cost of a unit that gives x {unit} is "
           + ("its constant plus " if fixed else "")
           + "its linear coefficient times x plus its quadratic coefficient times the square of x",
           f"At x {unit}, a unit costs {'a + ' if fixed else ''}bx + cx^2 an hour, where "
           + ("a is its constant, " if fixed else "")
           + "b its linear and c its quadratic coefficient")  # fmt: skip
    s.rows("unit", units, columns, lambda u: f"Unit {u}" if u.one[0].isupper() else f"The {u}")
    load = s.number("load", speech.amount(sum(plan.values()), unit), f"{unit} needed")
    exact = s.chance(0.4)
    s.rule("balance", "supply == load" if exact else "supply >= load", *(
        (f"Exactly {load} of {good} must be given", f"The load is {load}, to be met exactly")
        if exact else (f"At least {load} of {good} are needed",
                       f"Together they must give {load} or more")))  # fmt: skip
    s.rule("most", "give[u] <= high[u]", over="u in Units",
           comment=lambda u: f"{u} can give at most {high[u]}",
           meaning="No unit gives more than it can")  # fmt: skip
    if s.chance(0.4):
        a, b = s.some(units, 2)
        part = s.number(
            "part",
            speech.share(round((plan[a] + plan[b]) / sum(plan.values()) * s.pick(0.9, 1), 2)),
            "largest share",
        )
        if len(units) > 2:
            s.rule("share", f'give["{a}"] + give["{b}"] <= part*supply',
                   f"{a.cap} and {b} together must not give more than {part} of all",
                   f"No more than {part} of all may come from {a} and {b} together")  # fmt: skip
        else:
            s.data.pop()
    s.aim("minimize", "cost", "least cost an hour")
    s.question = s.pick("How much should each give so that the cost is least?",
                        f"What is the cheapest way to provide the {good}?",
                        "Minimize the total hourly cost")  # fmt: skip
    s.ask(lambda u: f"{unit} of the {u}", "give[u]", "u in Units")
    s.distract("All of them were overhauled last spring", "Two shifts look after them")
