"""What is done with sessions as a whole: list, rename, delete, write out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Literal, cast

from optiwright.agent.acts_tree import tree_told
from optiwright.agent.feedback import forget
from optiwright.agent.loop import wait
from optiwright.agent.places import records_dir
from optiwright.agent.saving import write_file
from optiwright.agent.session import Session
from optiwright.agent.session_files import drop_file
from optiwright.agent.session_state import Talk, Turn
from optiwright.agent.session_store import SessionNote, open_store, this_user
from optiwright.formulators.errors import UserError

Written = Literal["md", "json", "txt"]


def sessions_of(owner: str | None = None, store: str | None = None) -> list[SessionNote]:
    """Return an owner's sessions, the one that was used last first; this user's by default."""

    async def listed() -> list[SessionNote]:
        async with open_store(store) as opened:
            return await opened.all(owner or this_user())

    return wait(listed())


def known(name: str, store: str | None = None) -> SessionNote:
    """Return a session's note.

    Raises:
        UserError: if there is none by that name.
    """

    async def found() -> SessionNote:
        async with open_store(store) as opened:
            return await opened.known(name)

    return wait(found())


def rename(name: str, new: str, store: str | None = None) -> SessionNote:
    """Give a session another name.

    Raises:
        UserError: if there is none, the name is taken, or a client is at work in it.
    """

    async def renamed() -> SessionNote:
        async with open_store(store) as opened:
            note = await opened.known(name)
            async with opened.lease(note):
                return await opened.rename(note, new)

    return wait(renamed())


def delete(name: str, store: str | None = None) -> int:
    """Delete a session with its runs' folders and their labels; return how many runs there were.

    The files that were attached to it go too, but those that came to another session of the store.

    Raises:
        UserError: if there is none, or a client is at work in it.
    """
    note = known(name, store)
    standing = Session(note.full_name, store=store).standing()
    talk = standing.talk
    runs = sorted({v.record.partition("/")[0] for v in talk.versions})

    async def deleted() -> list[SessionNote]:
        async with open_store(store) as opened, opened.lease(note):
            await opened.delete(note)
            return await opened.everyones()

    others = wait(deleted())
    files = standing.files
    for other in others if files else ():
        files -= Session(other.full_name, store=store).standing().files
    for file in files:
        drop_file(file)
    for run in runs:
        shutil.rmtree(records_dir() / run, ignore_errors=True)
    forget(runs)
    return len(runs)


def transcript(name: str, form: Written, store: str | None = None) -> str:
    """Return a session as Markdown, as JSON, or as the turns alone, to be said again.

    Raises:
        UserError: if there is none by that name.
    """
    note = known(name, store)
    talk = Session(note.full_name, store=store).talk
    match form:
        case "json":
            whole = note.model_dump(mode="json") | talk.model_dump(mode="json")
            return json.dumps(whole | {"count": note.turns}, indent=1) + "\n"
        case "txt":
            return "".join(f"{_said_again(turn)}\n" for turn in talk.turns)
        case "md":
            return _markdown(note, talk)


def export(name: str, file: Path, *, overwrite: bool = False, store: str | None = None) -> Path:
    """Write a session to a file; its suffix says how.

    Raises:
        UserError: if the suffix is unknown, the file exists or cannot be written.
    """
    form = file.suffix.lstrip(".").lower()
    if form not in ("md", "json", "txt"):
        raise UserError(
            f"a session cannot be written to `{file.suffix or file.name}`",
            where=str(file),
            remedy="There are `.md` (to read), `.json` (everything) and `.txt` (the turns alone).",
        )
    content = transcript(name, cast(Written, form), store)
    if file.exists() and not overwrite:
        raise UserError(
            "the file exists already", where=str(file), remedy="Replace it with --force."
        )
    write_file(file, content.encode())
    return file


def _said_again(turn: Turn) -> str:
    text = turn.text if "\n" not in turn.text else f'"""\n{turn.text}\n"""'
    answers = [e.answer.removesuffix(" (best guess)") for e in turn.exchanges]
    return "\n".join([text, *answers])


def _markdown(note: SessionNote, talk: Talk) -> str:
    parts = [f"# {note.full_name}"]
    for turn in talk.turns:
        quoted = "\n".join(f"> {line}".rstrip() for line in turn.text.split("\n"))
        asked = "\n".join(f"- {e.question} **{e.answer}**" for e in turn.exchanges)
        parts += [f"## {turn.number}", quoted, *([asked] if asked else []), turn.answer]
    if talk.versions:
        parts += ["## Versions", tree_told(talk)]
    return "\n\n".join(parts) + "\n"
