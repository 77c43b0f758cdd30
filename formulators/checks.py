"""Checks of a formulation without a model: each finding is a sentence to act on.

`check` never raises; whatever is wrong with a formulation is a finding.
"""

from __future__ import annotations

from optiwright.formulators.decided import decided_findings
from optiwright.formulators.directions import direction_findings
from optiwright.formulators.expression_checks import Env, ExpressionChecker
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.idle import idle_findings
from optiwright.formulators.limits import unlimited_findings
from optiwright.formulators.lumping import lumping_findings
from optiwright.formulators.model import (
    Algebraic,
    AllDifferent,
    Circuit,
    Constraint,
    Cumulative,
    Derived,
    Either,
    Family,
    Formulation,
    Global,
    Implication,
    Logic,
    NoOverlap,
    Piecewise,
    Range,
    Table,
)
from optiwright.formulators.number_checks import unfounded_numbers, unused_numbers
from optiwright.formulators.pairs import pair_findings
from optiwright.formulators.repeats import repeat_findings
from optiwright.formulators.scope import Scope
from optiwright.formulators.sides import side_findings
from optiwright.formulators.structure_checks import structure_findings, unused_findings
from optiwright.formulators.superseded import superseded_findings
from optiwright.formulators.table_findings import table_findings
from optiwright.formulators.text_numbers import numbers_in
from optiwright.formulators.units import unit_findings
from optiwright.formulators.wording import quoted

__all__ = ["Code", "Finding", "Severity", "check"]

_TOO_NESTED = Finding(
    code=Code.CIRCULAR,
    severity=Severity.ERROR,
    where="definitions",
    message="The definitions and derived parameters refer to one another in too long a chain; "
    "write some of them out.",
)
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def check(formulation: Formulation, text: str = "") -> tuple[Finding, ...]:
    """Return what is wrong or doubtful about a formulation, errors first.

    Args:
        formulation: what is checked.
        text: the problem in words; with it, the numbers of both are held against each other.
    """
    try:
        findings = _findings(formulation, text)
    except RecursionError:
        findings = [_TOO_NESTED]
    findings += _number_findings(formulation, text)
    return tuple(sorted(dict.fromkeys(findings), key=lambda f: _ORDER[f.severity]))


def _findings(formulation: Formulation, text: str) -> list[Finding]:
    scope = Scope(formulation)
    checker = ExpressionChecker(scope)
    _check_data(formulation, checker)
    _check_goals(formulation, checker)
    for constraint in formulation.constraints:
        where = f"constraint `{constraint.name}`"
        _check_constraint(constraint, where, checker.over(where, constraint.over), checker)
    findings = [
        *checker.findings,
        *structure_findings(formulation, scope),
        *lumping_findings(formulation),
        *table_findings(formulation, scope),
    ]
    if not checker.unread:
        findings += unused_findings(formulation, checker.mentioned)
    if not any(f.severity is Severity.ERROR for f in findings):
        findings += unlimited_findings(formulation, scope)
        findings += unit_findings(formulation, scope)
        findings += repeat_findings(formulation)
        findings += idle_findings(formulation)
        findings += decided_findings(formulation, text)
        findings += superseded_findings(formulation)
    return findings


def _check_data(formulation: Formulation, checker: ExpressionChecker) -> None:
    for part in formulation.sets:
        where = f"set `{part.name}`"
        if isinstance(part.data, Range):
            checker.value(where, part.data.start, {}, variables=False)
            checker.value(where, part.data.stop, {}, variables=False)
        elif isinstance(part.data, Family):
            checker.over(where, part.data.over)
    for parameter in formulation.parameters:
        where = f"parameter `{parameter.name}`"
        env = checker.over(where, parameter.over)
        if isinstance(parameter.data, Derived):
            checker.value(where, parameter.data.expression, env, variables=False)
    for variable in formulation.variables:
        where = f"variable `{variable.name}`"
        env = checker.over(where, variable.over)
        for bound in (variable.lower, variable.upper):
            if bound is not None:
                checker.value(where, bound, env, variables=False)
    for definition in formulation.definitions:
        where = f"definition `{definition.name}`"
        checker.value(where, definition.expression, checker.over(where, definition.over))


def _check_goals(formulation: Formulation, checker: ExpressionChecker) -> None:
    for goal in formulation.objectives:
        checker.value(f"objective `{goal.name}`", goal.expression, {})
    for asked in formulation.asked:
        where = f"asked quantity `{asked.name}`"
        checker.value(where, asked.expression, checker.over(where, asked.over))
    known = {p.name for p in formulation.parameters}
    for scenario in formulation.scenarios:
        for change in scenario.changes:
            checker.mentioned.add(change.parameter)
            if change.parameter not in known:
                checker.unknown_parameter(f"scenario `{scenario.name}`", change.parameter)


def _check_constraint(
    constraint: Constraint, where: str, env: Env | None, checker: ExpressionChecker
) -> None:
    match constraint:
        case Algebraic(expression=expression, penalty=penalty):
            checker.relation(where, expression, env)
            if penalty is not None:
                checker.value(where, penalty, env, variables=False)
        case Implication(condition=condition, then=then):
            checker.proposition(where, condition, env, tested=True)
            checker.relation(where, then, env)
        case Either(options=options):
            for option in options:
                checker.relation(where, option, env)
        case Logic(expression=expression):
            checker.proposition(where, expression, env, tested=False)
        case Piecewise(argument=argument, value=value):
            checker.value(where, argument, env)
            checker.value(where, value, env)
        case AllDifferent() | NoOverlap() | Cumulative() | Circuit() | Table():
            _check_global(constraint, where, env, checker)


def _check_global(
    constraint: Global,
    where: str,
    env: Env | None,
    checker: ExpressionChecker,
) -> None:
    inner = None if env is None else checker.over(where, constraint.among, env)
    match constraint:
        case AllDifferent(each=each):
            texts = [each]
        case Circuit(arc=arc):
            texts = [arc]
        case NoOverlap(start=start, duration=duration):
            texts = [start, duration]
        case Cumulative(start=start, duration=duration, demand=demand, capacity=capacity):
            texts = [start, duration, demand]
            checker.value(where, capacity, env)
        case Table(values=values):
            texts = []
            for value in values:
                checker.value(where, value, env)
    for source in texts:
        checker.value(where, source, inner)


def _number_findings(formulation: Formulation, text: str) -> list[Finding]:
    if not text:
        return []
    findings = [
        Finding(
            code=Code.UNUSED_NUMBER,
            severity=Severity.WARNING,
            where="text",
            message=f"The text says {quoted(text, number)} but the formulation never uses it.",
        )
        for number in unused_numbers(text, formulation)
    ]
    told = {v for a in formulation.assumptions for n in numbers_in(a.text) for v in n.alternatives}
    findings += [
        Finding(
            code=Code.UNFOUNDED_NUMBER,
            severity=Severity.NOTE,
            where=use.where,
            message=f"The value {use.value:.10g} in {use.where} is not in the text; correct it, or "
            "say in an assumption where it comes from.",
        )
        for use in unfounded_numbers(text, formulation)
        if abs(use.value) not in told
    ]
    findings += pair_findings(formulation, text)
    findings += side_findings(formulation, text)
    return [*findings, *direction_findings(formulation, text)]
