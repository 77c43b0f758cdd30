"""Checks of a formulation as a whole: what is missing, unused, doubled, circular or unlimited."""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from optiwright.formulators.classify import Analyst
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    EXTREMES,
    FUNCTIONS,
    ORDER_FUNCTIONS,
    SIZE_FUNCTION,
)
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.model import (
    Algebraic,
    Bound,
    Derived,
    Domain,
    Family,
    Formulation,
    FromTable,
    Index,
    Parameter,
    Piecewise,
    Range,
    Variable,
)
from optiwright.formulators.parser import names_of
from optiwright.formulators.scope import Scope

RESERVED = {*FUNCTIONS, *EXTREMES, *ORDER_FUNCTIONS, SIZE_FUNCTION, "sum", "prod"}
_MOST_ENTRIES = 200_000


def structure_findings(formulation: Formulation, scope: Scope) -> Iterator[Finding]:
    """Yield what is wrong with the formulation's parts taken together, expressions apart."""
    analyst = Analyst(scope)
    yield from _names(formulation)
    yield from _circles(formulation)
    yield from _sets(formulation, scope)
    for parameter in formulation.parameters:
        yield from _entries(parameter, scope)
    for variable in formulation.variables:
        yield from _bounds(variable, scope)
    yield from _objectives(formulation, analyst)
    yield from _constraints(formulation, analyst)


def unused_findings(formulation: Formulation, mentioned: set[str]) -> Iterator[Finding]:
    """Yield the sets, parameters, variables and definitions that no expression mentions."""
    groups: tuple[tuple[str, Iterable[str], str], ...] = (
        ("set", (s.name for s in formulation.sets), "use it or remove it"),
        ("parameter", (p.name for p in formulation.parameters), "a fact of the text may be lost"),
        ("variable", (v.name for v in formulation.variables), "constrain it or remove it"),
        ("definition", (d.name for d in formulation.definitions), "use it or remove it"),
    )
    for kind, names, remedy in groups:
        for name in names:
            if name not in mentioned:
                # A definition may be there to keep a term of the text in sight.
                severity = Severity.NOTE if kind == "definition" else Severity.WARNING
                yield _finding(
                    Code.UNUSED,
                    severity,
                    f"{kind} `{name}`",
                    f"The {kind} `{name}` is used in no expression: {remedy}.",
                )


def _finding(code: Code, severity: Severity, where: str, message: str, source: str = "") -> Finding:
    return Finding(code=code, severity=severity, where=where, message=message, expression=source)


# --- names ----------------------------------------------------------------------------------------


def _names(formulation: Formulation) -> Iterator[Finding]:
    symbols = [
        *((p.name, "parameter") for p in formulation.parameters),
        *((v.name, "variable") for v in formulation.variables),
        *((d.name, "definition") for d in formulation.definitions),
        *((s.name, "set") for s in formulation.sets),
    ]
    for name, kind in symbols:
        if name in RESERVED or keyword.iskeyword(name):
            yield _finding(
                Code.RESERVED_NAME,
                Severity.ERROR,
                f"{kind} `{name}`",
                f"`{name}` is a word of the expression language; rename the {kind}.",
            )
    rules = [(c.name, "constraint") for c in formulation.constraints]
    for name, kind in (*symbols, *rules):
        if name.startswith("_") and kind in {"variable", "constraint"}:
            yield _finding(
                Code.RESERVED_NAME,
                Severity.ERROR,
                f"{kind} `{name}`",
                f"`{name}` starts with an underscore, as only the compiler's own names do; rename "
                f"the {kind}.",
            )
    for group in (symbols, rules):
        for name, count in Counter(name for name, _ in group).items():
            if count > 1:
                kinds = " and ".join(sorted({kind for other, kind in group if other == name}))
                yield _finding(
                    Code.DUPLICATE_NAME,
                    Severity.ERROR,
                    f"`{name}`",
                    f"`{name}` is declared {count} times ({kinds}); give each its own name.",
                )


def _circles(formulation: Formulation) -> Iterator[Finding]:
    texts = {d.name: d.expression for d in formulation.definitions}
    for parameter in formulation.parameters:
        if isinstance(parameter.data, Derived):
            texts[parameter.name] = parameter.data.expression
    edges = {name: names_of(text) & texts.keys() for name, text in texts.items()}
    for name in texts:
        if name in _reachable(name, edges):
            yield _finding(
                Code.CIRCULAR,
                Severity.ERROR,
                f"`{name}`",
                f"`{name}` is defined by itself, directly or through others; make it a variable "
                "with an equality constraint.",
                texts[name],
            )


def _reachable(start: str, edges: dict[str, frozenset[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(edges[start])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(edges[name])
    return found


# --- data -----------------------------------------------------------------------------------------


def _sets(formulation: Formulation, scope: Scope) -> Iterator[Finding]:
    for part in formulation.sets:
        where = f"set `{part.name}`"
        elements = scope.elements(part.name)
        if elements == ():
            yield _finding(
                Code.EMPTY_SET,
                Severity.ERROR,
                where,
                f"Set `{part.name}` has no elements; list them or correct its range.",
            )
        if elements and len({len(e) for e in elements}) > 1:
            yield _finding(
                Code.ARITY,
                Severity.ERROR,
                where,
                f"The elements of set `{part.name}` differ in their number of components.",
            )
        plain = not isinstance(part.data, Family | FromTable | Range)
        if elements and plain and len(set(elements)) < len(elements):
            yield _finding(
                Code.DUPLICATE_ENTRY,
                Severity.ERROR,
                where,
                f"Set `{part.name}` lists an element twice; remove the second.",
            )


def _entries(parameter: Parameter, scope: Scope) -> Iterator[Finding]:
    data, where = parameter.data, f"parameter `{parameter.name}`"
    if isinstance(data, Derived | Bound):
        return
    counts = Counter(e.index for e in data.entries)
    doubled = [index for index, count in counts.items() if count > 1]
    if doubled:
        what = f"Parameter `{parameter.name}` has two values at {_shown(doubled)}; keep one."
        yield _finding(Code.DUPLICATE_ENTRY, Severity.ERROR, where, what)
    domain = _domain(parameter, scope)
    if not counts and data.default is None and domain != {}:
        yield _finding(
            Code.NO_VALUES,
            Severity.ERROR,
            where,
            f"Parameter `{parameter.name}`{_said(parameter)} has no values. Give it those that the "
            "text states or that follow from it; what it does not give stays empty, and nothing is "
            "made up for it.",
        )
        return
    if domain is None:
        return
    outside = [index for index in counts if index not in domain]
    if outside:
        yield _finding(
            Code.WRONG_INDEX,
            Severity.ERROR,
            where,
            f"Parameter `{parameter.name}` has values at {_shown(outside)}, which its index clause "
            f"`{parameter.over}` does not contain.",
        )
    missing = [index for index in domain if index not in counts]
    if missing and data.default is None:
        yield _finding(
            Code.MISSING_ENTRY,
            Severity.ERROR,
            where,
            f"Parameter `{parameter.name}` has no value at {_shown(missing)}; give each a value, "
            "or a default.",
        )


def _said(parameter: Parameter) -> str:
    return f" ({parameter.description})" if parameter.description else ""


def _domain(parameter: Parameter, scope: Scope) -> dict[Index, None] | None:
    try:
        indices = scope.indices(parameter.over)
    except FormulationError:
        return None
    if indices is None:
        return None
    domain = dict.fromkeys(islice(indices, _MOST_ENTRIES + 1))
    return domain if len(domain) <= _MOST_ENTRIES else None


def _shown(indices: list[Index]) -> str:
    words = [f"[{', '.join(map(repr, index))}]" for index in indices[:3]]
    more = f" and {len(indices) - 3} more" if len(indices) > 3 else ""
    return ", ".join(words) + more


def _bounds(variable: Variable, scope: Scope) -> Iterator[Finding]:
    where = f"variable `{variable.name}`"
    if variable.domain is Domain.BINARY:
        return
    if variable.domain is Domain.SEMICONTINUOUS and None in (variable.lower, variable.upper):
        yield _finding(
            Code.MISSING_BOUNDS,
            Severity.ERROR,
            where,
            f"Variable `{variable.name}` is semicontinuous and needs both bounds; give the smallest"
            " and the largest amount other than zero.",
        )
        return
    if variable.lower is None or variable.upper is None:
        return
    lower, upper = scope.constant(variable.lower), scope.constant(variable.upper)
    if lower is not None and upper is not None and lower > upper:
        yield _finding(
            Code.CROSSED_BOUNDS,
            Severity.ERROR,
            where,
            f"The lower bound {lower:g} of `{variable.name}` is above its upper bound {upper:g}; "
            "correct one of them.",
            variable.upper,
        )


# --- objective and constraints --------------------------------------------------------------------


def _objectives(formulation: Formulation, analyst: Analyst) -> Iterator[Finding]:
    if not formulation.objectives:
        yield _finding(
            Code.NO_OBJECTIVE,
            Severity.NOTE,
            "objective",
            "There is no objective, so any feasible point is an answer; add one if the text asks "
            "for the best.",
        )
    for goal in formulation.objectives:
        if analyst.source(goal.expression).constant:
            yield _finding(
                Code.CONSTANT_OBJECTIVE,
                Severity.ERROR,
                f"objective `{goal.name}`",
                "The objective contains no variable, so there is nothing to choose; write it with "
                "the decisions.",
                goal.expression,
            )


def _constraints(formulation: Formulation, analyst: Analyst) -> Iterator[Finding]:
    seen: dict[tuple[str, str], str] = {}
    for constraint in formulation.constraints:
        where = f"constraint `{constraint.name}`"
        if isinstance(constraint, Piecewise):
            arguments = [x for x, _ in constraint.points]
            if arguments != sorted(arguments):
                what = "The points of a piecewise function need increasing arguments; sort them."
                yield _finding(Code.POINTS, Severity.ERROR, where, what)
        if not isinstance(constraint, Algebraic):
            continue
        links = analyst.relation(constraint.expression)
        if links and all(degree == 0 for degree, _ in links):
            yield _finding(
                Code.NO_VARIABLES,
                Severity.WARNING,
                where,
                f"Constraint `{constraint.name}` contains no variable, so it limits nothing; write "
                "it with the decisions, or remove it.",
                constraint.expression,
            )
        key = (_squeezed(constraint.over), _squeezed(constraint.expression))
        if key in seen:
            yield _finding(
                Code.DUPLICATE_CONSTRAINT,
                Severity.WARNING,
                where,
                f"Constraint `{constraint.name}` repeats `{seen[key]}`; remove it, or correct it "
                "to what the text says.",
                constraint.expression,
            )
        seen.setdefault(key, constraint.name)


def _squeezed(text: str) -> str:
    return "".join(text.split())
