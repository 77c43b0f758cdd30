"""Fences: a rectangle of ground to close off."""

from __future__ import annotations

from optiwright.training.families import family
from optiwright.training.families.shapes import UNITS, rounded
from optiwright.training.story import Story

_PENS = (
    ("A sheep farmer fences a rectangular pasture", "pasture", "fence", "metres", "a stream"),
    ("A kindergarten wants a rectangular play yard", "yard", "railing", "metres", "its wall"),
    ("A ranger builds a rectangular enclosure for deer", "enclosure", "fence", "metres",
     "a cliff"),
    ("A couple lays out a rectangular vegetable plot", "plot", "wire mesh", "feet", "their barn"),
    ("A riding school plans a rectangular paddock", "paddock", "fence", "feet", "a canal"),
    ("A builder has to close off a rectangular site", "site", "hoarding", "metres", "a building"),
    ("A festival marks off a rectangular camp ground", "ground", "barrier", "metres", "a hedge"),
)  # fmt: skip


@family("geometry")
def fenced_ground(s: Story) -> None:
    """Rectangle with a fence: a wall as one side, partitions, prices; most area or least cost."""
    who, what, fence, unit, wall = s.pick(*_PENS)
    square = UNITS["m" if unit == "metres" else unit][0]
    most, priced = s.chance(0.5), s.chance(0.5)
    free_side = s.chance(0.5)
    inner = s.pick(0, 0, 1, 2, 3)
    s.scene = who
    s.decide(
        "length", f"length of the {what}" + (f", along {wall}" if free_side else ""), unit=unit
    )
    s.decide("width", f"width of the {what}", unit=unit)
    if free_side:
        s.fact(
            f"One of its long sides lies along {wall} and needs no {fence}",
            f"Along {wall}, which bounds one length, no {fence} is needed",
            f"{wall.capitalize()} serves as one length, so that only three sides get a {fence}",
        )
    long = "length" if free_side else "2*length"
    short = "2*width"
    s.total("area", "length*width", square)
    s.total("outer", f"{long} + {short}", f"{unit} of {fence} around")
    if inner:
        parts = s.number("partitions", s.speech.count(inner, "partitions"), "partitions inside")
        across = "partition" if inner == 1 else "partitions"
        s.fact(f"Inside, {parts} parallel to the width {'divides' if inner == 1 else 'divide'} it",
               f"It gets {parts} across, each as long as the {what} is wide")  # fmt: skip
        s.total("inner", "partitions*width", f"{unit} of {across}")
    one = "metre" if unit == "metres" else "foot"
    wide, far = s.step(8, 60), s.step(20, 120, 5)
    run = (1 if free_side else 2) * far + 2 * wide
    if priced:
        dear = s.speech.money(s.step(8, 40, 0.5))
        cheap = s.speech.money(s.step(3, 20, 0.5))
        s.number("fence_price", dear, f"price of a {one} of {fence}", "money")
        s.fact(f"The {fence} costs {dear} per {one}", f"Each {one} of {fence} is {dear}",
               f"A {one} of {fence} around it costs {dear}")  # fmt: skip
        if inner:
            s.number("inner_price", cheap, f"price of a {one} of partition", "money")
            s.fact(f"Partitions cost {cheap} per {one}", f"A {one} of partition is {cheap}")
        s.total("cost", "fence_price*outer" + (" + inner_price*inner" if inner else ""), "cost")
        used = "cost"
        spent = run * dear.value + inner * wide * cheap.value
    else:
        if inner:
            s.fact(f"Partitions are of the same {fence}")
        if inner:
            s.total("used", "outer + inner", f"{unit} of {fence} in all")
        used, spent = "used" if inner else "outer", run + inner * wide
    if most:
        limit = s.speech.money(rounded(spent)) if priced else s.speech.amount(rounded(spent), unit)
        s.number("limit", limit, "limit of the fence")
        s.rule(
            "limited",
            f"{used} <= limit",
            *(
                (f"At most {limit} can be spent", f"The budget is {limit}")
                if priced
                else (f"There are {limit} of {fence}", f"{limit.text} of {fence} are in store")
            ),
        )
        s.aim("maximize", "area", "largest area")
        s.question = s.pick(
            f"What dimensions give the {what} the largest area?",
            f"How long and how wide should the {what} be to be as large as possible?",
            f"Find the greatest area that the {what} can have",
        )
    else:
        need = s.number("need", s.speech.amount(rounded(wide * far), square), "least area")
        s.rule(
            "enough",
            "area >= need",
            f"The {what} must have an area of at least {need}",
            f"An area of no less than {need} is needed",
            f"It has to cover {need} or more",
        )
        s.aim("minimize", used, "lowest cost" if priced else f"least {fence}")
        s.question = s.pick(
            f"Which length and width need the least {fence}?"
            if not priced
            else "Which length and width are cheapest?",
            f"How long and how wide should the {what} be so that "
            + ("it costs the least?" if priced else f"the {fence} is shortest?"),
        )
    if not most or s.chance(0.4):
        top = s.number(
            "longest",
            s.speech.amount(rounded(far * s.pick(1.1, 1.4, 1.8)), unit),
            "greatest length",
        )
        s.rule(
            "fits",
            "length <= longest",
            f"The ground allows a length of at most {top}",
            f"It cannot be longer than {top}",
        )
    if not most or s.chance(0.3):
        broad = s.number(
            "widest", s.speech.amount(rounded(wide * s.pick(1.2, 1.5, 2)), unit), "greatest width"
        )
        s.rule(
            "narrow",
            "width <= widest",
            f"The width is limited to {broad}",
            f"There is room for a width of at most {broad}",
        )
    s.ask("length", "length")
    s.ask("width", "width")
    s.distract(
        f"The {what} will have a gate, which the owner already has",
        "The work is done in the autumn",
    )
