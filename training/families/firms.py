"""Products of a firm: price, costs and hours of each, a budget and a demand."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.conditions import Mix, Wording
from optiwright.training.families import family
from optiwright.training.round_numbers import up
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import things

_FIRMS = (
    ("A family firm makes {}", "garden gnome, bird bath, sundial", "clay", "shaping", (18,
        60)),
    ("A workshop in the harbour turns out {}", "fender, rope ladder, hammock", "rope", "knotting", (
        20, 80)),
    ("Two friends sew {} at home", "backpack, apron, pencil case", "canvas", "sewing", (15,
        70)),
    ("A carpenter's shop sells {}", "rocking horse, bunk bed, toy chest", "wood", "joinery", (40,
        180)),
    ("A small brewery of cosmetics offers {}", "face cream, hand balm, lip stick", "wax",
     "stirring", (6, 30)),
    ("A start-up assembles {}", "drone, weather station, smart lock", "parts", "assembly", (60,
        240)),
    ("A smithy forges {}", "kitchen knife/kitchen knives, axe, candlestick", "steel", "forging", (
        25, 110)),
    ("A confectioner makes {} to order", "wedding cake, fruit cake, sugar house", "sugar and flour",
     "icing", (20, 120)),
)  # fmt: skip


@family("production")
def firm_products(s: Story) -> None:
    """What to make when profit is price less costs, within a budget, hours and demand."""
    scene, names, stuff, work, prices = s.pick(*_FIRMS)
    goods = s.some(things(names.split(", ")), 2, s.pick(2, 2, 3))
    speech = s.speech
    price = {g: speech.money(s.step(*prices)) for g in goods}
    cost = {g: speech.money(max(1, round(price[g].value * s.step(0.2, 0.5, 0.01)))) for g in goods}
    hours = {g: speech.amount(s.step(0.5, 6, s.pick(0.5, 0.25)), "hours") for g in goods}
    plan = {g: s.step(5, 50) for g in goods}
    period = s.pick("a week", "a month", "in the season")
    s.set("Products", goods, "products")
    s.table("price", "Products", price, "price of one")
    s.table("cost", "Products", cost, f"cost of {stuff} for one")
    s.table("hours_of", "Products", hours, f"hours of {work} for one", "hours")
    s.decide("make", lambda g: f"{g.plural} made", over="g in Products", kind="integer",
             flat=lambda g: g.one, unit="pieces")  # fmt: skip
    s.total("sales", "sum(price[g]*make[g] for g in Products)", "sales of all")
    s.total("materials", "sum(cost[g]*make[g] for g in Products)", f"cost of {stuff}")
    s.total("hours", "sum(hours_of[g]*make[g] for g in Products)", f"hours of {work}")
    s.scene = scene.format(listing(g.plural for g in goods))
    s.rows("product", goods, [Column("price", s.pick("sells for {}", "is sold at {}", "brings {}"),
        list(price.values())), Column(f"cost of {stuff}", s.pick(f"needs {stuff} worth {{}}",
            f"costs {{}} in {stuff}"), list(cost.values())), Column(f"hours of {work}",
                f"takes {{}} of {work}", list(hours.values())),])  # fmt: skip
    waged = s.chance(0.45)
    if waged:
        wage = s.number("wage", speech.money(min(s.step(6, 20), max(2, min((price[g].value - cost[
            g].value) / hours[g].value for g in goods) // 1.3))), "wage of an hour")  # fmt: skip
        s.fact(f"An hour of {work} costs {wage} in wages", f"The wage for {work} is {wage} an hour")
        s.total("wages", "wage*hours", f"wages for {work}")
    time = up(s, sum(hours[g].value * plan[g] for g in goods))
    limit = s.number("hours_left", speech.amount(time, "hours"), f"hours of {work} available")
    s.rule("hours", "hours <= hours_left", f"There are {limit} of {work} {period}",
           f"No more than {limit} of {work} are available {period}",
           f"At most {limit} can be spent on {work} {period}")  # fmt: skip
    if s.chance(0.8):
        budget = s.number("budget", speech.money(up(s, sum(cost[g].value * plan[g]
            for g in goods))), f"budget for {stuff}")  # fmt: skip
        s.rule("budget", "materials <= budget", f"No more than {budget} can be spent on {stuff}",
               f"The budget for {stuff} is {budget}",
               f"There are {budget} for {stuff}")  # fmt: skip
    words = Wording("pieces", "made", more=("{x} sell best", "a regular customer collects {x}"),
                    less=("{x} sell slowly", "{x} take up the whole store"))  # fmt: skip
    Mix(s, "make", "Products", plan, words).some(1, 2)
    s.aim("maximize", "sales - materials - wages" if waged else "sales - materials",
          f"greatest profit, sales less {stuff}{' and wages' if waged else ''}")  # fmt: skip
    s.question = s.pick(f"How many of each should leave the shop {period} so that sales less all "
        f"costs are highest?", f"How many of each bring in the most money after paying for "
        f"{stuff}{' and wages' if waged else ''}?",
        "Which numbers give the greatest profit, that is sales less costs?", "Maximize the profit",
        )  # fmt: skip
    s.ask(lambda g: f"{g.plural} to make", "make[g]", "g in Products")
    s.ask("greatest profit", "objective")
    s.distract(f"The shop was opened {s.step(3, 40):g} years ago")
