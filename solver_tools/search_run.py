"""Searches a black box: looks around, chooses optimizers, watches them, and says how sure it is.

Where this runs is for `search` to say: in the sandbox with the function, or where a command is run.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from optiwright.formulators.model import Sense
from optiwright.solver_tools.optimizer_choice import choose
from optiwright.solver_tools.optimizers import EVERY_POINT, OPTIMIZERS, available, named
from optiwright.solver_tools.optimizers_scipy import first_look
from optiwright.solver_tools.oracle import Evaluation, axes_of, key_of, short
from optiwright.solver_tools.search_ledger import Ledger, miss
from optiwright.solver_tools.search_outcome import SearchOutcome, SearchStatus, Stage, Traits
from optiwright.solver_tools.search_sureness import failure_sentence, nearest_sentence, sureness
from optiwright.solver_tools.search_target import Spent, Target
from optiwright.solver_tools.search_traits import probe

if TYPE_CHECKING:
    from optiwright.formulators.black_box import BlackBox
    from optiwright.solver_tools.optimizers import Optimizer

_PATIENCE = 0.25
_MOST_FAULTS = 25
_CANDIDATES = 5
_MOST_REPEATS = 60
_FEW = 5
"""Evaluations that are not worth another optimizer."""


@dataclass(frozen=True)
class Found:
    """What a search came to, before its point is evaluated again elsewhere."""

    outcome: SearchOutcome
    taken: int = 0
    """How often the point was evaluated."""
    repeats: int = 0
    """How often it may be evaluated again."""


@dataclass
class Search:
    """A search under way.

    Args:
        box: what is searched.
        ledger: what is asked; its budget is the black box's.
        optimizer: the only one to use; None: those that promise most.
        seed: of all that is random.
        told: each stage's optimizer and reason, as it begins.
    """

    box: BlackBox
    ledger: Ledger
    optimizer: str | None = None
    seed: int = 0
    told: Callable[[str, str], None] = lambda name, reason: None
    stages: list[Stage] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    """Values at which local runs came to rest."""

    def run(self) -> Found:
        """Searches until the budget or the time is over, or nothing is left to try.

        Raises:
            UserError: bounds, start or optimizer do not fit the unknowns.
        """
        self.axes = axes_of(self.box)
        self.rng = np.random.default_rng(self.seed)
        self.start = self._given_start()
        self._check_optimizer()
        reserve = 0 if self.box.budget < 3 else 1
        self.ledger.left -= reserve
        self.traits = self._look_around()
        if self.traits.noisy:
            more = min(self.ledger.left, min(self.box.budget // 10, _MOST_REPEATS))
            self.ledger.left -= more
            reserve += more
        looks_back = bool(self.traits.differentiable and self.ledger.left > 1)
        self.ledger.left -= looks_back  # for the gradient at the end
        self._find_any_value()
        if self.ledger.values:
            self._go_through_stages()
        self.ledger.left += looks_back
        repeats = reserve
        if self.traits.noisy and self.ledger.best is not None:
            repeats -= self._weigh_candidates(reserve // 2)
        return self._found(repeats)

    def _given_start(self) -> list[float] | None:
        if self.box.start is None:
            return None
        return [axis.unit(v) for axis, v in zip(self.axes, self.box.start, strict=True)]

    def _check_optimizer(self) -> None:
        if self.optimizer is not None:
            named(self.optimizer, dimension=len(self.axes), mixed=self._mixed)

    @property
    def _mixed(self) -> bool:
        return any(axis.levels for axis in self.axes)

    @property
    def _constraints(self) -> int:
        """How many there are; a command may answer with some that nobody told of."""
        answered = self.ledger.values[0].constraints if self.ledger.values else ()
        return max(len(self.box.constraints), len(answered))

    def _look_around(self) -> Traits:
        return probe(
            self.axes,
            [unknown.kind for unknown in self.box.unknowns],
            self.ledger,
            self.rng,
            noisy=self.box.noisy,
            constraints=len(self.box.constraints),
            maximize=self.box.sense is Sense.MAXIMIZE,
            start=self.start,
        )

    def _find_any_value(self) -> None:
        """Asks at random until something has a value, but not for ever."""
        try:
            while not self.ledger.values and self.ledger.failures < _MOST_FAULTS:
                place = self.rng.random(len(self.axes))
                self.ledger.ask(tuple(a.value(u) for a, u in zip(self.axes, place, strict=True)))
        except Spent:
            pass

    def _go_through_stages(self) -> None:
        """Runs one optimizer after the other, each where the last made no progress."""
        tried: list[str] = []
        why, fruitless = self._meet_constraints(), 0
        while not self.ledger.is_over and fruitless < 3 and (not tried or self.ledger.left >= _FEW):
            if self.optimizer is not None:
                name, reason = self.optimizer, "It was asked for."
            elif self._are_few_points and not tried:
                name, reason = EVERY_POINT, f"There are {self._points} points in all."
            else:
                there = {o.name for o in available(dimension=len(self.axes), mixed=self._mixed)}
                if not there - set(tried):
                    return
                name, reason = choose(self.traits, self.box.budget, tried)
            tried.append(name)
            before, asked = self.ledger.best, self.ledger.evaluations
            reason = f"{why}{reason}"
            self.told(name, reason)
            ended = self._run_one(OPTIMIZERS[name])
            self._keep_stage(name, reason, asked)
            why = f"{ended} "
            improved = self.ledger.best is not before
            fruitless = 0 if improved else fruitless + 1
            if name == EVERY_POINT:
                return
            if self.ledger.evaluations == asked and self.optimizer is not None:
                return

    def _meet_constraints(self) -> str:
        """Looks for a point that meets all where none is known; returns what came of it."""
        best = self.ledger.best
        if best is None or not miss(best) or self._are_few_points:
            return ""
        self.start = None  # it breaks some, so the best point is where to begin
        with suppress(Spent):
            first_look(self._target(self.box.budget), self.rng)
        if miss(self.ledger.best or best):
            return "A first look all over found no point that meets every constraint. "
        return "A first look all over found a point that meets every constraint, to begin at. "

    @property
    def _points(self) -> int:
        """How many points there are; 0 for no end of them."""
        return math.prod(axis.levels for axis in self.axes)

    @property
    def _are_few_points(self) -> bool:
        return 0 < self._points <= self.ledger.left and not self.traits.noisy

    def _keep_stage(self, name: str, reason: str, asked: int) -> None:
        best = self.ledger.best
        value = None if best is None or miss(best) else best.value
        made = self.ledger.evaluations - asked
        self.stages.append(Stage(optimizer=name, reason=reason, evaluations=made, best=value))

    def _run_one(self, optimizer: Optimizer) -> str:
        """Runs an optimizer and returns how it ended."""
        budget = self.box.budget
        patience = max(50, 10 * len(self.axes), int(_PATIENCE * budget))
        target = self._target(budget if optimizer.complete else patience)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # libraries' own, of how a run went
                optimizer.run(target, self.rng)
        except Spent as over:
            ended = f"{optimizer.title}: {over}."
        except Exception as error:  # a library's own fault is no reason to stop searching
            what = short(f"{type(error).__name__}: {error}".rstrip(": ."))
            ended = f"{optimizer.title} broke down ({what})."
        else:
            ended = f"{optimizer.title} came to its end."
        if optimizer.local:
            self.ends += target.ends
        return ended

    def _target(self, patience: int) -> Target:
        ledger, start = self.ledger, self.start
        if ledger.best is not None and (self.stages or start is None):
            start = [a.unit(v) for a, v in zip(self.axes, ledger.best.point, strict=True)]
        values = [abs(evaluation.value or 0.0) for evaluation in ledger.values]
        return Target(
            self.axes,
            ledger.answer,
            ledger.left,
            maximize=self.box.sense is Sense.MAXIMIZE,
            constraints=self._constraints,
            start=start,
            gradient=ledger.slope if self.traits.differentiable else None,
            noisy=ledger.noisy,
            patience=patience,
            counted=lambda: ledger.left,
            big=max(1e6, 1e3 * max(values, default=0.0)),
        )

    def _weigh_candidates(self, most: int) -> int:
        """Evaluates the points that came out best again, since luck was a part of that.

        Returns how many evaluations that took.
        """
        ledger = self.ledger
        ledger.left = most
        ordered = sorted(ledger.values, key=ledger.rank)
        points = list(dict.fromkeys(evaluation.point for evaluation in ordered))[:_CANDIDATES]
        each, means = most // max(1, len(points)), {}
        if not each:
            return 0
        try:
            for point in points:
                again = [ledger.ask(point, again=True) for _ in range(each)]
                if all(evaluation.value is not None for evaluation in again):
                    means[point] = _mean(again)
        except Spent:
            pass
        if means:
            ledger.best = min(means.values(), key=ledger.rank)
        return most - ledger.left

    def _found(self, repeats: int) -> Found:
        ledger, best = self.ledger, self.ledger.best
        common: dict[str, Any] = {
            "evaluations": ledger.evaluations,
            "failures": ledger.failures,
            "cached": ledger.cached,
            "stages": tuple(self.stages),
            "trace": tuple(ledger.trace),
            "traits": self.traits,
        }
        if best is None:
            said = failure_sentence(ledger)
            return Found(SearchOutcome(status=SearchStatus.FAILED, message=said, **common))
        feasible = not miss(best)
        outcome = SearchOutcome(
            status=SearchStatus.FOUND if feasible else SearchStatus.NO_POINT,
            point=best.point,
            value=best.value,
            constraints=best.constraints,
            sureness=sureness(self.box, ledger, self.traits, self.stages, self.ends)
            if feasible
            else "",
            message="" if feasible else nearest_sentence(self.box, best),
            **common,
        )
        return Found(outcome, ledger.taken[key_of(best.point)], repeats)


def _mean(again: list[Evaluation]) -> Evaluation:
    """Returns an evaluation with the means of several at one point."""
    limits = zip(*(evaluation.constraints for evaluation in again), strict=True)
    return Evaluation(
        point=again[0].point,
        value=math.fsum(evaluation.value or 0.0 for evaluation in again) / len(again),
        constraints=tuple(math.fsum(values) / len(again) for values in limits),
    )
