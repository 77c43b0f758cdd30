"""From a run of a written program to its report: by structure first, and by its text last.

Status and variables are those of the model that was solved last. The objective is what the program
reported; else the model's; else what it printed. A solve without a solution outweighs numbers that
a program reports or prints all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from optiwright.solver_tools.written_faults import clean
from optiwright.solver_tools.written_names import renamed
from optiwright.solver_tools.written_result import ProgramReport
from optiwright.solver_tools.written_text import Printed, read_text

if TYPE_CHECKING:
    from optiwright.solver_tools.written_faults import Fault
    from optiwright.solver_tools.written_preamble import Reported
    from optiwright.solver_tools.written_result import How, Outcome
    from optiwright.solver_tools.written_watch import Solved, Watch

TOLERANCE = 1e-6
"""Relative difference up to which a reported objective is the model's."""
_NO_RESULT = (
    "The program ran to its end and left no result: have it solve its model, and end it with "
    "`report(objective=..., name=value)`."
)


@dataclass(frozen=True)
class Run:
    """What is left of a run: what was solved, reported and printed, and what went wrong."""

    watch: Watch | None = None
    reported: Reported | None = None
    text: str = ""
    fault: Fault | None = None
    namespace: dict[str, Any] = field(default_factory=dict)


def read(run: Run) -> ProgramReport:
    """Returns the report of a run."""
    last = run.watch.last if run.watch else None
    printed = read_text(clean(run.text))
    fields: dict[str, Any] = {"status": printed.status}
    if last is not None:
        fields = _from_model(run, last)
    notes = [last.note] if last is not None and last.note else []
    if fields["status"] in ("infeasible", "unbounded"):
        if _went_on(run, fields["status"]):
            fields |= {"status": "feasible"} | _told(run, printed, None, notes)
            notes.append("The last solve found no solution, an earlier one did.")
        else:
            fields["how"] = "model" if last is not None else "text"
    else:
        fields |= _told(run, printed, last, notes)
    fields |= _ended(run, fields, notes)
    return ProgramReport(**fields, notes=tuple(notes))


def _from_model(run: Run, last: Solved) -> dict[str, Any]:
    variables = renamed(last.variables, last.source, run.namespace)
    return {
        "status": last.status,
        "model_objective": last.objective,
        "sense": last.sense,
        "bound": last.bound,
        "variables": variables,
        "n_variables": last.n_variables,
        "n_integer": last.n_integer,
        "n_constraints": last.n_constraints,
        "loose": last.loose,
        "solves": run.watch.count if run.watch else 0,
        "library": last.library,
    }


def _went_on(run: Run, status: str) -> bool:
    """Tells whether a search over several models reported one that an earlier solve found."""
    earlier = run.watch is not None and run.watch.point is not None
    named = run.reported is not None and run.reported.objective is not None
    return status == "infeasible" and earlier and named


def _told(run: Run, printed: Printed, last: Solved | None, notes: list[str]) -> dict[str, Any]:
    """Returns objective and quantities with the place where the objective comes from."""
    model = last.objective if last is not None else None
    reported = run.reported if run.reported is not None and run.reported.called else None
    quantities = reported.as_quantities() if reported is not None else ()
    quantities = quantities or printed.quantities
    value: float | None
    how: How | None
    if reported is not None and reported.objective is not None:
        value, how = reported.objective, "report"
        if model is not None and not _equal(value, model):
            notes.append(
                f"The program reports {value:.10g}; its model's objective is {model:.10g}."
            )
    elif model is not None and _is_negated(last, printed, model):
        value, how = -model, "text"
        notes.append("The program minimizes the negative of what it prints.")
    elif model is not None:
        value, how = model, "model"
    elif last is not None and not last.has_point:  # numbers in its text are no solution
        value, how = None, "model"
    else:
        value, how = printed.objective, _source(reported, last, printed)
    return {"objective": value, "quantities": quantities, "how": how}


def _source(reported: Reported | None, last: Solved | None, printed: Printed) -> How | None:
    if printed.objective is not None:
        return "text"
    if last is not None:
        return "model"
    if reported is not None:
        return "report"
    return "text" if printed.quantities else None


def _is_negated(last: Solved | None, printed: Printed, model: float) -> bool:
    """Tells whether a program of a library that only minimizes prints the maximum it means."""
    if last is None or last.library != "scipy" or printed.objective is None:
        return False
    return model != 0 and abs(printed.objective + model) <= 1e-4 * abs(model)


def _equal(first: float, second: float) -> bool:
    return abs(first - second) <= TOLERANCE * max(1.0, abs(first), abs(second))


def _ended(run: Run, fields: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """Returns the outcome, and the error if there is one."""
    fault, how = run.fault, fields.get("how")
    outcome: Outcome = "finished" if how is not None else "no_result"
    if fault is None:
        return {"outcome": outcome, "error": "" if how is not None else _NO_RESULT}
    if _is_aftermath(run, fields):
        notes.append(f"After its solve the program did not run to its end. {fault.error}")
        return {"outcome": "finished"}
    return {
        "outcome": "syntax" if fault.is_syntax else "error",
        "error": fault.error,
        "line": fault.line,
        "out_of_time": fault.out_of_time,
    }


def _is_aftermath(run: Run, fields: dict[str, Any]) -> bool:
    """Tells whether the program ended early only because its solve left it no values to read."""
    if not fields.get("solves") or run.fault is None:
        return False
    return run.fault.is_exit or fields["status"] in ("infeasible", "unbounded")
