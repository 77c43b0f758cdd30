"""A run read back from its folder, with the names and the command that tables show for it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from optiwright.agent.prices import Price
from optiwright.evaluation.choices import Choices
from optiwright.evaluation.frames import Row, row_of
from optiwright.evaluation.measures import first_samples
from optiwright.evaluation.methods import NoModel
from optiwright.evaluation.origins import Origin, read_origin
from optiwright.evaluation.prices import read_price
from optiwright.evaluation.records import EvaluationSettings, read_records, read_settings
from optiwright.formulators.errors import UserError


@dataclass(frozen=True)
class Evaluated:
    """A run read back: its settings, a row a record, and the price."""

    paths: tuple[Path, ...]
    """Its folder, or those of its parts."""
    settings: EvaluationSettings
    rows: tuple[Row, ...]
    price: Price | None = None
    """Of its tokens, if one was named."""
    origin: Origin | None = None
    """How its problems and its model were named, if it was kept."""

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"{self.settings.benchmark}, {self.way}"

    @property
    def way(self) -> str:
        """The method and the model."""
        s = self.settings
        words = [s.method]
        if s.method == "optiwright":
            words += [s.effort, *([s.route] if s.route else [])]
            words += [f"in {s.library}"] * (s.library != Choices().library)
        return f"{' '.join(words)}, {s.model}"

    @property
    def problems(self) -> str:
        """How many problems it has answered, and of how many if it has not come to its end."""
        answered, drawn = len(first_samples(self.rows)), self.settings.n
        return f"{answered} of {drawn}" if drawn and answered < drawn else str(answered)

    @property
    def command(self) -> str:
        """The command that makes it, from whatever folder; of a run in parts, one a line."""
        parts = self.settings.part
        return "\n".join(map(self._command, parts.split() if parts else [None]))

    def _command(self, part: str | None) -> str:
        s = self.settings
        origin = self.origin or Origin(benchmark=s.benchmark)
        words = ["optiwright", "eval", origin.benchmark]
        words += ["--model", origin.model or s.model] if s.model != NoModel.name else []
        words += ["--seed", str(s.seed)]
        usual = Choices()
        words += ["--n", str(s.n)] if s.n is not None else []
        words += ["--part", part] if part is not None else []
        words += ["--plain"] if s.draw == "plain" and s.n is not None else []
        words += ["--method", s.method] if s.method != "optiwright" else ["--effort", s.effort]
        for option, value in (("route", s.route), ("form", s.form), ("solver", s.solver),
                              ("data", origin.data), ("base-url", origin.base_url)):  # fmt: skip
            words += [f"--{option}", str(value)] if value is not None else []
        for option, number in (("samples", s.samples if s.samples > 1 else 0),
                               ("rounds", s.rounds), ("votes", s.votes)):  # fmt: skip
            words += [f"--{option}", str(number)] if number else []
        words += ["--time-limit", f"{s.time_limit_s:g}"] * (s.time_limit_s != usual.time_limit_s)
        words += ["--library", s.library] * (s.library != usual.library)
        words += ["--isolation", s.isolation.value] * (s.isolation != usual.isolation)
        words += ["--no-quantities"] * (not s.quantities)
        return shlex.join(words)


def read_runs(paths: Sequence[Path]) -> list[Evaluated]:
    """Read several runs' folders; parts of one draw become one run, the first part's folder's."""
    together: dict[str, Evaluated] = {}
    for run in map(read_run, paths):
        whole = run.settings.model_copy(update={"part": None, "problems": ""})
        key = whole.sha256 if run.settings.part is not None else str(run.paths)
        before = together.get(key)
        together[key] = run if before is None else _joined(before, run)
    return list(together.values())


def _joined(first: Evaluated, second: Evaluated) -> Evaluated:
    known = {row.key for row in first.rows}
    if any(row.key in known for row in second.rows):
        raise UserError("two of the runs have the same part", where=str(second.paths[0]))
    settings = first.settings.model_copy(
        update={"part": f"{first.settings.part} {second.settings.part}"}
    )
    return replace(
        first,
        paths=(*first.paths, *second.paths),
        settings=settings,
        rows=(*first.rows, *second.rows),
    )


def read_run(path: Path) -> Evaluated:
    """Read a run's folder.

    Raises:
        UserError: if it holds none, or not a single record.
    """
    rows = tuple(map(row_of, read_records(path)))
    if not rows:
        raise UserError("the run has no record yet", where=str(path))
    return Evaluated((path,), read_settings(path), rows, read_price(path), read_origin(path))
