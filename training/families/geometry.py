"""Geometry: boxes and folded sheets of the best size."""

from __future__ import annotations

from optiwright.training.families import family
from optiwright.training.families.shapes import UNITS, one_of, rounded
from optiwright.training.story import Story

_BOXES = (
    ("A joiner builds a storage chest", "chest", "cm"),
    ("A glazier makes a glass aquarium", "aquarium", "cm"),
    ("A packaging firm designs a shipping crate", "crate", "cm"),
    ("A nursery wants a rectangular planter of thin boards", "planter", "dm"),
    ("A farm has a rain water tank welded from steel plate", "tank", "m"),
    ("A confectioner needs a new gift box for truffles", "box", "cm"),
    ("A playground gets a sand pit lined with plates", "pit", "dm"),
    ("A laboratory orders a rectangular cooling basin", "basin", "cm"),
)  # fmt: skip
_BASES = ("square", "square", "long", "free")


@family("geometry")
def box_sizes(s: Story) -> None:
    """Box of a base and a height: least sheet or cost for a volume, or most volume of a sheet."""
    who, what, unit = s.pick(*_BOXES)
    unit = s.pick(unit, unit, "feet", "inches")
    square, cubic = UNITS[unit]
    base, closed = s.pick(*_BASES), s.chance(0.5)
    most = s.chance(0.35)
    priced = s.chance(0.55)
    s.decide("width", "width of the base", unit=unit)
    if base == "free":
        s.decide("length", "length of the base", unit=unit)
    s.decide("height", "height", unit=unit)
    if base == "long":
        times = s.number("times", s.speech.plain(s.pick(1.5, 2, 3, 4, 2.5)), "length over width")
        s.total("length", "times*width", "length of the base")
        s.fact(f"Its base is {times} times as long as it is wide",
               f"The length of the base must be {times} times its width")  # fmt: skip
    elif base == "square":
        s.fact("It has a square base", "Its base is a square", "The base must be square")
    else:
        s.fact("Length, width and height can be chosen freely",
               "It is a rectangular box; all three measures are to be decided")  # fmt: skip
    long = "width" if base == "square" else "length"
    floor = "width**2" if base == "square" else "length*width"
    walls = "4*width*height" if base == "square" else "2*length*height + 2*width*height"
    s.total("bottom", floor, f"{square} of the bottom")
    s.total("sides", walls, f"{square} of the four sides")
    s.total("volume", f"{floor}*height", f"{cubic} inside")
    s.fact(*(("It is closed by a lid", f"The {what} has a lid of the same size as the bottom")
             if closed else ("It is open at the top", f"The {what} has no lid")))  # fmt: skip
    both = "2*bottom" if closed else "bottom"
    flats = s.pick("the bottom and the lid", "bottom and lid") if closed else "the bottom"
    if priced:
        ends = s.speech.money(s.step(0.02, 0.4, 0.01) if unit in ("cm", "dm") else s.step(2, 30))
        wall = s.speech.money(s.step(0.01, 0.2, 0.01) if unit in ("cm", "dm") else s.step(1, 15))
        s.number("end_price", ends, f"price of a {square} for {flats}", "money")
        s.number("side_price", wall, f"price of a {square} for the sides", "money")
        one = one_of(square)
        s.fact(
            f"The material costs {ends} per {one} for {flats} and {wall} per {one} for the sides",
            f"For {flats} a {one} costs {ends}, for the four sides it costs {wall}",
            f"Material for {flats} is {ends} a {one}; the sides cost {wall} a {one}",
        )
        s.total("cost", f"end_price*{both} + side_price*sides", "cost of the material")
    else:
        s.total("sheet", f"{both} + sides", f"{square} of material")
    spent = "cost" if priced else "sheet"
    size = {"cm": 30, "dm": 8, "m": 3, "feet": 4, "inches": 14}[unit]
    wide = size * s.step(0.6, 1.5, 0.1)
    far = wide * (times.value if base == "long" else s.step(1, 1.5, 0.1) if base == "free" else 1)
    high = size * s.step(0.6, 1.5, 0.1)
    if most:
        ground, around = wide * far * (1 + closed), 2 * high * (wide + far)
        limit = (
            s.speech.money(max(1, rounded(ground * ends.value + around * wall.value)))
            if priced
            else s.speech.amount(rounded(ground + around), square)
        )
        s.number("limit", limit, "limit of the material")
        s.rule(
            "material",
            f"{spent} <= limit",
            *(
                (f"The material may cost at most {limit}", f"No more than {limit} can be spent")
                if priced
                else (f"There are {limit} of material", f"At most {limit} of sheet can be used")
            ),
        )
        s.aim("maximize", "volume", s.pick("greatest volume", "most volume inside"))
        s.question = s.pick(f"What measures give the {what} the greatest volume?",
                            f"Find the dimensions of the largest possible {what}",
                            "How large can its volume be?")  # fmt: skip
    else:
        need = s.number(
            "need", s.speech.amount(rounded(0.8 * wide * far * high), cubic), "least volume"
        )
        s.rule("holds", "volume >= need", f"The {what} must hold at least {need}",
               f"It should have a volume of {need} or more",
               f"A volume of no less than {need} is needed")  # fmt: skip
        goal = "lowest cost of material" if priced else "least material"
        s.aim("minimize", spent, goal)
        s.question = s.pick(
            f"Which dimensions of the {what} need the {goal}?" if not priced
            else f"Which dimensions give the {what} with the {goal}?",
            f"Determine the dimensions with the {goal}",
            *((f"How much must the material of the {what} cost at least?",) if priced
              else (f"How little material can the {what} be made of?",)),
        )  # fmt: skip
    # Without limits on the sides no solver proves the best volume.
    sides = ["width", *(["length"] if base == "free" else []), "height"]
    if s.chance(0.5):
        reach = round(max(far, high) * s.pick(1, 1.1, 1.3), 1)
        longest = s.number("longest", s.speech.amount(reach, unit), "longest side allowed")
        s.rule(
            "short",
            f"{long} <= longest",
            f"No side may be longer than {longest}",
            f"To fit into its place, the {what} must not exceed {longest} in any direction",
        )
        for name in sides:
            if name != long:
                s.rule(f"short_{name}", f"{name} <= longest",
                       comment=f"the {name} is no more than {longest} either")  # fmt: skip
    else:
        top = s.number("top", s.speech.amount(round(high * s.pick(1, 1.1, 1.5), 1), unit),
                       "greatest height")  # fmt: skip
        s.rule("low", "height <= top", f"It may be at most {top} high",
               f"The height must not exceed {top}")  # fmt: skip
        widest = s.number("widest", s.speech.amount(round(far * s.pick(1, 1.1, 1.4), 1), unit),
                          "longest side of the base")  # fmt: skip
        s.rule("narrow", f"{long} <= widest",
               f"No side of the base may be longer than {widest}",
               f"The sides of the base are limited to {widest}")  # fmt: skip
        if base == "free":
            s.rule("slim", "width <= widest", comment=f"the width is no more than {widest} either")
    s.scene = who
    s.ask("width", "width")
    if base == "free":
        s.ask("length", "length")
    s.ask("height", "height")
    s.distract(f"The {what} will be painted green", "The order is due in two weeks")


_SHEETS = (
    ("A tray is folded from a rectangular sheet of tin", "tray", "cm"),
    ("An open box is to be made of a piece of cardboard", "box", "cm"),
    ("A roofer bends an open tub from a sheet of zinc", "tub", "cm"),
    ("A school class folds boxes without a lid from coloured paper", "box", "cm"),
    ("A cake shop makes open trays from sheets of card", "tray", "inches"),
    ("A garden centre folds plant trays from plastic sheets", "tray", "inches"),
)


@family("geometry")
def folded_sheets(s: Story) -> None:
    """Sheet with its corners cut off, folded to an open box."""
    who, what, unit = s.pick(*_SHEETS)
    square, cubic = UNITS[unit]
    wide = s.step(12, 60, 2)
    long = wide if s.chance(0.2) else wide + s.step(4, 40, 2)
    length = s.speech.amount(long, unit)
    width = s.speech.amount(wide, unit)
    s.number("sheet_length", length, "length of the sheet", unit)
    if long == wide:
        s.fact(f"The sheet is a square with sides of {length}",
               f"The square sheet measures {length} on each side")  # fmt: skip
        broad = "sheet_length"
    else:
        s.number("sheet_width", width, "width of the sheet", unit)
        broad = "sheet_width"
        s.fact(f"The sheet is {length} long and {width} wide", f"It measures {length} by {width}",
               f"The piece is {width} wide and has a length of {length}")  # fmt: skip
    s.fact("Equal squares are cut out of the four corners, and the flaps are folded up",
           "From each corner a square of the same size is removed before the sides are bent up",
           "The sides are folded up once a square has been cut away at every corner")  # fmt: skip
    s.decide("cut", "side of the squares cut off, and the height", unit=unit)
    s.total("length", "sheet_length - 2*cut", "length of the base")
    s.total("width", f"{broad} - 2*cut", "width of the base")
    s.total("base", "length*width", f"{square} of the base")
    s.total("volume", "base*cut", f"{cubic} inside")
    s.rule("foldable", "width >= 0", comment="the squares take no more than the sheet's width")
    best = wide / 5
    if s.chance(0.4):
        top = s.number("top", s.speech.amount(rounded(best * s.pick(0.6, 0.8, 1.5)), unit),
                       "greatest height")  # fmt: skip
        s.rule("low", "cut <= top", f"The {what} may be at most {top} high",
               f"Its height is limited to {top}",
               f"The squares must not be larger than {top} on a side")  # fmt: skip
    if s.chance(0.35):
        least = s.speech.amount(rounded(wide * long * s.pick(0.35, 0.45, 0.6)), square)
        s.number("least", least, "least area of the base")
        s.rule("roomy", "base >= least", f"The base must have an area of at least {least}",
               f"At least {least} of base are needed")  # fmt: skip
    s.aim("maximize", "volume", "greatest volume")
    s.scene = who
    s.question = s.pick(
        f"How large should the squares be so that the {what} holds the most?",
        f"What size of square gives the {what} with the greatest volume?",
        f"Find the height and the base of the {what} with the largest volume",
    )
    s.ask("side of the squares", "cut")
    s.ask("greatest volume", "objective")
    s.distract("The sheet is half a millimetre thick", f"Every {what} gets a label")
