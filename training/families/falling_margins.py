"""Margins that fall (or costs that rise) with the quantity: quadratic profits."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import things

_TRADES = (
    ("A smithy", "gate, railing, lantern, weather vane", "forging", "hours"),
    ("A toy maker", "rocking horse, puzzle, kite, tricycle", "finishing", "hours"),
    ("A cheese maker", "wheel of gouda/wheels of gouda, wheel of brie/wheels of brie, wheel of "
     "edam/wheels of edam", "ripening space", "shelves"),
    ("A tailor", "coat, dress/dresses, waistcoat, gown", "sewing", "hours"),
    ("A boat builder", "kayak, canoe, dinghy/dinghies", "moulding", "hours"),
    ("A nursery", "rose bush/rose bushes, apple tree, hedge plant", "glasshouse", "square metres"),
    ("A guitar workshop", "lute, ukulele, guitar, mandolin", "varnishing", "hours"),
)  # fmt: skip


@family("quadratic profit")
def falling_margins(s: Story) -> None:
    """Profit or price of each product falls with its own number, perhaps with another's too."""
    who, names, work, unit = s.pick(*_TRADES)
    goods = s.some(things(names.split(", ")), 2, 4)
    speech = s.speech
    s.set("Products", goods, "products")
    plan = {g: int(s.step(10, 60)) for g in goods}
    first = {g: s.step(30, 200, 5) for g in goods}
    start = {g: speech.money(first[g]) for g in goods}
    fall = {g: speech.money(max(0.05, round(first[g] / plan[g] / 2 * s.step(0.5, 1.2, 0.1), 2)))
            for g in goods}  # fmt: skip
    need = {g: speech.amount(s.step(0.5, 6, 0.5), unit) for g in goods}
    s.table("start", "Products", start, "first profit", "money")
    s.table("fall", "Products", fall, "fall of the profit with each one", "money")
    s.table("need", "Products", need, f"{unit} of {work} for one", unit)
    priced = s.chance(0.4)
    word = "price" if priced else "profit per unit"
    s.decide("make", lambda g: f"{g.plural} made", over="g in Products", kind="integer",
             flat=lambda g: g.one)  # fmt: skip
    columns = [
        Column(f"first {word}", f"starts at a {word} of {{}}", [start[g] for g in goods]),
        Column("fall with each one made", "loses {} of it with each one made",
               [fall[g] for g in goods]),
        Column(f"{unit} of {work}", f"needs {{}} of {work}", [need[g] for g in goods]),
    ]  # fmt: skip
    margin = "start[g] - fall[g]*make[g]"
    if priced:
        cost = {g: speech.money(float(f"{first[g] * s.step(0.1, 0.4, 0.05):.2g}")) for g in goods}
        s.table("cost", "Products", cost, "cost of making one", "money")
        columns.append(Column("cost", "costs {} to make", [cost[g] for g in goods]))
        margin += " - cost[g]"
    s.total("profit", f"sum(({margin})*make[g] for g in Products)", "profit of all")
    s.total("used", "sum(need[g]*make[g] for g in Products)", f"{unit} of {work}",
            flat=lambda: work)  # fmt: skip
    s.scene = f"{who} makes {listing(g.plural for g in goods)}"
    s.fact(f"The more of a product it makes, the lower its {word}, for all of them: "
           f"the first {word} less a fixed amount for each one made",
           f"Each product's {word} falls by a fixed amount with every one that is made, and holds "
           "for all of its kind")  # fmt: skip
    s.rows("product", goods, columns, lambda g: f"The {g}")
    total = sum(need[g].value * plan[g] for g in goods)
    room = s.number("room", speech.amount(float(f"{total * s.pick(0.6, 0.8, 1):.3g}"), unit),
                    f"{unit} there are", unit)  # fmt: skip
    s.rule("room_limit", "used <= room", f"There are {room} of {work} in all",
           f"No more than {room} of {work} can be used",
           f"At most {room} of {work} are available")  # fmt: skip
    if s.chance(0.5):
        g = s.pick(*goods)
        low = s.number("least", speech.count(max(1, round(plan[g] * 0.4)), g.plural), f"least {g}")
        s.rule("ordered", f'make["{g}"] >= least', f"At least {low} are on order",
               f"It has promised {low} or more")  # fmt: skip
    if s.chance(0.4):
        s.total("number", "sum(make[g] for g in Products)", "all products")
        most = s.number("most", speech.count(round(sum(plan.values()) * s.pick(0.7, 0.9))), "most")
        s.rule("number_limit", "number <= most", f"In total, at most {most} can be sold",
               f"The market takes no more than {most} of all together")  # fmt: skip
    if s.chance(0.3):
        a, b = s.some(goods, 2)
        s.rule("relation", f'make["{a}"] <= 2*make["{b}"]',
               f"There must be no more than twice as many {a.plural} as {b.plural}",
               f"The {a.plural} must not exceed twice the {b.plural}")  # fmt: skip
    s.aim("maximize", "profit", "greatest profit")
    s.question = s.pick("How many of each bring the greatest total profit?",
                        "Which quantities maximize the profit?",
                        "What should be made to earn the most?")  # fmt: skip
    s.ask(lambda g: f"{g.plural} to make", "make[g]", "g in Products")
    s.distract("It employs two apprentices", "Customers come from the whole region")
