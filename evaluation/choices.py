"""What a caller may choose about an evaluation, refused where no evaluation could use it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from optiwright.agent.llm import LanguageModel
from optiwright.agent.record import Effort, Library, Route
from optiwright.evaluation.baselines import METHODS
from optiwright.evaluation.methods import options_of
from optiwright.evaluation.on_ray import need_ray
from optiwright.formulators.errors import UserError
from optiwright.formulators.wire import Form
from optiwright.solver_tools.sandbox_policy import Isolation

Engine: TypeAlias = Literal["asyncio", "ray"]


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a caller may choose about an evaluation; the defaults suit most.

    Attributes:
        n: how many problems are drawn; None takes all.
        seed: of the draw and of the runs.
        stratified: whether kinds are drawn in their own proportions.
        part: `2/6` for the second of six parts of the draw; a report puts parts together.
        method: `optiwright` or a baseline's name.
        model: as in `optiwright.solve`; so are base_url, effort, route, library,
            form, solver, time_limit_s and isolation.
        samples: how often each problem is answered; the first at temperature 0.
        rounds: of self-correction at most, for the baseline that has it.
        votes: programs that vote, for the baseline that does.
        quantities: whether quantities that a label names are mapped, a small call each problem.
        jobs: how many problems are worked on at once.
        engine: `asyncio`, or `ray` for workers in processes of their own: on this machine, or on
            the cluster that `RAY_ADDRESS` names.
        calls_per_minute: model calls at most, over all jobs and workers; None sets no limit.
        batch: whether a method that asks once asks in the provider's batches: within a day and at
            half price. No setting of the run.
        price: of a million tokens, `IN/OUT` or `IN/OUT/CACHED`; no setting of the run.
        data: the folder of the benchmarks' files.
        out: the folder of all evaluations.
    """

    n: int | None = None
    seed: int = 0
    stratified: bool = True
    part: str | None = None
    method: str = "optiwright"
    model: str | LanguageModel | None = None
    base_url: str | None = None
    effort: Effort = "standard"
    route: Route | None = None
    library: Library = "pyomo"
    form: Form | None = None
    solver: str | None = None
    time_limit_s: float = 60.0
    isolation: Isolation = Isolation.REQUIRED
    samples: int = 1
    rounds: int = 12
    votes: int = 5
    quantities: bool = True
    jobs: int = 1
    engine: Engine = "asyncio"
    calls_per_minute: float | None = None
    batch: bool = False
    price: str | None = None
    data: Path | None = None
    out: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what no evaluation could use."""
        if self.method not in METHODS:
            raise UserError(
                f"there is no method {self.method!r}",
                remedy=f"Choose one of {', '.join(METHODS)}.",
            )
        if min(self.samples, self.jobs, self.rounds, self.votes) < 1:
            raise UserError("`samples`, `jobs`, `rounds` and `votes` are 1 or more")
        if self.engine not in get_args(Engine):
            raise UserError(
                f"there is no engine {self.engine!r}",
                remedy=f"Choose one of {', '.join(get_args(Engine))}.",
            )
        if self.engine == "ray":
            need_ray()
        if self.calls_per_minute is not None and not self.calls_per_minute > 0:
            raise UserError("`calls_per_minute` is more than 0")
        if self.batch:
            self._check_batch()
        options_of(self, None)

    def _check_batch(self) -> None:
        once = [method.name for method in METHODS.values() if method.one_shot]
        if self.method not in once:
            raise UserError(
                f"the method {self.method!r} asks more than once, and cannot ask in batches",
                remedy=f"Take --method {' or '.join(once)}, or leave out --batch.",
            )
        if self.engine != "asyncio" or self.calls_per_minute is not None:
            raise UserError(
                "a batch is sent from here and answered at the provider's own pace",
                remedy="Leave out --engine and --calls-per-minute, or --batch.",
            )
