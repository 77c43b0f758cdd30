"""Lot sizes: cost of ordering against cost of holding."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing, things

_STORES = (
    ("A paint dealer orders", "primer, varnish, wall paint", "tins"),
    ("A hospital pharmacy orders", "gauze, plaster, saline", "boxes"),
    ("A bicycle wholesaler orders", "oil, brake cable, rim tape", "cartons"),
    ("A garden centre orders", "peat, bark, lime", "sacks"),
    ("A restaurant supplier orders", "rice, flour, sugar", "bags"),
    ("A school caterer orders", "juice, pasta, soup", "crates"),
    ("A print shop orders", "paper, card, film", "packs"),
)


@family("lot sizing")
def lot_sizes(s: Story) -> None:
    """Order quantities of several items: ordering and holding, with space or money as a limit."""
    who, names, unit = s.pick(*_STORES)
    items = s.some(things(names.split(", ")), 1 if s.chance(0.25) else 2, 3)
    speech = s.speech
    s.set("Items", items, "items")
    demand = {i: speech.plain(s.step(400, 6000, 100)) for i in items}
    order = {i: speech.money(s.step(15, 120, 5)) for i in items}
    hold = {i: speech.money(s.step(0.5, 8, 0.1)) for i in items}
    lot = {i: (2 * demand[i].value * order[i].value / hold[i].value) ** 0.5 for i in items}
    s.table("demand", "Items", demand, f"{unit} a year")
    s.table("order_cost", "Items", order, "cost of one order", "money")
    s.table("hold_cost", "Items", hold, f"cost of holding one of the {unit} for a year", "money")
    s.decide("lot", lambda i: f"{unit} of {i} in an order", over="i in Items", lower="1",
             flat=lambda i: i.one)  # fmt: skip
    s.scene = f"{who} {listing(i.one for i in items)} in equal lots over the year"
    columns = [
        Column("yearly demand", f"has a demand of {{}} {unit} a year", [demand[i] for i in items]),
        Column("cost of an order", "costs {} for each order", [order[i] for i in items]),
        Column("holding cost", f"costs {{}} a year for each of the {unit} in store",
               [hold[i] for i in items]),
    ]  # fmt: skip
    limited = s.chance(0.75)
    space: dict[Thing, float] = {i: s.step(0.2, 3, 0.1) for i in items}
    if limited:
        sizes = {i: speech.amount(space[i], "square metres") for i in items}
        s.table("space", "Items", sizes, f"space of one of the {unit}", "square metres")
        columns.append(Column("space", f"needs {{}} for each of the {unit}",
                              [sizes[i] for i in items]))  # fmt: skip
    s.rows("item", items, columns, lambda i: i.cap)
    s.fact("On average half a lot is in store", "The average stock of an item is half of its lot",
           "The stock falls evenly, so that on average half of each lot is held")  # fmt: skip
    s.state(f"A lot has at least one of the {unit}", "A lot can be of any size from one upwards",
            "No lot is smaller than one")  # fmt: skip
    s.total("ordering", "sum(order_cost[i]*demand[i]/lot[i] for i in Items)",
            "cost of the orders: yearly demand by lot")  # fmt: skip
    s.total("holding", "sum(hold_cost[i]*lot[i]/2 for i in Items)", "cost of holding half a lot")
    if limited:
        s.total("room", "sum(space[i]*lot[i] for i in Items)", "square metres for full lots")
        need = sum(space[i] * lot[i] for i in items)
        room = s.number("room_limit", speech.amount(float(f"{need * s.pick(0.5, 0.7, 0.9):.2g}"),
                                                    "square metres"), "space there is")  # fmt: skip
        s.rule("space_limit", "room <= room_limit",
               f"The store has {room}, which must hold all lots at once",
               f"There must be room for all full lots in the {room} of the store")  # fmt: skip
    capped = None
    if not limited or s.chance(0.4):
        capped = i = s.pick(*items)
        most = s.number("most", speech.count(float(f"{lot[i] * s.pick(0.6, 0.8):.2g}"), unit),
                        f"largest lot of {i}")  # fmt: skip
        s.rule("largest", f'lot["{i}"] <= most', f"A lot of {i} may have at most {most}",
               f"The supplier delivers no more than {most} of {i} at a time")  # fmt: skip
    free = [] if limited else [i for i in items if i is not capped]
    if free and s.chance(0.6):
        i = s.pick(*free)
        times = s.number("times", speech.count(max(2, round(demand[i].value / lot[i] * 0.9))),
                         f"most orders of {i} a year")  # fmt: skip
        s.rule("orders", f'demand["{i}"] <= times*lot["{i}"]',
               f"No more than {times} orders of {i} a year are accepted",
               f"At most {times} orders of {i} can be placed in a year")  # fmt: skip
    s.aim("minimize", "ordering + holding", "least yearly cost, ordering and holding")
    s.question = s.pick(
        "Which lots have the least yearly cost of ordering and holding?",
        "How many should be ordered at a time so that ordering and holding cost the least?",
        "Find the order quantities of the lowest total cost a year",
    )
    s.ask(lambda i: f"lot of {i}", "lot[i]", "i in Items")
    s.distract("Suppliers deliver within two days", "Prices are the same all year")
