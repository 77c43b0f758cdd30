"""A run read back from its folder, with the names and the command that tables show for it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from optiwright.evaluation.choices import Choices
from optiwright.evaluation.frames import Row, row_of
from optiwright.evaluation.measures import first_samples
from optiwright.evaluation.origins import Origin, read_origin
from optiwright.evaluation.prices import Price, read_price
from optiwright.evaluation.records import EvaluationSettings, read_records, read_settings
from optiwright.formulators.errors import UserError


@dataclass(frozen=True)
class Evaluated:
    """A run read back: its settings, a row a record, and the price."""

    path: Path
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
            words.append(s.effort + (f" {s.route}" if s.route else ""))
        return f"{' '.join(words)}, {s.model}"

    @property
    def problems(self) -> str:
        """How many problems it has answered, and of how many if it has not come to its end."""
        answered, drawn = len(first_samples(self.rows)), self.settings.n
        return f"{answered} of {drawn}" if drawn and answered < drawn else str(answered)

    @property
    def command(self) -> str:
        """The command that makes it, from whatever folder it is run."""
        s = self.settings
        origin = self.origin or Origin(benchmark=s.benchmark)
        words = ["optiwright", "eval", origin.benchmark, "--model", origin.model or s.model]
        words += ["--seed", str(s.seed)]
        usual = Choices()
        words += ["--n", str(s.n)] if s.n is not None else []
        words += ["--plain"] if s.draw == "plain" and s.n is not None else []
        words += ["--method", s.method] if s.method != "optiwright" else ["--effort", s.effort]
        for option, value in (("route", s.route), ("form", s.form), ("solver", s.solver),
                              ("data", origin.data), ("base-url", origin.base_url)):  # fmt: skip
            words += [f"--{option}", str(value)] if value is not None else []
        for option, number in (("samples", s.samples if s.samples > 1 else 0),
                               ("rounds", s.rounds), ("votes", s.votes)):  # fmt: skip
            words += [f"--{option}", str(number)] if number else []
        words += ["--time-limit", f"{s.time_limit_s:g}"] * (s.time_limit_s != usual.time_limit_s)
        words += ["--isolation", s.isolation.value] * (s.isolation != usual.isolation)
        words += ["--no-quantities"] * (not s.quantities)
        return shlex.join(words)


def read_run(path: Path) -> Evaluated:
    """Read a run's folder.

    Raises:
        UserError: if it holds none, or not a single record.
    """
    rows = tuple(map(row_of, read_records(path)))
    if not rows:
        raise UserError("the run has no record yet", where=str(path))
    return Evaluated(path, read_settings(path), rows, read_price(path), read_origin(path))
