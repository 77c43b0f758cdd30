"""Round vessels: cans, tanks and bins of the best size."""

from __future__ import annotations

from optiwright.training.families import family
from optiwright.training.families.shapes import UNITS, one_of, rounded
from optiwright.training.story import Story

_TINS = (
    ("A cannery orders round cans", "can", "cm"),
    ("A dairy needs a cylindrical milk vessel", "vessel", "cm"),
    ("A brewery has a cylindrical tank made", "tank", "m"),
    ("A candle shop wants round tins for its candles", "tin", "cm"),
    ("A farm puts up a cylindrical grain bin", "bin", "feet"),
    ("A potter forms cylindrical jars", "jar", "inches"),
)


@family("geometry")
def round_vessels(s: Story) -> None:
    """Cylinder, open or closed: least sheet or cost for a volume, or most volume of a sheet."""
    who, what, unit = s.pick(*_TINS)
    square, cubic = UNITS[unit]
    closed, priced, most = s.chance(0.6), s.chance(0.6), s.chance(0.35)
    s.scene = who
    s.decide("radius", "radius of the base", unit=unit)
    s.decide("height", "height", unit=unit)
    s.fact(
        *(
            (f"The {what} has a bottom and a lid, both circles", "It is closed at both ends")
            if closed
            else ("It has a bottom but no lid", f"The {what} is open at the top")
        )
    )
    s.total(
        "ends",
        ("2*" if closed else "") + "3.14159*radius**2",
        f"{square} of " + ("the two ends" if closed else "the bottom"),
    )
    s.total("side", "2*3.14159*radius*height", f"{square} of the side")
    s.total("volume", "3.14159*radius**2*height", f"{cubic} inside")
    size = {"cm": 6, "m": 1.5, "feet": 6, "inches": 4}[unit]
    wide, high = round(size * s.step(0.6, 1.5, 0.1), 2), round(size * s.step(1, 3, 0.1), 2)
    flats = "the ends" if closed else "the bottom"
    ground, around = (1 + closed) * 3.14159 * wide**2, 2 * 3.14159 * wide * high
    if priced:
        one = one_of(square)
        small = unit in ("cm", "inches")
        ends = s.speech.money(s.step(0.02, 0.2, 0.01) if small else s.step(8, 40, 0.5))
        wall = s.speech.money(s.step(0.01, 0.15, 0.01) if small else s.step(5, 30, 0.5))
        s.number("end_price", ends, f"price of a {one} of {flats}", "money")
        s.number("side_price", wall, f"price of a {one} of the side", "money")
        s.fact(
            f"A {one} of {flats} costs {ends}, a {one} of the side {wall}",
            f"The sheet for {flats} costs {ends} per {one} and that for the side {wall} per {one}",
        )
        s.total("cost", "end_price*ends + side_price*side", "cost of the sheet")
        used, spent = "cost", ground * ends.value + around * wall.value
    else:
        s.total("sheet", "ends + side", f"{square} of sheet")
        used, spent = "sheet", ground + around
    if most:
        limit = (
            s.speech.money(max(0.1, rounded(spent)))
            if priced
            else s.speech.amount(rounded(spent), square)
        )
        s.number("limit", limit, "limit of the sheet")
        s.rule(
            "limited",
            f"{used} <= limit",
            *(
                (
                    f"The sheet may cost at most {limit}",
                    f"No more than {limit} can be spent on a {what}",
                )
                if priced
                else (f"At most {limit} of sheet can be used", f"There are {limit} of sheet")
            ),
        )
        s.aim("maximize", "volume", "greatest volume")
        s.question = s.pick(
            f"Which radius and height let the {what} hold the most?",
            f"Find the dimensions of the {what} with the largest volume",
        )
    else:
        volume = wide**2 * high * 3.14159 * 0.85
        need = s.number("need", s.speech.amount(rounded(volume), cubic), "least volume")
        s.rule(
            "holds",
            "volume >= need",
            f"It must hold at least {need}",
            f"The {what} has to contain {need} or more",
            f"Its volume is to be no less than {need}",
        )
        goal = "lowest cost" if priced else "least sheet"
        s.aim("minimize", used, goal)
        s.question = s.pick(
            f"Which radius and height make the {what} cheapest?"
            if priced
            else "Which radius and height need the least sheet?",
            f"Determine the dimensions of the {what} with the {goal}",
        )
    top = s.number(
        "top", s.speech.amount(rounded(high * s.pick(1, 1.3, 1.6)), unit), "greatest height"
    )
    s.rule(
        "low", "height <= top", f"The height must not exceed {top}", f"It may be at most {top} high"
    )
    rim = s.number(
        "widest", s.speech.amount(rounded(wide * s.pick(1, 1.2, 1.5)), unit), "greatest radius"
    )
    s.rule(
        "slim",
        "radius <= widest",
        f"A radius of more than {rim} is not possible",
        f"The radius is limited to {rim}",
    )
    if high >= 2.2 * wide and s.chance(0.6):
        s.rule(
            "tall",
            "height >= 2*radius",
            f"The {what} must be at least as high as it is wide",
            "Its height must not be less than its diameter",
        )
    s.ask("radius", "radius")
    s.ask("height", "height")
    s.distract(f"The {what} is printed in two colours", "Delivery takes a week")
