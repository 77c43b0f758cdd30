"""The acts that solve: a problem, a change that stays, a what-if, a why, a repair."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Literal

from optiwright.agent.attached import data_told, read_unused
from optiwright.agent.desk import Desk, said, titled
from optiwright.agent.history import History
from optiwright.agent.options import Options
from optiwright.agent.places import records_dir
from optiwright.agent.repairs import Repair, repairs_of
from optiwright.agent.result import Result, Status
from optiwright.agent.revised import formulated
from optiwright.agent.run import Waiting, execute, resume
from optiwright.agent.session_events import WhatChanges
from optiwright.agent.session_state import Outcome, Version
from optiwright.agent.what_if import OnDifference, WhatIf, answer_what_if
from optiwright.agent.why import answer_why
from optiwright.formulators.changes import AddConstraint, Changes, Drop, SetTo, TypedChange
from optiwright.formulators.data import Data
from optiwright.formulators.elastic import with_named_limits
from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.figures import number
from optiwright.formulators.model import Algebraic, Formulation
from optiwright.formulators.plain import scalar_values, with_numbers
from optiwright.formulators.question_reader import read_question
from optiwright.formulators.revising import apply
from optiwright.solver_tools.variants import Allowance

_MOST_MISSING = 5
NO_ANSWER = {Status.NO_FORMULATION}
"""What no version is made of."""


async def solve_problem(desk: Desk) -> Outcome:
    """Formulate and solve a problem of its own; it becomes the current version.

    The files that came with it, and before it since the last answer to a problem, are its data.
    """
    data = await asyncio.to_thread(read_unused, desk)
    return ended(desk, await run_of(desk, desk.route.to, data), data)


def ended(
    desk: Desk,
    done: Result | Waiting,
    data: Data | None,
    how: Literal["problem", "data"] = "problem",
) -> Outcome:
    """Return what a run came to as a version, or as the questions that it waits with."""
    if isinstance(done, Waiting):
        return Outcome(waiting=done.model_dump(mode="json"))
    if done.status in NO_ANSWER:
        lacking = done.lacks_numbers
        faults = "" if lacking else _faults(done)
        answer = f"{done.explanation}\n\n{faults}".rstrip()
        return Outcome(answer=answer, ok=False, lacking=lacking)
    parent = desk.version.number if how == "data" else 0
    version = desk.versioned(done, parent=parent, how=how, title=titled(done.text))
    told = data_told(done, () if desk.attached or data is None else data.notes)
    parts = [done.explanation, told, not_solved_yet(done)]
    return Outcome(
        answer="\n\n".join(part for part in parts if part),
        ok=True,
        version=version.model_dump(mode="json"),
        current=version.number,
    )


async def run_of(desk: Desk, text: str, data: Data | None) -> Result | Waiting:
    """Begin the turn's run, or go on with it where the turn was interrupted or waited."""
    options = replace(await desk.options_with_model(), data=data)
    replies = desk.state.get("replies")
    if replies is not None or (records_dir() / desk.token / "record.json").is_file():
        tools = desk.tools
        return await resume(desk.token, replies, options, tools.listen, saver=tools.saver)
    return await execute(
        text, options, desk.tools.listen, saver=desk.tools.saver, run_id=desk.token
    )


async def revise(desk: Desk) -> Outcome:
    """Change the current formulation by what was said; the changed one becomes current."""
    tried = await tried_on(desk, desk.route.to)
    return as_version(desk, tried, how="revision", title=titled(desk.route.to), stays=True)


async def what_if(desk: Desk) -> Outcome:
    """Answer what would be otherwise; the answer stands beside the current one."""
    tried = await tried_on(desk, desk.route.to, solve=True)
    return as_version(desk, tried, how="what_if", title=titled(desk.route.to), stays=False)


async def why(desk: Desk) -> Outcome:
    """Answer why a decision is as it is, by its opposite."""
    plan = desk.result.plan is not None  # whose steps are found without a model
    options = desk.options if plan else await _options_for(desk, desk.route.to)
    found = await answer_why(
        desk.result,
        desk.route.to,
        options,
        listen=desk.tools.listen,
        on_difference=_teller(desk),
        token=desk.token,
    )
    return said(found.answer)


async def repairs(desk: Desk) -> Outcome:
    """List what would make an infeasible problem possible."""
    found = await _repairs(desk)
    return said(_numbered(found) if found else "No change that may be made makes it possible.")


async def take_repair(desk: Desk) -> Outcome:
    """Change the problem by one of its repairs."""
    found = await _repairs(desk)
    chosen = int(desk.route.numbers[0]) if desk.route.numbers else 1
    if not 1 <= chosen <= len(found):
        raise UserError(
            f"there is no repair {chosen}",
            where="the turn",
            remedy=f"There are these: {_numbered(found)}" if found else "There are none.",
        )
    repair = found[chosen - 1]
    tried = await tried_on(desk, _changes_of(repair, formulated(desk.result)))
    return as_version(desk, tried, how="revision", title=titled(repair.words), stays=True)


async def _repairs(desk: Desk) -> tuple[Repair, ...]:
    allowance = Allowance(time_limit_s=desk.options.time_limit_s)
    return (await asyncio.to_thread(repairs_of, desk.result, None, None, allowance)).repairs


def _changes_of(repair: Repair, formulation: Formulation) -> Changes:
    """Return a repair as typed changes; a number in a limit is changed by writing it anew.

    Raises:
        UserError: if it moves a bound of a variable.
    """
    limited, limits = with_named_limits(formulation)
    values = scalar_values(limited)
    new = {
        name: shift.after
        for shift in repair.shifts
        for name, limit in limits.items()
        if limit.place == shift.name and values[name] == shift.before
    }
    values |= new
    changes: list[TypedChange] = []
    for place in dict.fromkeys(limits[name].place for name in new):
        rule = next((c for c in limited.constraints if c.name == place), None)
        if not isinstance(rule, Algebraic):
            raise UserError(
                f"this repair moves a bound of `{place}`",
                where=f"{repair.words!r}",
                remedy="Say it as a change of your own, such as `make it at most 40`.",
            )
        kept = {name: values[name] for name in limits if limits[name].place == place}
        changes.append(Drop(constraint=place))
        changes.append(
            AddConstraint(
                name=place,
                expression=with_numbers(rule.expression, kept),
                over=rule.over,
                description=f"`{place}`, as the repair moves it",
            )
        )
    changes += [
        SetTo(parameter=change.parameter, at=entry.index, value=entry.value)
        for change in repair.changes
        for entry in change.entries
    ]
    return tuple(changes)


def _numbered(found: tuple[Repair, ...]) -> str:
    return "\n".join(f"{k}. {repair.words}" for k, repair in enumerate(found, 1))


async def tried_on(desk: Desk, asked: str | Changes, *, solve: bool = False) -> WhatIf:
    """Change the current formulation; one that is not solved yet stays so, unless told otherwise.

    Args:
        desk: of the turn.
        asked: words, or changes; none of them: the formulation as it stands.
        solve: whether it is solved in any case.
    """
    options = await _options_for(desk, asked) if isinstance(asked, str) else desk.options
    unsolved = desk.result.status is Status.FORMULATED and not solve
    return await answer_what_if(
        desk.result,
        asked,
        replace(options, only_formulate=unsolved),
        listen=desk.tools.listen,
        on_difference=_teller(desk),
        token=desk.token,
    )


async def _options_for(desk: Desk, question: str) -> Options:
    """Return the options for a question, with the model only where plain rules do not read it."""
    formulation = desk.result.formulation
    if formulation is not None:
        try:
            found = read_question(question.strip(), formulation)
            if found is not None:
                apply(formulation, found)
                return desk.options
        except FormulationError:
            pass  # the model reads it
    return await desk.options_with_model()


def _teller(desk: Desk) -> OnDifference:
    return lambda lines: desk.tools.listen(WhatChanges(lines=lines))


def _faults(done: Result) -> str:
    """Return what the checks found missing, where a conversation shows no checks."""
    failed = [f"- {c.name}: {c.detail}" for c in done.checks if not c.passed]
    if not failed:
        return ""
    more = [f"- and {len(failed) - _MOST_MISSING} more"] if len(failed) > _MOST_MISSING else []
    lines = ["**What is missing**", "", *failed[:_MOST_MISSING], *more]
    return "\n".join(lines) + "\n\nSay it in other words, or with what is missing."


def as_version(desk: Desk, tried: WhatIf, *, how: str, title: str, stays: bool) -> Outcome:
    """Return the outcome of a change, with the version it makes."""
    if tried.result.status in NO_ANSWER:
        return Outcome(answer=f"{tried.result.explanation}\n\nNothing was changed.", ok=False)
    version = desk.versioned(
        tried.result,
        parent=desk.version.number,
        how=how,
        title=title,
        difference=tried.difference,
    )
    current = version.number if stays else desk.version.number
    if stays:
        History.of(tried.result).turn(tried.revision)
    told = tried.explanation if tried.difference else tried.result.explanation
    parts = [told, not_solved_yet(tried.result), _what_now(desk, version, stays)]
    return Outcome(
        answer="\n\n".join(part for part in parts if part),
        ok=True,
        version=version.model_dump(mode="json"),
        current=current,
    )


def not_solved_yet(result: Result) -> str:
    """Say how a formulation that was not solved is solved; nothing of one that was."""
    if result.status is not Status.FORMULATED:
        return ""
    return "`/solve` solves it as it stands; it can be changed before, in words or by hand."


def what_now(desk: Desk) -> str:
    """Say which version a turn has made, and what goes back."""
    made = len(desk.talk.versions) + 1
    return f"This is now version {made}; `/undo` goes back to {desk.version.number}."


def _what_now(desk: Desk, version: Version, stays: bool) -> str:
    if stays:
        return what_now(desk)
    before = desk.version
    value = "" if before.objective is None else f"{number(before.objective)} {before.unit}".rstrip()
    return (
        f"Version {before.number}{f' ({value})' if value else ''} stays the current one; "
        f"`/keep` takes this as version {version.number}."
    )
