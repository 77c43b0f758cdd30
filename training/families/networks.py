"""Networks: the shortest path, the greatest flow, the cheapest flow."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.families.places import kind_of, places, roomy
from optiwright.training.speech import plural
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing

Arc = tuple[Thing, Thing]

_SHAPES = (
    (4, ((0, 1), (0, 2), (1, 2), (1, 3), (2, 3))),
    (4, ((0, 1), (0, 2), (1, 3), (2, 1), (2, 3))),
    (5, ((0, 1), (0, 2), (1, 3), (2, 3), (1, 4), (2, 4), (3, 4))),
    (5, ((0, 1), (0, 2), (1, 3), (2, 1), (2, 3), (1, 4), (3, 4))),
    (5, ((0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4), (2, 3))),
    (6, ((0, 1), (0, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 5), (4, 5))),
)
"""Nodes and arcs, from node 0 to the last one; without cycles."""


def _arcs(s: Story) -> tuple[list[Thing], list[Arc]]:
    count, shape = s.pick(*_SHAPES)
    nodes = (
        places(s, "", count, towns=1.0) if s.chance(0.5) else [Thing(c) for c in "ABCDEF"[:count]]
    )
    return nodes, [(nodes[i], nodes[j]) for i, j in shape]


def _paths(arcs: list[Arc], start: Thing, end: Thing) -> list[list[Arc]]:
    if start == end:
        return [[]]
    return [[arc, *rest] for arc in arcs if arc[0] == start for rest in _paths(arcs, arc[1], end)]


_TRIPS = (
    ("A courier drives", "minutes", "road", "quickest", "tolls"),
    ("A cyclist rides", "km", "path", "shortest", "ferry fares"),
    ("A data packet travels", "ms", "link", "fastest", "fees"),
    ("A ranger walks", "minutes", "trail", "quickest", "entrance fees"),
    ("A milk lorry goes", "km", "lane", "shortest", "tolls"),
    ("A barge sails", "hours", "canal", "quickest", "canal dues"),
    ("A rescue team flies", "minutes", "leg", "quickest", "landing fees"),
)


@family("shortest path")
def shortest_path(s: Story) -> None:
    """The shortest way over one-way arcs; perhaps fees within a budget, or a closed arc."""
    who, unit, way, best, fees = s.pick(*_TRIPS)
    nodes, arcs = _arcs(s)
    start, end, speech = nodes[0], nodes[-1], s.speech
    lengths = {a: s.step(4, 60) for a in arcs}
    length = {a: speech.amount(x, unit) for a, x in lengths.items()}
    labels = {a: Thing(f"{a[0]} to {a[1]}") for a in arcs}
    s.set("Nodes", nodes, "places")
    s.set("Middle", nodes[1:-1], "places on the way")
    s.set("Arcs", arcs, f"{way}s that can be taken, in their direction")
    s.table("length", "Arcs", length, unit, unit)
    s.decide("use", lambda i, j: f"1 if the {way} from {i} to {j} is taken", over="(i, j) in Arcs",
             kind="binary")  # fmt: skip
    s.total("leaving", "sum(use[i, j] for (i, j) in Arcs if i == n)",
            lambda n: f"{way}s taken out of {n}", over="n in Nodes if n != last(Nodes)",
            flat=lambda n: f"out of {n}")  # fmt: skip
    s.total("entering", "sum(use[i, j] for (i, j) in Arcs if j == n)",
            lambda n: f"{way}s taken into {n}", over="n in Nodes if n != first(Nodes)",
            flat=lambda n: f"into {n}")  # fmt: skip
    s.total("trip", "sum(length[i, j]*use[i, j] for (i, j) in Arcs)", f"{unit} of the whole way")
    s.scene = s.pick(
        f"{who} from {start} to {end}",
        f"{who} from {start} to {end} by way of other places",
        f"{who} from {start} to {end} and may only use {way}s in the direction named",
    )
    if unit == "km":
        columns = [Column("length", s.pick("is {} long", "has {}"), list(length.values()))]
    else:
        columns = [Column("time", s.pick("takes {}", "needs {}"), list(length.values()))]
    paths = _paths(arcs, start, end)
    paths.sort(key=lambda p: sum(lengths[a] for a in p))
    charged = s.chance(0.4) and len(paths) > 2
    if charged:
        fee = {a: s.step(0, 9) if s.chance(0.5) else s.step(3, 9) for a in arcs}
        costs = [sum(fee[a] for a in p) for p in paths]
        told = {a: speech.money(x) for a, x in fee.items()}
        s.table("fee", "Arcs", told, fees)
        s.total("spent", "sum(fee[i, j]*use[i, j] for (i, j) in Arcs)", f"{fees} in all")
        columns.append(Column(fees, s.pick("costs {}", "is charged at {}"), list(told.values())))
        cheaper = [c for c in costs[1:] if c < costs[0]]
        limit = s.number("budget", speech.money(s.pick(*(cheaper or costs[1:]))), f"most {fees}")
    s.rows(way, list(labels.values()), columns, lambda t: f"The {way} from {t}")
    s.rule("begin", f'leaving["{start}"] == 1', comment=f"the way begins in {start}")
    s.rule("pass_on", "entering[n] == leaving[n]", over="n in Middle",
           comment=lambda n: f"whoever comes to {n} leaves it again",
           meaning="What enters a place on the way leaves it")  # fmt: skip
    s.rule("finish", f'entering["{end}"] == 1', comment=f"the way ends in {end}")
    if charged:
        s.rule("fees", "spent <= budget", f"The {fees} may not exceed {limit} in all",
               f"At most {limit} can be spent on {fees}",
               f"There is {limit} for {fees}, no more")  # fmt: skip
    elif s.chance(0.4) and len(paths) > 2:
        i, j = s.pick(*paths[0])
        if any((i, j) not in p for p in paths):
            s.rule("closed", f'use["{i}", "{j}"] == 0',
                   f"The {way} from {i} to {j} is closed at present",
                   f"The {way} from {i} to {j} cannot be used")  # fmt: skip
    s.aim("minimize", "trip", f"{best} way")
    s.question = s.pick(
        f"Which is the {best} way?",
        f"Which {way}s make the {best} way from {start} to {end}?",
        f"Find the {best} route from {start} to {end}",
    )
    s.ask(f"{unit} of the {best} way", "objective")
    s.distract(
        f"There are {s.step(3, 40):g} other {way}s in the region",
        f"{who.rsplit(' ', 1)[0]} has made this trip {s.step(2, 30):g} times before",
    )


_PIPES = (
    ("water", "litres per second", "pipe", "A water company pumps water"),
    ("oil", "barrels per hour", "pipeline", "An oil firm pumps oil"),
    ("cars", "cars per minute", "street", "A town leads cars"),
    ("data", "megabits per second", "cable", "A provider sends data"),
    ("gas", "cubic metres per minute", "pipe", "A utility delivers gas"),
    ("luggage", "bags per minute", "belt", "An airport moves luggage"),
    ("grain", "tonnes per hour", "conveyor", "A port moves grain"),
)


@family("maximum flow")
def maximum_flow(s: Story) -> None:
    """The most that can get through capacities; perhaps a limit on a place, a least use."""
    goods, unit, way, scene = s.pick(*_PIPES)
    nodes, arcs = _arcs(s)
    start, end, speech = nodes[0], nodes[-1], s.speech
    step = s.pick(1, 5, 10)
    room = {a: speech.amount(step * s.step(3, 25), unit) for a in arcs}
    s.set("Nodes", nodes, "places")
    s.set("Middle", nodes[1:-1], "places between")
    s.set("Arcs", arcs, f"{way}s in their direction")
    s.table("room", "Arcs", room, f"most {unit} through each", unit)
    s.decide("flow", lambda i, j: f"{unit} from {i} to {j}", over="(i, j) in Arcs", unit=unit)
    s.total("inflow", "sum(flow[i, j] for (i, j) in Arcs if j == n)", lambda n: f"{unit} into {n}",
            over="n in Middle", flat=lambda n: f"into {n}")  # fmt: skip
    s.total("outflow", "sum(flow[i, j] for (i, j) in Arcs if i == n)",
            lambda n: f"{unit} out of {n}", over="n in Middle",
            flat=lambda n: f"out of {n}")  # fmt: skip
    s.total("arriving", "sum(flow[i, j] for (i, j) in Arcs if j == last(Nodes))",
            f"{unit} that reach {end}")  # fmt: skip
    s.scene = s.pick(f"{scene} from {start} to {end} through {way}s",
                     f"{scene} through a net of {way}s from {start} to {end}")  # fmt: skip
    can = s.pick("takes at most {}", "carries up to {}", "has room for {}")
    s.rows(way, [Thing(f"{i} to {j}") for i, j in arcs],
           [Column("capacity", can, list(room.values()))],
           lambda t: f"The {way} from {t}")  # fmt: skip
    kept = s.state(
        f"What comes to a place between {start} and {end} also leaves it",
        "Nothing is lost or stored on the way",
        f"Between {start} and {end}, all that flows into a place flows out again",
    )
    s.rule("capacity", "flow[i, j] <= room[i, j]", over="(i, j) in Arcs",
           comment=lambda i, j: f"from {i} to {j} at most {room[i, j]}",
           meaning="No arc carries more than its capacity")  # fmt: skip
    s.rule("balance", "inflow[n] == outflow[n]", over="n in Middle", comment=kept)
    if s.chance(0.4):
        n = s.pick(*nodes[1:-1])
        into = sum(room[a].value for a in arcs if a[1] == n)
        most = s.number(
            "node_room",
            speech.amount(max(step, into // step * step - step * s.step(0, 2)), unit),
            f"most through {n}",
            unit,
        )
        s.rule("node_limit", f'inflow["{n}"] <= node_room',
               f"{n.cap} itself can pass on no more than {most}",
               f"At most {most} can go through {n}")  # fmt: skip
    elif s.chance(0.3):
        i, j = s.pick(*arcs)
        least = s.number("least_flow", speech.amount(step, unit), "least flow on an arc", unit)
        s.rule("least", f'flow["{i}", "{j}"] >= least_flow',
               f"The {way} from {i} to {j} must carry at least {least}",
               f"At least {least} must go from {i} to {j}")  # fmt: skip
    s.aim("maximize", "arriving", f"most {goods} that reach {end}")
    s.question = s.pick(
        f"How many {unit} can reach {end} at most?",
        f"What is the greatest flow from {start} to {end}?",
        f"Find the largest amount of {goods} that can get from {start} to {end}",
    )
    s.ask(f"greatest flow from {start} to {end}", "objective", "")
    s.distract(f"The {way}s are {s.step(5, 60):g} years old on average",
               f"The net is {s.step(3, 90):g} km long")  # fmt: skip


_LOADS = (
    ("A power company sends", "MW", "electricity", "line"),
    ("A railway moves", "wagons", "wagons of coal", "track"),
    ("A forwarder moves", "containers", "containers", "route"),
    ("A water board leads", "megalitres", "water", "channel"),
    ("A sugar mill sends", "tonnes", "beet", "line"),
    ("An aid agency flies", "pallets", "medicine", "leg"),
)


@family("least-cost flow")
def cheapest_flow(s: Story) -> None:
    """A given amount through a net with capacities and costs; perhaps a second place that needs."""
    who, unit, of, way = s.pick(*_LOADS)
    nodes, arcs = _arcs(s)
    start, speech = nodes[0], s.speech
    step = s.pick(1, 5, 10) if kind_of(unit) == "integer" else 10
    paths = _paths(arcs, start, nodes[-1])
    plan = dict.fromkeys(arcs, 0.0)
    for path in s.some(paths, 2, 3):
        amount = step * s.step(2, 9)
        for arc in path:
            plan[arc] += amount
    needs = {nodes[-1]: sum(plan[a] for a in arcs if a[1] == nodes[-1])}
    ways = [p for n in nodes[1:-1] for p in _paths(arcs, start, n)]
    if s.chance(0.5):
        path = s.pick(*ways)
        amount = step * s.step(2, 6)
        needs[path[-1][1]] = amount
        for arc in path:
            plan[arc] += amount
    demand = {n: speech.amount(needs.get(n, 0.0), unit) for n in nodes[1:]}
    room = {a: speech.amount(roomy(s, max(plan[a], 2 * step), step, 1.0, 1.4), unit) for a in arcs}
    cost = {a: speech.money(s.step(1, 20, s.pick(1.0, 0.5))) for a in arcs}
    one = plural(1, unit)
    s.set("Nodes", nodes[1:], "places that are reached")
    s.set("Arcs", arcs, f"{way}s in their direction")
    s.table("room", "Arcs", room, f"most {unit} through each", unit)
    s.table("cost", "Arcs", cost, f"cost of one {one}")
    s.table("demand", "Nodes", demand, f"{unit} needed", unit)
    s.decide("flow", lambda i, j: f"{unit} from {i} to {j}", over="(i, j) in Arcs",
             kind=kind_of(unit), unit=unit)  # fmt: skip
    s.total("net", "sum(flow[i, j] for (i, j) in Arcs if j == n)"
            " - sum(flow[i, j] for (i, j) in Arcs if i == n)",
            lambda n: f"{unit} that stay in {n}", over="n in Nodes",
            flat=lambda n: f"stay {n}")  # fmt: skip
    s.total("carriage", "sum(cost[i, j]*flow[i, j] for (i, j) in Arcs)", "cost of all flows")
    wanting = listing(f"{demand[n]} in {n}" for n in needs)
    s.scene = f"{who} {of} from {start} over a net of {way}s"
    s.fact(f"There must arrive {wanting}", f"Needed are {wanting}",
           f"The orders to be met are {wanting}")  # fmt: skip
    s.rows(way, [Thing(f"{i} to {j}") for i, j in arcs], [
        Column("capacity", s.pick("takes at most {}", "carries up to {}"), list(room.values())),
        Column(f"cost per {one}", f"costs {{}} per {one}", list(cost.values()))],
           lambda t: f"The {way} from {t}")  # fmt: skip
    passing = [n for n in nodes[1:] if n not in needs]
    if passing:
        names = listing((n.one for n in passing), "or")
        s.state(f"Nothing stays in {names}", f"No {unit} may be left in {names}",
                f"All that reaches {names} goes on from there")  # fmt: skip
    s.rule("capacity", "flow[i, j] <= room[i, j]", over="(i, j) in Arcs",
           comment=lambda i, j: f"from {i} to {j} at most {room[i, j]}",
           meaning="No arc carries more than its capacity")  # fmt: skip
    s.rule("needs", "net[n] == demand[n]", over="n in Nodes",
           comment=lambda n: f"{n} gets {demand[n]}" if n in needs else f"nothing stays in {n}",
           meaning="What stays in a place is what it needs")  # fmt: skip
    s.aim("minimize", "carriage", "least cost")
    s.question = s.pick("What is the cheapest way to do so?",
                        f"How many {unit} should take which {way} at the least cost?",
                        "Which flows cost least in total?")  # fmt: skip
    s.ask(lambda i, j: f"{unit} from {i} to {j}", "flow[i, j]", "(i, j) in Arcs")
    s.ask("least cost", "objective")
    s.distract(f"Each {way} is inspected every {s.step(2, 9):g} months")
