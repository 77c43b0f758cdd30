"""The claims that are made on request: exact fractions, and a second solver's word."""

from __future__ import annotations

import numpy as np

from optiwright.agent.proof import Claim, Figure, Standing
from optiwright.agent.proof_evidence import Evidence
from optiwright.agent.sums import (
    contradiction_in_words,
    moves_in_words,
    weights_in_words,
    with_decimal,
)
from optiwright.formulators.figures import number
from optiwright.formulators.phrases import counted, listing
from optiwright.solver_tools.certify import is_feasible
from optiwright.solver_tools.exact import ExactAnswer, Exactness
from optiwright.solver_tools.rational import Readings
from optiwright.solver_tools.solution import GAP, RawSolution

_EXACT = "exact fractions"
_SAME = 1e-6


# --- exact fractions ------------------------------------------------------------------------------


def exact_claim(evidence: Evidence, exact: ExactAnswer) -> Claim:
    """Return what exact arithmetic says of the answer."""
    sentence, standing = _exact_sentence(evidence, exact)
    if exact.readings is not None:
        sentence += f" {_readings(exact.readings)}"
    return Claim(
        name="confirmed in exact fractions",
        sentence=sentence,
        by=_EXACT if standing is not Standing.OPEN else "",
        standing=standing,
        figures=_difference(evidence, exact),
    )


def _exact_sentence(evidence: Evidence, exact: ExactAnswer) -> tuple[str, Standing]:
    if exact.exactness is Exactness.UNDECIDED:
        return exact.message, Standing.OPEN
    if exact.exactness is Exactness.OPTIMUM:
        return _optimum(evidence, exact)
    if exact.exactness is Exactness.POINT:
        return _point(evidence, exact)
    if exact.exactness is Exactness.INFEASIBLE:
        floats = np.array([float(w) for w in exact.multipliers])
        why = contradiction_in_words(evidence.program, floats)
        added = weights_in_words(evidence.program, exact.multipliers)
        if exact.message:
            return exact.message, Standing.HELD
        return (
            f"No plan is feasible, without any tolerance. Take {added}: "
            f"{why or 'added up they contradict the bounds'}.",
            Standing.HELD,
        )
    moves = moves_in_words(evidence.program, exact.ray)
    return (
        f"The objective has no limit, without any tolerance: from a plan that is exactly feasible "
        f"{moves} for ever, and every requirement stays met.",
        Standing.HELD,
    )


def _optimum(evidence: Evidence, exact: ExactAnswer) -> tuple[str, Standing]:
    assert exact.objective is not None
    if evidence.result.sense is None:
        return "The plan meets every requirement exactly, without any tolerance.", Standing.HELD
    worth = f"{with_decimal(exact.objective)}{_unit(evidence)}"
    basis = (
        "the solver's last basis is optimal as it stands"
        if exact.pivots == 0
        else f"the solver's last basis was not, and {counted(exact.pivots, 'exact pivot')} led to "
        "one that is"
    )
    sentence = (
        f"The optimum is exactly {worth}: {basis}; requirements, signs of all weights and "
        "complementary slackness hold with no tolerance."
    )
    return _held_against(evidence, exact, sentence)


def _point(evidence: Evidence, exact: ExactAnswer) -> tuple[str, Standing]:
    assert exact.objective is not None
    worth = f"{with_decimal(exact.objective)}{_unit(evidence)}"
    if evidence.result.sense is None:
        sentence = "The plan meets every requirement exactly, without any tolerance."
        return sentence, Standing.HELD
    sentence = (
        f"With the whole numbers of the plan the value is exactly {worth}, and every requirement "
        "holds with no tolerance. That no other whole numbers do better is not part of this."
    )
    return _held_against(evidence, exact, sentence)


def _held_against(evidence: Evidence, exact: ExactAnswer, sentence: str) -> tuple[str, Standing]:
    """Return the sentence, and whether the answer's value is that one up to rounding."""
    off = _off(evidence, exact)
    if off is None or off <= _SAME:
        return sentence, Standing.HELD
    reported = f"{number(evidence.result.objective)}{_unit(evidence)}"
    return f"{sentence} The answer's value, {reported}, is another one.", Standing.FAILED


def _off(evidence: Evidence, exact: ExactAnswer) -> float | None:
    reported = evidence.result.objective
    if exact.objective is None or reported is None or evidence.result.sense is None:
        return None
    return abs(float(exact.objective) - reported) / max(1.0, abs(reported))


def _difference(evidence: Evidence, exact: ExactAnswer) -> tuple[Figure, ...]:
    off = _off(evidence, exact)
    if off is None:
        return ()
    return (Figure(name="rounding in the answer, relative", value=off, allowed=_SAME),)


def _readings(readings: Readings) -> str:
    """Say how the model's numbers were read."""
    total = readings.decimals + readings.fractions + readings.as_computed
    if readings.decimals == total:
        return "Its numbers are taken as the decimals that they are written as: 0.1 is 1/10."
    parts = [f"{readings.decimals:,} as decimals (0.1 is 1/10)"] if readings.decimals else []
    if readings.fractions:
        what = "a fraction" if readings.fractions == 1 else "fractions"
        parts.append(f"{readings.fractions:,} as {what} of small numbers (like 1/3)")
    if readings.as_computed:
        parts.append(
            f"{readings.as_computed:,} as the computer worked them out, such as "
            f"{readings.example!r}"
        )
    return f"Of its {total:,} numbers it takes {listing(parts)}."


# --- a second solver ------------------------------------------------------------------------------


def second_claim(evidence: Evidence) -> Claim:
    """Return what a second solver says of the answer."""
    name, second = "confirmed by a second solver", evidence.second
    if second is None:
        return Claim(
            name=name,
            sentence=f"No second solver that takes a problem of class {evidence.kind.value} came "
            "to an end with it.",
            by="",
            standing=Standing.OPEN,
        )
    sentence, standing, figures = _of_second(evidence, second)
    return Claim(name=name, sentence=sentence, by=second.solver, standing=standing, figures=figures)


def _of_second(evidence: Evidence, second: RawSolution) -> tuple[str, Standing, tuple[Figure, ...]]:
    first, who = evidence.raw, second.solver.split(" ")[0]
    if not first.termination.has_point:
        same = second.termination is first.termination
        if same:
            return f"{who} finds it {first.termination.value} too.", Standing.TOLD, ()
        differs = bool(second.termination.has_point)
        said = f"{who} does not confirm it; it ended with: {second.termination.value}."
        return said, Standing.FAILED if differs else Standing.OPEN, ()
    if not second.termination.has_point or second.objective is None or second.x is None:
        standing = Standing.FAILED if second.termination.value in _DENIALS else Standing.OPEN
        said = f"{who} does not confirm it; it ended with: {second.termination.value}."
        return said, standing, ()
    if evidence.result.sense is None:
        sound = is_feasible(evidence.program, second.x)
        said = f"{who} finds a plan that meets all requirements too."
        return said, Standing.TOLD if sound else Standing.OPEN, ()
    return _values_compared(evidence, second, who)


_DENIALS = {"infeasible", "unbounded"}


def _values_compared(
    evidence: Evidence, second: RawSolution, who: str
) -> tuple[str, Standing, tuple[Figure, ...]]:
    """Hold two solvers' values against each other; which is better counts only if feasible."""
    value, own = second.objective, evidence.result.objective
    assert value is not None
    assert own is not None
    assert second.x is not None
    off = abs(value - own) / max(1.0, abs(own))
    figures = (
        Figure(name="its value", value=value),
        Figure(name="difference, relative", value=off, allowed=_SAME),
    )
    worth = f"{number(value)}{_unit(evidence)}"
    closed = second.gap is not None and second.gap <= GAP
    if off <= _SAME:
        word = "" if closed else ", though it does not show that nothing is better"
        said = f"{who}, given the same model, comes to the same value, {worth}{word}."
        return said, Standing.TOLD if closed else Standing.OPEN, figures
    better = value < own if evidence.program.minimize[0] else value > own
    if not better:
        said = f"{who} comes to {worth} only, which is worse: it does not confirm the answer."
        return said, Standing.FAILED if closed else Standing.OPEN, figures
    if is_feasible(evidence.program, second.x):
        said = f"{who} finds a better plan, worth {worth}, that meets every requirement."
        return said, Standing.FAILED, figures
    said = f"{who} claims {worth}, at a plan that does not meet every requirement."
    return said, Standing.OPEN, figures


def _unit(evidence: Evidence) -> str:
    goal = evidence.formulation.leading
    return f" {goal.unit}" if goal is not None and goal.unit else ""
