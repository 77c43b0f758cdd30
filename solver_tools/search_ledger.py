"""Counts evaluations, pays none twice, and keeps the best point that was found."""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from optiwright.solver_tools.oracle import Evaluation, Oracle, key_of
from optiwright.solver_tools.search_outcome import TracePoint
from optiwright.solver_tools.search_target import TOLERANCE, Answer, Point, Spent

if TYPE_CHECKING:
    from collections.abc import Sequence


def miss(evaluation: Evaluation) -> float:
    """Returns by how much a point breaks its constraints in all; 0 where it meets them."""
    return sum(limit for limit in evaluation.constraints if limit > TOLERANCE)


class Ledger:
    """The evaluations of one search.

    A function that always answers alike is asked once a point. One that does not is asked again;
    the n-th time at a point the n-th evaluation that an earlier search paid for counts, if there is
    one: so a search that is begun again takes the same way as far as it came.

    Args:
        oracle: what is asked; None: nothing new is, only what is known taken.
        budget: evaluations at most, those of an earlier search counted.
        maximize: whether the value is to be greatest.
        known: what earlier searches have paid for, in that order.
        keep: told each new evaluation.
        deadline: of `time.monotonic`.
    """

    def __init__(
        self,
        oracle: Oracle | None,
        budget: int,
        *,
        maximize: bool = False,
        known: Iterable[Evaluation] = (),
        keep: Callable[[Evaluation], None] = lambda evaluation: None,
        deadline: float = math.inf,
    ) -> None:
        self._oracle, self._keep, self._deadline = oracle, keep, deadline
        self._sign = -1.0 if maximize else 1.0
        self._known: defaultdict[str, list[Evaluation]] = defaultdict(list)
        for evaluation in known:
            self._known[evaluation.key].append(evaluation)
        self.taken: Counter[str] = Counter()
        """How often each point was evaluated in this search, by its key."""
        self.left = budget
        self.evaluations = self.failures = self.cached = 0
        self.values: list[Evaluation] = []
        """All that had a value, in their order."""
        self.faults: list[Evaluation] = []
        """The first of those that had none."""
        self.best: Evaluation | None = None
        self.last_progress = 0
        """The evaluation that brought the best point."""
        self.trace: list[TracePoint] = []
        self.noisy = False
        self.is_out_of_time = False
        self._seconds: list[float] = []

    def ask(self, point: Point, *, again: bool = False) -> Evaluation:
        """Evaluates a point; `again` is whether one evaluation of it is not enough.

        Raises:
            Spent: the budget or the time is over.
        """
        key = key_of(point)
        if self.taken[key] and not (again or self.noisy):
            return self._known[key][0]
        evaluation = self._take(key, lambda oracle: oracle.ask(point))
        self._count(evaluation)
        return evaluation

    def slope(self, point: Point) -> Sequence[float]:
        """Returns the gradient; it counts as an evaluation.

        Raises:
            Spent: as `ask`, or there is no gradient there.
        """
        key = f"gradient {key_of(point)}"
        if self.taken[key]:
            found = self._known[key][0].gradient
        else:
            found = self._take(key, lambda oracle: _slope(oracle, point)).gradient
        assert found is not None
        return found

    def _take(self, key: str, ask: Callable[[Oracle], Evaluation]) -> Evaluation:
        """Returns the next evaluation of a point: one that is paid for, else a new one."""
        if self.left <= 0:
            raise Spent("the budget is spent")
        known, turn = self._known[key], self.taken[key]
        if turn < len(known):
            evaluation = known[turn]
            self.cached += 1
        else:
            if self._oracle is None or time.monotonic() >= self._deadline:
                self.is_out_of_time = True
                raise Spent("the time is over")
            evaluation = self._asked(ask, self._oracle)
            known.append(evaluation)
            self._keep(evaluation)
        self.taken[key] += 1
        self.left -= 1
        self.evaluations += 1
        self._seconds.append(evaluation.seconds)
        return evaluation

    def _asked(self, ask: Callable[[Oracle], Evaluation], oracle: Oracle) -> Evaluation:
        try:
            return ask(oracle)
        except Spent:
            self.is_out_of_time = time.monotonic() >= self._deadline
            raise

    def _count(self, evaluation: Evaluation) -> None:
        if evaluation.value is None:
            self.failures += 1
            self.faults = [*self.faults, evaluation][:20]
            return
        self.values.append(evaluation)
        if self.best is None or self.rank(evaluation) < self.rank(self.best):
            self.best, self.last_progress = evaluation, self.evaluations
            if not miss(evaluation):
                point = TracePoint(evaluation=self.evaluations, value=evaluation.value)
                self.trace.append(point)

    def rank(self, evaluation: Evaluation) -> tuple[float, float]:
        """Returns what orders evaluations: what they break first, then their values."""
        return miss(evaluation), self._sign * (evaluation.value or 0.0)

    def answer(self, point: Point) -> Answer:
        """Returns what a `Target` asks for."""
        evaluation = self.ask(point)
        value = math.nan if evaluation.value is None else evaluation.value
        return value, evaluation.constraints

    @property
    def is_over(self) -> bool:
        """Whether nothing more can be asked."""
        late = time.monotonic() >= self._deadline
        return self.is_out_of_time or self.left <= 0 or late

    @property
    def seconds(self) -> float:
        """The median time of an evaluation."""
        ordered = sorted(self._seconds)
        return ordered[len(ordered) // 2] if ordered else 0.0


def _slope(oracle: Oracle, point: Point) -> Evaluation:
    found = oracle.slope(point)
    if found is None:
        raise Spent("its gradient could not be found")
    return found
