"""What the claims of a proof come to, in a sentence or two, and no more than they show."""

from __future__ import annotations

from collections.abc import Sequence

from optiwright.agent.proof import Claim, Standing
from optiwright.agent.proof_evidence import Evidence
from optiwright.agent.result import Status
from optiwright.agent.sums import with_decimal
from optiwright.formulators.figures import number
from optiwright.formulators.phrases import listing
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.exact import Exactness
from optiwright.solver_tools.solution import Termination


def conclusion(evidence: Evidence, claims: Sequence[Claim]) -> str:
    """Return what the claims come to."""
    failed = [f'"{claim.name}"' for claim in claims if claim.standing is Standing.FAILED]
    if failed:
        word = "does" if len(failed) == 1 else "do"
        return f"The answer is not proved: that {listing(failed)} {word} not hold."
    if evidence.result.status in (Status.INFEASIBLE, Status.UNBOUNDED):
        return _empty(evidence, claims)
    return f"{_lead(evidence)} {_rests_on(evidence, claims)}".strip()


def _lead(evidence: Evidence) -> str:
    result, goal = evidence.result, evidence.formulation.leading
    if result.sense is None or goal is None:
        return "The plan meets every requirement; there is no goal."
    word = {"minimize": "least", "maximize": "greatest"}[result.sense.value]
    what = goal.description or "value of the objective"
    unit = f" {goal.unit}" if goal.unit else ""
    exact = evidence.exact
    if exact is not None and exact.exactness is Exactness.OPTIMUM and exact.objective is not None:
        named = f", the {word} {what}," if goal.description else ""
        return f"The optimum{named} is exactly {with_decimal(exact.objective)}{unit}."
    certified = evidence.verdict.optimality is Optimality.CERTIFIED
    lead = f"The {word} {what}" if certified else f"The best {what} that was found"
    return f"{lead} is {number(result.objective)}{unit}."


def _rests_on(evidence: Evidence, claims: Sequence[Claim]) -> str:
    """Say what the claim of being the best rests on."""
    if evidence.result.sense is None:
        return ""
    if evidence.raw.termination is Termination.LOCALLY_OPTIMAL:
        return (
            "It is a local optimum: every requirement is met, and nothing shows that there is no "
            "better plan elsewhere."
        )
    if evidence.exact is not None and evidence.exact.exactness is Exactness.OPTIMUM:
        return "That no plan does better is shown in exact fractions; no solver is trusted."
    best = next((c for c in claims if c.name == "no plan is better"), None)
    standing = best.standing if best is not None else Standing.OPEN
    if standing is Standing.HELD:
        return "That no plan does better is shown by our own arithmetic; no solver is trusted."
    if standing is Standing.TOLD:
        agreed = any(
            c.name == "confirmed by a second solver" and c.standing is Standing.TOLD for c in claims
        )
        first = evidence.raw.solver.split(" ")[0]
        if agreed and evidence.second is not None:
            second = evidence.second.solver.split(" ")[0]
            return (
                f"That no plan does better rests on the searches of {first} and {second}, which "
                "agree; the plan itself is checked."
            )
        return (
            f"That no plan does better rests on {first}'s search alone; the plan itself is "
            "checked. A second solver can be asked."
        )
    return "The plan is checked, but nothing shows that no plan does better."


def _empty(evidence: Evidence, claims: Sequence[Claim]) -> str:
    infeasible = evidence.result.status is Status.INFEASIBLE
    what = (
        "No plan can meet all requirements"
        if infeasible
        else "There is no best plan: the objective improves without limit"
    )
    shown = [c for c in claims if c.standing is Standing.HELD and c.name != "it was found again"]
    if shown:
        return f"{what}. That is shown by our own arithmetic; no solver is trusted."
    agreed = any(
        c.name == "confirmed by a second solver" and c.standing is Standing.TOLD for c in claims
    )
    first = evidence.raw.solver.split(" ")[0] or "the solver"
    if agreed and evidence.second is not None:
        second = evidence.second.solver.split(" ")[0]
        return f"{what}. That rests on {first} and {second}, which agree."
    return f"{what}. That rests on {first}'s word alone."
