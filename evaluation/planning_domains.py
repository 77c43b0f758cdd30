"""The domains of the published planning tasks: what can be done, as PDDL and in words.

Mystery blocksworld is blocksworld under other names, ours: the same renaming makes its domain from
the blocks' domain and its instances from the blocks' instances.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from optiwright.evaluation.planning_pddl import Domain, read_domain

MYSTERY = "mystery-blocksworld"
"""The task and its domain."""
_FILES = {
    "blocksworld-4ops": "planning_blocksworld.pddl",
    "gripper-strips": "planning_gripper.pddl",
    "movie-strips-complex": "planning_movie.pddl",
}
_OTHER_NAMES = {
    "blocksworld-4ops": MYSTERY,
    "clear": "bright",
    "ontable": "rooted",
    "handempty": "calm",
    "holding": "torn",
    "on": "shadows",
    "pick-up": "wither",
    "put-down": "anchor",
    "stack": "eclipse",
    "unstack": "reveal",
}
_WORD = re.compile(r"[^\s()]+")
_HEADING = re.compile(r"^## (.+)\n", re.MULTILINE)


def domain_text(name: str) -> str:
    """Return the PDDL of the domain that an instance names.

    Raises:
        ValueError: if there is none of that name here.
    """
    if name == MYSTERY:
        return mystified(domain_text("blocksworld-4ops"))
    if name not in _FILES:
        raise ValueError(f"the domain {name!r} is not known here")
    return _file(_FILES[name])


@cache
def domain_of(name: str) -> Domain:
    """Return the domain that an instance names; raises as `domain_text`."""
    return read_domain(domain_text(name))


def mystified(pddl: str) -> str:
    """Return a domain or an instance of blocks under the names of mystery blocksworld."""
    return _WORD.sub(lambda found: _OTHER_NAMES.get(found[0].lower(), found[0]), pddl)


@cache
def description(task: str) -> str:
    """Return what can be done in a task, in words, as a model is told."""
    _, *parts = _HEADING.split(_file("planning_tasks.txt"))
    return dict(zip(parts[::2], parts[1::2], strict=True))[task].strip()


def _file(name: str) -> str:
    return resources.files("optiwright.evaluation").joinpath(name).read_text(encoding="utf-8")
