"""Plans by CP-SAT over a growing horizon: the fewest steps, or the least cost, with proof.

A first look visits states one by one for a while. Where that ends the space is finite and small,
and an impossible goal is shown to be so, which no horizon can; where it meets the goal, one model
of all shorter plans is left to refute. Else models of more and more steps are refuted in turn.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from optiwright.formulators.phrases import counted
from optiwright.formulators.planning_ground import Ground, GroundAction
from optiwright.formulators.planning_pairs import pairs_of
from optiwright.formulators.planning_terms import number_text
from optiwright.solver_tools.plan_cp_sat import Answer, Horizon
from optiwright.solver_tools.plan_exhaustion import MOST_STATES, Exhaustion, exhaust
from optiwright.solver_tools.plan_numbers import BeyondCpSat
from optiwright.solver_tools.plan_outcome import PlanOutcome, PlanStatus, PlanStep

ENGINE = "cp-sat"
BY_STATES = "state search"
_FIRST_LOOK_S = 3.0
_FIRST_LOOK_SHARE = 0.2
_FIRST_LOOK_STATES = 20_000
_ONLY_A_PLAN = 0.6
"""Of the time; from then on any plan will do."""
_LONGEST = 1_000
"""Steps of the longest horizon."""
_CHECKED_S = 3.0
_CHECKED = 40
"""Steps of the longest horizon that only confirms what visiting states has shown."""


@dataclass
class Growing:
    """One search.

    Args:
        ground: what can happen; each condition of its goal can be met for itself.
        least: what of a plan is to be least.
        most_steps: a limit on the steps; None without one.
        until: when to stop, as `time.monotonic` has it.
        seed: the solver's.
    """

    ground: Ground
    least: Literal["steps", "cost", "any"]
    most_steps: int | None
    until: float
    seed: int

    def run(self) -> PlanOutcome:
        """Look for a plan until there is an answer or the time is up."""
        begun = time.monotonic()
        pairs = pairs_of(self.ground)
        self._groups = pairs.groups() if pairs is not None else []
        self._first = max(self.ground.fewest, (pairs and pairs.level) or 0)
        self._any_from = begun + _ONLY_A_PLAN * (self.until - begun)
        look = min(_FIRST_LOOK_S, _FIRST_LOOK_SHARE * (self.until - begun))
        seen = exhaust(self.ground, self._cost, seconds=look, most=_FIRST_LOOK_STATES)
        if (told := self._settled(seen)) is not None:
            return told
        try:
            return self._least_cost(seen) if self.least == "cost" else self._fewest(seen)
        except BeyondCpSat as beyond:
            left = self.until - time.monotonic()
            seen = exhaust(self.ground, self._cost, seconds=left, most=MOST_STATES)
            told = self._settled(seen)
            why = f"CP-SAT cannot take this: {beyond}."
            return told or PlanOutcome(
                status=PlanStatus.UNSOLVED, engine=BY_STATES, bound=float(seen.bound), message=why
            )

    def _cost(self, action: GroundAction) -> Fraction:
        return action.cost if self.least == "cost" else Fraction(1)

    # --- what visiting states settles ---

    def _settled(self, seen: Exhaustion) -> PlanOutcome | None:
        """Return the answer that visiting states has given; None where it has given none."""
        if seen.exhausted and seen.goal is None:
            return PlanOutcome(
                status=PlanStatus.IMPOSSIBLE,
                engine=BY_STATES,
                proof=f"All {counted(seen.states, 'state')} that can be reached were visited, "
                "and the goal holds in none.",
            )
        if seen.goal is None or self._too_long(len(seen.goal)):
            return None
        if self.least == "any":
            return _found(seen.goal, float(len(seen.goal)), BY_STATES)
        value = float(seen.bound)
        less = f"a cost below {number_text(seen.bound)} leads"
        if self.least == "steps":
            less = f"fewer than {counted(len(seen.goal), 'step')} lead"
        proof = f"Every state that {less} to was visited ({seen.states:,} in all)"
        also = self._confirmed(seen)
        return PlanOutcome(
            status=PlanStatus.OPTIMAL,
            steps=seen.goal,
            value=value,
            bound=value,
            engine=ENGINE if also else BY_STATES,
            proof=f"{proof}{also}.",
        )

    def _confirmed(self, seen: Exhaustion) -> str:
        """Return what CP-SAT adds to what was shown by visiting states."""
        steps, below = len(seen.goal or ()) - 1, None
        if self.least == "cost":
            least = self._least_action()
            if not least:
                return ""
            steps, below = math.ceil(seen.bound / least) - 1, seen.bound
        if self.most_steps is not None:
            steps = min(steps, self.most_steps)
        if steps < 0 or steps > _CHECKED:
            return ""
        try:
            soon = time.monotonic() + _CHECKED_S
            answer = self._ask(self._horizon(steps, idle=True), below, until=min(soon, self.until))
        except BeyondCpSat:
            return ""
        words = f"costs less than {number_text(below)}" if below is not None else ""
        words = words or f"has {steps} or fewer"
        return f"; CP-SAT shows that no plan {words}" if answer.status == "none" else ""

    def _too_long(self, steps: int) -> bool:
        return self.most_steps is not None and steps > self.most_steps

    # --- the fewest steps ---

    def _fewest(self, seen: Exhaustion) -> PlanOutcome:
        first = max(self._first, math.ceil(seen.bound))
        if self.least == "any":
            return self._any(first)
        for steps in range(first, _LONGEST):
            refuted = _refuted(first, steps, seen)
            if self._too_long(steps):
                return PlanOutcome(
                    status=PlanStatus.IMPOSSIBLE,
                    engine=ENGINE,
                    proof=f"{refuted} At most {counted(self.most_steps or 0, 'step')} are allowed.",
                )
            answer = self._ask(self._horizon(steps), until=self._any_from)
            if answer.status == "plan":
                return PlanOutcome(
                    status=PlanStatus.OPTIMAL,
                    steps=answer.steps,
                    value=float(steps),
                    bound=float(steps),
                    engine=ENGINE,
                    proof=refuted,
                )
            if answer.status == "open":
                return self._at_last(steps, refuted)
        return _unsolved(float(_LONGEST))

    def _at_last(self, steps: int, refuted: str) -> PlanOutcome:
        """Return whatever plan there is, knowing that none has fewer steps than so many."""
        told = self._any(steps)
        if told.status is PlanStatus.FOUND and len(told.steps) == steps:
            return told.model_copy(
                update={"status": PlanStatus.OPTIMAL, "bound": float(steps), "proof": refuted}
            )
        return told.model_copy(update={"bound": float(steps)})

    def _any(self, first: int) -> PlanOutcome:
        """Look for whatever plan there is, in longer and longer horizons."""
        steps = first
        while time.monotonic() < self.until and steps < _LONGEST:
            if self.most_steps is not None:
                steps = min(steps, self.most_steps)
            answer = self._ask(self._horizon(steps, idle=True))
            if answer.status == "plan":
                value = float(len(answer.steps))
                return _found(answer.steps, value, ENGINE)
            if answer.status == "none" and steps == self.most_steps:
                return PlanOutcome(
                    status=PlanStatus.IMPOSSIBLE,
                    engine=ENGINE,
                    proof=f"CP-SAT shows that no plan has {steps} or fewer steps, and no more "
                    "are allowed.",
                )
            steps = math.ceil(steps * 1.4) + 2
        return _unsolved(float(first))

    # --- the least cost ---

    def _least_cost(self, seen: Exhaustion) -> PlanOutcome:
        """Refute cheaper plans, length by length, while so many steps could still be cheaper."""
        least = self._least_action()
        best: Fraction | None = None
        plan: tuple[PlanStep, ...] = ()
        bound = seen.bound
        steps = self._first
        while not self._too_long(steps) and steps < _LONGEST:
            bound = max(seen.bound, steps * least)
            if best is not None and bound >= best:
                return self._proved_cost(plan, best, steps, least, seen)
            if best is not None and not least and steps > 2 * len(plan) + 5:
                break
            answer = self._ask(self._horizon(steps), best, cheapest=True)
            if answer.status == "plan":
                plan, best = answer.steps, self._price(answer.steps)
            if answer.status == "open" or (answer.status == "plan" and not answer.proved):
                break
            steps += 1
        else:
            if self._too_long(steps):
                return self._within_limit(plan, best)
        if best is None:
            return _unsolved(float(bound))
        return _found(plan, float(best), ENGINE).model_copy(
            update={"bound": float(min(bound, best))}
        )

    def _proved_cost(
        self,
        plan: tuple[PlanStep, ...],
        best: Fraction,
        steps: int,
        least: Fraction,
        seen: Exhaustion,
    ) -> PlanOutcome:
        cheap = f"no plan of fewer than {steps} steps costs less than {number_text(best)}"
        rest = (
            f"{steps} or more cost at least {number_text(steps * least)}, since no action costs "
            f"less than {number_text(least)}"
        )
        if steps * least < best:
            rest = f"every state that a smaller cost leads to was visited ({seen.states:,} of them)"
        return PlanOutcome(
            status=PlanStatus.OPTIMAL,
            steps=plan,
            value=float(best),
            bound=float(best),
            engine=ENGINE,
            proof=f"CP-SAT shows that {cheap}; {rest}.",
        )

    def _within_limit(self, plan: tuple[PlanStep, ...], best: Fraction | None) -> PlanOutcome:
        limit = f"within the limit of {counted(self.most_steps or 0, 'step')}"
        if best is None:
            return PlanOutcome(
                status=PlanStatus.IMPOSSIBLE,
                engine=ENGINE,
                proof=f"CP-SAT shows that there is no plan {limit}.",
            )
        return PlanOutcome(
            status=PlanStatus.OPTIMAL,
            steps=plan,
            value=float(best),
            bound=float(best),
            engine=ENGINE,
            proof=f"CP-SAT shows that no plan {limit} costs less.",
        )

    def _least_action(self) -> Fraction:
        return min((a.cost for a in self.ground.actions), default=Fraction(0))

    def _price(self, steps: tuple[PlanStep, ...]) -> Fraction:
        costs = {(a.name, a.arguments): a.cost for a in self.ground.actions}
        return sum((costs[s.action, s.arguments] for s in steps), Fraction(0))

    # --- asking ---

    def _horizon(self, steps: int, *, idle: bool = False) -> Horizon:
        return Horizon(self.ground, steps, idle, self._groups)

    def _ask(
        self,
        horizon: Horizon,
        below: Fraction | None = None,
        *,
        cheapest: bool = False,
        until: float | None = None,
    ) -> Answer:
        """Solve one model: the goal, plans that cost less than `below`, or the cheapest."""
        horizon.want(self.ground.goals)
        if below is not None:
            horizon.cost_below(below)
        if cheapest:
            horizon.least_cost()
        left = (self.until if until is None else until) - time.monotonic()
        return horizon.solve(left, self.seed)


def _refuted(first: int, steps: int, seen: Exhaustion) -> str:
    """Return what shows that there are no plans with fewer steps."""
    told = []
    if first > 0 and seen.bound >= first:
        told.append(
            f"None of the {seen.states:,} states that were visited, all that fewer than "
            f"{counted(first, 'step')} lead to, meets the goal"
        )
    elif first > 0:
        told.append(
            f"Fewer than {counted(first, 'step')} cannot bring about each condition of the goal"
        )
    if steps > first:
        many = f"{first} to {steps - 1} steps" if steps - 1 > first else counted(first, "step")
        told.append(f"CP-SAT shows that no plan has {many}")
    return f"{'; '.join(told) or 'No plan has fewer than none'}."


def _found(steps: tuple[PlanStep, ...], value: float, engine: str) -> PlanOutcome:
    return PlanOutcome(status=PlanStatus.FOUND, steps=steps, value=value, engine=engine)


def _unsolved(bound: float) -> PlanOutcome:
    return PlanOutcome(
        status=PlanStatus.UNSOLVED,
        bound=bound,
        engine=ENGINE,
        message="No plan was found within the time.",
    )
