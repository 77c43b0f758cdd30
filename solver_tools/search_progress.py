"""How far a search has come, told as evaluations come in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optiwright.formulators.model import Sense
from optiwright.solver_tools.search_ledger import miss

if TYPE_CHECKING:
    from optiwright.formulators.black_box import BlackBox
    from optiwright.solver_tools.oracle import Evaluation


@dataclass(frozen=True)
class SearchProgress:
    """A search as it stands."""

    evaluations: int
    """New ones; what earlier searches paid for is not told again."""
    budget: int
    best: float | None = None
    """The best value that meets every constraint."""
    optimizer: str = ""
    reason: str = ""


class Follower:
    """Tells a listener how a search stands, from what it hears of it."""

    def __init__(self, box: BlackBox, listener: Callable[[SearchProgress], None] | None) -> None:
        self._listener = listener
        self._pick = max if box.sense is Sense.MAXIMIZE else min
        self._budget = box.budget
        self._count = 0
        self._best: float | None = None
        self._stage = ("", "")
        self.optimizers: list[str] = []
        """Those that have begun, in their order."""

    def heard(self, evaluation: Evaluation) -> None:
        """Takes a new evaluation in."""
        self._count += 1
        value = evaluation.value
        if value is not None and not miss(evaluation):
            self._best = value if self._best is None else self._pick(self._best, value)

    def began(self, optimizer: str, reason: str) -> None:
        """Takes in that an optimizer begins."""
        self._stage = (optimizer, reason)
        self.optimizers.append(optimizer)

    def tell(self) -> None:
        """Tells the listener."""
        if self._listener is not None:
            state = SearchProgress(self._count, self._budget, self._best, *self._stage)
            self._listener(state)
