"""Production: what to make of limited means."""

from __future__ import annotations

from optiwright.formulators.phrases import listing
from optiwright.training.families import family
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import things

_TRADES = (
    ("A candle maker", "round candle, tall candle, floating candle, scented candle",
     "pouring, packing, trimming", "candles"),
    ("A saddlery", "bridle, saddlebag, belt, dog collar", "cutting, stitching, dyeing", "pieces"),
    ("A small print shop", "calendar, poster, brochure, booklet", "printing, folding, binding",
     "items"),
    ("A bicycle workshop", "city bike, cargo bike, tandem, racer", "welding, painting, assembly",
     "bikes"),
    ("A potter", "mug, vase, bowl, teapot", "throwing, glazing, firing", "pieces"),
    ("A bakery", "rye loaf/rye loaves, brioche, fruit tart, pretzel", "mixing, baking, decorating",
     "goods"),
    ("An electronics firm", "sensor, amplifier, charger, router", "soldering, testing, packing",
     "devices"),
    ("A toy company", "kite, puzzle, wooden train, doll house", "sawing, painting, boxing", "toys"),
)  # fmt: skip


@family("production")
def product_mix(s: Story) -> None:
    """Whole products, hours of several steps, a sales limit, a share."""
    who, products, steps, unit = s.pick(*_TRADES)
    goods = s.some(things(products.split(", ")), 2, 4)
    work = s.some(things(steps.split(", ")), 1, 3)
    speech = s.speech
    minutes = {(g, w): speech.amount(s.step(2, 40), "minutes") for g in goods for w in work}
    profit = {g: speech.money(s.step(1, 60, 0.5)) for g in goods}
    s.set("Products", goods, "products")
    s.set("Steps", work, "steps of the work")
    s.table("minutes", "Products, Steps", minutes, "minutes of a step for one", "minutes")
    s.table("profit", "Products", profit, "profit of one")
    hours = {w: speech.stock(60 * s.step(8, 60), "minutes", s.draw) for w in work}
    s.table("available", "Steps", hours, "minutes available in a step", "minutes")
    s.decide("make", lambda g: f"{g.plural} made", over="g in Products", kind="integer", unit=unit)
    s.total(
        "used",
        "sum(minutes[g, w]*make[g] for g in Products)",
        lambda w: f"minutes of {w}",
        over="w in Steps",
    )
    s.total("income", "sum(profit[g]*make[g] for g in Products)", "profit of all")
    s.scene = f"{who} makes {listing(g.plural for g in goods)}"
    earns = s.pick("earns {}", "brings a profit of {}", "yields {} of profit")
    columns = [Column(w.one, f"takes {{}} of {w}", [minutes[g, w] for g in goods]) for w in work]
    s.rows("product", goods, [*columns, Column("profit", earns, [profit[g] for g in goods])],
           lambda g: s.pick(f"Each {g}", f"One {g}", g.a.capitalize()))  # fmt: skip
    said = {
        w: s.state(
            f"There are {hours[w]} of {w} available",
            f"{w.cap} can run for at most {hours[w]}",
            f"The {w} team works no more than {hours[w]}",
        )
        for w in work
    }
    s.rule("limit", "used[w] <= available[w]", over="w in Steps", comment=lambda w: said[w],
           meaning="The minutes used in a step are at most those available")  # fmt: skip
    if s.chance(0.5):
        g = s.pick(*goods)
        most = s.number("most", speech.count(s.step(5, 60), g.plural), f"most {g.plural}")
        s.rule("sales", f'make["{g}"] <= most', f"No more than {most} can be sold",
               f"At most {most} can be sold")  # fmt: skip
    if s.chance(0.4):
        g = s.pick(*goods)
        least = s.number("share", speech.share(s.step(0.1, 0.4, 0.05)), "least share")
        s.rule("part", f'make["{g}"] >= share*sum(make[h] for h in Products)',
               f"At least {least} of all {unit} must be {g.plural}",
               f"{g.plural.capitalize()} must make up {least} or more of all {unit}")  # fmt: skip
    s.aim("maximize", "income", "greatest profit")
    s.question = s.pick(
        "How many of each should be made for the greatest profit?",
        "Which quantities maximize the total profit?",
        "Find the production plan with the highest profit",
    )
    s.ask(lambda g: f"{g.plural} to make", "make[g]", "g in Products")
    s.ask("greatest profit", "objective")
    s.distract(f"{who} has been in business since 1987",
               f"The workshop measures {s.step(80, 300, 10):g} square metres")  # fmt: skip
