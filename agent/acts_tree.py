"""The acts that walk the tree of versions, and those that write it out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from optiwright.agent.desk import Desk, result_of, said
from optiwright.agent.exporting import FORMATS
from optiwright.agent.exporting import export as write_export
from optiwright.agent.result import Status
from optiwright.agent.session_state import Outcome, Talk, Version
from optiwright.agent.side_by_side import changes_between, changes_text, compared, moved_between
from optiwright.formulators.errors import UserError
from optiwright.formulators.figures import number

HOW = {"problem": "problem", "revision": "change", "what_if": "what-if", "data": "new data"}
"""What makes a version, in a word."""


async def undo(desk: Desk) -> Outcome:
    """Go back to the version that the current one changes; nothing is deleted."""
    current = desk.version
    if not current.parent and current.status is Status.FORMULATED:
        return _rejected(desk.talk, current)
    if not current.parent:
        before = [v.number for v in desk.talk.versions if v.number < current.number]
        raise UserError(
            f"version {current.number} is a problem of its own, with nothing to go back to",
            where="the session",
            remedy=f"`/back {before[-1]}` goes to the version before." if before else "",
        )
    parent = desk.talk.versions[current.parent - 1]
    return _gone_to(desk.talk, parent, f"Taken back: {current.title}\n\n")


def _rejected(talk: Talk, version: Version) -> Outcome:
    """Take back a formulation that was not solved: what was current before it is so again."""
    before = next((t.current for t in talk.turns if t.number == version.turn - 1), 0)
    told = f"Taken back: {version.title}\n\n"
    if before:
        return _gone_to(talk, talk.versions[before - 1], told)
    return Outcome(answer=f"{told}State the problem again, in other words.", ok=True, current=0)


async def back(desk: Desk) -> Outcome:
    """Make another version the current one."""
    version = _meant(desk)[0]
    return _gone_to(desk.talk, version)


async def keep(desk: Desk) -> Outcome:
    """Make the last what-if the current version."""
    version = last_tried(desk.talk)
    if version is None:
        raise UserError(
            "there is no what-if of the current version that could be kept",
            where="the session",
            remedy="Ask one, such as `What if demand grows by 10%?`, or say the change outright.",
        )
    return _gone_to(desk.talk, version)


async def branch(desk: Desk) -> Outcome:
    """Name the current version, go to the one that has the name, or list the names."""
    name = desk.route.to.strip().strip("`\"'")
    names = desk.talk.names
    if not name:
        listed = "\n".join(f"- `{n}`: version {at}" for n, at in names.items())
        return said(listed or "No version has a name yet; `/branch NAME` gives it one.")
    if len(name) > 40 or name.isdigit():
        raise UserError(
            f"`{name[:40]}` is no name for a version",
            where="the turn",
            remedy="Take up to 40 characters, not digits alone.",
        )
    if name in names and names[name] != desk.version.number:
        version = desk.talk.versions[names[name] - 1]
        return _gone_to(desk.talk, version)
    return Outcome(
        answer=f"Version {desk.version.number} is now called `{name}`.",
        ok=True,
        names=names | {name: desk.version.number},
    )


async def compare(desk: Desk) -> Outcome:
    """Put two versions side by side: what their formulations and answers differ in."""
    one, two = _pair(desk)
    before, after = result_of(one), result_of(two)
    lines = await asyncio.to_thread(changes_between, before, after)
    heading = f"**Version {one.number} and version {two.number}**"
    told = compared(before, after, moved_between(before, after), "given")
    return said(f"{heading}\n\n{changes_text(lines)}\n\n{told}")


async def history(desk: Desk) -> Outcome:
    """Show the versions as a tree."""
    return said(tree_told(desk.talk) or "There is no version yet.")


async def export(desk: Desk) -> Outcome:
    """Write the current answer to a file."""
    if not desk.route.to:
        raise UserError(
            "it is not said which file to write",
            where="the turn",
            remedy="Name it: `/export plan.xlsx`. Known are "
            f"{', '.join(f'`{form.suffix}`' for form in FORMATS)}.",
        )
    if desk.tools.folder is None:
        raise UserError(
            "this client writes no files of its own",
            where="the turn",
            remedy="Take the answer by its export button, or in Python by `session.result.export`.",
        )
    file, _, library = desk.route.to.partition(" as ")
    path = desk.tools.folder / Path(file.strip()).expanduser()
    # A turn that was killed after its file was written writes it again.
    again = _written_by(desk, path)
    if path.exists() and not again:
        raise UserError(
            "the file exists already", where=file.strip(), remedy="Choose another name."
        )
    done = await asyncio.to_thread(
        write_export, desk.result, path, library=library.strip() or "pyomo", overwrite=again
    )
    return said(f"Written: `{done.name}`, {done.stat().st_size:,} bytes.")


def tree_told(talk: Talk) -> str:
    """Return the versions as a nested list, the current one marked."""
    return "\n".join(f"{'  ' * depth}- {_line(talk, version)}" for depth, version in walk(talk))


def last_tried(talk: Talk) -> Version | None:
    """Return the last what-if of the current version; None where none was asked."""
    tried = [v for v in talk.versions if v.how == "what_if" and v.parent == talk.current]
    return tried[-1] if tried else None


def walk(talk: Talk, parent: int = 0, depth: int = 0) -> Iterator[tuple[int, Version]]:
    """Yield every version under the one that it changes, with its depth."""
    for version in talk.versions:
        if version.parent == parent:
            yield depth, version
            yield from walk(talk, version.number, depth + 1)


def _line(talk: Talk, version: Version) -> str:
    name = talk.name_of(version.number)
    named = f" `{name}`" if name else ""
    mark = " **(current)**" if version.number == talk.current else ""
    told = f"{version.title} ({value_told(version)})"
    return f"{version.number}{named} {HOW[version.how]}: {told}{mark}"


def value_told(version: Version) -> str:
    """Return a version's status and objective in words."""
    if version.objective is None:
        return version.status.value
    return f"{version.status}, {number(version.objective)} {version.unit}".rstrip()


def _gone_to(talk: Talk, version: Version, before: str = "") -> Outcome:
    answer = f"{before}{_now(talk, version)}"
    return Outcome(answer=answer, ok=True, current=version.number)


def _now(talk: Talk, version: Version) -> str:
    name = talk.name_of(version.number)
    named = f", `{name}`" if name else ""
    return f"Current is version {version.number}{named}: {version.title} ({value_told(version)})."


def _meant(desk: Desk) -> list[Version]:
    """Return the versions that a turn names, by number or by name.

    Raises:
        UserError: if it names none, or one that is not there.
    """
    talk = desk.talk
    words = f" {desk.route.to.lower()} "
    named = [at for name, at in talk.names.items() if name.lower() in words]
    numbers = named + [int(n) for n in desk.route.numbers]
    unknown = [n for n in numbers if not 1 <= n <= len(talk.versions)]
    if unknown or not numbers:
        there = ", ".join(str(v.number) for v in talk.versions) or "none yet"
        names = ", ".join(f"`{n}`" for n in talk.names)
        raise UserError(
            f"there is no version {unknown[0]}" if unknown else "it is not said which version",
            where="the turn",
            remedy=f"There are {there}{f', by name {names}' if names else ''}.",
        )
    return [talk.versions[n - 1] for n in dict.fromkeys(numbers)]


def _pair(desk: Desk) -> tuple[Version, Version]:
    """Return the two versions to compare: those named, or the current one and its parent."""
    talk = desk.talk
    named = bool(desk.route.numbers) or any(n.lower() in desk.route.to.lower() for n in talk.names)
    if named:
        meant = _meant(desk)
        return (meant[0], meant[1]) if len(meant) > 1 else (meant[0], desk.version)
    usual = usual_pair(talk)
    if usual is not None:
        return usual
    raise UserError(
        "there is nothing yet to compare version 1 with",
        where="the session",
        remedy="Change something, or ask a what-if; then `/compare`, or `/compare 1 3`.",
    )


def usual_pair(talk: Talk) -> tuple[Version, Version] | None:
    """Return what is compared if nobody says what: what the current version changes, or a what-if.

    None where there is only one version of the current problem.
    """
    if talk.version is None:
        return None
    if talk.version.parent:
        return talk.versions[talk.version.parent - 1], talk.version
    tried = last_tried(talk)
    return (talk.version, tried) if tried is not None else None


def _written_by(desk: Desk, path: Path) -> bool:
    """Whether a file is there that this turn itself wrote before it was cut off."""
    started = desk.state["started"]
    try:
        return path.stat().st_mtime >= datetime.fromisoformat(started).timestamp()
    except OSError:
        return False
