"""The second route's part of the result: its answer, what it says of the first, and the level."""

from __future__ import annotations

from optiwright.agent.comparing import Comparison, Rule
from optiwright.agent.evidence import Agreement, Standing, level, written_level
from optiwright.agent.programs import report_of, standing_of
from optiwright.agent.result import Answer, Check, Result, Status, WrittenAnswer
from optiwright.agent.state import State, WrittenState
from optiwright.agent.witness import close
from optiwright.formulators.findings import Severity

_STATUS: dict[Standing, Status] = {
    Standing.OPTIMAL: Status.OPTIMAL,
    Standing.FEASIBLE: Status.FEASIBLE,
    Standing.INFEASIBLE: Status.INFEASIBLE,
    Standing.UNBOUNDED: Status.UNBOUNDED,
}
"""What a program that stands alone claims; its level says that it is a claim."""


def with_written(result: Result, state: State) -> Result:
    """Return the result with what the second route found, if it was taken."""
    if "comparison" not in state:
        return result
    compared = Comparison.model_validate(state["comparison"])
    written = _answer(state["written"], compared, state)
    if compared.agreement is Agreement.DISPUTED:
        written = written.model_copy(
            update={"words": written.words + _read_otherwise(result, written)}
        )
    known: dict[str, object] = {"written": written, "agreement": compared.agreement}
    if compared.rule is Rule.THEIRS_ALONE:
        known |= {
            "status": _STATUS[written.standing],
            "objective": written.objective,
            "answers": written.quantities,
            "level": written_level(written.standing),
        }
    elif compared.rule is not Rule.NEITHER:
        found = any(f.severity is not Severity.NOTE for f in result.findings)
        known["level"] = level(
            result.optimality,
            compared.agreement,
            open_findings=found or bool(compared.flaws) or compared.base_only,
        )
    if compared.agreement is not Agreement.SINGLE:
        passed = compared.agreement is not Agreement.DISPUTED
        name = f"model that the text means: {compared.agreement}"
        check = Check(name=name, passed=passed, detail=compared.words)
        known["checks"] = (*result.checks, check)
    elif compared.contested:
        check = Check(name="second program", passed=False, detail=compared.words)
        known["checks"] = (*result.checks, check)
    return result.model_copy(update=known)


def _read_otherwise(result: Result, written: WrittenAnswer) -> str:
    """Say which other reading of the formulation, if any, has the program's value."""
    value = written.objective
    for case in result.alternatives:
        if value is not None and case.objective is not None and close(case.objective, value):
            return f" Read otherwise ({case.name}) the formulation has the program's value."
    return ""


def _answer(written: WrittenState, compared: Comparison, state: State) -> WrittenAnswer:
    report = report_of(written)
    verdict = state["verdict"]["analysis"] if "verdict" in state else ""
    base = WrittenAnswer(
        source=written["source"],
        standing=standing_of(written),
        error=written["unasked"] or " ".join(written["complaints"]),
        words=compared.words,
        broken=compared.broken,
        breaches=compared.breaches,
        flaws=compared.flaws,
        verdict=verdict,
    )
    if report is None:
        return base
    quantities = tuple(
        Answer(name=q.name, value=q.value)
        for q in report.quantities
        if not isinstance(q.value, str)
    )
    return base.model_copy(
        update={
            "objective": report.objective,
            "quantities": quantities,
            "library": report.library,
            "variables": report.n_variables,
            "constraints": report.n_constraints,
        }
    )
