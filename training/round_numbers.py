"""Rather round numbers near a value, and numbers with the name of what they count."""

from __future__ import annotations

import math

from optiwright.training.speech import Quantity, Speech
from optiwright.training.story import Story
from optiwright.training.things import Thing

_TIMES = {2: ("twice", "two times"), 3: ("three times", "3 times"), 4: ("four times", "4 times")}


def up(story: Story, value: float, slack: float = 0.15) -> float:
    """Return a rather round number that is at least a value, by up to a share of it."""
    grain = _grain(story, value)
    return round(math.ceil(round(value * (1 + slack * story.draw.random()) / grain, 6)) * grain, 6)


def down(story: Story, value: float, slack: float = 0.15) -> float:
    """Return a rather round number that is at most a value, by up to a share of it, above zero."""
    grain = _grain(story, value)
    lower = math.floor(round(value * (1 - slack * story.draw.random()) / grain, 6)) * grain
    return round(lower, 6) if lower > 0 else value


def share_near(part: float, *, least: bool) -> float:
    """Return a share in whole twentieths that is a little less than a part, or a little more."""
    return (math.floor(part * 20 - 0.3) if least else math.ceil(part * 20 + 0.3)) / 20


def _grain(story: Story, value: float) -> float:
    if value < 20:
        return 1
    size = math.pow(10, math.floor(math.log10(value)))
    return max(1.0, size / story.pick(2, 10, 10, 20))


def times(story: Story, factor: int) -> Quantity:
    """Return a factor as a text has it: "twice", "three times"."""
    text = story.pick(*_TIMES.get(factor, (f"{factor} times",)))
    return Quantity(factor, text, text, "", (factor,))


def number_of(speech: Speech, value: float, thing: Thing) -> Quantity:
    """Return a number of a thing with its name: "1 bus", "3 buses"."""
    return speech.count(value, thing.one if value == 1 else thing.plural)
