"""Decisions in words: lines for scalars, sentences where a description allows them, tables else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from optiwright.agent.answer import decision_line, quantities
from optiwright.agent.result import Result
from optiwright.agent.told_point import (
    SHOWN,
    Point,
    decision_of,
    enumeration,
    index_heads,
    place,
    plain,
    table,
)
from optiwright.formulators.figures import number
from optiwright.formulators.model import Definition, Domain, Index, Variable
from optiwright.formulators.phrases import capitalised, measured
from optiwright.formulators.told_variables import meaning_at, meaning_of, names_its_indices
from optiwright.solver_tools.solution import ValueAt

_ZERO = 1e-7
_WIDEST = 8
"""Columns of a table with the second index across."""


def decisions(point: Point) -> str:
    """Return what to do, variable by variable; those with one index clause share a table."""
    scalars = [v for v in point.formulation.variables if not v.over]
    lines = [
        decision_line(ValueAt(name=v.name, value=point.values[v.name][()]), v) for v in scalars
    ]
    blocks = ["\n".join(lines)] if lines else []
    indexed = [v for v in point.formulation.variables if v.over]
    for _, group in groupby(indexed, key=lambda v: _kind(v, point)):
        blocks += _told(list(group), point)
    return "\n\n".join(blocks)


def _kind(v: Variable, point: Point) -> object:
    """Return what variables that can share a table have in common."""
    values = point.values.get(v.name, {})
    one = all(len(index) == 1 for index in values)
    alone = not one or v.domain is Domain.BINARY or names_its_indices(v)
    return v.name if alone else (tuple(values), index_heads(v.over, 1))


def _told(group: list[Variable], point: Point) -> Iterator[str]:
    first = group[0]
    values = point.values.get(first.name, {})
    taken = {index: value for index, value in values.items() if abs(value) >= _ZERO}
    if not taken and len(group) == 1:
        yield f"{_named(first)}: {_nothing(first)}."
    elif names_its_indices(first) and first.domain is not Domain.BINARY:
        yield _sentences(first, taken)
    elif first.domain is Domain.BINARY:
        yield _chosen(first, values)
    elif all(len(index) == 1 for index in values):
        yield _columns(group, point)
    else:
        yield _by_first(first, values, taken)


def _nothing(v: Variable) -> str:
    return "none is chosen" if v.domain is Domain.BINARY else "zero everywhere"


def _named(v: Variable) -> str:
    """Return a variable's meaning and name, with its unit."""
    unit = f" [{v.unit}]" if v.unit else ""
    meaning = meaning_of(v)
    return f"{meaning}, `{v.name}`{unit}" if meaning else f"`{v.name}`{unit}"


# --- sentences ------------------------------------------------------------------------------------


def _sentences(v: Variable, taken: dict[Index, float]) -> str:
    lines = [
        f"- {capitalised(meaning_at(v, index))}: {measured(number(x), v.unit)}"
        for index, x in taken.items()
    ]
    return f"{_limited(lines)}\n\nWhat is not listed is zero."


def _limited(lines: list[str]) -> str:
    more = f"\n- ... and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    return "\n".join(lines[:SHOWN]) + more


# --- yes or no ------------------------------------------------------------------------------------


def _chosen(v: Variable, values: dict[Index, float]) -> str:
    yes = [index for index, value in values.items() if value > 0.5]
    if names_its_indices(v):
        return _limited([f"- {capitalised(meaning_at(v, index))}: yes" for index in yes]) + _rest(
            values, yes
        )
    if all(len(index) == 1 for index in values):
        no = [place(index) for index in values if index not in set(yes)]
        told = f"{_named(v)}: yes for {_names([place(i) for i in yes])}"
        return f"{told}; no for {_names(no)}." if no else f"{told}."
    lines = [f"- {first}: {_names(rest)}" for first, rest in _grouped(values, yes).items()]
    return f"{_named(v)}: yes for\n\n{_limited(lines)}{_rest(values, yes)}"


def _rest(values: dict[Index, float], yes: list[Index]) -> str:
    return "\n\nFor all others: no." if len(yes) < len(values) else ""


def _names(names: list[str]) -> str:
    if len(names) > SHOWN:
        return f"{', '.join(names[:SHOWN])} and {len(names) - SHOWN} more"
    return enumeration(names)


def _grouped(values: dict[Index, float], yes: list[Index]) -> dict[str, list[str]]:
    """Return the chosen indices' later parts by their first, in the order of the domain."""
    groups: dict[str, list[str]] = {str(index[0]): [] for index in values}
    for index in yes:
        groups[str(index[0])].append(place(index[1:]))
    return {first: rest for first, rest in groups.items() if rest}


# --- tables ---------------------------------------------------------------------------------------


def _columns(group: list[Variable], point: Point) -> str:
    """Return variables over the same elements side by side, elements down."""
    domain = list(point.values[group[0].name])
    head = index_heads(group[0].over, 1)
    heads = [f"{v.name} [{v.unit}]" if v.unit else v.name for v in group]
    rows = [
        [place(index), *(number(point.values[v.name][index]) for v in group)] for index in domain
    ]
    meant = [f"`{v.name}`: {plain(v.description)}" for v in group if v.description]
    about = "".join(f"- {line}\n" for line in meant)
    return f"{about}\n{table([[*head, *heads], *rows])}".lstrip("\n")


def _by_first(v: Variable, values: dict[Index, float], taken: dict[Index, float]) -> str:
    arity = len(next(iter(values)))
    heads = index_heads(v.over, arity)
    across = list(dict.fromkeys(index[1] for index in values)) if arity == 2 else []
    if arity == 2 and len(across) <= _WIDEST:
        down = list(dict.fromkeys(index[0] for index in values))
        rows = [[str(row), *(_at(values, (row, column)) for column in across)] for row in down]
        return f"{_named(v)}:\n\n{table([[heads[0], *map(str, across)], *rows])}"
    rows = [[*map(str, index), number(x)] for index, x in taken.items()]
    note = "\n\nWhat is not listed is zero." if len(taken) < len(values) else ""
    return f"{_named(v)}:\n\n{table([[*heads, v.name], *rows])}{note}"


def _at(values: dict[Index, float], index: Index) -> str:
    return number(values[index]) if index in values else ""


# --- what follows ---------------------------------------------------------------------------------


def asked(result: Result, point: Point) -> str:
    """Return what the text asks for, but for decisions and the objective, which are told before."""
    f = point.formulation
    goal = plain(f.leading.expression) if f.leading is not None else ""
    told = {a.name for a in f.asked if decision_of(a, f) or plain(a.expression) == goal}
    rest = tuple(a for a in result.answers if a.name not in told)
    return quantities(result.model_copy(update={"answers": rest}))


def derived(point: Point) -> str:
    """Return the values of the formulation's named quantities that are told nowhere else."""
    told = {plain(a.expression) for a in point.formulation.asked if not a.over}
    told |= {plain(o.expression) for o in point.formulation.objectives}
    lines, tables = [], []
    for d in point.formulation.definitions:
        if d.name in told:
            continue
        if d.over:
            tables.append(_definition_table(d, point))
        else:
            value = point.interpreter.quantity(d.name, {}, d.name, ())
            what = f"{plain(d.description)}, `{d.name}`" if d.description else f"`{d.name}`"
            lines.append(f"- {what}: {number(value)}{f' {d.unit}' if d.unit else ''}")
    head = "**Named quantities**\n\n" if lines else ""
    return "\n\n".join(filter(None, (head + "\n".join(lines), *tables)))


def _definition_table(d: Definition, point: Point) -> str:
    scopes = list(point.interpreter.scopes(d.over))
    values = [
        (index, point.interpreter.quantity(d.expression, env, d.name, index))
        for index, env in scopes
    ]
    arity = len(values[0][0]) if values else 0
    unit = f" [{d.unit}]" if d.unit else ""
    what = f"{plain(d.description)}, `{d.name}`{unit}" if d.description else f"`{d.name}`{unit}"
    rows = [[*map(str, index), number(value)] for index, value in values]
    if not rows:
        return ""
    return f"{what}:\n\n{table([[*index_heads(d.over, arity), d.name], *rows])}"
