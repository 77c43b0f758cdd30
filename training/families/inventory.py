"""Inventory: what to make in each period, with stock carried over; with and without setups."""

from __future__ import annotations

import math

from optiwright.training.families import family
from optiwright.training.families.periods import on, periods
from optiwright.training.families.places import counted, kind_of
from optiwright.training.speech import plural
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing

_MAKERS = (
    ("A pump factory", "pumps", "makes", "make", "made"),
    ("A cider maker", "litres", "presses", "press", "pressed"),
    ("A boat yard", "canoes", "builds", "build", "built"),
    ("A chocolate maker", "cartons", "produces", "make", "produced"),
    ("A paint works", "drums", "mixes", "mix", "mixed"),
    ("A knitwear firm", "jumpers", "knits", "knit", "knitted"),
    ("A fertiliser plant", "tonnes", "produces", "make", "produced"),
    ("A lamp maker", "lamps", "assembles", "make", "assembled"),
)


def _plan(s: Story, count: int, step: float) -> tuple[float, float, list[float], list[float]]:
    """Return capacity, opening stock, demands and closing stocks of a plan that is feasible."""
    capacity = step * s.step(8, 30)
    start = step * s.step(0, 5)
    before, demands, stocks = start, [], []
    for _ in range(count):
        made = step * math.floor(capacity / step * (0.6 + 0.4 * s.draw.random()))
        after = step * s.step(0, 4)
        demands.append(max(step, before + made - after))
        before = before + made - demands[-1]
        stocks.append(before)
    return capacity, start, demands, stocks


@family("inventory")
def inventory(s: Story) -> None:
    """Production within a capacity, holding costs, stock at start and end, a store's room."""
    who, unit, makes, make, made = s.pick(*_MAKERS)
    noun, times = periods(s, s.pick(3, 3, 4))
    one, speech = plural(1, unit), s.speech
    step = s.pick(1, 5, 10, 10)
    limit, begin, demands, stocks = _plan(s, len(times), step)
    demand = {t: speech.amount(x, unit) for t, x in zip(times, demands, strict=True)}
    varied = s.chance(0.65)
    base = s.step(8, 40)
    cost = {t: speech.money(base + (s.step(-4, 6, 0.5) if varied else 0)) for t in times}
    s.set("Periods", times, f"{noun}s in their order")
    s.table("demand", "Periods", demand, f"{unit} ordered", unit)
    if varied:
        s.table("cost", "Periods", cost, f"cost of one {one}")
    else:
        s.number("cost", cost[times[0]], f"cost of one {one}")
    most = s.number("capacity", speech.amount(limit, unit), f"most in a {noun}", unit)
    hold = s.number("holding", speech.money(s.step(0.5, 4, 0.5)), f"cost of keeping one {one}")
    first = speech.amount(begin, unit)
    if begin:
        s.number("opening", first, "stock at the start", unit)
    extra = s.chance(0.35)
    s.decide("make", lambda t: f"{unit} {made} in {t}", over="t in Periods", unit=unit,
             kind=kind_of(unit),
             flat=lambda t: f"{make} {t}")  # fmt: skip
    if extra:
        more = s.number("extra", speech.amount(step * s.step(2, 6), unit), "most in overtime", unit)
        dear = s.number("extra_cost", speech.money(base + s.step(7, 15)), "cost of one in overtime")
        s.decide("overtime", lambda t: f"{unit} {made} in overtime in {t}", over="t in Periods",
                 kind=kind_of(unit), unit=unit,
                 flat=lambda t: f"overtime {t}")  # fmt: skip
    start = "opening" if begin else "0"
    s.total("store", f"({start} if t == first(Periods) else store[prev(t)]) + make[t]"
            f"{' + overtime[t]' if extra else ''} - demand[t]",
            lambda t: f"{unit} in store after {t}: left before plus {made} less orders",
            over="t in Periods", flat=lambda t: f"store {t}", carried=True)  # fmt: skip
    s.total("making", f"{'sum(cost[t]*' if varied else 'cost*sum('}make[t] for t in Periods)",
            "cost of production")  # fmt: skip
    if extra:
        s.total("extras", "extra_cost*sum(overtime[t] for t in Periods)", "cost of overtime")
    s.total("storing", "holding*sum(store[t] for t in Periods)", "cost of storage")
    s.scene = s.pick(
        f"{who} plans its production for {counted(len(times), Thing(noun))}",
        f"{who} has orders for the next {counted(len(times), Thing(noun))}",
        f"{who} {makes} to order and looks {counted(len(times), Thing(noun))} ahead",
    )
    columns = [Column("orders", s.pick("{} are ordered", "{} must be delivered"),
                      list(demand.values()))]  # fmt: skip
    if varied:
        columns.append(
            Column(
                f"cost per {one}",
                s.pick(f"one {one} costs {{}} to {make}", f"production costs {{}} per {one}"),
                list(cost.values()),
            )
        )
    s.rows(noun, times, columns, lambda t: on(noun, t))
    if not varied:
        s.fact(f"Production costs {cost[times[0]]} per {one}",
               f"It costs {cost[times[0]]} to {make} one {one}")  # fmt: skip
    s.fact(f"Each {one} that is left at the end of a {noun} costs {hold} to store",
           f"Keeping one {one} from one {noun} to the next costs {hold}",
           f"Storage costs {hold} for every {one} in stock at the end of a {noun}")  # fmt: skip
    if begin:
        s.fact(f"There are {first} in stock at the start", f"The store holds {first} at first",
               f"At the beginning, {first} are in store")  # fmt: skip
    said = s.state("All orders must be met in time", f"Orders are to be met in full every {noun}",
                   "No order may be late")  # fmt: skip
    s.rule("orders_met", "store[t] >= 0", over="t in Periods", comment=said)
    said = s.state(f"At most {most} can be {made} in a {noun}",
                   f"The capacity is {most} per {noun}",
                   f"No more than {most} can be {made} in any {noun}")  # fmt: skip
    s.rule("capacity_limit", "make[t] <= capacity", over="t in Periods", comment=said)
    if extra:
        said = s.state(f"In overtime, another {more} per {noun} can be {made}, at {dear} per {one}",
                       f"Overtime allows up to {more} more in each {noun}, at a cost of {dear} per "
                       f"{one}")  # fmt: skip
        s.rule("overtime_limit", "overtime[t] <= extra", over="t in Periods", comment=said)
    if s.chance(0.4):
        room = s.number(
            "room", speech.amount(max([*stocks, begin, step]), unit), "most in store", unit
        )
        said = s.state(f"The store has room for {room}", f"At most {room} can be stored",
                       f"No more than {room} may be kept from one {noun} to the next")  # fmt: skip
        s.rule("room_limit", "store[t] <= room", over="t in Periods", comment=said)
    if stocks[-1] and s.chance(0.7):
        left = s.number("closing", speech.amount(stocks[-1], unit), "least stock at the end", unit)
        s.rule("end_stock", "store[last(Periods)] >= closing",
               f"At least {left} must be in store at the end",
               f"After {times[-1]}, no fewer than {left} should be left",
               f"The stock at the end must be {left} or more")  # fmt: skip
    parts = "production, overtime and storage" if extra else "production and storage"
    s.aim("minimize", f"making{' + extras' if extra else ''} + storing", f"least cost of {parts}")
    s.question = s.pick(f"How many {unit} should be {made} in each {noun} at the least total cost?",
                        f"Find the production plan with the least cost of {parts}",
                        f"What is the cheapest plan, with {parts} together?")  # fmt: skip
    s.ask(lambda t: f"{unit} to be {made} in {t}", "make[t]", "t in Periods")
    s.ask("least total cost", "objective")
    s.distract(f"The plant employs {s.step(12, 90):g} people",
               f"Last year {s.step(1200, 9000, 100):g} {unit} were sold")  # fmt: skip


@family("lot sizing")
def lot_sizing(s: Story) -> None:
    """A setup cost in each period with production; its capacity is the link between them."""
    who, unit, _, make, made = s.pick(*_MAKERS)
    noun, times = periods(s, s.pick(3, 3, 4))
    one, speech = plural(1, unit), s.speech
    step = s.pick(1, 5, 10, 10)
    limit, begin, demands, stocks = _plan(s, len(times), step)
    limit = math.ceil(limit / step * s.pick(1.3, 1.6, 2.0)) * step
    demand = {t: speech.amount(x, unit) for t, x in zip(times, demands, strict=True)}
    base = s.step(5, 30)
    varied = s.chance(0.4)
    setup = {t: speech.money((base + (s.step(-3, 6) if varied else 0)) * 20) for t in times}
    s.set("Periods", times, f"{noun}s in their order")
    s.table("demand", "Periods", demand, f"{unit} ordered", unit)
    if varied:
        s.table("setup", "Periods", setup, "cost of a setup")
    else:
        s.number("setup", setup[times[0]], "cost of a setup")
    most = s.number("capacity", speech.amount(limit, unit), f"most in a {noun}", unit)
    cost = s.number("cost", speech.money(s.step(3, 30, 0.5)), f"cost of one {one}")
    hold = s.number("holding", speech.money(s.step(0.5, 5, 0.5)), f"cost of keeping one {one}")
    first = speech.amount(begin, unit)
    if begin:
        s.number("opening", first, "stock at the start", unit)
    s.decide("make", lambda t: f"{unit} {made} in {t}", over="t in Periods", unit=unit,
             kind=kind_of(unit),
             flat=lambda t: f"{make} {t}")  # fmt: skip
    s.decide("run", lambda t: f"1 if the line is set up in {t}", over="t in Periods", kind="binary",
             flat=lambda t: f"setup {t}")  # fmt: skip
    start = "opening" if begin else "0"
    s.total("store", f"({start} if t == first(Periods) else store[prev(t)]) + make[t] - demand[t]",
            lambda t: f"{unit} in store after {t}: left before plus {made} less orders",
            over="t in Periods", flat=lambda t: f"store {t}", carried=True)  # fmt: skip
    s.total("setups", f"{'sum(setup[t]*' if varied else 'setup*sum('}run[t] for t in Periods)",
            "cost of setups")  # fmt: skip
    s.total("making", "cost*sum(make[t] for t in Periods)", "cost of production")
    s.total("storing", "holding*sum(store[t] for t in Periods)", "cost of storage")
    s.scene = s.pick(f"{who} decides in which of {counted(len(times), Thing(noun))} to set up its "
                     "line", f"{who} plans {counted(len(times), Thing(noun))} of production in "
                     "batches")  # fmt: skip
    columns = [Column("orders", s.pick("{} are ordered", "{} must be delivered"),
                      list(demand.values()))]  # fmt: skip
    if varied:
        columns.append(Column("setup cost", s.pick("a setup costs {}", "setting up costs {}"),
                              list(setup.values())))  # fmt: skip
    s.rows(noun, times, columns, lambda t: on(noun, t))
    if not varied:
        s.fact(f"In every {noun} with production, setting up the line costs {setup[times[0]]}",
               f"A setup costs {setup[times[0]]} and is due in each {noun} in which anything is "
               f"{made}")  # fmt: skip
    s.fact(f"Each {one} costs {cost} to {make} and {hold} for every {noun} end at which it is in "
           "store", f"Production costs {cost} per {one}, storage {hold} for each {one} left at the "
           f"end of a {noun}")  # fmt: skip
    if begin:
        s.fact(f"There are {first} in stock at the start", f"The store holds {first} at first")
    said = s.state("All orders must be met in time", f"Orders are to be met in full every {noun}",
                   "No order may be late")  # fmt: skip
    s.rule("orders_met", "store[t] >= 0", over="t in Periods", comment=said)
    said = s.state(f"A setup allows at most {most} to be {made} in that {noun}; without one, "
                   "nothing can be", f"At most {most} can be {made} in a {noun} with a setup, and "
                   "none in one without")  # fmt: skip
    s.rule("needs_setup", "make[t] <= capacity*run[t]", over="t in Periods", comment=said)
    if s.chance(0.35):
        room = s.number(
            "room", speech.amount(max([*stocks, begin, 3 * step]), unit), "most in store", unit
        )
        said = s.state(f"The store has room for {room}", f"At most {room} can be stored")
        s.rule("room_limit", "store[t] <= room", over="t in Periods", comment=said)
    s.aim("minimize", "setups + making + storing", "least cost of setups, production and storage")
    s.question = s.pick(f"In which {noun}s should how many {unit} be {made} to keep the total cost "
                        "lowest?", "Find the plan with the least total cost of setups, production "
                        "and storage", "What is the cheapest plan in all?")  # fmt: skip
    s.ask(lambda t: f"{unit} to be {made} in {t}", "make[t]", "t in Periods")
    s.ask("least total cost", "objective")
    s.distract(f"A setup takes {speech.amount(s.step(2, 9), 'hours')}",
               f"The line was bought in {s.step(2001, 2023):g}")  # fmt: skip
