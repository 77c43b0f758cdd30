"""What a user edits of a formulation by hand, as typed changes; what is wrong in it, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from optiwright.formulators.changes import (
    AddConstraint,
    ChangeDomain,
    ChangeObjective,
    Drop,
    Redefine,
    Restate,
    SetBounds,
    SetEntries,
    TypedChange,
)
from optiwright.formulators.expression_checks import ExpressionChecker
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import (
    Algebraic,
    Constraint,
    Definition,
    Domain,
    Entry,
    Formulation,
    Index,
    Logic,
    Objective,
    Sense,
    Variable,
)
from optiwright.formulators.phrases import counted
from optiwright.formulators.scope import Scope
from optiwright.formulators.source import number_text

_NAMED = 4
"""Edits that a title names one by one."""


def entries_edit(
    parameter: str, before: Mapping[Index, float], after: Mapping[Index, float]
) -> list[TypedChange]:
    """Return the change of a parameter's values, or nothing where they are the same."""
    entries = tuple(
        Entry(index=index, value=value)
        for index, value in after.items()
        if before.get(index) != value
    )
    return [SetEntries(parameter=parameter, entries=entries)] if entries else []


def bound_text(old: str | None, value: float | None) -> str | None:
    """Return a number as a bound; one of the same value stays as it was written."""
    if value is None:
        return None
    try:
        same = old is not None and float(old) == value
    except ValueError:
        same = False
    return old if same else number_text(value)


def plain_bound(bound: str | None) -> tuple[bool, float | None]:
    """Return whether a bound is a plain number or none, and that number."""
    if bound is None:
        return True, None
    try:
        return True, float(bound)
    except ValueError:
        return False, None


def variable_edit(
    old: Variable, lower: str | None, upper: str | None, domain: Domain
) -> list[TypedChange]:
    """Return the changes of a variable's kind and bounds; empty text is no bound."""
    changes: list[TypedChange] = []
    new = tuple((bound or "").strip() or None for bound in (lower, upper))
    if domain is not old.domain:
        changes.append(ChangeDomain(variable=old.name, domain=domain))
    if domain is not Domain.BINARY and new != (old.lower, old.upper):
        changes.append(SetBounds(variable=old.name, lower=new[0], upper=new[1]))
    return changes


def constraint_edit(
    old: Constraint, expression: str, sentence: str, *, dropped: bool = False
) -> list[TypedChange]:
    """Return the change of a constraint written as one expression, or of any dropped one."""
    if dropped:
        return [Drop(constraint=old.name)]
    if not isinstance(old, Algebraic | Logic):
        return []
    new = " ".join(expression.split())
    told = " ".join(sentence.split())
    if new == old.expression and told in ("", old.description):
        return []
    said = told if told != old.description else ""
    return [Restate(constraint=old.name, expression=new, description=said)]


def definition_edit(old: Definition, expression: str) -> list[TypedChange]:
    """Return the change of a total."""
    new = " ".join(expression.split())
    return [Redefine(definition=old.name, expression=new)] if new != old.expression else []


def goal_edit(old: Objective | None, sense: Sense, expression: str) -> list[TypedChange]:
    """Return the change of the leading goal; nothing where there is none and none is written."""
    new = " ".join(expression.split())
    if old is None:
        return [ChangeObjective(sense=sense, expression=new)] if new else []
    if (sense, new) == (old.sense, old.expression):
        return []
    return [
        ChangeObjective(
            sense=sense if sense is not old.sense else None,
            expression=new if new != old.expression else None,
        )
    ]


def added_constraint(
    formulation: Formulation, expression: str, over: str, sentence: str
) -> list[TypedChange]:
    """Return the change that adds a constraint under a free name; nothing without one."""
    new = " ".join(expression.split())
    if not new:
        return []
    taken = {c.name for c in formulation.constraints}
    name = next(f"added_{k}" for k in range(1, len(taken) + 2) if f"added_{k}" not in taken)
    told = " ".join(sentence.split()) or f"`{new}`, added by hand"
    return [AddConstraint(name=name, expression=new, over=over.strip(), description=told)]


def edit_faults(formulation: Formulation, change: TypedChange) -> tuple[Finding, ...]:
    """Return what is wrong in the expressions that an edit writes, with the characters at fault.

    Names, indices and types are checked as in the whole formulation's checks; data are not looked
    at. An edit that passes may still be refused when it is applied.
    """
    checker = ExpressionChecker(Scope(formulation))
    match change:
        case Restate(constraint=name, expression=expression):
            rule = next((c for c in formulation.constraints if c.name == name), None)
            env = checker.over(f"constraint `{name}`", rule.over if rule is not None else "")
            if isinstance(rule, Logic):
                checker.proposition(f"constraint `{name}`", expression, env, tested=False)
            else:
                checker.relation(f"constraint `{name}`", expression, env)
        case AddConstraint(expression=expression, over=over):
            env = checker.over("the new constraint", over)
            checker.relation("the new constraint", expression, env)
        case Redefine(definition=name, expression=expression):
            total = next((d for d in formulation.definitions if d.name == name), None)
            env = checker.over(f"total `{name}`", total.over if total is not None else "")
            checker.value(f"total `{name}`", expression, env)
        case SetBounds(variable=name, lower=lower, upper=upper):
            part = next((v for v in formulation.variables if v.name == name), None)
            env = checker.over(f"variable `{name}`", part.over if part is not None else "")
            for bound in filter(None, (lower, upper)):
                checker.value(f"variable `{name}`", bound, env, variables=False)
            if crossed := _crossed(name, lower, upper):
                return (crossed,)
        case ChangeObjective(expression=str(expression)):
            checker.value("the objective", expression, {})
        case _:
            pass
    return tuple(f for f in checker.findings if f.severity is Severity.ERROR)


def _crossed(name: str, lower: str | None, upper: str | None) -> Finding | None:
    (_, low), (_, high) = plain_bound(lower), plain_bound(upper)
    if low is None or high is None or low <= high:
        return None
    return Finding(
        code=Code.CROSSED_BOUNDS,
        severity=Severity.ERROR,
        where=f"variable `{name}`",
        message=f"`{name}` would be at least {lower} and at most {upper}, which no number is. "
        "Change one of the two.",
    )


def edits_told(changes: Sequence[TypedChange]) -> str:
    """Return what edits concern, in a few words: `demand (3 entries), oven, the objective`."""
    names = list(dict.fromkeys(map(_told, changes)))
    more = len(names) - _NAMED
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {counted(more, 'more edit')}" if more > 0 else shown


def _told(change: TypedChange) -> str:
    match change:
        case SetEntries(parameter=name, entries=entries):
            return f"{name} ({counted(len(entries), 'entry', 'entries')})"
        case Restate(constraint=name):
            return name
        case Redefine(definition=name):
            return name
        case SetBounds(variable=name) | ChangeDomain(variable=name):
            return f"the range of {name}"
        case Drop(constraint=name):
            return f"{name} dropped"
        case AddConstraint():
            return "a constraint added"
        case ChangeObjective():
            return "the objective"
        case _:
            return change.kind.replace("_", " ")
