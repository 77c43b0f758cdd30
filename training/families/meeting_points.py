"""Siting in the plane: a place near to several others, by squared distances."""

from __future__ import annotations

from optiwright.training.families import family
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import things

_PLACES = (
    ("A dairy looks for the place of a cooling station for its farms",
     "Alder Farm, Brook Farm, Crest Farm, Dale Farm, Elm Farm", "station", "tanks a day"),
    ("A fire brigade looks for the place of a new depot for its villages",
     "Ashby, Burnley Cross, Corfe End, Denholm, Elmswick", "depot", "calls a year"),
    ("A telecom firm puts up a mast for several hamlets",
     "Lindal, Moss Bank, Nettleby, Orchard End", "mast", "households"),
    ("A wholesaler looks for the site of a warehouse for its shops",
     "the north shop, the river shop, the mill shop, the hill shop", "warehouse",
     "deliveries a week"),
    ("A university places a pump house that serves its halls",
     "Hall A, Hall B, Hall C, Hall D, Hall E", "pump house", "litres a second"),
    ("A bank places a cash centre for its branches",
     "Market Street, Old Town, Harbour, Station Road", "centre", "trips a week"),
)  # fmt: skip


@family("siting")
def meeting_point(s: Story) -> None:
    """Coordinates with the least weighted sum of squared distances, in a region."""
    who, names, what, weight = s.pick(*_PLACES)
    spots = s.some(things(names.split(", ")), 2, 5)
    speech = s.speech
    weighted = s.chance(0.7)
    s.set("Spots", spots, "places to be near to")
    east = {p: speech.plain(s.step(0, 30, s.pick(1, 0.5))) for p in spots}
    north = {p: speech.plain(s.step(0, 30, s.pick(1, 0.5))) for p in spots}
    s.table("east", "Spots", east, "km east", "km")
    s.table("north", "Spots", north, "km north", "km")
    loads = {p: speech.plain(s.step(2, 30)) for p in spots}
    columns = [
        Column("km east", "lies {} km east", [east[p] for p in spots]),
        Column("km north", "{} km north", [north[p] for p in spots]),
    ]
    if weighted:
        s.table("load", "Spots", loads, weight)
        columns.append(Column(weight, f"has {{}} {weight}", [loads[p] for p in spots]))
    s.decide("x", f"km east of the {what}", unit="km", lower="0")
    s.decide("y", f"km north of the {what}", unit="km", lower="0")
    s.total("square", "(x - east[p])**2 + (y - north[p])**2",
            lambda p: f"squared distance to {p}", over="p in Spots",
            flat=lambda p: f"d {p}")  # fmt: skip
    every = "sum(load[p]*square[p] for p in Spots)" if weighted else "sum(square[p] for p in Spots)"
    s.total("all_squares", every, "all squared distances" + (f", times {weight}" * weighted))
    s.scene = who
    s.fact("Places are given in km east and north of the map's corner, of which the "
           f"{what} cannot lie west or south",
           "Distances are measured in km from the south-west corner of the map, and the "
           f"{what} must be on the map")  # fmt: skip
    s.rows("place", spots, columns, lambda p: p.cap)
    mean_x = sum(e.value for e in east.values()) / len(spots)
    mean_y = sum(n.value for n in north.values()) / len(spots)
    drawn = s.pick("east", "line", "north", "near", "none")
    if drawn == "east":
        edge = s.number("edge", speech.plain(round(mean_x + s.pick(2, 3), 1)), "least km east")
        s.rule("bank", "x >= edge", f"Because of a river it must be at least {edge} km east",
               f"It has to lie {edge} km east or more")  # fmt: skip
    if drawn == "north":
        edge = s.number("edge", speech.plain(round(mean_y * 0.8, 1)), "most km north")
        s.rule("border", "y <= edge", f"It must not be more than {edge} km north",
               f"Building is allowed only up to {edge} km north")  # fmt: skip
    if drawn == "line" or s.chance(0.3):
        total = s.number("line", speech.plain(round((mean_x + mean_y) * s.pick(0.85, 0.9), 1)),
                         "largest sum of both")  # fmt: skip
        if drawn != "east":
            s.rule(
                "ridge",
                "x + y <= line",
                f"Its km east and km north together must not exceed {total}",
                f"A ridge allows only places whose km east and north add up to {total} at most",
            )
        else:
            s.data.pop()
    if drawn == "near":
        p = s.pick(*spots)
        far = round(
            ((east[p].value - mean_x) ** 2 + (north[p].value - mean_y) ** 2) ** 0.5 * 0.8, 1
        )
        reach = s.number("reach", speech.plain(max(1, far)), f"largest distance to {p}")
        s.rule("reach_limit", f'square["{p}"] <= reach**2',
               f"It may be at most {reach} km away from {p}, in a straight line",
               f"The straight distance to {p} must not exceed {reach} km")  # fmt: skip
    goal = "least sum of squared distances" + (f", weighted by {weight}" if weighted else "")
    s.aim("minimize", "all_squares", goal)
    by = f", each times its {weight}" if weighted else ""
    s.question = s.pick(f"Where should the {what} be so that the sum of the squared distances to "
                        f"all of them{by} is least?",
                        f"Find the place of the {what} with the smallest sum of squared straight "
                        f"distances{by}")  # fmt: skip
    s.ask("km east", "x")
    s.ask("km north", "y")
    s.distract(f"The {what} is to be ready next summer", "The land belongs to the council")
