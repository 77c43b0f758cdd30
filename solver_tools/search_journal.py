"""The evaluations that were paid for, a line of JSON each, so that none is paid for twice."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from optiwright.formulators.errors import UserError
from optiwright.solver_tools.oracle import Evaluation

if TYPE_CHECKING:
    from optiwright.formulators.black_box import BlackBox


def identity(box: BlackBox) -> str:
    """Returns a hash of the function that is asked: what it is, its constraints, its unknowns.

    Bounds, budget and sense have no part in it: an evaluation stays true where they change.
    """
    oracle = box.oracle.model_dump(mode="json", exclude={"time_limit_s", "trusted"})
    unknowns = [[unknown.name, unknown.kind] for unknown in box.unknowns]
    asked = [oracle, [ask.function for ask in box.constraints], unknowns]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


class Journal:
    """A file of evaluations that only grows; one without a folder keeps nothing.

    Args:
        folder: where it lies; made if there is none.
        box: the black box; each function has a file of its own.

    Raises:
        UserError: the folder cannot be written to.
    """

    def __init__(self, folder: Path | None, box: BlackBox) -> None:
        self.known: list[Evaluation] = []
        self._file = None
        if folder is None:
            return
        path = Path(folder) / f"evaluations-{identity(box)[:16]}.jsonl"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.known, whole = _read(path)
            self._file = path.open("ab")
            self._file.truncate(whole)
        except OSError as error:
            raise UserError(
                f"evaluations cannot be kept in `{path}`: {error.strerror}",
                remedy="Name another folder.",
            ) from None

    def add(self, evaluation: Evaluation) -> None:
        """Keeps an evaluation; it is in the system's hands when this returns."""
        self.known.append(evaluation)
        if self._file is not None:
            self._file.write(line_of(evaluation))
            self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()


def line_of(evaluation: Evaluation) -> bytes:
    """Returns an evaluation as a line, what is not there left away."""
    return evaluation.model_dump_json(exclude_defaults=True).encode() + b"\n"


def read_line(line: bytes | str) -> Evaluation | None:
    """Returns the evaluation of a line, None where the line is none."""
    try:
        return Evaluation.model_validate_json(line)
    except ValidationError:
        return None


def _read(path: Path) -> tuple[list[Evaluation], int]:
    """Returns the evaluations of a file, and how many bytes of it are whole lines."""
    if not path.exists():
        return [], 0
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    found = (read_line(line) for line in data[:whole].splitlines())
    return [evaluation for evaluation in found if evaluation is not None], whole
