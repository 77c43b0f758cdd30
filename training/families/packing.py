"""Packing: which item goes into which vehicle; fewest or cheapest vehicles, or the most value."""

from __future__ import annotations

from optiwright.training.families import family
from optiwright.training.families.places import counted, marked, roomy
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing, things

_LOADS = (
    ("A removals firm", "van", "piano, wardrobe, safe, sofa, billiard table", "kg"),
    ("A museum on tour", "lorry/lorries", "statue, altar, carriage, organ, fountain", "kg"),
    ("A circus", "wagon", "tent, trapeze, cage, stove, stage", "kg"),
    ("A freight airline", "plane", "generator, helicopter, pump, boiler, antenna", "tonnes"),
    ("A river shipper", "barge", "turbine, transformer, crane, tank, boiler", "tonnes"),
    ("A food festival", "truck", "oven, freezer, grill, counter, sink", "kg"),
    ("A cable car", "cabin", "milk tank, hay bale, snow blower, crate, gas bottle", "kg"),
    ("A space agency", "rocket", "satellite, probe, telescope, capsule, rover", "tonnes"),
)  # fmt: skip


@family("bin packing")
def bin_packing(s: Story) -> None:
    """Every item into one vehicle, at the least cost or number of vehicles used."""
    who, carrier, names, unit = s.pick(*_LOADS)
    vehicle, speech = Thing(*carrier.split("/")), s.speech
    items = s.some(things(names.split(", ")), s.pick(3, 3, 4))
    count = s.pick(2, 3) if len(items) == 3 else s.pick(2, 2, 3)
    vehicles = marked(s, vehicle.one, count)
    scale = s.pick(10, 20) if unit != "tonnes" else 1
    sizes = {i: scale * s.step(3, 20) for i in items}
    plan = {i: s.pick(*vehicles) for i in items}
    loads = {v: sum(sizes[i] for i in items if plan[i] == v) for v in vehicles}
    alike = s.chance(0.5)
    top = max(*loads.values(), *sizes.values())
    room = {
        v: top if alike else roomy(s, max(loads[v], min(sizes.values())), scale) for v in vehicles
    }
    size = {i: speech.amount(x, unit) for i, x in sizes.items()}
    s.set("Items", items, "items")
    s.set("Vehicles", vehicles, vehicle.plural)
    s.table("size", "Items", size, f"{unit} of an item", unit)
    priced = not alike
    if alike:
        most = s.number("room", speech.amount(top, unit), f"most {unit} in a {vehicle}", unit)
    else:
        rooms = {v: speech.amount(x, unit) for v, x in room.items()}
        fare = {v: speech.money(s.step(40, 400, 10)) for v in vehicles}
        s.table("room", "Vehicles", rooms, f"most {unit} in a {vehicle}", unit)
        s.table("fare", "Vehicles", fare, f"cost of a {vehicle}")
    s.decide("put", lambda i, v: f"1 if the {i} goes into {v}", over="i in Items, v in Vehicles",
             kind="binary")  # fmt: skip
    s.decide("use", lambda v: f"1 if {v} is used", over="v in Vehicles", kind="binary",
             flat=lambda v: f"use {v}")  # fmt: skip
    s.total("load", "sum(size[i]*put[i, v] for i in Items)", lambda v: f"{unit} in {v}",
            over="v in Vehicles", flat=lambda v: f"load {v}")  # fmt: skip
    if priced:
        s.total("cost", "sum(fare[v]*use[v] for v in Vehicles)", f"cost of the {vehicle.plural}")
    else:
        s.total("used", "sum(use[v] for v in Vehicles)", f"{vehicle.plural} used")
    s.scene = s.pick(f"{who} has {counted(len(items), Thing('item'))} to load and up to "
                     f"{counted(count, vehicle)}",
                     f"{who} needs to carry {counted(len(items), Thing('item'))} and can use up to "
                     f"{counted(count, vehicle)}")  # fmt: skip
    weigh = s.pick("weighs {}", "has a weight of {}")
    s.rows("item", items, [Column("weight", weigh, list(size.values()))],
           lambda i: f"The {i}")  # fmt: skip
    if not alike:
        s.rows(vehicle.one, vehicles, [
            Column("capacity", s.pick("can take {}", "holds at most {}"), list(rooms.values())),
            Column("cost", s.pick("costs {} if used", "costs {} to use"), list(fare.values()))],
               lambda v: v.cap)  # fmt: skip
    said = s.state(f"Every item must go into exactly one {vehicle}",
                   f"No item can be split, and each goes into one {vehicle}",
                   "Nothing may be left behind or divided")  # fmt: skip
    s.rule("all_loaded", "sum(put[i, v] for v in Vehicles) == 1", over="i in Items", comment=said)
    if alike:
        said = s.state(
            f"Each {vehicle} can take up to {most}",
            f"No {vehicle} holds more than {most}",
            f"The limit for a {vehicle} is {most}",
        )
        s.rule("room_limit", "load[v] <= room*use[v]", over="v in Vehicles", comment=said)
    else:
        s.rule(
            "room_limit",
            "load[v] <= room[v]*use[v]",
            over="v in Vehicles",
            comment=lambda v: f"{v} can take {rooms[v]}, if used",
            meaning="A vehicle holds no more than it can take, and nothing if it is not used",
        )
    _company(s, items, vehicles, plan, vehicle)
    goal = f"lowest cost of {vehicle.plural}" if priced else f"fewest {vehicle.plural}"
    s.aim("minimize", "cost" if priced else "used", goal)
    s.question = s.pick(
        *(
            (
                f"Which {vehicle.plural} should be used for what at the least cost?",
                "Find the cheapest way to load everything",
            )
            if priced
            else (
                f"What is the smallest number of {vehicle.plural} needed?",
                f"Load everything into as few {vehicle.plural} as possible",
            )
        )
    )
    s.ask(lambda i, v: f"whether the {i} goes into {v}", "put[i, v]", "i in Items, v in Vehicles")
    s.ask(goal, "objective")
    s.distract(f"The last load was insured for {speech.money(s.step(2000, 9000, 500))}",
               "Loading starts at seven in the morning")  # fmt: skip


def _company(
    s: Story, items: list[Thing], vehicles: list[Thing], plan: dict[Thing, Thing], vehicle: Thing
) -> None:
    """Perhaps two items apart, or an item that does not fit somewhere."""
    apart = [(a, b) for a in items for b in items if plan[a] != plan[b]]
    if apart and s.chance(0.4):
        a, b = s.pick(*apart)
        said = s.state(f"The {a} and the {b} must not share a {vehicle}",
                       f"The {a} cannot travel in one {vehicle} with the {b}")  # fmt: skip
        s.rule("apart", f'put["{a}", v] + put["{b}", v] <= 1', over="v in Vehicles", comment=said)
    if s.chance(0.25):
        i = s.pick(*items)
        v = s.pick(*(v for v in vehicles if v != plan[i]))
        s.rule("barred", f'put["{i}", "{v}"] == 0', f"The {i} does not fit into {v}",
               f"The {i} may not go into {v}")  # fmt: skip


@family("bin packing")
def loading(s: Story) -> None:
    """The most value in two vehicles, each with a limit of weight and perhaps of space."""
    who, carrier, names, unit = s.pick(*_LOADS)
    vehicle, speech = Thing(*carrier.split("/")), s.speech
    items = s.some(things(names.split(", ")), 4, 5)
    vehicles = marked(s, vehicle.one, 2)
    scale = s.pick(10, 20) if unit != "tonnes" else 1
    sizes = {i: scale * s.step(3, 20) for i in items}
    left = s.pick(*items)
    plan = {i: s.pick(*vehicles) for i in items if i != left}
    room = {v: speech.amount(roomy(s, max(min(sizes.values()), sum(sizes[i] for i in plan
            if plan[i] == v)), scale, 1.0, 1.1), unit) for v in vehicles}  # fmt: skip
    size = {i: speech.amount(x, unit) for i, x in sizes.items()}
    value = {i: speech.money(s.step(50, 900, 10)) for i in items}
    s.set("Items", items, "items")
    s.set("Vehicles", vehicles, vehicle.plural)
    s.table("size", "Items", size, f"{unit} of an item", unit)
    s.table("value", "Items", value, "earned with an item")
    s.table("room", "Vehicles", room, f"most {unit} in a {vehicle}", unit)
    s.decide("put", lambda i, v: f"1 if the {i} goes into {v}", over="i in Items, v in Vehicles",
             kind="binary")  # fmt: skip
    s.total("load", "sum(size[i]*put[i, v] for i in Items)", lambda v: f"{unit} in {v}",
            over="v in Vehicles", flat=lambda v: f"load {v}")  # fmt: skip
    s.total("taken", "sum(put[i, v] for v in Vehicles)", lambda i: f"1 if the {i} is taken at all",
            over="i in Items")  # fmt: skip
    s.total("income", "sum(value[i]*taken[i] for i in Items)", "earned with what is taken")
    s.scene = s.pick(
        f"{who} can take some of {counted(len(items), Thing('item'))} in two {vehicle.plural}",
        f"{who} has two {vehicle.plural} and is offered {counted(len(items), Thing('item'))} to "
        "carry",
    )
    s.rows(
        "item",
        items,
        [
            Column("weight", s.pick("weighs {}", "has a weight of {}"), list(size.values())),
            Column(
                "payment",
                s.pick("brings {}", "earns {}", "is paid for with {}"),
                list(value.values()),
            ),
        ],
        lambda i: f"The {i}",
    )
    can = s.pick("can take {}", "holds at most {}", "carries up to {}")
    s.rows(vehicle.one, vehicles, [Column("capacity", can, list(room.values()))], lambda v: v.cap)
    s.rule(
        "room_limit",
        "load[v] <= room[v]",
        over="v in Vehicles",
        comment=lambda v: f"{v} {can.format(room[v])}",
        meaning="A vehicle holds no more than it can take",
    )
    said = s.state("No item can be taken twice or split",
                   f"Each item goes into one {vehicle} at most")  # fmt: skip
    s.rule("once", "taken[i] <= 1", over="i in Items", comment=said)
    _company(s, items, vehicles, {**plan, left: vehicles[0]}, vehicle)
    if s.chance(0.35):
        i = s.pick(*plan)
        s.rule("must_go", f'taken["{i}"] == 1', f"The {i} has to be taken in any case",
               f"The {i} must be among what is taken")  # fmt: skip
    elif s.chance(0.4):
        most = s.number(
            "most", speech.count(len(plan) // 2 + 1, "items"), f"most items in a {vehicle}"
        )
        if all(sum(1 for i in plan if plan[i] == v) <= most.value for v in vehicles):
            said = s.state(f"At most {most} fit into a {vehicle}",
                           f"No {vehicle} can take more than {most}")  # fmt: skip
            s.rule(
                "count", "sum(put[i, v] for i in Items) <= most", over="v in Vehicles", comment=said
            )
        else:
            s.data.pop()
    s.aim("maximize", "income", "greatest income")
    s.question = s.pick(
        "What should be taken, and where, for the greatest income?",
        "Which load earns the most?",
        "Find the load that brings the most money",
    )
    s.ask(lambda i, v: f"whether the {i} goes into {v}", "put[i, v]", "i in Items, v in Vehicles")
    s.ask("greatest income", "objective")
    s.distract(f"The last load was insured for {speech.money(s.step(2000, 9000, 500))}",
               "Loading starts at seven in the morning")  # fmt: skip
