"""Traffic: roads that slow down as they fill."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import things

_WAYS = (
    ("Commuters reach the port by the", "bridge, tunnel, ring road", "cars"),
    ("Lorries leave the gravel pit by the", "forest road, valley road, bypass", "lorries"),
    ("Visitors come to the stadium by the", "north street, south street, canal street", "cars"),
    (
        "Data packets between two offices go over the",
        "fibre link, radio link, copper link",
        "packets",
    ),
    ("Pilgrims walk to the abbey along the", "ridge path, river path, old lane", "walkers"),
    ("Aircraft come in through the", "east corridor, west corridor, coast corridor", "aircraft"),
)


@family("traffic", aside=True)
def shared_roads(s: Story) -> None:
    """Flows over two or three roads with the least total time, where time grows with the flow."""
    who, names, unit = s.pick(*_WAYS)
    roads = s.some(things(names.split(", ")), 2, 3)
    speech = s.speech
    s.set("Roads", roads, "roads")
    free = {r: speech.amount(s.step(8, 30), "minutes") for r in roads}
    slow = {r: speech.plain(s.step(0.02, 0.3, 0.02)) for r in roads}
    s.table("free", "Roads", free, "minutes when empty", "minutes")
    s.table("slow", "Roads", slow, f"minutes that one of the {unit} adds")
    plan = {r: s.step(30, 200, 10) for r in roads}
    columns = [
        Column("minutes when empty", "takes {} when empty", [free[r] for r in roads]),
        Column("minutes added by each", "{} minutes more for each one on it",
               [slow[r] for r in roads]),
    ]  # fmt: skip
    s.decide("flow", lambda r: f"{unit} an hour on the {r}", over="r in Roads", kind="integer",
             flat=lambda r: r.one)  # fmt: skip
    s.total("trip", "free[r] + slow[r]*flow[r]", lambda r: f"minutes of a trip on the {r}",
            over="r in Roads", flat=lambda r: f"time {r}")  # fmt: skip
    s.total("all_flow", "sum(flow[r] for r in Roads)", f"{unit} in all", flat=lambda: f"all {unit}")
    s.total("all_time", "sum(flow[r]*trip[r] for r in Roads)", "minutes of all together")
    s.scene = f"{who} {listing(r.one for r in roads)}"
    s.fact("The time of a trip is that of the empty way plus a number of minutes for each "
           f"of the {unit} on it in an hour",
           f"Each way takes longer the more {unit} an hour use it")  # fmt: skip
    s.rows("way", roads, columns, lambda r: f"The {r}")
    load = s.number("load", speech.count(sum(plan.values())), f"{unit} an hour")
    s.rule("all_go", "all_flow == load", f"{load} {unit} an hour have to get through",
           f"In every hour there are {load} {unit}, and all must pass")  # fmt: skip
    if s.chance(0.5):
        r = s.pick(*roads)
        most = s.number("most", speech.count(plan[r] + s.step(0, 40, 10)), f"most on the {r}")
        s.rule("narrow", f'flow["{r}"] <= most', f"The {r} takes at most {most} an hour",
               f"No more than {most} an hour may use the {r}")  # fmt: skip
    if s.chance(0.4):
        r = s.pick(*roads)
        late = s.number(
            "late",
            speech.amount(round(free[r].value + slow[r].value * plan[r] + 1), "minutes"),
            f"longest trip on the {r}",
            "minutes",
        )
        s.rule("quick", f'trip["{r}"] <= late', f"A trip on the {r} must not exceed {late}",
               f"On the {r} nobody may need more than {late}")  # fmt: skip
    s.aim("minimize", "all_time", "least time of all together")
    s.question = s.pick(f"How should the {unit} be divided for the least time of all together?",
                        "Which flows have the least total time of all trips?",
                        f"Minimize the sum of the times of all {unit}")  # fmt: skip
    s.ask(lambda r: f"{unit} on the {r}", "flow[r]", "r in Roads")
    s.distract("Work on the ways is planned for next year", "It is quieter at night")
