"""What was assumed and whether it mattered, other cases, and how sure an answer is, in words."""

from __future__ import annotations

from collections.abc import Sequence

from optiwright.agent.answer import objective_unit, second_route, sureness
from optiwright.agent.result import Case, Check, Result, Status
from optiwright.agent.told_point import plain, table
from optiwright.formulators.figures import number
from optiwright.formulators.model import Basis, Change, Formulation, Variable
from optiwright.formulators.phrases import at, capitalised
from optiwright.solver_tools.solution import Solution, Termination

_SAME = 1e-6
"""Relative difference of two objectives up to which they count as the same."""


def assumed(result: Result) -> str:
    """Return what the text leaves open, how it was read, and what the other reading gives."""
    return "\n".join(f"- {line}" for line in assumed_lines(result))


def assumed_lines(result: Result) -> list[str]:
    """Return the same, a sentence each."""
    formulation = result.formulation or Formulation()
    lines = [f"{plain(a.text)}{_about(a.about)}" for a in formulation.assumptions]
    if result.plan is not None:
        lines += map(plain, result.plan.planning.assumptions)
    if result.search is not None:
        lines += map(plain, result.search.black_box.assumptions)
    lines += [line for v in formulation.variables for line in _bases(v)]
    lines += [_alternative(result, case) for case in result.alternatives]
    lines += [f"{a.text} You said: {a.label}." for a in result.clarified if not a.guessed]
    lines += [
        f"{q.text} The text does not say; here {q.best.meaning}."
        for q in result.questions
        if q.number
    ]
    return lines


def _about(names: tuple[str, ...]) -> str:
    return f" ({', '.join(f'`{name}`' for name in names)})" if names else ""


def _bases(v: Variable) -> list[str]:
    lines = []
    if v.domain_basis is Basis.ASSUMED:
        lines.append(f"`{v.name}` is {v.domain.value}, which the text leaves open.")
    if v.bounds_basis is Basis.ASSUMED:
        ends = [f">= {v.lower}" if v.lower is not None else "", f"<= {v.upper}" if v.upper else ""]
        shown = " and ".join(filter(None, ends)) or "without bounds"
        lines.append(f"`{v.name}` is `{shown}`, which the text does not state.")
    return lines


def _alternative(result: Result, case: Case) -> str:
    name = capitalised(case.name)
    if case.objective is None or result.objective is None:
        return f"{name}: {case.status}. It mattered." if case.status != result.status else name
    if not case.matters and abs(case.objective - result.objective) > 0:
        return f"{name}, the answer is the same: it did not matter."
    unit = objective_unit(result)
    scale = max(1.0, abs(result.objective))
    if abs(case.objective - result.objective) <= _SAME * scale:
        return (
            f"{name}, the objective is the same, {number(case.objective)}{unit}: it did not matter."
        )
    return (
        f"{name}, the objective is {number(case.objective)}{unit} instead of "
        f"{number(result.objective)}{unit}: it mattered."
    )


def scenarios(result: Result) -> str:
    """Return the scenarios with what each comes to, and the changed data."""
    if not result.scenarios:
        return ""
    unit = objective_unit(result)
    rows = [["", "outcome", f"objective{f' [{unit.strip()}]' if unit else ''}"]]
    rows.append(["as stated", result.status.value, number(result.objective)])
    rows += [[c.name, c.status.value, number(c.objective)] for c in result.scenarios]
    declared = result.formulation.scenarios if result.formulation is not None else ()
    notes = [f"- {s.name}: {_changes(s.changes)}" for s in declared if s.changes]
    return "\n\n".join(filter(None, (table(rows), "\n".join(notes))))


def _changes(changes: Sequence[Change]) -> str:
    return "; ".join(
        f"`{c.parameter}{at(e.index)}` = {number(e.value)}" for c in changes for e in c.entries
    )


def certainty(result: Result) -> str:
    """Return the summary, what was checked and with what outcome, and by which solver."""
    blocks = [sureness(result), _found(result)]
    if result.checks:
        lines = [f"- {_mark(c)} {c.name}: {c.detail}" for c in result.checks]
        blocks.append("What was checked:\n\n" + "\n".join(lines))
    notes = [f"- {f.where}: {f.message}" for f in result.findings if f.severity == "note"]
    if notes:
        blocks.append("Remarks on the formulation:\n\n" + "\n".join(notes))
    blocks.append(second_route(result))
    return "\n\n".join(filter(None, blocks))


def _mark(check: Check) -> str:
    return "held:" if check.passed else "**failed:**"


def _found(result: Result) -> str:
    solution = result.solution
    if solution is None or result.status in {Status.FORMULATED, Status.NO_FORMULATION}:
        return ""
    solver = f" {solution.solver}" if solution.solver else ""
    return f"Found by{solver}: {solution.termination.value}.{_bound(result, solution)}"


def _bound(result: Result, solution: Solution) -> str:
    if solution.bound is None or solution.termination is Termination.OPTIMAL:
        return ""
    unit = objective_unit(result)
    return f" No solution can be better than {number(solution.bound)}{unit}."
