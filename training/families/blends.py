"""Blending: cheapest mixes of ingredients whose contents keep within limits."""

from __future__ import annotations

import math

from optiwright.formulators.phrases import listing
from optiwright.training.conditions import Mix, Wording
from optiwright.training.families import family
from optiwright.training.round_numbers import down, share_near, up
from optiwright.training.speech import Quantity
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing, things

_MIXES = (
    ("A mill mixes {n} of pig feed from {}", "feed", "kg", "maize, soya, bran, fish meal, pea meal",
     "protein:8-48, fibre:2-14, fat:1-9", (0.2, 0.9)),
    ("A foundry melts {n} of bronze out of {}", "bronze", "kg",
     "copper scrap, tin ingot, bell scrap, brass swarf", "copper:55-95, tin:2-30, lead:0.5-6", (2,
         9)),
    ("A refiner blends {n} of heating oil from {}", "oil", "litres",
     "light crude, shale oil, recycled oil, rapeseed oil", "sulphur:0.2-3, wax:1-9, ash:0.1-1.5", (
         0.3, 1.1)),
    ("A drinks maker blends {n} of fruit drink from {}", "drink", "litres",
     "apple juice, cranberry juice, grape juice, elder syrup",
     "sugar:5-38, acid:0.4-4, fruit:20-90", (0.5, 4)),
    ("A garden centre mixes {n} of fertilizer from {}", "fertilizer", "kg",
     "bone meal, guano, ash, seaweed meal, horn meal", "nitrogen:1-14, phosphate:2-18, potash:1-12",
     (0.3, 1.6)),
    ("A chocolatier stirs {n} of couverture from {}", "couverture", "kg",
     "dark mass, milk mass, white mass, hazelnut paste", "cocoa:5-80, sugar:10-55, fat:20-50", (3,
         12)),
    ("A steel works melts {n} of tool steel from {}", "steel", "tonnes",
     "pig iron, scrap rail, ferrochrome, sponge iron",
     "carbon:0.2-4.4, chrome:0.5-12, manganese:0.2-3", (150, 900)),
    ("A dairy mixes {n} of dessert from {}", "dessert", "kg", "quark, cream, yoghurt, fruit pulp",
     "fat:0.5-32, protein:2-14, sugar:3-28", (0.9, 5)),
)  # fmt: skip


def _contents(s: Story, spec: str, stuffs: list[Thing]) -> dict[tuple[Thing, Thing], Quantity]:
    """Return the share of each component in each ingredient."""
    made: dict[tuple[Thing, Thing], Quantity] = {}
    spans = {Thing(n): tuple(map(float, r.split("-")))
             for n, r in (part.split(":") for part in spec.split(", "))}  # fmt: skip
    for stuff in stuffs:
        drawn = {part: 1.0 for part in spans}
        while sum(drawn.values()) > 0.97:
            for part, (low, high) in spans.items():
                step = 0.1 if high < 10 else 0.5 if high < 20 else 1
                drawn[part] = round(s.step(low, high, step) / 100, 6)
        made.update({(stuff, part): s.speech.share(value) for part, value in drawn.items()})
    return made


def _near(s: Story, value: float, least: bool) -> float:
    """Return a round share a little under or over a value."""
    step = 0.001 if value < 0.05 else 0.005 if value < 0.2 else 0.01
    slack = value * s.draw.uniform(0.02, 0.12)
    return round((math.floor((value - slack) / step) if least else math.ceil((value
        + slack) / step)) * step, 6)  # fmt: skip


@family("blending")
def blending(s: Story) -> None:
    """One mix of given size, contents within limits in percent, at least cost."""
    scene, mix, unit, names, spec, (cheap, dear) = s.pick(*_MIXES)
    stuffs = s.some(things(names.split(", ")), 2 if s.chance(0.3) else 3, 5)
    content = _contents(s, ", ".join(s.some(spec.split(", "), 1, 3)), stuffs)
    parts = list(dict.fromkeys(c for _, c in content))
    speech = s.speech
    size = s.step(4, 60, 1) * s.pick(5, 10, 50)
    shares = [s.draw.uniform(0.5, 2) for _ in stuffs]
    plan = {t: size * w / sum(shares) for t, w in zip(stuffs, shares, strict=True)}
    step = 0.05 if dear < 20 else 5
    price = {t: speech.money(round(s.step(cheap, dear, step), 2)) for t in stuffs}
    s.set("Ingredients", stuffs, "ingredients")
    s.set("Contents", parts, "what the ingredients contain")
    s.table("content", "Ingredients, Contents", content, "share of a content in an ingredient")
    s.table("price", "Ingredients", price, f"price of one of the {unit}")
    amount = s.number("size", speech.amount(size, unit), f"{unit} of {mix}", unit)
    s.decide("use", lambda t: f"{unit} of {t}", over="i in Ingredients", flat=lambda t: t.one,
             unit=unit)  # fmt: skip
    s.total("mix", "sum(use[i] for i in Ingredients)", f"{unit} of {mix}", flat=lambda: mix)
    s.total("held", "sum(content[i, c]*use[i] for i in Ingredients)", lambda c: f"{unit} of {c}",
            over="c in Contents")  # fmt: skip
    s.total("cost", "sum(price[i]*use[i] for i in Ingredients)", "cost of the ingredients")
    s.scene = scene.format(listing(map(str, stuffs)), n=amount)
    one = {"kg": "kg", "litres": "litre", "tonnes": "tonne"}[unit]
    columns = [Column(c.one, s.pick(f"contains {{}} {c}", f"contains {{}} of {c}"), [content[t, c]
        for t in stuffs]) for c in parts]  # fmt: skip
    s.rows("ingredient", stuffs, [*columns, Column(f"price per {one}", f"costs {{}} per {one}",
        list(price.values()))], lambda t: t.cap)  # fmt: skip
    s.rule("size", "mix == size", comment=f"there must be {amount} of {mix}",
           meaning=f"The {mix} has the size that is asked for")  # fmt: skip
    for c in parts:
        share = sum(content[t, c].value * plan[t] for t in stuffs) / size
        if s.chance(0.55) and _near(s, share, True) > 0:
            limit = s.number(f"least_{c}", speech.share(_near(s, share, True)),
                f"least share of {c}")  # fmt: skip
            s.rule(f"least_{c}", f'held["{c}"] >= least_{c}*mix',
                   f"the {mix} must contain at least {limit} {c}",
                   f"at least {limit} of the {mix} must be {c}",
                   f"a minimum of {limit} {c} is prescribed")  # fmt: skip
        else:
            limit = s.number(f"most_{c}", speech.share(_near(s, share, False)),
                f"greatest share of {c}")  # fmt: skip
            s.rule(f"most_{c}", f'held["{c}"] <= most_{c}*mix',
                   f"the {mix} may contain at most {limit} {c}",
                   f"no more than {limit} of the {mix} may be {c}",
                   f"{c} must not exceed {limit} of the {mix}")  # fmt: skip
    if s.chance(0.5):
        t = s.pick(*stuffs)
        stock = s.number("stock", speech.amount(up(s, plan[t], 0.1), unit), f"{unit} in stock",
            unit)  # fmt: skip
        s.rule("stock", f'use["{t}"] <= stock', f"there are only {stock} of {t}",
               f"no more than {stock} of {t} can be had",
               f"the stock of {t} is {stock}")  # fmt: skip
    words = Wording(mix, "used", whole=f"the {mix}", unit=unit)
    Mix(s, "use", "Ingredients", plan, words, whole="mix").some(0, 1, but=["sum", "most", "ratio"])
    s.aim("minimize", "cost", f"cheapest {mix}")
    s.question = s.pick(
        f"How much of each ingredient makes the cheapest {mix}?",
        "Find the cheapest mix",
        f"Which amounts keep the cost of the {mix} lowest?",
        f"What does the {mix} cost at least?",
    )
    s.ask(lambda t: f"{unit} of {t}", "use[i]", "i in Ingredients")
    s.ask("lowest cost", "objective")
    s.distract(f"The last batch was ready after {s.step(2, 9):g} hours")


_RANGES = (
    ("A distillery blends {} from {}", "house whisky, cask whisky",
     "grain spirit, malt spirit, old reserve", "litres", "litre", (12, 30), (4, 14)),
    ("A roaster sells {}, blended from {}", "breakfast blend, espresso blend",
     "lowland beans/lowland beans, robusta beans/robusta beans, highland beans/highland beans",
     "kg", "kg", (9, 18), (3, 9)),
    ("A perfumer mixes {} out of {}", "summer scent, evening scent",
     "rose oil, citrus oil, musk, alcohol", "litres", "litre", (90, 240), (15, 90)),
    ("A nut packer sells {}, mixed from {}", "party mix, trail mix",
     "almonds/almonds, peanuts/peanuts, raisins/raisins, cashews/cashews", "kg", "kg", (8, 16), (2,
         8)),
    ("A paint maker stirs {} from {}", "wall paint, hull paint",
     "white base, resin, pigment, thinner", "litres", "litre", (9, 22), (1, 9)),
    ("A seed merchant offers {}, mixed from {}", "meadow seed, lawn seed",
     "ryegrass, clover, fescue, poppy seed", "kg", "kg", (9, 25), (2, 9)),
)  # fmt: skip


@family("blending")
def several_blends(s: Story) -> None:
    """Two blends that share scarce ingredients, with shares of each, for the greatest profit."""
    scene, names, stuff_names, unit, one, dear, cheap = s.pick(*_RANGES)
    blends = things(names.split(", "))
    stuffs = s.some(things(stuff_names.split(", ")), 2, 3)
    speech = s.speech
    plan = {(t, b): s.step(10, 80, 5) for t in stuffs for b in blends}
    size = {b: sum(plan[t, b] for t in stuffs) for b in blends}
    price = {b: speech.money(s.step(*dear, 0.5)) for b in blends}
    cost = {t: speech.money(s.step(*cheap, 0.5)) for t in stuffs}
    stock = {t: speech.amount(up(s, sum(plan[t, b] for b in blends), 0.1), unit) for t in stuffs}
    s.set("Blends", blends, "blends")
    s.set("Ingredients", stuffs, "ingredients")
    s.table("price", "Blends", price, f"price of a {one} of a blend")
    s.table("cost", "Ingredients", cost, f"cost of a {one} of an ingredient")
    s.table("stock", "Ingredients", stock, f"{unit} available", unit)
    s.decide("use", lambda t, b: f"{unit} of {t} in {b}", over="i in Ingredients, b in Blends",
             unit=unit, flat=lambda t, b: f"{_stem(t)}_{_stem(b)}")  # fmt: skip
    s.total("blend", "sum(use[i, b] for i in Ingredients)", lambda b: f"{unit} of {b}",
            over="b in Blends")  # fmt: skip
    s.total("used", "sum(use[i, b] for b in Blends)", lambda t: f"{unit} of {t} used",
            over="i in Ingredients")  # fmt: skip
    s.total("sales", "sum(price[b]*blend[b] for b in Blends)", "sales of the blends")
    s.total("expense", "sum(cost[i]*used[i] for i in Ingredients)", "cost of the ingredients")
    s.scene = scene.format(listing(map(str, blends)), listing(map(str, stuffs)))
    s.rows("blend", blends, [Column(f"price per {one}", s.pick(f"sells at {{}} per {one}",
        f"brings {{}} a {one}"), list(price.values()))], lambda b: b.cap)  # fmt: skip
    costs, had = s.pick("costs {}", "is bought for {}"), s.pick("up to {} can be had",
        "there are {}")  # fmt: skip
    s.rows("ingredient", stuffs, [Column(f"cost per {one}", costs, list(cost.values())), Column(
        "available", had, list(stock.values()))], lambda t: f"A {one} of {t}")  # fmt: skip
    s.rule("stock", "used[i] <= stock[i]", over="i in Ingredients",
           comment=lambda t: f"up to {stock[t]} of {t}",
           meaning="No more of an ingredient is used than can be had")  # fmt: skip
    for k, b in enumerate(blends):
        t = s.pick(*stuffs)
        share = plan[t, b] / size[b]
        least = s.chance(0.6) and share > 0.12
        value = share_near(share, least=least)
        limit = s.number(f"share_{k + 1}", speech.share(min(max(value, 0.05), 0.95)),
            f"share of {t} in {b}")  # fmt: skip
        s.rule(f"share_{k + 1}",
               f'use["{t}", "{b}"] {">=" if least else "<="} share_{k + 1}*blend["{b}"]', *((
                   f"{b} must consist of at least {limit} {t}",
                   f"at least {limit} of the {b} must be {t}") if least else (
                       f"{b} may contain no more than {limit} {t}",
                       f"at most {limit} of the {b} may be {t}")))  # fmt: skip
    if s.chance(0.6):
        b = s.pick(*blends)
        least = s.chance(0.5)
        value = down(s, size[b], 0.3) if least else up(s, size[b], 0.2)
        limit = s.number("demand", speech.amount(value, unit), f"{unit} of {b}", unit)
        s.rule("demand", f'blend["{b}"] {">=" if least else "<="} demand', *((
            f"at least {limit} of {b} have been ordered", f"{limit} or more of {b} must be made")
            if least else (f"no more than {limit} of {b} can be sold",
                f"the demand for {b} is at most {limit}")))  # fmt: skip
    s.aim("maximize", "sales - expense", "greatest profit, sales less cost of the ingredients")
    s.question = s.pick("How should the ingredients be blended for the greatest profit?",
        "How much of each ingredient goes into each blend if profit is to be greatest?", "Find the "
        "blends with the largest difference between sales and the cost of ingredients")  # fmt: skip
    s.ask(lambda t, b: f"{unit} of {t} in {b}", "use[i, b]", "i in Ingredients, b in Blends")
    s.ask("greatest profit", "objective")


def _stem(thing: Thing) -> str:
    words = thing.one.split()
    return words[0] if words[-1] in ("beans", "oil", "blend", "mix", "scent", "whisky", "paint",
        "seed", "spirit") else thing.one  # fmt: skip
