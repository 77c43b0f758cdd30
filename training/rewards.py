"""The reward of a reply: what the harness's scorer says of it, once it was run.

A reply is read and its formulation solved in a worker of the pool; a program that it holds runs as
a WRITTEN job, confined. Five parts, each 0 to 1, are weighed into one number (`WEIGHTS`):

- `format`: the form asked for, once, and nothing else.
- `executes`: a formulation compiles and its solve comes to an end; a program runs through and has
  called a solver.
- `status`: it ends as the row does, with a best point. Times the data's credit.
- `objective`: the harness's `equivalent` for a formulation, whose point has to hold in the
  independent evaluator; its `strict` for a program, on the value of the model that was solved.
  Times the data's credit.
- `agreement`: of a reply with both, that program and formulation have the same value; else the part
  of the quantities that the text asks for which are as the row has them. Times the credit too.

The *data's credit* keeps an answer from being worth more than the way to it: the part of the text's
numbers that is used (of those that the row's own answer uses), halved for every number that neither
the text nor the row's own answer has, and nothing where one of those is the answer itself. So a
constant objective, a decision fixed at the optimum, and a printed label come to little or nothing.

What is not guarded: a program can lie about what its solver said (`pool` says so), and hide a
number that it knows by arithmetic. Neither helps a model that has not learned the label by heart:
train on many rows for few epochs.

Nothing is raised for a reply, whatever it holds; one that takes too long is ended, and equal
replies to equal rows have equal rewards as long as the time suffices.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol, TypeAlias

from pydantic import ValidationError

from optiwright.agent.witness import close
from optiwright.agent.writing import run_written
from optiwright.evaluation.claims import Claim, Named
from optiwright.evaluation.name_matching import match_names
from optiwright.evaluation.problems import Ending, Label, Quantity
from optiwright.evaluation.scorers import SCORERS
from optiwright.evaluation.solutions import (
    SolvedSymbols,
    formulated_symbols,
    program_symbols,
)
from optiwright.formulators.errors import OptiwrightError, UserError
from optiwright.formulators.wire import Form
from optiwright.solver_tools.pool import Isolation, Pool, Reason, default_pool
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.written_result import ProgramReport
from optiwright.training.instructions import Task
from optiwright.training.reply_examining import LONGEST, Asked, Data, Examined, Formulated
from optiwright.training.rows import TrainingRow

WEIGHTS: Mapping[str, float] = {
    "format": 0.05,
    "executes": 0.10,
    "status": 0.10,
    "objective": 0.65,
    "agreement": 0.10,
}
"""They add up to 1; where a part does not arise, the others are weighed alone."""
REWARDED = (
    Task.QUESTION_TO_SCRIPT,
    Task.QUESTION_TO_INDEXED,
    Task.QUESTION_TO_PROGRAM,
    Task.ELEMENTS_TO_PROGRAM,
)
"""The tasks whose replies can be run; five elements in prose cannot."""
SECONDS = 10.0
"""For a solve, or for a program's run."""

_GRACE_S = 10.0
_MEMORY_MB = 2048
_RIGHT = 0.5
_PROGRAMS = {Task.QUESTION_TO_PROGRAM, Task.ELEMENTS_TO_PROGRAM}
_EMPTY = {Termination.INFEASIBLE: Ending.INFEASIBLE, Termination.UNBOUNDED: Ending.UNBOUNDED}


@dataclass(frozen=True)
class Parts:
    """The parts of a reward, 0 to 1 each; None where one does not arise."""

    format: float
    executes: float
    status: float
    objective: float
    agreement: float | None


@dataclass(frozen=True)
class Reward:
    """A reply's reward, and why."""

    parts: Parts
    fault: str = ""
    """What went wrong, for people; "" if nothing did."""

    @property
    def value(self) -> float:
        """The parts, weighed: 0 to 1."""
        known: dict[str, float | None] = asdict(self.parts)
        arising = {name: value for name, value in known.items() if value is not None}
        total = sum(WEIGHTS[name] for name in arising)
        return sum(WEIGHTS[name] * value for name, value in arising.items()) / total

    @property
    def right(self) -> bool:
        """Whether the reply is a good one to learn from: its answer is right, found from data."""
        return self.parts.objective >= _RIGHT


@dataclass(frozen=True)
class Answered:
    """A reply to a row, by the task that it was asked for."""

    row: TrainingRow
    task: Task
    reply: str


class Judge:
    """Gives rewards, as many at once as the pool has workers.

    Args:
        pool: what runs replies; None for the process's own.
        seconds: for a solve, or for a program's run.
    """

    def __init__(self, pool: Pool | None = None, seconds: float = SECONDS) -> None:
        self._pool = pool
        self._seconds = seconds

    async def rewards(self, replies: Iterable[Answered]) -> list[Reward | None]:
        """Return each reply's reward; None for a row without an optimum, or a task not run."""
        return list(await asyncio.gather(*(self.reward(each) for each in replies)))

    async def reward(self, answered: Answered) -> Reward | None:
        """Return a reply's reward; None for a row without an optimum, or a task not run."""
        row, task = answered.row, answered.task
        if row.optimum is None or task not in REWARDED:
            return None
        examined = await self._examined(answered)
        formulated = examined.formulated
        report = await self._ran(examined.program) if examined.program else None
        mine = _of_formulation(formulated) if formulated is not None else None
        theirs = _of_program(report, examined.data) if examined.data is not None else None
        main = theirs if task in _PROGRAMS else mine
        if main is None:
            return Reward(Parts(examined.tidy, 0.0, 0.0, 0.0, _nothing(row)), examined.fault)
        if mine is not None and theirs is not None:
            agreement: float | None = _both_agree(mine.claim, theirs.claim)
        else:
            agreement = _asked_agree(row, main)
        credit = main.data.credit
        label = _label(row)
        parts = Parts(
            format=examined.tidy,
            executes=float(main.executes),
            status=credit * (main.claim.ending is Ending.SOLVED),
            objective=credit * bool(SCORERS[main.scorer](label, main.claim)),
            agreement=None if agreement is None else credit * agreement,
        )
        return Reward(parts, examined.fault or main.fault)

    async def _examined(self, answered: Answered) -> Examined:
        if len(answered.reply) > LONGEST:
            return Examined(0.0, fault=f"the reply has more than {LONGEST:,} characters")
        outcome = await self._runner.run(
            "optiwright.training.reply_examining:examine",
            answered.reply,
            _asked(answered.row, answered.task),
            self._seconds,
            time_limit_s=self._seconds + _GRACE_S,
            memory_mb=_MEMORY_MB,
        )
        if outcome.reason is Reason.FINISHED and isinstance(outcome.value, Examined):
            return outcome.value
        said = outcome.error.strip().rpartition("\n")[2]
        return Examined(0.0, fault=f"reading it ended: {outcome.reason} {said}".strip())

    async def _ran(self, source: str) -> ProgramReport | None:
        outcome = await run_written(self._runner, source, self._seconds, Isolation.REQUIRED)
        if outcome.reason in {Reason.REFUSED, Reason.STOPPED}:
            # Not the reply's doing: without a sandbox every reward would be wrong.
            raise UserError(
                f"programs cannot be run: {outcome.error or outcome.reason}",
                where="the reward",
                remedy="`optiwright doctor` says what the sandbox lacks here.",
            )
        if outcome.reason is not Reason.FINISHED:
            return None
        try:
            return ProgramReport.model_validate(outcome.value)
        except ValidationError:
            return None  # a program can forge its process's answer

    @property
    def _runner(self) -> Pool:
        return self._pool or default_pool()


# --- what came of a formulation or a program ------------------------------------------------------


@dataclass(frozen=True)
class _Came:
    claim: Claim
    executes: bool
    data: Data
    symbols: SolvedSymbols | None
    scorer: str
    fault: str = ""


def _of_formulation(found: Formulated) -> _Came:
    solution = found.solution
    solved = solution.termination is Termination.OPTIMAL and found.aims
    ending = Ending.SOLVED if solved else _EMPTY.get(solution.termination, Ending.NO_ANSWER)
    claim = Claim(ending=ending, objective=solution.objective, feasible=found.feasible)
    symbols = formulated_symbols(found.formulation, solution) if solved else None
    fault = "" if found.aims else "the objective depends on no decision"
    executes = solved or solution.termination in _EMPTY
    return _Came(claim, executes, found.data, symbols, "equivalent", fault)


def _of_program(report: ProgramReport | None, data: Data) -> _Came:
    if report is None or report.outcome != "finished" or report.solves == 0:
        why = "it ended without a report" if report is None else report.error or "it solved nothing"
        return _Came(Claim(ending=Ending.NO_ANSWER), False, data, None, "strict", why)
    # What it reports counts only where it is what the model that it solved came to.
    value, held = report.objective, report.model_objective
    honest = value is not None and held is not None and close(abs(value), abs(held))
    solved = report.status == "optimal" and report.n_variables > 0 and honest
    claim = Claim(
        ending=Ending.SOLVED if solved else Ending.NO_ANSWER, objective=value if solved else None
    )
    symbols = program_symbols(report) if solved else None
    return _Came(claim, True, data, symbols, "strict", "" if solved else "it has no solved model")


def _both_agree(mine: Claim, theirs: Claim) -> float:
    left, right = mine.objective, theirs.objective
    return float(left is not None and right is not None and close(left, right))


def _asked_agree(row: TrainingRow, came: _Came) -> float | None:
    """Return the part of the row's quantities that the reply has too; None where it has none."""
    asked = _quantities(row)
    if not asked:
        return None
    if came.symbols is None:
        return 0.0
    plain = match_names(list(asked), came.symbols.symbols)
    verdicts = []
    for name, wanted in asked.items():
        named = Named(name=name, value=_value(plain.get(name, ""), came.symbols))
        label = Label(quantities=(Quantity(name=name, value=_exact(wanted)),))
        claim = Claim(ending=Ending.SOLVED, quantities=(named,))
        verdicts.append(bool(SCORERS["optibench"](label, claim)))
    return sum(verdicts) / len(verdicts)


def _value(expression: str, symbols: SolvedSymbols) -> float | None:
    if not expression:
        return None
    try:
        return symbols.value(expression)
    except OptiwrightError:
        return None


def _nothing(row: TrainingRow) -> float | None:
    return 0.0 if _quantities(row) else None


# --- the row's side -------------------------------------------------------------------------------


def _asked(row: TrainingRow, task: Task) -> Asked:
    assert row.optimum is not None
    return Asked(
        text=row.text,
        form=Form.INDEXED if task is Task.QUESTION_TO_INDEXED else Form.FLAT,
        program=task in _PROGRAMS,
        script=row.script or row.indexed,
        written=row.program if task in _PROGRAMS else "",
        answers=(row.optimum, *_quantities(row).values()),
    )


def _quantities(row: TrainingRow) -> dict[str, float]:
    """Return what the text asks for beside the best value itself, where it is known."""
    asked = [a for a in row.asked if a.expression != "objective"]
    return {a.meaning: a.value for a in asked if a.value is not None}


def _label(row: TrainingRow) -> Label:
    """Return the row's label; only what others published may be rounded."""
    assert row.optimum is not None
    written = repr(row.optimum) if row.source == "published" else _exact(row.optimum)
    return Label(accepted=(written,))


def _exact(value: float) -> str:
    """Write a number with an exponent, which scorers do not take to be rounded."""
    return f"{value:.16e}"


# --- TRL's form -----------------------------------------------------------------------------------

Rewarder: TypeAlias = Callable[..., Awaitable[list[float | None]]]


class LogMetric(Protocol):
    """How TRL lets a reward log figures of its own."""

    def __call__(self, name: str, value: float) -> None:
        """Log a mean."""


def trl_reward(judge: Judge | None = None) -> Rewarder:
    """Return the reward as TRL calls it; a data set gives the columns `row` (JSON) and `task`."""
    judge = judge or Judge()

    async def execution(
        prompts: Sequence[Any],
        completions: Sequence[Any],
        *,
        row: Sequence[str],
        task: Sequence[str],
        log_metric: LogMetric | None = None,
        **_: Any,
    ) -> list[float | None]:
        given = [
            Answered(TrainingRow.model_validate_json(one), Task(of), _text(completion))
            for one, of, completion in zip(row, task, completions, strict=True)
        ]
        found = await judge.rewards(given)
        if log_metric is not None:
            _log_parts(found, log_metric)
        return [None if reward is None else reward.value for reward in found]

    return execution


def _log_parts(found: Sequence[Reward | None], log_metric: LogMetric) -> None:
    for name in WEIGHTS:
        values = [getattr(r.parts, name) for r in found if r is not None]
        values = [v for v in values if v is not None]
        if values:
            log_metric(f"reward_{name}", sum(values) / len(values))


def _text(completion: Any) -> str:
    """Return the words of a completion, which TRL gives as text or as messages."""
    if isinstance(completion, str):
        return completion
    return "".join(str(message.get("content") or "") for message in completion)
