"""Hand-made scenarios, step by step, that show a model the form: `demonstrations.md`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from random import Random

from optiwright.training.resocratic_steps import Scenario, read_scenario

_TITLE = re.compile(r"^# (linear|nonlinear): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Demonstration:
    """A scenario with its title and kind, `linear` or `nonlinear`."""

    kind: str
    title: str
    text: str
    scenario: Scenario


@cache
def demonstrations() -> tuple[Demonstration, ...]:
    """Read those that come with the package."""
    text = resources.files("optiwright.training").joinpath("demonstrations.md").read_text("utf-8")
    parts = _TITLE.split(text)[1:]
    found = []
    for kind, title, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        scenario, fault = read_scenario(body)
        if fault:
            raise ValueError(f"demonstrations.md, {title}: {fault}")
        found.append(Demonstration(kind, title, body.strip(), scenario))
    return tuple(found)


def sampled(random: Random) -> tuple[Demonstration, ...]:
    """Return one demonstration or a pair of one kind: ReSocratic shows singles twice as often."""
    shown = demonstrations()
    first = random.choice(shown)
    if random.random() < 2 / 3:
        return (first,)
    others = [d for d in shown if d.kind == first.kind and d is not first]
    return first, random.choice(others)
