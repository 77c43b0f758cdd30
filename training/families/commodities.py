"""Multi-commodity transport: several goods that share the same routes and loading places."""

from __future__ import annotations

from optiwright.formulators.phrases import listing, uncapitalised
from optiwright.training.families import family
from optiwright.training.families.places import kind_of, places, roomy, split
from optiwright.training.speech import Quantity, plural
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing

_TRADES = (
    ("A garden supplier", "nursery/nurseries", "market", "pallets", "soil, mulch, turf"),
    ("A fruit importer", "port", "city depot", "tonnes", "oranges, bananas, melons"),
    ("A steel trader", "yard", "shipyard", "tonnes", "plates, beams, pipes"),
    ("A drinks company", "bottling plant", "region", "truckloads", "juice, cola, water"),
    ("A publisher", "bindery/binderies", "bookshop", "cartons", "novels, atlases, comics"),
    ("A seed company", "store", "growers' club", "bags", "oats, barley, clover"),
)


@family("multi-commodity transport")
def several_goods(s: Story) -> None:
    """Two goods from two places, which share what a place can load; perhaps a limited route."""
    who, source, target, unit, wares = s.pick(*_TRADES)
    origin, goal = Thing(*source.split("/")), Thing(*target.split("/"))
    one, speech = plural(1, unit), s.speech
    goods = s.some([Thing(w, w) for w in wares.split(", ")], 2)
    froms = places(s, origin.one, 2, towns=1.0)
    tos = places(s, goal.one, 2, froms, towns=1.0)
    step = s.pick(5, 10)
    needs = {(g, t): step * s.step(3, 12) for g in goods for t in tos}
    plan = {(g, f, t): x for g in goods for t in tos
            for f, x in zip(froms, split(s, needs[g, t], 2, step), strict=True)}  # fmt: skip
    loads = {f: sum(plan[g, f, t] for g in goods for t in tos) for f in froms}
    room = {
        f: speech.amount(roomy(s, max(loads[f], 2 * step), step, 1.0, 1.1), unit) for f in froms
    }
    demand = {k: speech.amount(v, unit) for k, v in needs.items()}
    fine = s.pick(1.0, 0.5)
    cost = {
        (g, f): {t: speech.money(s.step(2, 25, fine)) for t in tos} for g in goods for f in froms
    }
    flat_cost = {(g, f, t): q for (g, f), row in cost.items() for t, q in row.items()}
    s.set("Goods", goods, "goods")
    s.set("Sources", froms, origin.plural)
    s.set("Targets", tos, goal.plural)
    s.table("room", "Sources", room, f"{unit} that a source can load in all", unit)
    s.table("demand", "Goods, Targets", demand, f"{unit} of a good that a target needs", unit)
    s.table("cost", "Goods, Sources, Targets", flat_cost, f"cost of one {one}")
    s.decide(
        "ship",
        lambda g, f, t: f"{unit} of {g} from {f} to {t}",
        kind=kind_of(unit),
        over="g in Goods, f in Sources, t in Targets",
        unit=unit,
    )
    s.total("loaded", "sum(ship[g, f, t] for g in Goods for t in Targets)",
            lambda f: f"{unit} from {f}", over="f in Sources")  # fmt: skip
    s.total("got", "sum(ship[g, f, t] for f in Sources)", lambda g, t: f"{unit} of {g} to {t}",
            over="g in Goods, t in Targets")  # fmt: skip
    s.total("transport",
            "sum(cost[g, f, t]*ship[g, f, t] for g in Goods for f in Sources for t in Targets)",
            "cost of transport")  # fmt: skip
    both = listing(g.one for g in goods)
    s.scene = s.pick(
        f"{who} sends {both} from two {origin.plural} to two {goal.plural}",
        f"Two {goal.plural} order {both} from {uncapitalised(who)} with two {origin.plural}",
    )
    wants = s.pick("needs", "asks for", "must get")
    s.rows(origin.one, froms, [Column("capacity for both goods",
           s.pick("can send {} of both goods together", "loads at most {} in all"),
           list(room.values()))], lambda f: f.cap)  # fmt: skip
    s.grid("goods", goods, tos, demand, title=s.pick("Demand", "Orders"),
           say=lambda g, parts: f"The orders for {g} are {parts}",
           part=lambda q, t: f"{q} for {t}")  # fmt: skip
    for g in goods:
        costs = {(f, t): cost[g, f][t] for f in froms for t in tos}
        _costs(s, origin, froms, tos, costs, f"{one} of {g}")
    s.rule("load_limit", "loaded[f] <= room[f]", over="f in Sources",
           comment=lambda f: f"{f.cap} can send at most {room[f]} of both goods together",
           meaning="What leaves a source is within what it can load")  # fmt: skip
    s.rule("demand_met", "got[g, t] >= demand[g, t]", over="g in Goods, t in Targets",
           comment=lambda g, t: f"{t.cap} {wants} {demand[g, t]} of {g}",
           meaning="Every target gets what it needs of a good")  # fmt: skip
    if s.chance(0.5):
        f, t = s.pick(*((f, t) for f in froms for t in tos if sum(plan[g, f, t] for g in goods)))
        most = s.number("route_limit", speech.amount(sum(plan[g, f, t] for g in goods), unit),
                        "most on a route", unit)  # fmt: skip
        s.rule("route", f'sum(ship[g, "{f}", "{t}"] for g in Goods) <= route_limit',
               f"The route from {f} to {t} takes no more than {most} in total",
               f"Of both goods together, at most {most} can go from {f} to {t}")  # fmt: skip
    s.aim("minimize", "transport", "least cost of transport")
    s.question = s.pick(
        "What is the cheapest plan?",
        "How should both goods be sent so that the total cost is least?",
        f"How many {unit} of each should take which route at the lowest cost?",
    )
    s.ask("least cost of transport", "objective")


def _costs(
    s: Story,
    origin: Thing,
    froms: list[Thing],
    tos: list[Thing],
    cost: dict[tuple[Thing, Thing], Quantity],
    what: str,
) -> None:
    s.grid(
        origin.one,
        froms,
        tos,
        cost,
        title=f"Cost per {what}",
        say=lambda f, parts: f"From {f}, each {what} costs {parts}",
        part=lambda q, t: f"{q} to {t}",
    )
