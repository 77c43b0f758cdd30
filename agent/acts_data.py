"""The act of new files: the current problem on other data, or what a problem to come rests on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection

from optiwright.agent.acts_solving import NO_ANSWER, ended, not_solved_yet, run_of, what_now
from optiwright.agent.attached import (
    data_told,
    problem_in,
    read_files,
    read_unused,
    tables_told,
    unanswered,
    waiting_text,
)
from optiwright.agent.data_store import keep
from optiwright.agent.desk import Desk, said, titled
from optiwright.agent.places import records_dir
from optiwright.agent.result import ErrorNote, Result, Status
from optiwright.agent.revised import context_of, recorded, solve_revision
from optiwright.agent.routing import without_files
from optiwright.agent.session_events import WhatChanges
from optiwright.agent.session_state import Outcome
from optiwright.agent.side_by_side import changes_text, compared, moved_between
from optiwright.formulators.binding import bind
from optiwright.formulators.data import Data
from optiwright.formulators.data_replacing import replaced, taken_from
from optiwright.formulators.difference import difference
from optiwright.formulators.errors import OptiwrightError
from optiwright.formulators.figures import number
from optiwright.formulators.model import Bound, Formulation
from optiwright.formulators.phrases import capitalised
from optiwright.formulators.picking import shown_at

_TOGETHER = (
    "Nothing was changed. Files that go together are attached in one turn: `/data FILE FILE`."
)


async def use_data(desk: Desk) -> Outcome:
    """Solve the current problem with the turn's files, or the one that still has no answer."""
    if not desk.attached and desk.route.way == "command":
        return _none(desk) if desk.route.to else said(await asyncio.to_thread(_at_hand, desk))
    stated = unanswered(desk)
    if stated is not None:
        data = await asyncio.to_thread(read_unused, desk, stated.number)
        text = waiting_text(desk.talk.turns) or problem_in(stated.text)
        return ended(desk, await run_of(desk, text, data), data)
    if desk.talk.version is None:
        data = await asyncio.to_thread(read_unused, desk)
        return _none(desk) if data is None else _kept(data)
    if desk.attached:
        new: Data | None = await asyncio.to_thread(read_files, desk.attached)
    else:
        new = await asyncio.to_thread(read_unused, desk)
    return _none(desk) if new is None else await _on_new(desk, new)


def _none(desk: Desk) -> Outcome:
    return Outcome(answer=f"No file came with that. {_how(desk)}", ok=False)


def _how(desk: Desk) -> str:
    return "Attach one" + (": `/data FILE`." if desk.tools.folder is not None else ".")


def _kept(data: Data) -> Outcome:
    listed = tables_told(data)
    return said(f"Read and kept for the problem to come:\n\n{listed}\n\nNow state the problem: "
                "what is to be decided, what limits it, what is to be best.")  # fmt: skip


def _at_hand(desk: Desk) -> str:
    """Return the tables that the current answer rests on, and those that wait for a problem."""
    parts = []
    if desk.talk.version is not None:
        rests_on = data_told(desk.result) or "It takes no data from files."
        parts.append(f"Version {desk.talk.current}: {rests_on}")
    waiting = read_unused(desk)
    if waiting is not None:
        parts.append(f"Read, and not used yet:\n\n{tables_told(waiting)}")
    return "\n\n".join(parts) or f"There are no files yet. {_how(desk)}"


async def _on_new(desk: Desk, new: Data) -> Outcome:
    """Solve the current problem with new tables in the place of those that they replace."""
    base = desk.result
    formulation = base.formulation
    if formulation is not None and formulation.data is not None:
        taken = taken_from(formulation)
        put = await asyncio.to_thread(replaced, formulation.data, new, taken, desk.text)
        if put.taken:
            return await _revised(desk, base, formulation, put.data, put.taken)
        new = put.data
    # Nothing takes its data from such tables: the problem is formulated anew, with them.
    words = without_files(desk.text)
    words = "" if words.startswith("/") else words
    text = "\n\n".join(part for part in (base.text, words) if part)
    outcome = ended(desk, await run_of(desk, text, new), new, how="data")
    if outcome.get("version") is not None:
        outcome["answer"] += (
            "\n\nThe problem was formulated anew from its text, with the tables; changes that were "
            f"made since are not in it. {what_now(desk)}"
        )
    return outcome


async def _revised(
    desk: Desk, base: Result, formulation: Formulation, data: Data, tables: tuple[str, ...]
) -> Outcome:
    """Solve the current formulation on other tables; it stays as it is."""
    started = time.monotonic()
    given = formulation.with_data(data)
    try:
        await asyncio.to_thread(bind, given)
    except OptiwrightError as error:
        return Outcome(answer=f"{_told(error)}\n\n{_TOGETHER}", ok=False)
    await asyncio.to_thread(keep, data)
    lines = await asyncio.to_thread(difference, formulation, given)
    desk.tools.listen(WhatChanges(lines=lines))
    with recorded(desk.text, records_dir() / desk.token, desk.tools.listen) as recorder:
        context = context_of(desk.options, None, recorder, data)
        unsolved = base.status is Status.FORMULATED
        result = await solve_revision(given, context, base, started, only_formulate=unsolved)
    if result.status in NO_ANSWER:
        return Outcome(answer=f"{result.explanation}\n\n{_TOGETHER}", ok=False)
    files = dict.fromkeys(f.name for f in desk.attached)
    version = desk.versioned(
        result,
        parent=desk.version.number,
        how="data",
        title=titled(f"with {', '.join(files)}" if files else desk.text),
        difference=lines,
    )
    parts = [
        changes_text(lines),
        compared(base, result, moved_between(base, result), "given"),
        _still_changed(given, tables),
        data_told(result, base.data_notes),
        not_solved_yet(result),
        what_now(desk),
    ]
    return Outcome(
        answer="\n\n".join(part for part in parts if part),
        ok=True,
        version=version.model_dump(mode="json"),
        current=version.number,
    )


def _still_changed(formulation: Formulation, tables: Collection[str]) -> str:
    """Say which numbers stay as they were changed in the conversation, whatever the files have."""
    kept = [
        f"- `{p.name}{shown_at(e.index)}` stays {number(e.value)}"
        for p in formulation.parameters
        if isinstance(p.data, Bound) and p.data.table in tables
        for e in p.data.changed
    ]
    return "\n".join(["As you changed it, whatever the file has:", "", *kept]) if kept else ""


def _told(error: OptiwrightError) -> str:
    """Return an error as a turn tells it; of data a line each."""
    return capitalised(str(ErrorNote.of(error)))
