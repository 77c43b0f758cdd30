"""Our own formulation of each planning instance, read from its text by rules, without a model.

So the solver's side shows apart from the reading of a text: what a perfect reader would hand on.
The formulations are written from the description and the text alone; the published PDDL, on which
their plans are carried out, is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from optiwright.evaluation.planning_domains import MYSTERY
from optiwright.evaluation.planning_layout import split_task
from optiwright.evaluation.problems import Problem
from optiwright.formulators.errors import UserError
from optiwright.formulators.planning import Action, Fact, ObjectKind, Place, Planning, Thing

_SNACKS = ("chips", "dip", "pop", "cheese", "crackers")


def given_planning(problem: Problem) -> Planning:
    """Return the formulation of a problem of the benchmark `planning` that asks for a plan.

    Raises:
        UserError: if the problem is none, or a line of its text is not understood.
    """
    reader = _READERS.get(problem.kind)
    if reader is None:
        raise UserError(
            f"there is no formulation of a task {problem.kind!r}",
            where=problem.id,
            remedy=f"The method given is for {', '.join(_READERS)}.",
        )
    _, text = split_task(problem)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return reader(_Lines(problem.id, lines))


class _Lines:
    """An instance's lines, each taken by the first rule that reads it whole."""

    def __init__(self, where: str, lines: list[str]) -> None:
        self._where = where
        self._lines = lines

    def read(self, goal: str, rules: dict[str, str]) -> tuple[list[str], list[str], set[str]]:
        """Return what the lines before and after the one that opens the goal say.

        Args:
            goal: how the line that opens the goal begins.
            rules: by a pattern what a line means, with the pattern's groups put in; nothing of a
                line without meaning.

        Returns:
            Start, goal, and every name that a group caught.
        """
        start: list[str] = []
        wanted: list[str] = []
        names: set[str] = set()
        current = start
        for line in self._lines:
            if line.startswith(goal):
                current = wanted
                continue
            found, meaning = self._meaning(line, rules)
            names.update(found.groups())
            if meaning:
                current.append(found.expand(meaning))
        return start, wanted, names

    def _meaning(self, line: str, rules: dict[str, str]) -> tuple[re.Match[str], str]:
        for pattern, meaning in rules.items():
            found = re.fullmatch(pattern, line)
            if found:
                return found, meaning
        raise UserError(f"the line {line!r} is not understood", where=self._where)


def _blocks(lines: _Lines) -> Planning:
    rules = {
        r"You have \d+ blocks\.": "",
        r"(\w+) is on top of (\w+)\.": r"on(\1, \2)",
        r"(\w+) should be on top of (\w+)\.": r"on(\1, \2)",
        r"(\w+) is on the table\.": r"on_table(\1)",
        r"(\w+) is clear\.": r"clear(\1)",
        r"Your arm is empty\.": "arm_empty",
    }
    start, goal, blocks = lines.read("Your goal is", rules)
    names = ("pick_up", "put_down", "stack", "unstack")
    words = ("on", "on_table", "clear", "arm_empty", "holding")
    return _stacking("block", names, words, start, goal, blocks)


def _mystery(lines: _Lines) -> Planning:
    rules = {
        r"The things are .*": "",
        r"The world is calm\.": "calm",
        r"(\w+) is rooted\.": r"rooted(\1)",
        r"(\w+) is bright\.": r"bright(\1)",
        r"(\w+) shadows (\w+)\.": r"shadows(\1, \2)",
    }
    start, goal, things = lines.read("The goal:", rules)
    names = ("wither", "anchor", "eclipse", "reveal")
    words = ("shadows", "rooted", "bright", "calm", "torn")
    return _stacking("thing", names, words, start, goal, things)


def _stacking(
    kind: str,
    names: tuple[str, str, str, str],
    words: tuple[str, str, str, str, str],
    start: list[str],
    goal: list[str],
    objects: set[str],
) -> Planning:
    take, lay, put_on, take_off = names
    on, down, clear, free, held = words
    one = _places(upper=kind)
    two = _places(upper=kind, lower=kind)
    return Planning(
        kinds=(ObjectKind(name=kind),),
        objects=tuple(Thing(name=name, kind=kind) for name in sorted(objects)),
        facts=(
            Fact(name=on, places=two),
            *(Fact(name=name, places=one) for name in (down, clear, held)),
            Fact(name=free),
        ),
        actions=(
            Action(
                name=take,
                places=one,
                needs=(f"{down}(upper)", f"{clear}(upper)", free),
                makes=(f"{held}(upper)",),
                ends=(f"{down}(upper)", f"{clear}(upper)", free),
            ),
            Action(
                name=lay,
                places=one,
                needs=(f"{held}(upper)",),
                makes=(f"{down}(upper)", f"{clear}(upper)", free),
                ends=(f"{held}(upper)",),
            ),
            Action(
                name=put_on,
                places=two,
                needs=(f"{held}(upper)", f"{clear}(lower)"),
                makes=(f"{on}(upper, lower)", f"{clear}(upper)", free),
                ends=(f"{held}(upper)", f"{clear}(lower)"),
            ),
            Action(
                name=take_off,
                places=two,
                needs=(f"{on}(upper, lower)", f"{clear}(upper)", free),
                makes=(f"{held}(upper)", f"{clear}(lower)"),
                ends=(f"{on}(upper, lower)", f"{clear}(upper)", free),
            ),
        ),
        start=tuple(dict.fromkeys(start)),
        goal=tuple(goal),
    )


def _gripper(lines: _Lines) -> Planning:
    rules = {
        r"You have \d+ (?:rooms?|balls?)\.": "",
        r"You have \d+ robots?\. The robots' grippers are free\.": "",
        r"(robot\w+) is at (room\w+)\.": r"robot_at(\1, \2)",
        r"(ball\w+) is at (room\w+)\.": r"ball_at(\1, \2)",
        r"(ball\w+) should be at (room\w+)\.": r"ball_at(\1, \2)",
    }
    start, goal, names = lines.read("Your goal is", rules)
    robots = sorted(n for n in names if n.startswith("robot"))
    hands = {f"{side}gripper{r.removeprefix('robot')}": r for r in robots for side in "rl"}
    # A room that nothing is in and nothing goes to may be missing here; no plan needs it.
    kinds = {
        n: next(k for k in ("robot", "room", "ball") if n.startswith(k)) for n in sorted(names)
    }
    at = _places(robot="robot", room="room")
    carrying = _places(robot="robot", ball="ball", room="room", gripper="gripper")
    return Planning(
        kinds=tuple(ObjectKind(name=kind) for kind in ("robot", "room", "ball", "gripper")),
        objects=(
            *(Thing(name=name, kind=kind) for name, kind in kinds.items()),
            *(Thing(name=name, kind="gripper") for name in hands),
        ),
        facts=(
            Fact(name="robot_at", places=at),
            Fact(name="ball_at", places=_places(ball="ball", room="room")),
            Fact(name="free", places=_places(robot="robot", gripper="gripper")),
            Fact(name="carries", places=_places(robot="robot", ball="ball", gripper="gripper")),
        ),
        actions=(
            Action(
                name="move",
                places=_places(robot="robot", origin="room", target="room"),
                needs=("robot_at(robot, origin)", "origin != target"),
                makes=("robot_at(robot, target)",),
                ends=("robot_at(robot, origin)",),
            ),
            Action(
                name="pick",
                places=carrying,
                needs=("ball_at(ball, room)", "robot_at(robot, room)", "free(robot, gripper)"),
                makes=("carries(robot, ball, gripper)",),
                ends=("ball_at(ball, room)", "free(robot, gripper)"),
            ),
            Action(
                name="drop",
                places=carrying,
                needs=("carries(robot, ball, gripper)", "robot_at(robot, room)"),
                makes=("ball_at(ball, room)", "free(robot, gripper)"),
                ends=("carries(robot, ball, gripper)",),
            ),
        ),
        start=(
            *dict.fromkeys(start),
            *(f"free({robot}, {gripper})" for gripper, robot in hands.items()),
        ),
        goal=tuple(goal),
    )


def _movie(lines: _Lines) -> Planning:
    rules = {
        r"You have \d+ objects\.": "",
        r"(\w+) is (chips|dip|pop|cheese|crackers)\.": r"\2(\1)",
        r"counter-at-zero is true\.": "counter_at_zero",
        r"movie-rewound": "movie_rewound",
        r"counter-at-zero": "counter_at_zero",
        r"have-(chips|dip|pop|cheese|crackers)": r"have_\1",
    }
    start, goal, names = lines.read("Your goal is", rules)
    one = _places(item="item")
    return Planning(
        kinds=(ObjectKind(name="item"),),
        objects=tuple(Thing(name=name, kind="item") for name in sorted(names - set(_SNACKS))),
        facts=(
            *(Fact(name=snack, places=one) for snack in _SNACKS),
            *(Fact(name=f"have_{snack}") for snack in _SNACKS),
            *map(_bare, ("movie_rewound", "counter_at_zero", "counter_elsewhere")),
        ),
        actions=(
            Action(
                name="start_movie",
                needs=("counter_at_zero",),
                makes=("counter_elsewhere",),
                ends=("counter_at_zero",),
            ),
            Action(name="rewind_movie", needs=("counter_elsewhere",), makes=("movie_rewound",)),
            Action(
                name="reset_counter",
                needs=("counter_elsewhere",),
                makes=("counter_at_zero",),
                ends=("counter_elsewhere",),
            ),
            Action(name="undo_rewind", needs=("movie_rewound",), ends=("movie_rewound",)),
            *(
                Action(
                    name=f"get_{snack}",
                    places=one,
                    needs=(f"{snack}(item)", "counter_at_zero", "not movie_rewound"),
                    makes=(f"have_{snack}",),
                )
                for snack in _SNACKS
            ),
        ),
        start=tuple(start),
        goal=tuple(goal),
    )


def _places(**kinds: str) -> tuple[Place, ...]:
    return tuple(Place(name=name, kind=kind) for name, kind in kinds.items())


def _bare(name: str) -> Fact:
    return Fact(name=name)


_READERS: dict[str, Callable[[_Lines], Planning]] = {
    "blocksworld": _blocks,
    MYSTERY: _mystery,
    "gripper": _gripper,
    "movie": _movie,
}
