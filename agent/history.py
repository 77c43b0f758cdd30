"""The revisions of an answer: a tree of what-ifs over one run, walked, undone, never rewritten.

The run's own folder keeps them: `revisions.jsonl` has a line for each revision, with the typed
changes that it makes to its parent, and for each turn back; `revisions/N` holds what came of it,
as a run's folder does. The run's own files stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from optiwright.agent.places import private_dir, records_dir
from optiwright.agent.result import Plain, Result, Status
from optiwright.agent.saving import save_result
from optiwright.formulators.changes import Changes
from optiwright.formulators.errors import UserError

Way: TypeAlias = Literal["given", "reader", "model"]
"""Who read a question: nobody, the changes were given; the plain reader; a language model."""

LINES = "revisions.jsonl"
FOLDER = "revisions"
_RESULT = "result.json"
_TOKEN = ".token"


class Revision(Plain):
    """One what-if, as it differs from what it was asked about."""

    kind: Literal["revision"] = "revision"
    number: int = Field(ge=1)
    parent: int = Field(ge=0)
    """The revision that it changes; 0 is the run itself."""
    question: str = ""
    way: Way
    changes: Changes
    difference: tuple[str, ...] = ()
    status: Status
    objective: float | None = None


class Turn(Plain):
    """From here on another revision is the current one."""

    kind: Literal["turn"] = "turn"
    to: int = Field(ge=0)


_LINE: TypeAdapter[Revision | Turn] = TypeAdapter(
    Annotated[Revision | Turn, Field(discriminator="kind")]
)


class History:
    """The revisions of one run, and which of them is current.

    Args:
        root: the run's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.revisions: dict[int, Revision] = {}
        self.current = 0
        for line in _lines(root):
            if isinstance(line, Turn):
                self.current = line.to
            else:
                self.revisions[line.number] = line

    @classmethod
    def of(cls, result: Result) -> History:
        """Return the history that a result stands in; one without a folder gets one.

        Raises:
            UserError: if a line of it cannot be read.
        """
        folder = Path(result.record) if result.record else records_dir() / result.run_id
        if folder.parent.name == FOLDER:
            return cls(folder.parent.parent)
        if not folder.is_dir():
            records_dir().mkdir(parents=True, exist_ok=True)
            folder = private_dir(records_dir() / result.run_id)
            save_result(result.model_copy(update={"record": str(folder)}), folder)
        return cls(folder)

    def number_of(self, result: Result) -> int:
        """Return which revision a result is; 0 for the run's own answer."""
        folder = Path(result.record) if result.record else self.root
        return int(folder.name) if folder.parent == self.root / FOLDER else 0

    def result(self, number: int) -> Result:
        """Return the answer of a revision, or with 0 that of the run.

        Raises:
            UserError: if there is no such revision, or its files are gone.
        """
        self._known(number)
        folder = self.root / FOLDER / str(number) if number else self.root
        try:
            return Result.from_json((folder / _RESULT).read_text(encoding="utf-8"))
        except OSError as error:
            raise UserError(
                f"revision {number} cannot be read: {error.strerror}", where=str(folder)
            ) from None

    def path(self, number: int) -> list[Revision]:
        """Return the revisions from the run's own answer to one of them.

        Raises:
            UserError: if there is no such revision.
        """
        self._known(number)
        found: list[Revision] = []
        while number:
            found.append(self.revisions[number])
            number = found[-1].parent
        return found[::-1]

    def walk(self) -> Iterator[tuple[int, Revision]]:
        """Yield every revision under its parent, with its depth, from 1."""
        yield from self._below(0, 1)

    def _below(self, parent: int, depth: int) -> Iterator[tuple[int, Revision]]:
        for revision in self.revisions.values():
            if revision.parent == parent:
                yield depth, revision
                yield from self._below(revision.number, depth + 1)

    # --- what it writes ---------------------------------------------------------------------------

    def reserve(self, token: str = "") -> tuple[int, Path]:
        """Return a new revision's number and its folder, made here.

        Args:
            token: names who makes the revision. Whoever begins it again, having been killed,
                gets the same number and folder, emptied.
        """
        place = self.root / FOLDER
        place.mkdir(parents=True, exist_ok=True)
        taken = {int(p.name): p for p in place.iterdir() if p.name.isdigit()}
        for number, folder in taken.items():
            if token and _token_in(folder) == token:
                _empty(folder)
                return number, folder
        number = max(taken, default=0) + 1
        while True:
            try:
                (place / str(number)).mkdir(mode=0o700)
                break
            except FileExistsError:  # another process was faster
                number += 1
        if token:
            (place / str(number) / _TOKEN).write_text(token, encoding="utf-8")
        return number, place / str(number)

    def add(self, revision: Revision) -> None:
        """Write a revision down; it does not become current by that."""
        self._append(revision)
        self.revisions[revision.number] = revision

    def turn(self, number: int) -> None:
        """Make a revision the current one, or with 0 the run's own answer.

        Raises:
            UserError: if there is no such revision.
        """
        self._known(number)
        self._append(Turn(to=number))
        self.current = number

    def undo(self) -> Revision:
        """Go back from the current revision to what it changed, and return what was undone.

        Raises:
            UserError: if the run's own answer is current.
        """
        if not self.current:
            raise UserError(
                "there is nothing to undo: the run's own answer is the current one",
                where=str(self.root),
                remedy='`optiwright whatif "..." --keep` makes a revision the current one.',
            )
        undone = self.revisions[self.current]
        self.turn(undone.parent)
        return undone

    def _append(self, line: Revision | Turn) -> None:
        with (self.root / LINES).open("a", encoding="utf-8") as file:
            file.write(line.model_dump_json() + "\n")

    def _known(self, number: int) -> None:
        if number and number not in self.revisions:
            known = ", ".join(map(str, self.revisions)) or "none yet"
            raise UserError(
                f"there is no revision {number}",
                where=str(self.root),
                remedy=f"There are: {known}. 0 is the run's own answer.",
            )


def _token_in(folder: Path) -> str:
    try:
        return (folder / _TOKEN).read_text(encoding="utf-8")
    except OSError:
        return ""


def _empty(folder: Path) -> None:
    for file in folder.iterdir():
        if file.name != _TOKEN:
            file.unlink()


def _lines(root: Path) -> Iterator[Revision | Turn]:
    file = root / LINES
    if not file.is_file():
        return
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n")[:-1], 1):
        try:
            yield _LINE.validate_json(line)
        except ValidationError as error:
            raise UserError(
                f"line {number} is no revision: {error.errors()[0]['msg']}",
                where=str(file),
                remedy="Take the line out; the run's own answer is not touched by that.",
            ) from None
