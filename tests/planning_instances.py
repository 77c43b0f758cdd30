"""Planning instances of our own in the form in which the published ones are written."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

Towers = Sequence[str]
"""A tower a word, its lowest block first."""

GRIPPER_TEXT = """You have 1 robot. The robots' grippers are free.
You have 2 rooms.
You have 3 balls.
robot1 is at room1.
robot1 is at room1.
ball1 is at room1.
ball2 is at room1.
ball3 is at room2.
Your goal is to achieve:
ball1 should be at room2.
ball2 should be at room2.
"""
GRIPPER_PDDL = """(define (problem gripper-1-2-3) (:domain gripper-strips)
(:objects robot1 - robot rgripper1 lgripper1 - gripper room1 room2 - room
ball1 ball2 ball3 - object)
(:init (at-robby robot1 room1) (free robot1 rgripper1) (free robot1 lgripper1)
(at ball1 room1) (at ball2 room1) (at ball3 room2))
(:goal (and (at ball1 room2) (at ball2 room2))))
"""
MOVIE_TEXT = """You have 3 objects.
object_0 is chips.
object_1 is pop.
object_2 is pop.
counter-at-zero is true.
Your goal is to achieve:
movie-rewound
counter-at-zero
have-pop
"""
MOVIE_PDDL = """(define (problem movie-1) (:domain movie-strips-complex)
(:objects object_0 object_1 object_2)
(:init (chips object_0) (pop object_1) (pop object_2) (counter-at-zero))
(:goal (and (movie-rewound) (counter-at-zero) (have-pop))))
"""


def write_planning(folder: Path) -> Path:
    """Write an instance of each task, two of blocks."""
    instances = {
        "blocksworld/instance-7": blocks(("ab", "c"), {"b": "c"}),
        "blocksworld_3/instance-2": blocks(("cba",), {"c": "a"}),
        "gripper/instance-1": (GRIPPER_TEXT, GRIPPER_PDDL),
        "movie/instance-1": (MOVIE_TEXT, MOVIE_PDDL),
    }
    for name, (text, pddl) in instances.items():
        file = folder / f"{name}.nl"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.with_suffix(".pddl").write_text(pddl, encoding="utf-8")
    return folder


def blocks(towers: Towers, wanted: Mapping[str, str]) -> tuple[str, str]:
    """Return the text and the PDDL of blocks in towers, of which each is wanted on another."""
    names = sorted("".join(towers))
    under = [(x, y) for tower in towers for y, x in itertools.pairwise(tower)]
    text = [f"You have {len(names)} blocks."]
    text += [f"{x} is on top of {y}." for x, y in under]
    text += [f"{tower[0]} is on the table." for tower in towers]
    text += [f"{tower[-1]} is clear." for tower in towers]
    text += ["Your arm is empty.", "Your goal is to move the blocks."]
    text += [f"{x} should be on top of {y}." for x, y in wanted.items()]
    start = ["(handempty)", *(f"(on {x} {y})" for x, y in under)]
    start += [f"(ontable {tower[0]}) (clear {tower[-1]})" for tower in towers]
    goal = " ".join(f"(on {x} {y})" for x, y in wanted.items())
    pddl = (
        f"(define (problem BW) (:domain blocksworld-4ops)\n(:objects {' '.join(names)})\n"
        f"(:init {' '.join(start)})\n(:goal (and {goal})))\n"
    )
    return "\n".join(text), pddl
