"""The files of a session as tables: which of them a turn is about, and what they hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from optiwright.agent.desk import Desk
from optiwright.agent.result import Result, Status
from optiwright.agent.routing import supplies, without_files
from optiwright.agent.session_files import file_path
from optiwright.agent.session_state import FileNote, Turn, Version
from optiwright.agent.turn_words import NEW
from optiwright.formulators.data import Data, read_data
from optiwright.formulators.data_replacing import replaced
from optiwright.formulators.errors import UserError
from optiwright.formulators.phrases import counted

_COLUMNS = 12
"""Columns of a table that are named."""


def unanswered(desk: Desk) -> Turn | None:
    """Return the turn with the problem that was stated last, if no answer came of it yet."""
    made = max((v.turn for v in desk.talk.versions), default=0)
    stated = [t for t in desk.talk.turns if t.kind == "problem" and t.number > made]
    return stated[-1] if stated else None


def waiting_text(turns: Sequence[Turn]) -> str:
    """Return the problem that the last turn left without numbers, with what was said to it since.

    Nothing where the last turn was about something else, or lacked no numbers.
    """
    parts: list[str] = []
    for turn in reversed(turns):
        if not turn.lacking:
            break
        parts.insert(0, problem_in(turn.text))
        if turn.way == "command" or not supplies(turn.text):
            break
    return "\n\n".join(parts)


def problem_in(text: str) -> str:
    """Return a problem's text without what only says that it is one."""
    return NEW.sub("", without_files(text).removeprefix("/new "), count=1)


def unused(desk: Desk) -> tuple[tuple[int, FileNote], ...]:
    """Return the files that no answer rests on yet, each with its turn, this turn's last."""
    since = max((v.turn for v in desk.talk.versions if _rests_on_files(v, desk)), default=0)
    earlier = [(t.number, f) for t in desk.talk.turns if t.number > since for f in t.files]
    return (*earlier, *((desk.state["number"], f) for f in desk.attached))


def _rests_on_files(version: Version, desk: Desk) -> bool:
    """Whether a version has used its turn's files; one taken back before it was solved has not."""
    if version.how not in ("problem", "data"):
        return False
    kept = desk.talk.current == version.number or any(
        v.parent == version.number for v in desk.talk.versions
    )
    return version.status is not Status.FORMULATED or kept


def read_unused(desk: Desk, after: int | None = None) -> Data | None:
    """Return the tables of the files that no answer rests on yet; None where there are none.

    Of two files of a name the later counts.

    Args:
        desk: of the turn.
        after: a turn; the files that came after it replace those of the same columns.

    Raises:
        UserError: if a file of this turn cannot be read; earlier ones are then left out.
    """
    found = unused(desk)
    if not found:
        return None
    last = {note.name: turn for turn, note in found}
    found = tuple((turn, note) for turn, note in found if last[note.name] == turn)
    whole = [(t, n) for t, n in found if after is None or t <= after]
    data = _read(whole, desk) if whole else None
    for turn in dict.fromkeys(t for t, _ in found if after is not None and t > after):
        new = _read([(t, n) for t, n in found if t == turn], desk)
        data = new if data is None or new is None else replaced(data, new, {}, desk.text).data
    return data


def read_files(notes: Iterable[FileNote]) -> Data:
    """Read files of the store together.

    Raises:
        UserError: if one is gone or cannot be read.
    """
    return read_data([file_path(note) for note in dict.fromkeys(notes)])


def _read(found: list[tuple[int, FileNote]], desk: Desk) -> Data | None:
    try:
        return read_files(note for _, note in found)
    except UserError:
        kept = [n for turn, n in found if turn == desk.state["number"] or _can_be_read(n)]
        if len(kept) == len(found):
            raise
        return read_files(kept) if kept else None


def _can_be_read(note: FileNote) -> bool:
    try:
        read_files([note])
    except UserError:
        return False
    return True


def tables_told(data: Data) -> str:
    """Return what tables there are, a line each, and what was done while reading."""
    lines = []
    for name, source in data.sources.items():
        columns = [str(c) for c in data.tables[name].columns]
        more = f" and {len(columns) - _COLUMNS} more" if len(columns) > _COLUMNS else ""
        listed = ", ".join(f"`{c}`" for c in columns[:_COLUMNS]) + more
        lines.append(f"- `{name}` ({_place(source.file, source.sheet)}), "
                     f"{counted(source.rows, 'row')}: {listed}")  # fmt: skip
    return "\n".join([*lines, *_done(data.notes)])


def data_told(result: Result, told: Collection[str] = ()) -> str:
    """Return the tables that an answer rests on and what was done to them; empty without any.

    Args:
        result: the answer.
        told: what was said before of what was done.
    """
    if not result.data:
        return ""
    places: dict[str, list[str]] = {}
    for t in result.data:
        listed = places.setdefault(_place(t.file, t.sheet), [])
        listed.append(f"`{t.name}`, {counted(t.rows, 'row')}")
    lines = [f"- {place}: {'; '.join(listed)}" for place, listed in places.items()]
    new = [note for note in result.data_notes if note not in told]
    return "\n".join(["**Data**", "", *lines, *_done(new)])


def _done(notes: Iterable[str]) -> list[str]:
    listed = [f"- {note}" for note in notes]
    return ["", "What was done to them:", "", *listed] if listed else []


def _place(file: str, sheet: str) -> str:
    return f"{file}, sheet `{sheet}`" if sheet else file
