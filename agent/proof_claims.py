"""The claims of a proof, made of its evidence: each says what was checked and what came out."""

from __future__ import annotations

import math

from optiwright.agent.proof import Claim, ExactNumber, Figure, Proof, Standing
from optiwright.agent.proof_conclusion import conclusion
from optiwright.agent.proof_confirmations import exact_claim, second_claim
from optiwright.agent.proof_evidence import Evidence
from optiwright.agent.proof_optimality import empty_claim, optimality_claims
from optiwright.agent.result import STATUS_OF, Status
from optiwright.agent.scaling_words import ranges_in_words, scaling_notes
from optiwright.formulators.figures import number
from optiwright.formulators.model import Domain
from optiwright.formulators.phrases import counted
from optiwright.solver_tools.evaluation import Evaluation
from optiwright.solver_tools.exact import Exactness
from optiwright.solver_tools.solution import GAP

_EVALUATOR = "the evaluator, which reads the formulation itself and shares no code with the solver"
_TOLERANCE = 1e-6


def proof_of(evidence: Evidence) -> Proof:
    """Return the proof that the evidence amounts to."""
    result = evidence.result
    claims: list[Claim] = []
    if evidence.evaluation is not None:
        claims += [_requirements(evidence, evidence.evaluation)]
        claims += _whole(evidence)
        claims += _value(evidence, evidence.evaluation)
    claims.append(_again(evidence))
    if evidence.raw.termination.has_point and result.status.has_point:
        claims += optimality_claims(evidence)
    elif STATUS_OF[evidence.raw.termination] is result.status:
        claims.append(empty_claim(evidence))
    if evidence.exact is not None:
        claims.append(exact_claim(evidence, evidence.exact))
    if evidence.second is not None or evidence.asked_second:
        claims.append(second_claim(evidence))
    goal = evidence.formulation.leading
    return Proof(
        run_id=result.run_id,
        problem_class=evidence.kind.value,
        status=result.status,
        objective=result.objective if result.sense is not None else None,
        unit=goal.unit if goal is not None else "",
        optimality=evidence.verdict.optimality,
        conclusion=conclusion(evidence, claims),
        claims=tuple(claims),
        exact_optimum=_exact_optimum(evidence),
        exact_plan=_exact_plan(evidence),
        scale=ranges_in_words(evidence.scaling),
        scaling=scaling_notes(evidence.formulation, evidence.scaling),
    )


# --- the plan itself ------------------------------------------------------------------------------


def _requirements(evidence: Evidence, evaluation: Evaluation) -> Claim:
    """Return whether the answer's own plan meets every requirement, bound and domain."""
    rows = len(evaluation.slacks)
    if not evaluation.feasible:
        broken = counted(len(evaluation.violations), "requirement, bound or domain is", "are")
        worst = evaluation.worst.message if evaluation.worst else ""
        sentence = f"The plan does not hold: {broken} broken. The worst: {worst}"
    else:
        tight = sum(slack.binding for slack in evaluation.slacks)
        which = {0: "each requirement", 1: "the requirement"}.get(rows, f"{rows:,} requirements")
        used = "" if rows == 0 else f" {_tight(tight, rows)}"
        sentence = f"The plan meets {which}, every bound and every domain.{used}"
    return Claim(
        name="the plan is feasible",
        sentence=sentence.strip(),
        by=_EVALUATOR,
        standing=Standing.HELD if evaluation.feasible else Standing.FAILED,
        figures=(Figure(name="worst breach, relative", value=_breach(evaluation), allowed=1e-6),),
    )


def _tight(tight: int, rows: int) -> str:
    if rows == 1:
        return f"The requirement leaves {'nothing' if tight else 'something'} to spare."
    if tight == 0:
        return "All of them leave something to spare."
    if tight == rows:
        return "None of them leaves anything to spare."
    return f"{tight:,} of them {'leaves' if tight == 1 else 'leave'} nothing to spare."


def _breach(evaluation: Evaluation) -> float | None:
    """Returns the worst relative breach, those within tolerance too."""
    if evaluation.worst is not None:
        return evaluation.worst.relative
    sizes = [
        max(0.0, -slack.slack) / max(1.0, abs(slack.left), abs(slack.right))
        for slack in evaluation.slacks
    ]
    return max(sizes, default=0.0)


def _whole(evidence: Evidence) -> list[Claim]:
    """Return whether the answer's own plan is whole where it has to be."""
    whole = {
        v.name
        for v in evidence.formulation.variables
        if v.domain in (Domain.INTEGER, Domain.BINARY)
    }
    solution = evidence.result.solution
    if not whole or solution is None:
        return []
    values = [v.value for v in solution.values if v.name in whole and v.value is not None]
    off = max((abs(v - round(v)) for v in values), default=0.0)
    count = counted(len(values), "decision that has to be a whole number", _PLURAL)
    how = "exactly, not merely within a tolerance" if off == 0.0 else f"but for {off:.1e}"
    return [
        Claim(
            name="what has to be whole is whole",
            sentence=f"The plan has {count}: {'it is' if len(values) == 1 else 'all are'} whole, "
            f"{how}.",
            by="own arithmetic",
            standing=Standing.HELD if off <= _TOLERANCE else Standing.FAILED,
            figures=(Figure(name="farthest from a whole number", value=off, allowed=_TOLERANCE),),
        )
    ]


_PLURAL = "decisions that have to be whole numbers"


def _value(evidence: Evidence, evaluation: Evaluation) -> list[Claim]:
    """Return whether the objective is what was reported, at the answer's own plan."""
    reported = evidence.result.objective
    if not evaluation.levels or reported is None or evidence.result.sense is None:
        return []
    own = evaluation.levels[0]
    off = abs(own - reported) / max(1.0, abs(reported))
    right = off <= _TOLERANCE
    worth = f"{number(own)}{_unit(evidence)}"
    return [
        Claim(
            name="the value is right",
            sentence=f"Worked out from the plan the objective is {worth}, as reported."
            if right
            else f"Worked out from the plan the objective is {worth}; reported was "
            f"{number(reported)}{_unit(evidence)}.",
            by=_EVALUATOR,
            standing=Standing.HELD if right else Standing.FAILED,
            figures=(Figure(name="difference, relative", value=off, allowed=_TOLERANCE),),
        )
    ]


def _again(evidence: Evidence) -> Claim:
    """Return whether the formulation, solved again, has the same answer."""
    result, raw = evidence.result, evidence.raw
    status = STATUS_OF[raw.termination]
    name = "it was found again"
    by = raw.solver or "the solver"
    if Status.UNSOLVED in (status, result.status):
        why = raw.message or raw.termination.value
        sentence = f"Solved again for this proof it came to no end: {why.rstrip('.')}."
        return Claim(name=name, sentence=sentence, by=by, standing=Standing.OPEN)
    points = result.status.has_point, raw.termination.has_point
    if result.objective is None or raw.objective is None or not all(points):
        same = status is result.status
        sentence = f"Solved again for this proof it is {status}" + (
            ", as it was." if same else f"; the answer was {result.status}."
        )
        standing = Standing.HELD if same else Standing.FAILED
        return Claim(name=name, sentence=sentence, by=by, standing=standing)
    off = abs(raw.objective - result.objective) / max(1.0, abs(result.objective))
    same = off <= max(GAP, _TOLERANCE)
    better = _better(evidence)
    sentence = (
        "Solved again for this proof it comes to the same value."
        if same
        else f"Solved again for this proof it comes to {number(raw.objective)}{_unit(evidence)}"
        f", which is {'better' if better else 'worse'}."
    )
    return Claim(
        name=name,
        sentence=sentence,
        by=by,
        standing=Standing.HELD if same else Standing.FAILED if better else Standing.OPEN,
        figures=(Figure(name="difference, relative", value=off, allowed=_TOLERANCE),),
    )


def _better(evidence: Evidence) -> bool:
    assert evidence.raw.objective is not None
    assert evidence.result.objective is not None
    gain = evidence.raw.objective - evidence.result.objective
    return gain < 0 if evidence.program.minimize[0] else gain > 0


def _unit(evidence: Evidence) -> str:
    goal = evidence.formulation.leading
    return f" {goal.unit}" if goal is not None and goal.unit else ""


# --- exact numbers --------------------------------------------------------------------------------


def _exact_optimum(evidence: Evidence) -> ExactNumber | None:
    """Return the exact optimum of a linear program; None for a point that rests on a bound."""
    exact = evidence.exact
    if exact is None or exact.exactness is not Exactness.OPTIMUM or exact.objective is None:
        return None
    if evidence.result.sense is None or not math.isfinite(float(exact.objective)):
        return None
    return ExactNumber(fraction=str(exact.objective), decimal=float(exact.objective))


def _exact_plan(evidence: Evidence) -> tuple[ExactNumber, ...]:
    exact = evidence.exact
    if exact is None or exact.exactness not in (Exactness.OPTIMUM, Exactness.POINT):
        return ()
    return tuple(
        ExactNumber(fraction=str(value), decimal=float(value), name=name, index=index)
        for (name, index), value in zip(evidence.program.column_labels(), exact.x, strict=True)
        if value and not name.startswith("_")
    )
