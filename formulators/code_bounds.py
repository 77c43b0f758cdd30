"""The unknowns of a Python function: how it is called, and within which bounds."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from optiwright.formulators.black_box import OneOf, RealRange, Unknown, WholeRange
from optiwright.formulators.bounds_lines import Clause, between, find_bounds, plain, together
from optiwright.formulators.code_reader import Function, Module, Parameter
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.phrases import counted
from optiwright.formulators.text_numbers import ONES

_TABLES = re.compile(
    r"(?:\w+_)?(?:bounds?|bnds|domain|search_?space|space|limits|ranges?|box)(?:_\w+)?", re.I
)
_LOWER = re.compile(r"x?_?(?:lb|lower|low|min|lower_?bounds?|xlb|xl|x_?min)", re.I)
_UPPER = re.compile(r"x?_?(?:ub|upper|high|max|upper_?bounds?|xub|xu|x_?max)", re.I)
_SIZES = re.compile(r"d|n|dim|ndim|n_?dims?|dimensions?|n_vars?|num_vars|D|N|DIM", re.I)
_WORD = "|".join(ONES[1:])
_SIZE_TOLD = re.compile(
    rf"\b(?:dimensions?|dim|d|n)\s*(?:=|is|of|:)\s*(\d+)|\b(\d+|{_WORD})[- ]?(?:dimensional|dimensions?"
    rf"|d\b|variables|unknowns|parameters|inputs)",
    re.I,
)
_WHERE = (
    '`bounds = [(low, high), ...]` in the source, "x in [low, high]^n" in its documentation, or '
    '`--bounds "x in [low, high]"`'
)


@dataclass(frozen=True)
class Bounded:
    """A function's unknowns, in order, and how it is called with them."""

    unknowns: tuple[Unknown, ...]
    style: Literal["vector", "named"]
    notes: tuple[str, ...] = ()


def bounds_of(
    module: Module, function: Function, words: str, given: Sequence[Unknown] | None = None
) -> Bounded:
    """Return a function's unknowns.

    Args:
        module: the source.
        function: of it.
        words: around it.
        given: bounds from beside the text, which go before what is found.

    Raises:
        FormulationError: if a bound is missing or does not fit; what and remedy say which.
    """
    needed = function.needed or function.parameters[:1]
    if (
        len(needed) == 1
        and not needed[0].starred
        and _is_vector(module, function, needed[0], given)
    ):
        return _vector(module, function, needed[0], words, given)
    if any(p.starred for p in needed):
        return _vector(module, function, needed[0], words, given)
    return _named(module, function, needed, words, given)


def unknowns_of(table: Sequence[Any] | Mapping[str, Any]) -> tuple[Unknown, ...]:
    """Return the unknowns of bounds in Python: pairs in a row, or by name pairs, ranges or labels.

    Raises:
        FormulationError: if an entry is none of these.
    """
    if isinstance(table, Mapping):
        return tuple(_unknown(str(name), _listed(entry)) for name, entry in table.items())
    return _of_table([_listed(entry) for entry in table], None)


def _listed(entry: Any) -> Any:
    return list(entry) if isinstance(entry, tuple) else entry


def start_of(module: Module, unknowns: Sequence[Unknown]) -> tuple[float | int | str, ...] | None:
    """Return the point `x0` of the source, where it has one within the bounds."""
    for name in ("x0", "start", "initial_guess", "initial_point", "x_start"):
        point = module.constants.get(name)
        if isinstance(point, list) and len(point) == len(unknowns):
            if all(_within(u, v) for u, v in zip(unknowns, point, strict=True)):
                return tuple(point)
    return None


def _within(unknown: Unknown, value: object) -> bool:
    if isinstance(unknown, OneOf):
        return value in unknown.choices
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if not isinstance(value, int | float) or (isinstance(unknown, WholeRange) and not whole):
        return False
    return unknown.lower <= value <= unknown.upper


def _is_vector(
    module: Module, function: Function, parameter: Parameter, given: Sequence[Unknown] | None
) -> bool:
    if given is not None and len(given) > 1:
        return True
    table = _table(module)
    several = isinstance(table, list) and not _is_pair(table) and len(table) > 1
    return several or function.is_vector(parameter.name)


# --- f(x) ---------------------------------------------------------------------------------------


def _vector(
    module: Module,
    function: Function,
    parameter: Parameter,
    words: str,
    given: Sequence[Unknown] | None,
) -> Bounded:
    size, least = (None, 0) if parameter.starred else function.size_of(parameter.name)
    size = _size_told(module, function, words) or size
    if given is not None:
        return _sized(function, tuple(given), size, least)
    if (table := _table(module)) is not None:
        return _sized(function, _of_table(table, size), size, least)
    clauses = _clauses(function, module, words, {parameter.name})
    if len(clauses) == 1 and (each := clauses[0].each or _lone(clauses[0])) is not None:
        if size is None:
            raise FormulationError(
                f"bounds for each entry of `{parameter.name}` and not how many it has",
                where="bounds",
                remedy="Say the size, as in `x in [-5, 5]^10`",
            )
        stem = clauses[0].stem or parameter.name
        found = tuple(each.model_copy(update={"name": f"{stem}{k + 1}"}) for k in range(size))
        return Bounded(found, "vector")
    if clauses and all(clause.each is None for clause in clauses):
        return _sized(function, together(clauses), size, least)
    raise _missing(f"no bounds for `{parameter.name}`")


def _lone(clause: Clause) -> Unknown | None:
    """Return the bounds of `x in [0, 5]` where x is a vector: those of each entry."""
    return clause.unknowns[0] if len(clause.unknowns) == 1 and not clause.stem else None


def _sized(
    function: Function, unknowns: tuple[Unknown, ...], size: int | None, least: int
) -> Bounded:
    if size is not None and len(unknowns) == 1 < size:
        each = unknowns[0]
        named = (each.model_copy(update={"name": f"{each.name}{k + 1}"}) for k in range(size))
        return Bounded(
            tuple(named), "vector", (f"Each of the {size} entries has the same bounds.",)
        )
    if len(unknowns) < least:
        raise FormulationError(
            f"bounds for {counted(len(unknowns), 'unknown')}, and `{function.name}` takes {least}",
            where="bounds",
            remedy=f"bounds for {least}",
        )
    return Bounded(unknowns, "vector")


def _size_told(module: Module, function: Function, words: str) -> int | None:
    for name, value in module.constants.items():
        if _SIZES.fullmatch(name) and isinstance(value, int) and 0 < value <= 2000:
            return value
    for text in (words, function.words, module.comments):
        if found := _SIZE_TOLD.search(text):
            word = (found[1] or found[2]).lower()
            return int(word) if word.isdigit() else ONES.index(word)
    return None


# --- f(a, b) ------------------------------------------------------------------------------------


def _named(
    module: Module,
    function: Function,
    needed: tuple[Parameter, ...],
    words: str,
    given: Sequence[Unknown] | None,
) -> Bounded:
    names = [p.name for p in function.parameters]
    found: dict[str, Unknown] = {}
    if given is not None:
        odd = next((u.name for u in given if u.name not in names), None)
        if odd is not None and len(given) == len(needed) == 1:
            given = [given[0].model_copy(update={"name": needed[0].name})]
        elif odd is not None:
            raise FormulationError(
                f"bounds for `{odd}`, which `{function.name}` does not take",
                where="bounds",
                remedy=f"bounds for {', '.join(f'`{p.name}`' for p in needed)}",
            )
        found = {u.name: u for u in given}
    else:
        for clause in _clauses(function, module, words, set(names)):
            found |= {u.name: u for u in clause.unknowns if u.name in names}
        table = _table(module)
        if isinstance(table, Mapping):
            found |= {k: _unknown(str(k), v) for k, v in table.items() if k in names}
        elif table is not None:
            listed = _of_table(table, len(needed))
            pairs = zip(needed, listed, strict=False)
            found |= {p.name: u.model_copy(update={"name": p.name}) for p, u in pairs}
        for parameter in needed:
            hinted = _hinted(module, parameter)
            if hinted is not None:
                found.setdefault(parameter.name, hinted)
    missing = [p.name for p in needed if p.name not in found]
    if missing:
        raise _missing(f"no bounds for {', '.join(f'`{m}`' for m in missing)}")
    unknowns = [_as_hinted(p, found[p.name]) for p in function.parameters if p.name in found]
    return Bounded(tuple(unknowns), "named")


def _as_hinted(parameter: Parameter, unknown: Unknown) -> Unknown:
    """Return a whole number where the function's hint says so."""
    if parameter.scalar_hint == "int" and isinstance(unknown, RealRange):
        return between(unknown.name, unknown.lower, unknown.upper, whole=True)
    return unknown


def _hinted(module: Module, parameter: Parameter) -> Unknown | None:
    """Return what `Literal["a", "b"]`, `Annotated[float, (0, 1)]` or `bool` says of a parameter."""
    match parameter.hint:
        case ast.Name(id="bool"):
            return WholeRange(name=parameter.name, lower=0, upper=1)
        case ast.Subscript(
            value=ast.Name(id="Literal") | ast.Attribute(attr="Literal"), slice=inner
        ):
            labels = module.value(inner)
            if isinstance(labels, list) and all(isinstance(v, str) for v in labels):
                return OneOf(name=parameter.name, choices=tuple(labels))
        case ast.Subscript(
            value=ast.Name(id="Annotated") | ast.Attribute(attr="Annotated"),
            slice=ast.Tuple(elts=[kind, bounds, *_]),
        ):
            pair = module.value(bounds)
            if _is_pair(pair):
                whole = isinstance(kind, ast.Name) and kind.id == "int"
                return between(parameter.name, *pair, whole=whole)
    return None


# --- shared -------------------------------------------------------------------------------------


def _clauses(function: Function, module: Module, words: str, names: set[str]) -> list[Clause]:
    """Return what words and comments bound, of the first text that bounds a name of the function."""
    for text in (words, function.words, module.comments):
        clauses = [
            c
            for c in find_bounds(plain(text))
            if c.stem in names
            or {u.name for u in c.unknowns} & names
            or any(re.fullmatch(rf"{re.escape(n)}_?\d+", u.name) for u in c.unknowns for n in names)
        ]
        if clauses:
            return clauses
    return []


def _table(module: Module) -> Any:
    """Return the source's own bounds: a list of pairs, a pair, or a table by name; else None."""
    lower: Any = None
    upper: Any = None
    for name, value in module.constants.items():
        if _TABLES.fullmatch(name) and isinstance(value, list | dict) and value:
            return value
        if _LOWER.fullmatch(name):
            lower = value
        if _UPPER.fullmatch(name):
            upper = value
    if isinstance(lower, list) and isinstance(upper, list) and len(lower) == len(upper):
        return [[a, b] for a, b in zip(lower, upper, strict=True)]
    return [lower, upper] if _is_pair([lower, upper]) else None


def _of_table(table: Any, size: int | None) -> tuple[Unknown, ...]:
    if isinstance(table, Mapping):
        return tuple(_unknown(str(name), value) for name, value in table.items())
    if _is_pair(table):
        names = ["x"] if size is None else [f"x{k + 1}" for k in range(size)]
        return tuple(_unknown(name, table) for name in names)
    return tuple(_unknown(f"x{k + 1}", entry) for k, entry in enumerate(table))


def _unknown(name: str, entry: Any) -> Unknown:
    if not re.fullmatch(r"[A-Za-z_]\w*", name):
        raise FormulationError(
            f"bounds for {name!r}, which is no name", where="bounds", remedy="names of letters"
        )
    if isinstance(entry, range) and len(entry) > 1 and entry.step == 1:
        return WholeRange(name=name, lower=entry[0], upper=entry[-1])
    if _is_pair(entry):
        return between(name, *entry)
    if isinstance(entry, list) and len(entry) == 3 and entry[2] in ("log", "int", "integer"):
        return between(name, *entry[:2], whole=entry[2] != "log", log=entry[2] == "log")
    if isinstance(entry, list) and len(entry) > 1:
        if all(isinstance(v, str) for v in entry) and len(set(entry)) == len(entry):
            return OneOf(name=name, choices=tuple(entry))
        if all(isinstance(v, int) for v in entry) and entry == list(
            range(entry[0], entry[0] + len(entry))
        ):
            return WholeRange(name=name, lower=entry[0], upper=entry[-1])
    raise FormulationError(
        f"{entry!r} as the bounds of `{name}`",
        where="bounds",
        remedy="A pair of numbers, a range, or a list of labels",
    )


def _is_pair(entry: Any) -> bool:
    return (
        isinstance(entry, list)
        and len(entry) == 2
        and all(isinstance(v, int | float) and not math.isnan(v) for v in entry)
    )


def _missing(what: str) -> FormulationError:
    return FormulationError(what, where="bounds", remedy=_WHERE)
