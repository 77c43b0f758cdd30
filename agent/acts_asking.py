"""The acts that look at the current answer and change nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from optiwright.agent.desk import Desk, said
from optiwright.agent.explanation import explanation_of
from optiwright.agent.result import Result
from optiwright.agent.session_state import Outcome
from optiwright.agent.sweeping import spread
from optiwright.agent.tables_told import front_told, sweep_told, tornado_told
from optiwright.formulators.errors import UserError
from optiwright.formulators.goal_reader import parameter_meant, total_meant
from optiwright.formulators.markdown import formulation_to_markdown
from optiwright.formulators.model import Formulation

A = TypeVar("A")


async def explain(desk: Desk) -> Outcome:
    """Explain the answer at length."""
    return said(explanation_of(desk.result).markdown)


async def show(desk: Desk) -> Outcome:
    """Show the answer and the formulation again."""
    result = desk.result
    parts = [result.explanation]
    if result.formulation is not None:
        parts.append(formulation_to_markdown(result.formulation))
    return said("\n\n".join(parts))


async def prove(desk: Desk) -> Outcome:
    """Show what proves the answer."""
    limit = desk.options.time_limit_s
    proof = await _aside(lambda: desk.result.proof(time_limit_s=limit))
    return said(proof.to_markdown())


async def sensitivity(desk: Desk) -> Outcome:
    """Say what each limit is worth."""
    return said(await _aside(desk.result.sensitivity_text))


async def tornado(desk: Desk) -> Outcome:
    """Say which numbers matter most."""
    return said(tornado_told(await _aside(desk.result.tornado)))


async def sweep(desk: Desk) -> Outcome:
    """Solve with one number at several values."""
    formulation, numbers = _formulation(desk.result), desk.route.numbers
    name = parameter_meant(desk.route.to, formulation)
    if name is None or len(numbers) < 2:
        raise UserError(
            "a sweep takes one number of the problem and two ends"
            if name is not None
            else "it is not plain which number is to be varied",
            where="the turn",
            remedy="Say, for instance, `/sweep NAME from 10 to 20`. There are "
            f"{_listed([p.name for p in formulation.parameters])}.",
        )
    steps = int(numbers[2]) if len(numbers) > 2 and 2 <= numbers[2] <= 50 else 9
    values = spread(numbers[0], numbers[1], steps)
    return said(sweep_told(await _aside(lambda: desk.result.sweep(name, values))))


async def pareto(desk: Desk) -> Outcome:
    """Show the best compromises between two goals."""
    formulation = _formulation(desk.result)
    totals = [
        d.name
        for d in formulation.definitions
        if not d.over and total_meant(d.name, formulation) and _named(d.name, d.description, desk)
    ]
    second = totals[0] if len(totals) == 1 else None
    if second is None and len(formulation.objectives) < 2:
        raise UserError(
            "it is not plain what the second goal is",
            where="the turn",
            remedy="Name one of "
            f"{_listed([d.name for d in formulation.definitions if not d.over])}: `/pareto NAME`.",
        )
    return said(front_told(await _aside(lambda: desk.result.pareto(second=second))))


def _named(name: str, description: str, desk: Desk) -> bool:
    """Whether a turn names a total, and it is not the goal itself."""
    formulation = _formulation(desk.result)
    leading = formulation.leading
    if leading is not None and leading.expression.strip() == name:
        return False
    words = set(desk.route.to.lower().replace("_", " ").replace("/", " ").split())
    wanted = set(name.lower().replace("_", " ").split())
    return wanted <= {w.strip(".,?!`") for w in words}


def _formulation(result: Result) -> Formulation:
    if result.formulation is None:
        raise UserError("this answer rests on no formulation", where="the current version")
    return result.formulation


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:12]) or "none"


async def _aside(work: Callable[[], A]) -> A:
    """Do work that waits for solves on a thread of its own: it waits on this loop."""
    return await asyncio.to_thread(work)
