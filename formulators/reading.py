"""What a reader is shown of a formulation, section by section, before any markup is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from optiwright.formulators.latex import (
    constraint_to_latex,
    definition_to_latex,
    expression_to_latex,
    indexing,
    objectives_to_latex,
    parameter_to_latex,
    set_to_latex,
    variable_to_latex,
)
from optiwright.formulators.model import (
    Basis,
    Change,
    Element,
    Entry,
    Formulation,
    Given,
    Index,
    Parameter,
    Scenario,
    Variable,
)

TABLE_ENTRIES = 60
TABLE_COLUMNS = 10
"""Parameters with more entries, or wider ones, are abbreviated instead of tabulated."""


@dataclass(frozen=True, slots=True)
class Line:
    """One element of a formulation: plain texts, and a formula in LaTeX without delimiters."""

    name: str
    formula: str = ""
    meaning: str = ""
    unit: str = ""
    words: str = ""
    table: tuple[tuple[str, ...], ...] = ()
    """Rows of plain cells, the first one the header."""
    where: str = ""
    """Which of the five elements' parts it is, as findings name it: "constraint `oven`"."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its lines."""

    title: str
    lines: tuple[Line, ...]


def sections(f: Formulation) -> tuple[Section, ...]:
    """Return the five elements in order, then what else there is; only these can be absent."""
    five = (
        Section("Sets", _sets(f)),
        Section("Parameters", tuple(_parameter(p, f) for p in f.parameters)),
        Section("Variables", (*(_variable(v, f) for v in f.variables), *_definitions(f))),
        Section("Objective", _objectives(f)),
        Section("Constraints", _constraints(f)),
    )
    further = (
        Section("Asked", _asked(f)),
        Section("Assumptions", tuple(Line(", ".join(a.about), "", a.text) for a in f.assumptions)),
        Section("Scenarios", tuple(_scenario(s) for s in f.scenarios)),
    )
    return (*five, *(section for section in further if section.lines))


def value_text(value: float) -> str:
    """Return a number as a reader wants it: no trailing zeros, no more than ten digits."""
    return f"{value:.10g}"


def index_text(index: Index) -> str:
    """Return where a value lies, as in `north, 3`."""
    return ", ".join(str(component) for component in index)


def _sets(f: Formulation) -> tuple[Line, ...]:
    return tuple(
        Line(s.name, set_to_latex(s, f), s.description, words=s.words, where=f"set `{s.name}`")
        for s in f.sets
    )


def _parameter(p: Parameter, f: Formulation) -> Line:
    table = value_table(p.data) if isinstance(p.data, Given) and p.over else ()
    formula = parameter_to_latex(p, f, values=not table)
    where = f"parameter `{p.name}`"
    return Line(p.name, formula, p.description, p.unit, p.words, table, where)


def _variable(v: Variable, f: Formulation) -> Line:
    assumed = [
        what
        for what, basis in (("domain", v.domain_basis), ("bounds", v.bounds_basis))
        if basis is Basis.ASSUMED
    ]
    note = f"{' and '.join(assumed)} assumed" if assumed else ""
    meaning = "; ".join(filter(None, (v.description, note)))
    where = f"variable `{v.name}`"
    return Line(v.name, variable_to_latex(v, f), meaning, v.unit, v.words, where=where)


def _definitions(f: Formulation) -> tuple[Line, ...]:
    return tuple(
        Line(
            d.name,
            definition_to_latex(d, f),
            d.description,
            d.unit,
            where=f"definition `{d.name}`",
        )
        for d in f.definitions
    )


def _objectives(f: Formulation) -> tuple[Line, ...]:
    formulas = objectives_to_latex(f)
    if not f.objectives:
        return (Line("feasibility", formulas[0]),)
    goals = sorted(f.objectives, key=lambda o: -o.priority)
    return tuple(
        Line(o.name, formula, o.description, o.unit, o.words, where=f"objective `{o.name}`")
        for o, formula in zip(goals, formulas, strict=True)
    )


def _constraints(f: Formulation) -> tuple[Line, ...]:
    return tuple(
        Line(
            c.name,
            constraint_to_latex(c, f),
            c.description,
            words=c.words,
            where=f"constraint `{c.name}`",
        )
        for c in f.constraints
    )


def _asked(f: Formulation) -> tuple[Line, ...]:
    return tuple(
        Line(
            a.name,
            expression_to_latex(a.expression, f) + indexing(a.over, f)[1],
            a.description,
            a.unit,
        )
        for a in f.asked
    )


def _scenario(s: Scenario) -> Line:
    changes = "; ".join(_change(c) for c in s.changes)
    return Line(s.name, "", "; ".join(filter(None, (s.description, changes))))


def _change(c: Change) -> str:
    return ", ".join(f"{_place(c.parameter, e)} = {value_text(e.value)}" for e in c.entries)


def _place(name: str, entry: Entry) -> str:
    return f"{name}[{index_text(entry.index)}]" if entry.index else name


def value_table(data: Given) -> tuple[tuple[str, ...], ...]:
    """Return the entries as a table, indices of one or two components only; empty if too large."""
    arities = {len(entry.index) for entry in data.entries}
    if len(data.entries) > TABLE_ENTRIES or not arities <= {1, 2} or len(arities) != 1:
        return ()
    return _list_table(data) if arities == {1} else _cross_table(data)


def _list_table(data: Given) -> tuple[tuple[str, ...], ...]:
    rows = [(str(entry.index[0]), value_text(entry.value)) for entry in data.entries]
    if data.default is not None:
        rows.append(("otherwise", value_text(data.default)))
    return (("", "value"), *rows) if len(rows) > TABLE_COLUMNS else tuple(zip(*rows, strict=True))


def _cross_table(data: Given) -> tuple[tuple[str, ...], ...]:
    heads = _distinct(data, lambda index: index[1])
    if len(heads) > TABLE_COLUMNS:
        return ()
    values = {entry.index: value_text(entry.value) for entry in data.entries}
    missing = "" if data.default is None else value_text(data.default)
    body = (
        (str(row), *(values.get((row, head), missing) for head in heads))
        for row in _distinct(data, lambda index: index[0])
    )
    return (("", *(str(head) for head in heads)), *body)


def _distinct(data: Given, component: Callable[[Index], Element]) -> list[Element]:
    return list(dict.fromkeys(component(entry.index) for entry in data.entries))
