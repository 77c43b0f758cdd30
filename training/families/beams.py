"""Beams: the strongest or stiffest piece that can be cut from a log, or the lightest that holds."""

from __future__ import annotations

from optiwright.training.families import family
from optiwright.training.story import Story

_WOODS = (
    ("A sawmill cuts a beam from a round oak log", "beam", "cm"),
    ("A carpenter hews a rafter out of a round trunk", "rafter", "cm"),
    ("A boat yard saws a keel timber from a larch stem", "timber", "cm"),
    ("A bridge builder planes a girder from a spruce log", "girder", "inches"),
    ("A mill cuts a floor joist from a round fir log", "joist", "inches"),
    ("A restorer needs a lintel cut from an old ash trunk", "lintel", "cm"),
)


@family("strength", aside=True)
def log_beam(s: Story) -> None:
    """Rectangular section in a circle: width times height squared (strength) or cubed."""
    who, what, unit = s.pick(*_WOODS)
    speech = s.speech
    wide = s.step(24, 60, 2) if unit == "cm" else s.step(10, 24)
    diameter = s.number("diameter", speech.amount(wide, unit), "diameter of the log", unit)
    stiff = s.chance(0.4)
    least = s.chance(0.35)
    word = "stiffness" if stiff else "strength"
    s.decide("width", f"width of the {what}", unit=unit)
    s.decide("height", f"height of the {what}", unit=unit)
    factor = s.number("factor", speech.plain(s.step(0.5, 12, 0.5)), f"factor of the {word}")
    s.fact(f"The log has a diameter of {diameter}", f"Its diameter is {diameter}",
           f"The log is {diameter} across")  # fmt: skip
    grows = "cube" if stiff else "square"
    s.fact(f"Its {word} is {factor} times its width times the {grows} of its height",
           f"With a width of w and a height of h, the {word} of the {what} is "
           f"{factor}*w*h^{3 if stiff else 2}")  # fmt: skip
    s.total("diagonal", "width**2 + height**2", "square of the diagonal of the section")
    s.total("power", f"factor*width*height**{3 if stiff else 2}", word, flat=lambda: word)
    s.scene = who
    s.rule(
        "fits",
        "diagonal <= diameter**2",
        "Its section is a rectangle, which must fit into the circle of the log",
        "The diagonal of its rectangular section cannot be longer than the log is wide",
    )
    if least:
        s.total("section", "width*height", f"area of the section in {unit} squared")
        need = factor.value * 0.45 * wide * (0.6 * wide) ** (3 if stiff else 2)
        s.number("need", low := speech.plain(float(f"{need:.2g}")), f"least {word}")
        s.rule("enough", "power >= need", f"A {word} of at least {low} is needed",
               f"The {word} must not be less than {low}")  # fmt: skip
    if least or s.chance(0.5):
        thin = s.number("thin", speech.amount(round(wide * s.pick(0.3, 0.35, 0.4)), unit),
                        "least width", unit)  # fmt: skip
        s.rule("broad", "width >= thin", f"The {what} must be at least {thin} wide",
               f"A width of no less than {thin} is required")  # fmt: skip
    if not least and s.chance(0.5):
        high = s.number("high", speech.amount(round(wide * s.pick(0.65, 0.75, 0.9)), unit),
                        "greatest height", unit)  # fmt: skip
        s.rule("low", "height <= high", f"It may be at most {high} high",
               f"The ceiling allows a height of no more than {high}")  # fmt: skip
    if s.chance(0.3):
        s.rule("shape", "height <= 2*width", "It must not be more than twice as high as wide",
               "Its height may be at most twice its width")  # fmt: skip
    if least:
        s.aim("minimize", "section", "smallest section")
        s.question = s.pick(
            f"Which width and height need the smallest section of the {what}?",
            f"Find the measures of the {what} with the least area of section",
        )
    else:
        s.aim("maximize", "power", f"greatest {word}")
        s.question = s.pick(f"Which width and height give the {what} the greatest {word}?",
                            f"What is the greatest {word} that the {what} can have?",
                            f"Find the measures with which its {word} is highest")  # fmt: skip
    s.ask("width", "width")
    s.ask("height", "height")
    s.distract("The log was felled in winter", f"The {what} is for an old house")
