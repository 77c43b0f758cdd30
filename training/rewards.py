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
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from optiwright.agent.writing import reported, run_written
from optiwright.evaluation.problems import Ending
from optiwright.evaluation.scorers import SCORERS
from optiwright.formulators.errors import UserError
from optiwright.formulators.wire import Form
from optiwright.solver_tools.pool import Isolation, Pool, Reason, default_pool
from optiwright.solver_tools.written_result import ProgramReport
from optiwright.training.instructions import Task
from optiwright.training.reply_claims import (
    asked_agree,
    both_agree,
    from_formulation,
    from_program,
    label_of,
    quantities_of,
)
from optiwright.training.reply_examining import LONGEST, Asked, Examined
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


def can_be_rewarded(row: TrainingRow, task: Task) -> bool:
    """Tell whether a reply to a row's task can be run, and held against an optimum."""
    return row.optimum is not None and task in REWARDED


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
        if not can_be_rewarded(row, task):
            return None
        examined = await self._examined(answered)
        formulated = examined.formulated
        report = await self._ran(examined.program) if examined.program else None
        mine = from_formulation(formulated) if formulated is not None else None
        theirs = from_program(report, examined.data) if examined.data is not None else None
        main = theirs if task in _PROGRAMS else mine
        if main is None:
            nothing = Parts(examined.tidy, 0.0, 0.0, 0.0, asked_agree(row, None))
            return Reward(nothing, examined.fault)
        if mine is not None and theirs is not None:
            agreement: float | None = both_agree(mine.claim, theirs.claim)
        else:
            agreement = asked_agree(row, main.symbols)
        credit = main.data.credit
        parts = Parts(
            format=examined.tidy,
            executes=float(main.executes),
            status=credit * (main.claim.ending is Ending.SOLVED),
            objective=credit * bool(SCORERS[main.scorer](label_of(row), main.claim)),
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
        return reported(outcome)

    @property
    def _runner(self) -> Pool:
        return self._pool or default_pool()


def _asked(row: TrainingRow, task: Task) -> Asked:
    assert row.optimum is not None
    return Asked(
        text=row.text,
        form=Form.INDEXED if task is Task.QUESTION_TO_INDEXED else Form.FLAT,
        program=task in _PROGRAMS,
        script=row.script or row.indexed,
        written=row.program if task in _PROGRAMS else "",
        answers=(row.optimum, *quantities_of(row).values()),
    )
