"""Transport: what to send from where to where, directly or through warehouses."""

from __future__ import annotations

from optiwright.formulators.phrases import capitalised, listing, uncapitalised
from optiwright.training.families import family
from optiwright.training.families.places import counted, kind_of, places, roomy, split
from optiwright.training.speech import Quantity, plural
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing

_SCENES = (
    ("A brick maker", "works/works", "building site", "pallets", "bricks"),
    ("A dairy", "creamery/creameries", "supermarket", "crates", "yoghurt"),
    ("A quarry company", "pit", "road crew", "tonnes", "gravel"),
    ("A water board", "reservoir", "district", "megalitres", "drinking water"),
    ("A furniture chain", "store room", "shop", "sofas", "sofas"),
    ("A grain cooperative", "silo", "mill", "tonnes", "wheat"),
    ("A relief organisation", "depot", "camp", "tents", "tents"),
    ("A fuel trader", "terminal", "filling station", "cubic metres", "diesel"),
    ("A brewery group", "brewery/breweries", "wholesaler", "barrels", "beer"),
    ("A paper manufacturer", "plant", "printing house", "rolls", "newsprint"),
)


def _goods(unit: str, goods: str) -> str:
    """Return "tonnes of gravel", and "sofas" for sofas."""
    return unit if unit == goods else f"{unit} of {goods}"


@family("transport")
def transport(s: Story) -> None:
    """Supply and demand, a cost for each pair; a barred or limited route, a least share."""
    who, source, target, unit, goods = s.pick(*_SCENES)
    origin, goal = Thing(*source.split("/")), Thing(*target.split("/"))
    one, speech = plural(1, unit), s.speech
    rows, columns = s.pick((2, 2), (2, 2), (2, 3), (2, 3), (3, 2), (3, 2), (2, 4), (3, 3))
    froms = places(s, origin.one, rows)
    tos = places(s, goal.one, columns, froms)
    step = s.pick(5, 10, 10, 50)
    needs = {t: step * s.step(4, 20) for t in tos}
    plan = {
        (f, t): x for t in tos for f, x in zip(froms, split(s, needs[t], rows, step), strict=True)
    }
    sums = {f: sum(plan[f, t] for t in tos) for f in froms}
    exact = s.chance(0.2) and min(sums.values()) > 0
    have = {f: sums[f] if exact else roomy(s, max(sums[f], 3 * step), step) for f in froms}
    fine = s.pick(1.0, 1.0, 0.5, 0.1)
    cost = {(f, t): speech.money(s.step(2, 30, fine)) for f in froms for t in tos}
    supply = {f: speech.amount(have[f], unit) for f in froms}
    demand = {t: speech.amount(needs[t], unit) for t in tos}
    s.set("Sources", froms, origin.plural)
    s.set("Targets", tos, goal.plural)
    s.table("supply", "Sources", supply, f"{unit} that each can supply", unit)
    s.table("demand", "Targets", demand, f"{unit} that each needs", unit)
    s.table("cost", "Sources, Targets", cost, f"cost of sending one {one}")
    s.decide("ship", lambda f, t: f"{unit} from {f} to {t}", over="f in Sources, t in Targets",
             kind=kind_of(unit), unit=unit)  # fmt: skip
    s.total("sent", "sum(ship[f, t] for t in Targets)", lambda f: f"{unit} from {f}",
            over="f in Sources")  # fmt: skip
    s.total("got", "sum(ship[f, t] for f in Sources)", lambda t: f"{unit} to {t}",
            over="t in Targets")  # fmt: skip
    s.total("transport", "sum(cost[f, t]*ship[f, t] for f in Sources for t in Targets)",
            "cost of transport")  # fmt: skip
    s.scene = s.pick(
        f"{who} sends {goods} from {counted(rows, origin)} to {counted(columns, goal)}",
        f"{who} supplies {counted(columns, goal)} with {goods} from {counted(rows, origin)}",
        f"{counted(columns, goal).capitalize()} get their {goods} from {counted(rows, origin)} of "
        f"{uncapitalised(who)}",
    )
    if exact:
        held = s.pick("has {}", "holds {}", "has {} in stock")
        s.state("All that is in stock must be sent out",
                f"The {origin.plural} must be emptied completely",
                f"Every {origin} has to send out everything that it has")  # fmt: skip
    else:
        held = s.pick("can supply up to {}", "has {} in stock", "can deliver at most {}")
    s.rows(origin.one, froms, [Column("supply", held, list(supply.values()))], lambda f: f.cap)
    wants = s.pick("needs {}", "requires at least {}", "has ordered {}", "must get {}")
    s.rows(goal.one, tos, [Column("demand", wants, list(demand.values()))], lambda t: t.cap)
    s.grid(origin.one, froms, tos, cost, title=s.pick(f"Cost per {one}", f"Freight per {one}"),
           say=s.pick(lambda f, parts: f"Sending one {one} from {f} costs {parts}",
                      lambda f, parts: f"From {f}, a {one} costs {parts} to ship",
                      lambda f, parts: f"The freight for one {one} from {f} is {parts}"),
           part=lambda q, t: f"{q} to {t}")  # fmt: skip
    s.rule("supply_limit", f"sent[f] {'==' if exact else '<='} supply[f]", over="f in Sources",
           comment=lambda f: f"{f.cap} {held.format(supply[f])}{', all sent out' if exact else ''}",
           meaning="What a source sends is within its supply")  # fmt: skip
    s.rule("demand_met", "got[t] >= demand[t]", over="t in Targets",
           comment=lambda t: f"{t.cap} {wants.format(demand[t])}",
           meaning="Every target gets what it needs")  # fmt: skip
    _route_rules(s, plan, froms, tos, unit, _goods(unit, goods))
    s.aim("minimize", "transport", "least cost of transport")
    s.question = s.pick(
        "Which shipments have the least total cost?",
        "How should the deliveries be arranged so that transport is as cheap as possible?",
        f"How many {unit} should go from each {origin} to each {goal} to keep the cost lowest?",
        "Find the cheapest transport plan",
    )
    s.ask(lambda f, t: f"{unit} from {f} to {t}", "ship[f, t]", "f in Sources, t in Targets")
    s.ask("least cost of transport", "objective")
    s.distract(f"The fleet was renewed in {s.step(2015, 2024):g}",
               f"A journey takes about {speech.amount(s.step(2, 9), 'hours')}")  # fmt: skip


def _route_rules(
    s: Story,
    plan: dict[tuple[Thing, Thing], float],
    froms: list[Thing],
    tos: list[Thing],
    unit: str,
    goods: str,
) -> None:
    """Perhaps bar a route, limit one, or ask for a share or an amount from somewhere."""
    idle = [route for route, amount in plan.items() if amount == 0]
    busy = [route for route, amount in plan.items() if amount > 0]
    if idle and s.chance(0.4):
        f, t = s.pick(*idle)
        s.rule("barred", f'ship["{f}", "{t}"] == 0',
               f"Because of roadworks, nothing can be sent from {f} to {t}",
               f"{f.cap} cannot deliver to {t}",
               f"There is no connection from {f} to {t}")  # fmt: skip
    if s.chance(0.3):
        f, t = s.pick(*busy)
        most = s.number("route_limit", s.speech.amount(plan[f, t], unit), "most on a route", unit)
        s.rule("route", f'ship["{f}", "{t}"] <= route_limit',
               f"At most {most} can go from {f} to {t}",
               f"The road from {f} to {t} lets no more than {most} through",
               f"From {f} to {t} no more than {most} may be sent")  # fmt: skip
    if s.chance(0.25):
        f, t = s.pick(*busy)
        part = plan[f, t] / sum(plan[o, t] for o in froms)
        if part >= 0.2:
            least = s.number("share", s.speech.share(int(part * 20) / 20), "least share")
            s.rule(
                "part",
                f'ship["{f}", "{t}"] >= share*got["{t}"]',
                f"At least {least} of what {t} gets must come from {f}",
                f"{f.cap} must provide no less than {least} of all {goods} that {t} gets",
            )
    elif s.chance(0.25):
        f = s.pick(*froms)
        amount = sum(plan[f, t] for t in tos)
        if amount:
            given = s.number("contract", s.speech.amount(amount, unit), "least sent", unit)
            s.rule("contract_met", f'sent["{f}"] >= contract',
                   f"By contract, {f} must send at least {given}",
                   f"{f.cap} has to ship no less than {given} in all")  # fmt: skip


@family("transshipment")
def transshipment(s: Story) -> None:
    """From factories through warehouses, which keep nothing, to customers."""
    who, source, target, unit, goods = s.pick(*_SCENES)
    origin, goal = Thing(*source.split("/")), Thing(*target.split("/"))
    middle = Thing(s.pick("hub", "relay store", "cross-dock", "warehouse"))
    one, speech = plural(1, unit), s.speech
    rows, mids, columns = s.pick((2, 2, 2), (1, 2, 2), (2, 1, 2), (1, 2, 3), (2, 1, 3))
    froms = places(s, origin.one, rows)
    hubs = places(s, middle.one, mids, froms, towns=1.0 if mids == 1 else 0.8)
    tos = places(s, goal.one, columns, [*froms, *hubs])
    via = listing(h.one for h in hubs)
    via = via if middle.one in via else f"the {middle.one if mids == 1 else middle.plural} {via}"
    step = s.pick(5, 10, 10, 50)
    needs = {t: step * s.step(4, 16) for t in tos}
    everything = sum(needs.values())
    made = dict(zip(froms, split(s, everything, rows, step), strict=True))
    through = dict(zip(hubs, split(s, everything, mids, step), strict=True))
    supply = {f: speech.amount(roomy(s, max(made[f], 2 * step), step), unit) for f in froms}
    demand = {t: speech.amount(needs[t], unit) for t in tos}
    fine = s.pick(1.0, 1.0, 0.5, 0.1)
    inward = {(f, h): speech.money(s.step(2, 15, fine)) for f in froms for h in hubs}
    outward = {(h, t): speech.money(s.step(2, 20, fine)) for h in hubs for t in tos}
    s.set("Sources", froms, origin.plural)
    s.set("Hubs", hubs, middle.plural)
    s.set("Targets", tos, goal.plural)
    s.table("supply", "Sources", supply, f"{unit} that each can supply", unit)
    s.table("demand", "Targets", demand, f"{unit} that each needs", unit)
    s.table("inward", "Sources, Hubs", inward, f"cost of one {one} to a {middle}")
    s.table("outward", "Hubs, Targets", outward, f"cost of one {one} from a {middle}")
    s.decide("bring", lambda f, h: f"{unit} from {f} to {h}", over="f in Sources, h in Hubs",
             kind=kind_of(unit), unit=unit)  # fmt: skip
    s.decide("ship", lambda h, t: f"{unit} from {h} to {t}", over="h in Hubs, t in Targets",
             kind=kind_of(unit), unit=unit)  # fmt: skip
    s.total("sent", "sum(bring[f, h] for h in Hubs)", lambda f: f"{unit} from {f}",
            over="f in Sources")  # fmt: skip
    s.total("into", "sum(bring[f, h] for f in Sources)", lambda h: f"{unit} into {h}",
            over="h in Hubs", flat=lambda h: f"into {h}")  # fmt: skip
    s.total("out", "sum(ship[h, t] for t in Targets)", lambda h: f"{unit} out of {h}",
            over="h in Hubs", flat=lambda h: f"out of {h}")  # fmt: skip
    s.total("got", "sum(ship[h, t] for h in Hubs)", lambda t: f"{unit} to {t}",
            over="t in Targets")  # fmt: skip
    s.total("inward_cost", "sum(inward[f, h]*bring[f, h] for f in Sources for h in Hubs)",
            f"cost to the {middle.plural}")  # fmt: skip
    s.total("outward_cost", "sum(outward[h, t]*ship[h, t] for h in Hubs for t in Targets)",
            f"cost from the {middle.plural}")  # fmt: skip
    where = f"the {middle.plural}" if mids > 1 else f"the {middle}"
    s.scene = s.pick(
        f"{who} brings {goods} from {counted(rows, origin)} to {via} and on to "
        f"{counted(columns, goal)}",
        f"{who} reaches its {counted(columns, goal)} only by way of {via}; the {goods} "
        f"come{'' if goods.endswith('s') else 's'} from {counted(rows, origin)}",
    )
    held = s.pick("can supply up to {}", "has {} to send", "can deliver at most {}")
    wants = s.pick("needs {}", "requires at least {}", "has ordered {}")
    s.rows(origin.one, froms, [Column("supply", held, list(supply.values()))], lambda f: f.cap)
    s.rows(goal.one, tos, [Column("demand", wants, list(demand.values()))], lambda t: t.cap)
    _leg(s, origin, froms, hubs, inward, one)
    _leg(s, middle, hubs, tos, outward, one)
    kept = s.state(f"Nothing is kept in {where}: what arrives leaves again",
                   f"All that comes into {'a' if mids > 1 else 'the'} {middle} must be sent on",
                   f"{capitalised(where)} {'hold' if mids > 1 else 'holds'} no stock, so "
                   "what goes out equals what comes in")  # fmt: skip
    s.rule("supply_limit", "sent[f] <= supply[f]", over="f in Sources",
           comment=lambda f: f"{f.cap} {held.format(supply[f])}",
           meaning="What a source sends is within its supply")  # fmt: skip
    s.rule("demand_met", "got[t] >= demand[t]", over="t in Targets",
           comment=lambda t: f"{t.cap} {wants.format(demand[t])}",
           meaning="Every target gets what it needs")  # fmt: skip
    s.rule("balance", "into[h] == out[h]", over="h in Hubs", comment=kept)
    if s.chance(0.5) and mids > 1:
        h = s.pick(*hubs)
        room = speech.amount(max(through[h], 2 * step), unit)
        s.number("room", room, f"most through {h}", unit)
        s.rule("hub_limit", f'into["{h}"] <= room', f"{h.cap} can handle at most {room}",
               f"No more than {room} can pass through {h}")  # fmt: skip
    s.aim("minimize", "inward_cost + outward_cost", "least total cost, both legs")
    s.question = s.pick(
        "What is the cheapest way to meet all needs?",
        f"How many {unit} should go along each leg to make the total transport cost smallest?",
        "Plan both legs at the least total cost",
    )
    s.ask("least total cost", "objective")
    s.distract(
        f"{capitalised(where)} {'were' if mids > 1 else 'was'} built in {s.step(1975, 2018):g}"
    )


def _leg(
    s: Story,
    corner: Thing,
    froms: list[Thing],
    tos: list[Thing],
    cost: dict[tuple[Thing, Thing], Quantity],
    one: str,
) -> None:
    s.grid(corner.one, froms, tos, cost, title=f"Cost per {one} from each {corner}",
           say=s.pick(lambda f, parts: f"Moving one {one} from {f} costs {parts}",
                      lambda f, parts: f"From {f} it costs {parts} for each {one}",
                      lambda f, parts: f"Freight from {f} per {one} is {parts}"),
           part=lambda q, t: f"{q} to {t}")  # fmt: skip
