"""What an evaluation leaves behind: one line a problem and sample, appended and never changed.

A line wraps the agent's own `RunRecord`. A run's folder is named by its settings, so that the same
command finds it again and other settings begin another; a line that a kill cut off is dropped when
the run goes on.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError

from optiwright.agent.record import Effort, Library, Route, RunRecord
from optiwright.evaluation.claims import Claim
from optiwright.evaluation.lines import append_line, open_lines, read_lines
from optiwright.evaluation.mapping import Mapping
from optiwright.evaluation.problems import Finding, Plain, Problem
from optiwright.formulators.errors import UserError
from optiwright.formulators.wire import Form
from optiwright.solver_tools.sandbox_policy import Isolation

RECORDS = "records.jsonl"
SETTINGS = "settings.json"
FINDINGS = "findings.json"


class EvaluationSettings(Plain):
    """Everything that decides an evaluation's outcome; its hash names the folder."""

    schema_version: Literal[1] = 1
    benchmark: str
    n: int | None
    draw: Literal["stratified", "plain"]
    seed: int
    part: str | None = None
    """Which part of the draw, as `2/6`; None for all of it."""
    problems: str
    """SHA-256 of the problems drawn: other data is another run."""
    method: str
    model: str
    effort: Effort
    route: Route | None
    library: Library = "pyomo"
    """What the second route's program is written in."""
    form: Form | None
    isolation: Isolation
    solver: str | None
    time_limit_s: float
    samples: int
    rounds: int = 0
    """Of corrections at most; 0 where the method has none."""
    votes: int = 0
    """Programs that vote; 0 where none do."""
    quantities: bool
    """Whether quantities that a label names are mapped."""
    prompts: dict[str, str]
    """Prompt name to SHA-256."""
    version: str
    weights: str = ""
    """What tells the model from others of its name: its file's hash and the runtime, or the name.

    Where a served model is asked is no setting: a server may come back at another port.
    """
    code: str = ""
    """SHA-256 of the sources that answer and score."""

    @property
    def sha256(self) -> str:
        """Hash of the settings."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def folder(self) -> str:
        """The run's folder name."""
        return f"{self.benchmark}-{self.method}-{self.sha256[:10]}"


class EvaluationRecord(Plain):
    """One problem, one sample: what was asked, what came out, what each scorer says."""

    schema_version: Literal[1] = 1
    key: str
    """Problem and sample."""
    settings: str
    """Hash of the run's settings."""
    method: str
    problem: Problem
    sample: int
    claim: Claim
    mapping: Mapping | None = None
    scores: dict[str, bool | None] = Field(default_factory=dict)
    """By scorer; None where its question does not arise."""
    seconds: float
    """Wall-clock time of the run and the mapping."""
    run: RunRecord


def key_of(problem: Problem, sample: int) -> str:
    """Return what names a problem's sample within a run."""
    return f"{problem.id}#{sample}"


def problems_hash(problems: list[Problem]) -> str:
    """Return the SHA-256 of problems with their labels, in order."""
    digest = hashlib.sha256()
    for problem in problems:
        digest.update(problem.model_dump_json().encode() + b"\n")
    return digest.hexdigest()


class RunFolder:
    """A run's folder, held by one process at a time; a context manager.

    Args:
        root: the folder of all runs.
        settings: of this run; written beside the records.
        findings: about the benchmark's data.
    """

    def __init__(
        self, root: Path, settings: EvaluationSettings, findings: tuple[Finding, ...] = ()
    ) -> None:
        self.path = root / settings.folder
        self._settings = settings
        self._findings = findings
        self._lock = -1
        self._file = -1

    def __enter__(self) -> Self:
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.path / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise UserError(
                "another process is at this run", where=str(self.path), remedy="Let it finish."
            ) from None
        _replace(self.path / SETTINGS, self._settings.model_dump_json(indent=1))
        _replace(self.path / FINDINGS, json.dumps([f.model_dump() for f in self._findings]))
        self._file = open_lines(self.path / RECORDS)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)
        os.close(self._lock)

    def note(self, name: str, text: str) -> None:
        """Write a small file beside the records, whole."""
        _replace(self.path / name, text)

    def append(self, record: EvaluationRecord) -> None:
        """Write one record down, whole, before anything else happens."""
        append_line(self._file, record)

    def records(self) -> Iterator[EvaluationRecord]:
        """Yield what is there already."""
        return read_records(self.path)


def read_records(path: Path) -> Iterator[EvaluationRecord]:
    """Yield a run's records, one at a time; a line that a kill cut off is left out.

    Raises:
        UserError: if the folder holds no run, or a line is no record.
    """
    file = path / RECORDS
    if not file.is_file():
        raise UserError("no evaluation is recorded there", where=str(path))
    yield from read_lines(file, EvaluationRecord, "record")


def read_settings(path: Path) -> EvaluationSettings:
    """Read a run's settings.

    Raises:
        UserError: if there are none.
    """
    try:
        return EvaluationSettings.model_validate_json((path / SETTINGS).read_bytes())
    except (OSError, ValidationError):
        raise UserError("no evaluation is recorded there", where=str(path)) from None


def read_findings(path: Path) -> tuple[Finding, ...]:
    """Read what was found wrong with the benchmark's data."""
    file = path / FINDINGS
    if not file.is_file():
        return ()
    return tuple(Finding.model_validate(f) for f in json.loads(file.read_text("utf-8")))


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}")
    temporary.write_text(text + "\n", encoding="utf-8")
    os.replace(temporary, path)
