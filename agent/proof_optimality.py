"""The claims that no other plan does better, that no plan exists, or that there is no best one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from optiwright.agent.proof import Claim, Figure, Standing
from optiwright.agent.proof_evidence import Evidence
from optiwright.agent.sums import (
    contradiction_in_words,
    moves_in_words,
    scaled_down,
    weights_in_words,
)
from optiwright.formulators.figures import number
from optiwright.solver_tools.arithmetic import first_objective, matrix
from optiwright.solver_tools.certify import (
    FEASIBILITY,
    bounds_cross,
    certify_lp,
    proves_infeasible,
    proves_unbounded,
)
from optiwright.solver_tools.kkt import SLOPES, TOLERANCE, kkt_residuals
from optiwright.solver_tools.program import ProblemClass
from optiwright.solver_tools.solution import GAP, Termination, relative_gap

if TYPE_CHECKING:
    from optiwright.solver_tools.program import Floats

_OWN = "own arithmetic"
_NO_BETTER = "no plan is better"
_CONTINUOUS = (ProblemClass.LP, ProblemClass.QP, ProblemClass.QCP, ProblemClass.NLP)
_QUADRATIC = (ProblemClass.QP, ProblemClass.QCP, ProblemClass.MIQP, ProblemClass.MIQCP)


def optimality_claims(evidence: Evidence) -> list[Claim]:
    """Return what shows that no plan is better than the answer's, or that nothing does."""
    raw = evidence.raw
    if evidence.result.sense is None:
        return [_no_goal()]
    if raw.termination is Termination.LOCALLY_OPTIMAL:
        return [_local(evidence)]
    if evidence.kind is ProblemClass.LP and raw.row_dual is not None:
        return [_by_duals(evidence)]
    claims = _convexity(evidence)
    if claims and raw.row_dual is not None and raw.termination is Termination.OPTIMAL:
        claims.append(_by_kkt(evidence))
        if claims[-1].standing is Standing.HELD:
            return claims
    return [*claims, _by_bound(evidence)]


def _no_goal() -> Claim:
    return Claim(
        name="nothing is to be best",
        sentence="The problem has no goal, so that every plan which meets the requirements is as "
        "good as any other.",
        by=_OWN,
        standing=Standing.HELD,
    )


def _local(evidence: Evidence) -> Claim:
    return Claim(
        name=_NO_BETTER,
        sentence="This is a local optimum: no small change of the plan improves it, by the "
        f"solver's word, but elsewhere there may be better plans. {evidence.raw.message}".strip(),
        by=evidence.raw.solver,
        standing=Standing.OPEN,
    )


# --- linear ---------------------------------------------------------------------------------------


def _by_duals(evidence: Evidence) -> Claim:
    """Weak duality: a weighted sum of the requirements bounds the objective of every plan."""
    raw = evidence.raw
    assert raw.x is not None
    assert raw.row_dual is not None
    certificate = certify_lp(evidence.program, raw.x, raw.row_dual)
    off = _distance(evidence, certificate.bound)
    held = certificate.holds and off <= GAP
    side = "at least" if evidence.program.minimize[0] else "at most"
    worth = f"{number(certificate.bound)}{_unit(evidence)}"
    weights = weights_in_words(evidence.program, raw.row_dual)
    added = (
        f"Adding {weights} to the bounds of the variables shows that every plan's objective is "
        if weights
        else "The bounds of the variables alone show that every plan's objective is "
    )
    reached = ", and the plan reaches it." if held else ", and the plan does not reach it."
    return Claim(
        name=_NO_BETTER,
        sentence=f"{added}{side} {worth}{reached}",
        by=f"{_OWN} (weak duality; the weights are {raw.solver}'s, the sums ours)",
        standing=Standing.HELD if held else Standing.OPEN,
        figures=(
            Figure(name="breach of a requirement", value=certificate.primal, allowed=FEASIBILITY),
            Figure(name="weight of the wrong sign", value=certificate.dual, allowed=FEASIBILITY),
            Figure(name="distance of plan and bound", value=_finite(off), allowed=GAP),
        ),
    )


# --- convex ---------------------------------------------------------------------------------------


def _convexity(evidence: Evidence) -> list[Claim]:
    """Return the claim that the problem is convex, where something shows it."""
    if evidence.geometric:
        sentence = (
            "It is a geometric program: convex once the logarithms of its variables are decided "
            "on, so that a local optimum is a global one."
        )
        by = f"{_OWN} (the form of its terms)"
    elif evidence.kind in _QUADRATIC:
        what = "the relaxation without whole numbers" if _discrete(evidence) else "the problem"
        sentence = (
            f"All curvatures have the right sign, so that {what} is convex: there a local optimum "
            "is a global one."
        )
        by = f"{_OWN} (eigenvalues of its quadratic parts)"
    elif evidence.kind is ProblemClass.NLP and evidence.convex:
        sentence = (
            "Every expression follows the rules of disciplined convex programming, so that the "
            "problem is convex: a local optimum is a global one."
        )
        by = "CVXPY's rules"
    else:
        return []
    return [Claim(name="it is convex", sentence=sentence, by=by, standing=Standing.HELD)]


def _by_kkt(evidence: Evidence) -> Claim:
    raw = evidence.raw
    assert raw.x is not None
    assert raw.row_dual is not None
    found = kkt_residuals(evidence.program, raw.x, raw.row_dual, raw.reduced_cost)
    worst = f"to {found.worst:.1e} of their size" if found.worst else "exactly"
    if math.isinf(found.worst):
        worst = "not where they can be worked out"
    off = _distance(evidence, raw.objective)
    held = found.hold and off <= FEASIBILITY
    sentence = (
        "At the plan the slopes of the objective and of the requirements that it just meets "
        f"cancel {worst}. In a convex problem that makes it the best plan."
        if held
        else "At the plan the slopes of the objective and of the requirements that it just meets "
        f"cancel {worst}, which is no proof."
    )
    return Claim(
        name=_NO_BETTER if held else "the conditions of optimality hold",
        sentence=sentence,
        by=f"{_OWN} (KKT conditions; the multipliers are {raw.solver}'s)",
        standing=Standing.HELD if held else Standing.OPEN,
        figures=tuple(
            Figure(name=name, value=_finite(value), allowed=allowed)
            for name, value, allowed in (
                ("stationarity", found.stationarity, SLOPES),
                ("primal feasibility", found.primal, TOLERANCE),
                ("dual feasibility", found.dual, SLOPES),
                ("complementarity", found.complementarity, TOLERANCE),
            )
        ),
    )


# --- by a solver's search -------------------------------------------------------------------------


def _by_bound(evidence: Evidence) -> Claim:
    """The bound on every plan's objective that a solver's search has proved."""
    raw, objective = evidence.raw, evidence.result.objective
    if raw.bound is None or objective is None or not math.isfinite(raw.bound):
        return Claim(
            name=_NO_BETTER,
            sentence="No bound on what other plans are worth is known.",
            by=raw.solver,
            standing=Standing.OPEN,
        )
    gap = relative_gap(objective, raw.bound)
    side = "less" if evidence.program.minimize[0] else "more"
    solver = raw.solver.split(" ")[0]
    if evidence.geometric:
        how = "By the dual of the geometric program, worked out here,"
    elif evidence.kind in _CONTINUOUS and solver != "SCIP":
        how = f"By {solver}'s own duality gap"
    else:
        how = f"By {solver}'s search of all cases"
    sentence = f"{how} no plan is worth {side} than {number(raw.bound)}{_unit(evidence)}: "
    sentence += (
        "the plan reaches that bound."
        if gap == 0
        else f"a gap of {100 * gap:.3g}% is left, within which a better plan may lie."
    )
    if not evidence.geometric:
        sentence += " The bound is the solver's word; it leaves nothing that can be checked."
    return Claim(
        name=_NO_BETTER,
        sentence=sentence,
        by=_OWN if evidence.geometric else raw.solver,
        standing=Standing.OPEN if gap else Standing.HELD if evidence.geometric else Standing.TOLD,
        figures=(
            Figure(name="bound", value=raw.bound),
            Figure(name="gap, relative", value=gap, allowed=GAP),
        ),
    )


# --- no plan, or no best one ----------------------------------------------------------------------


def empty_claim(evidence: Evidence) -> Claim:
    """Return what shows that there is no plan, or no best one."""
    if evidence.raw.termination is Termination.INFEASIBLE:
        return _no_plan(evidence)
    return _no_end(evidence)


def _no_plan(evidence: Evidence) -> Claim:
    name, raw, program = "no plan is feasible", evidence.raw, evidence.program
    crossed = bounds_cross(program)
    if crossed is not None:
        sentence = f"The lower limit of {crossed} lies above its upper limit."
        return Claim(name=name, sentence=sentence, by=_OWN, standing=Standing.HELD)
    if raw.ray is not None and proves_infeasible(program, raw.ray):
        weights = scaled_down(raw.ray)
        if not proves_infeasible(program, weights):
            weights = raw.ray
        added = weights_in_words(program, weights)
        told = contradiction_in_words(program, weights)
        sentence = f"Take {added}: {told or 'added up they contradict the bounds'}."
        by = f"{_OWN} (Farkas certificate; the weights are {raw.solver}'s, the sums ours)"
        return Claim(name=name, sentence=sentence, by=by, standing=Standing.HELD)
    return _taken(name, evidence, "there is no plan that meets all requirements")


def _no_end(evidence: Evidence) -> Claim:
    name, raw, program = "the objective has no limit", evidence.raw, evidence.program
    if raw.ray is None or raw.x is None or not proves_unbounded(program, raw.x, raw.ray):
        return _taken(name, evidence, "the objective improves without limit")
    ray = scaled_down(raw.ray)
    sentence = (
        f"From a feasible plan go on like this for ever: {moves_in_words(program, ray)}. Every "
        f"requirement and bound stays met{_gain(evidence, ray)}."
    )
    return Claim(
        name=name,
        sentence=sentence,
        by=f"{_OWN} (the direction is {raw.solver}'s)",
        standing=Standing.HELD,
    )


def _gain(evidence: Evidence, ray: Floats) -> str:
    """Returns what a step along a ray does for a linear objective."""
    objective = first_objective(evidence.program)
    if not objective.is_linear:
        return ", and the objective improves with each step"
    gain = abs(float(matrix(objective, evidence.program.columns).toarray()[0] @ ray))
    return f", and each step improves the objective by {number(gain)}{_unit(evidence)}"


def _taken(name: str, evidence: Evidence, what: str) -> Claim:
    return Claim(
        name=name,
        sentence=f"{evidence.raw.solver or 'The solver'} says that {what}, and leaves nothing that "
        "can be checked.",
        by=evidence.raw.solver or "the solver",
        standing=Standing.TOLD,
    )


def _distance(evidence: Evidence, value: float | None) -> float:
    """Returns how far a value is from the answer's objective, relative."""
    objective = evidence.result.objective
    if value is None or objective is None:
        return math.inf
    return abs(value - objective) / max(1.0, abs(objective))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _discrete(evidence: Evidence) -> bool:
    return bool(np.any(evidence.program.kind != 0))


def _unit(evidence: Evidence) -> str:
    goal = evidence.formulation.leading
    return f" {goal.unit}" if goal is not None and goal.unit else ""
