"""The benchmark `planning`: nine tasks, as LLMFP takes them together (arXiv 2410.12112).

Four ask for a sequence of actions. Their instances are read as they are published, a text and its
PDDL each; a model is given a description of the task and the text, never the PDDL. Five ask for a
decision: the what-if questions about three problems, and two tasks that are made here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from optiwright.evaluation.layouts import Read, guarded
from optiwright.evaluation.planning_domains import MYSTERY, description, domain_of, mystified
from optiwright.evaluation.planning_least import known_least
from optiwright.evaluation.planning_made import MADE, made_problems
from optiwright.evaluation.planning_pddl import Instance, read_instance
from optiwright.evaluation.problems import Finding, Label, Problem
from optiwright.evaluation.what_if_layout import read_what_if
from optiwright.formulators.errors import UserError

_FOLDERS = {
    "blocksworld": ("blocksworld", "blocksworld_3"),
    "gripper": ("gripper",),
    "movie": ("movie",),
}
_WHAT_IF = ("coffee", "workforce", "facility")
TASKS = (*_FOLDERS, MYSTERY, *_WHAT_IF, *MADE)
"""The kinds of problems."""
_INSTANCE = "\n\nThe task:\n"
"""Stands between what can be done and an instance's text."""


def read_planning(path: Path, benchmark: str) -> Read:
    """Read the published instances, the what-if questions beside them, and make the rest.

    Raises:
        UserError: if the folder has no instance at all.
    """
    files = {
        task: [file for folder in folders for file in _instances(path / folder)]
        for task, folders in _FOLDERS.items()
    }
    if not any(files.values()):
        raise UserError(
            "the folder holds no planning instance",
            where=str(path),
            remedy="It needs folders blocksworld, blocksworld_3, gripper and movie, with "
            "instance-N.nl and instance-N.pddl in each.",
        )
    for task, found in files.items():
        if not found:
            yield Finding(where=task, what="there is no instance of it; it is left out")
        for file in found:
            read = partial(_problems, task, file, benchmark)
            yield from guarded(read, f"{file.parent.name}/{file.name}")
    yield from _decisions(path.parent / "whatif", benchmark)
    yield from made_problems(benchmark)


def split_task(problem: Problem) -> tuple[str, str]:
    """Return what can be done and the instance's text.

    Raises:
        UserError: if the problem is no planning instance.
    """
    described, found, text = problem.text.partition(_INSTANCE)
    if not found:
        raise UserError("this problem is no planning instance", where=problem.id)
    return described, text


def _instances(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.nl"), key=lambda f: (len(f.stem), f.stem))


def _problems(task: str, file: Path, benchmark: str) -> list[Problem]:
    """Return an instance's problem, and of blocks the same under other names."""
    pddl = file.with_suffix(".pddl")
    if not pddl.is_file():
        raise ValueError(f"its instance {pddl.name} is missing")
    name = f"{file.parent.name}-{file.stem.removeprefix('instance-')}"
    found = [_problem(task, name, file.read_text("utf-8"), pddl.read_text("utf-8"), benchmark)]
    if task == "blocksworld":
        other = mystified(pddl.read_text("utf-8"))
        text = _mystery_text(read_instance(other))
        found.append(_problem(MYSTERY, f"mystery-{name}", text, other, benchmark))
    return found


def _problem(task: str, name: str, text: str, pddl: str, benchmark: str) -> Problem:
    instance = read_instance(pddl)
    least = known_least(domain_of(instance.domain), instance)
    return Problem(
        id=f"{benchmark}-{name}",
        benchmark=benchmark,
        kind=task,
        text=description(task) + _INSTANCE + text.strip(),
        label=Label(accepted=() if least is None else (str(least),), plan_instance=pddl),
    )


def _mystery_text(instance: Instance) -> str:
    lines = [f"The things are {', '.join(instance.objects)}.", *_sentences(instance.start)]
    return "\n".join([*lines, "The goal:", *_sentences(instance.goal)])


def _sentences(atoms: frozenset[tuple[str, ...]]) -> Iterator[str]:
    for name, *objects in sorted(atoms):
        if name == "calm":
            yield "The world is calm."
        elif len(objects) == 1:
            yield f"{objects[0]} is {name}."
        else:
            yield f"{objects[0]} {name} {objects[1]}."


def _decisions(folder: Path, benchmark: str) -> Read:
    if not folder.is_dir():
        yield Finding(where="whatif", what="its folder is not here; three tasks are left out")
        return
    for item in read_what_if(folder, benchmark):
        if isinstance(item, Finding):
            yield item
        elif (base := item.id.split("-")[-2]) in _WHAT_IF:
            yield item.model_copy(update={"kind": base})
