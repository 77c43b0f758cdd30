"""Crossings: a way over two grounds, one of them slower or dearer."""

from __future__ import annotations

from optiwright.training.families import family
from optiwright.training.story import Story

_WAYS = (
    ("A cable is laid from a power house on a straight bank to an island", "island", "bank",
     "cable under water", "cable along the bank", "metres", False),
    ("A pipe is laid from a well beside a straight road to a hut in a moor", "hut", "road",
     "pipe through the moor", "pipe beside the road", "metres", False),
    ("A gas line has to link a station on a straight highway with a rock quarry", "quarry",
     "highway", "line through rock", "line beside the highway", "metres", False),
    ("A postman goes from his van on a straight track to a farm in the heath", "farm", "track",
     "on the heath", "on the track", "km", True),
    ("A rescuer goes from a tower on a straight beach to a raft at sea", "raft", "beach",
     "in the water", "on the beach", "metres", True),
    ("A messenger goes from a camp on a straight river bank to a lighthouse off the shore",
     "lighthouse", "bank", "rowing", "walking", "km", True),
)  # fmt: skip


@family("path")
def two_grounds(s: Story) -> None:
    """Where to leave a straight line for a point beside it: least time or least cost."""
    who, goal, line, over, along, unit, moves = s.pick(*_WAYS)
    speech = s.speech
    small = unit == "km"
    off = s.step(1, 8, 0.5) if small else s.step(60, 600, 20)
    far = off * s.step(1, 4, 0.5)
    away = s.number(
        "off", speech.amount(off, unit), f"distance of the {goal} from the {line}", unit
    )
    down = s.number("far", speech.amount(far, unit), f"distance along the {line}", unit)
    s.fact(
        f"The {goal} is {away} from the nearest point of the {line}, which lies {down} along "
        "it from the start",
        f"Measured along the {line}, the {goal} is {down} away; it lies {away} to the side",
    )
    s.scene = who
    s.decide("leave", f"{unit} along the {line} until it is left", upper="far", unit=unit)
    s.total("rest", "sqrt(off**2 + (far - leave)**2)", f"{unit} straight to the {goal}")
    pace = "km an hour" if small else "metres a minute"
    span = "hours" if small else "minutes"
    if moves:
        quick = s.step(4, 9, 0.5) if small else s.step(120, 240, 10)
        slow = round(quick * s.pick(0.4, 0.5, 0.6, 0.7), 1)
        fast = s.number("along", speech.plain(quick), f"speed {along}", pace)
        late = s.number("across", speech.plain(slow), f"speed {over}", pace)
        s.fact(f"The speed is {fast} {pace} {along} and {late} {pace} {over}",
               f"{along.capitalize()} the speed is {fast} {pace}, {over} it is {late}")  # fmt: skip
        s.total("time", "leave/along + rest/across", f"{span} of both parts")
        aim, best = "time", "least time"
        per_line, per_rest = 1 / quick, 1 / slow
    else:
        cheap = s.step(8, 40)
        dear = round(cheap * s.pick(1.2, 1.5, 1.8, 2.5))
        one = "metre"
        price = s.number("along", speech.money(cheap), f"cost of a {one} of {along}", "money")
        high = s.number("across", speech.money(dear), f"cost of a {one} of {over}", "money")
        s.fact(
            f"A {one} of {along} costs {price}, a {one} of {over} {high}",
            f"The cost is {high} a {one} for {over} and {price} a {one} for {along}",
        )
        s.total("cost", "along*leave + across*rest", "cost of both parts")
        aim, best = "cost", "least cost"
        per_line, per_rest = cheap, dear
    turn = max(0.0, far - off * per_line / max(1e-9, (per_rest**2 - per_line**2)) ** 0.5)
    s.fact(
        f"It follows the {line} for a while and then runs straight to the {goal}"
        if not moves
        else f"The way follows the {line} first and then leads straight to the {goal}",
        f"The first part keeps to the {line}, the second is a straight line to the {goal}",
    )
    s.state(
        f"The {line} is left no later than at the point nearest to the {goal}",
        f"Nothing is gained beyond the nearest point, so the {line} is left there at the latest",
    )
    if s.chance(0.55):
        most = s.number("most", speech.amount(round((off**2 + (far - turn) ** 2) ** 0.5
                                                    * s.pick(0.93, 1.1), 1 if small else 0), unit),
                        "longest second part", unit)  # fmt: skip
        if most.value >= off * 1.01:
            s.rule("short", "rest <= most", f"Away from the {line} it may be at most {most} long",
                   f"No more than {most} may lie away from the {line}")  # fmt: skip
        else:
            s.data.pop()
    if s.chance(0.35) and not any(r.name == "short" for r in s.rules):
        place = round(turn * s.pick(0.8, 1.1), 1 if small else 0)
        if 0 < place < far:
            gate = s.number("gate", speech.amount(place, unit), f"where the {line} is fenced", unit)
            early = place < turn
            s.rule("gate_limit", "leave <= gate" if early else "leave >= gate",
                   f"The {line} can be left only {'up to' if early else 'from'} {gate} from the "
                   f"start {'' if early else 'onwards'}")  # fmt: skip
    s.aim("minimize", aim, best)
    s.question = s.pick(f"Where should the {line} be left for the {best}?",
                        f"How far should it follow the {line} so that the {aim} is least?",
                        f"Find the way with the {best}")  # fmt: skip
    s.ask(f"{unit} along the {line}", "leave")
    s.distract("It was tried once before", "The weather is fine")
