"""Sets and parameters worked out from what a formulation gives, derives or binds to tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Protocol

import numpy as np

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.frames import Frame
from optiwright.formulators.indices import (
    MAX_SET,
    Domain,
    FamilySet,
    Floats,
    IndexSet,
    Indices,
    Labels,
)
from optiwright.formulators.lookup import Codes, Mask, first_duplicate
from optiwright.formulators.model import (
    Bound,
    Definition,
    Derived,
    Element,
    Entry,
    Family,
    FromTable,
    Given,
    Index,
    Listed,
    Parameter,
    Range,
    SetDef,
)
from optiwright.formulators.parser import parse_expression
from optiwright.formulators.tables import Table, label_column, left_out, number_column
from optiwright.formulators.values import Evaluator


@dataclass(frozen=True)
class Clause:
    """An index clause worked out: its indices, and the frame that binds them row by row."""

    domain: Domain
    frame: Frame


class Source(Protocol):
    """What working out one symbol needs of the instance."""

    labels: Labels

    def evaluator(self, title: str, source: str) -> Evaluator: ...
    def clause(self, title: str, over: str) -> Clause: ...


def make_set(source: Source, tables: Mapping[str, Table], symbol: SetDef) -> IndexSet | FamilySet:
    """Return a set as arrays.

    Raises:
        FormulationError: if an element or member is doubled, elements differ in their number of
            components, a range is too large, or a table lacks what is asked of it.
    """
    match symbol.data:
        case Listed(elements=elements):
            found = IndexSet(symbol.name, _columns(source, elements))
            again = first_duplicate(found.columns)
            if again is not None:
                raise FormulationError(f"{elements[again]!r} is listed twice")
            return found
        case Range(start=start, stop=stop, step=step):
            title = f"set `{symbol.name}`"
            low, high = (_integer(source, title, text) for text in (start, stop))
            count = max((high - low) // step + 1, 0)
            if count > MAX_SET:
                raise FormulationError(f"{count:,} elements, more than the limit of {MAX_SET:,}")
            codes = np.fromiter(range(low, high + 1, step), np.int64, count)
            return IndexSet(symbol.name, (codes,))
        case FromTable(table=table, columns=columns):
            return IndexSet(symbol.name, _distinct(source, tables, table, columns))
        case Family():
            return _make_family(source, symbol.name, symbol.data)


def _integer(source: Source, title: str, text: str) -> int:
    evaluator = source.evaluator(title, text)
    return int(evaluator.element(parse_expression(text), Frame(1))[0])


def _columns(source: Source, elements: Sequence[Element | Index]) -> tuple[Codes, ...]:
    """Return elements' codes, one array a component; no elements count as single ones."""
    tuples = [e if isinstance(e, tuple) else (e,) for e in elements]
    lengths = set(map(len, tuples))
    if len(lengths) > 1 or 0 in lengths:
        raise FormulationError(
            "elements of different numbers of components",
            remedy="Give every element the same number.",
        )
    if len(tuples) > MAX_SET:
        raise FormulationError(f"{len(tuples):,} elements, more than {MAX_SET:,}")
    columns = list(zip(*tuples, strict=True)) or [()]
    return tuple(source.labels.intern(column) for column in columns)


def _distinct(
    source: Source, tables: Mapping[str, Table], table: str, columns: Sequence[str]
) -> tuple[Codes, ...]:
    codes = [label_column(tables, table, c, source.labels) for c in columns]
    if len(codes[0]) == 0:
        return tuple(codes)
    _, first = np.unique(np.stack(codes), axis=1, return_index=True)
    rows = np.sort(first)
    return tuple(column[rows] for column in codes)


def _make_family(source: Source, name: str, data: Family) -> FamilySet:
    over = source.clause(f"set `{name}`", data.over).domain
    owners = _find(source, over, [member.index for member in data.members])
    again = first_duplicate((owners,)) if len(owners) else None
    if again is not None:
        raise FormulationError(f"the member {_shown(data.members[again].index)} is given twice")
    members = [data.members[k] for k in np.argsort(owners, kind="stable")]
    columns = _columns(source, [e for member in members for e in member.elements])
    count: Codes = np.zeros(over.size, dtype=np.int64)
    count[owners] = [len(member.elements) for member in data.members]
    owner = np.repeat(np.arange(over.size), count)
    again = first_duplicate((owner, *columns))
    if again is not None:
        index = over.indices[int(owner[again])]
        raise FormulationError(f"the member {_shown(index)} has an element twice")
    return FamilySet(name, over, columns, count)


def _find(source: Source, domain: Domain, indices: Sequence[Index]) -> Codes:
    """Return positions of plain indices; one outside the domain is an error."""
    arity = domain.arity
    if not set(map(len, indices)) <= {arity}:
        wrong = next(i for i in indices if len(i) != arity)
        raise FormulationError(f"index {_shown(wrong)} has {len(wrong)} components, not {arity}")
    columns = [source.labels.find(list(map(itemgetter(k), indices))) for k in range(arity)]
    if not indices:
        return np.zeros(0, dtype=np.int64)
    found = domain.find(columns, len(indices))
    if found.min() < 0:
        index = indices[int(np.argmax(found < 0))]
        raise FormulationError(
            f"index {_shown(index)} lies outside the domain",
            remedy="Correct the index, or add the element to its set.",
        )
    return found


def make_values(
    source: Source,
    tables: Mapping[str, Table],
    symbol: Parameter | Definition,
    clause: Clause,
    changes: Sequence[Entry],
) -> Floats:
    """Return the values of a parameter, or of a definition without variables.

    Raises:
        FormulationError: if a value is missing, doubled, outside the domain or not finite.
    """
    domain = clause.domain
    data = symbol.data if isinstance(symbol, Parameter) else Derived(expression=symbol.expression)
    filled = np.zeros(domain.size, dtype=np.bool_)
    match data:
        case Given(entries=entries, default=default):
            values = np.full(domain.size, 0.0 if default is None else default)
            found = _find(source, domain, list(map(attrgetter("index"), entries)))
            numbers = np.fromiter(map(attrgetter("value"), entries), np.float64, len(entries))
            _place(domain, values, filled, found, numbers)
            filled |= default is not None
        case Bound(default=default):
            values = np.full(domain.size, 0.0 if default is None else default)
            found, numbers = _bound(source, tables, domain, data)
            _place(domain, values, filled, found, numbers)
            filled |= default is not None
            changes = (*data.changed, *changes)
        case Derived(expression=expression):
            kind = "parameter" if isinstance(symbol, Parameter) else "definition"
            evaluator = source.evaluator(f"{kind} `{symbol.name}`", expression)
            number = evaluator.number(parse_expression(expression), clause.frame)
            values = np.broadcast_to(number, domain.size).copy()
            filled[:] = True
    for entry in changes:
        at = _find(source, domain, [entry.index])
        values[at] = entry.value
        filled[at] = True
    if not filled.all():
        raise _missing(domain, filled)
    return values


def _bound(
    source: Source, tables: Mapping[str, Table], domain: Domain, data: Bound
) -> tuple[Codes, Floats]:
    numbers = number_column(tables, data.table, data.value_column)
    if len(data.key_columns) != domain.arity:
        raise FormulationError(f"{len(data.key_columns)} key columns for {domain.arity} indices")
    columns = [label_column(tables, data.table, c, source.labels) for c in data.key_columns]
    if any(len(column) != len(numbers) for column in columns):
        raise FormulationError(f"the columns of table `{data.table}` differ in length")
    found = domain.find(columns, len(numbers))
    out = left_out(tables, data, domain, columns, len(numbers))
    outside = (found < 0) & ~out
    if outside.any():
        row = int(np.argmax(outside))
        index = Indices(source.labels, len(numbers), columns)[row]
        raise FormulationError(
            f"row {row + 1} of table `{data.table}`: index {_shown(index)} lies outside the domain",
            remedy="Correct the table, or add the element to its set.",
        )
    return found[~out], numbers[~out]


def _place(
    domain: Domain,
    values: Floats,
    filled: Mask,
    found: Codes,
    numbers: Floats,
) -> None:
    values[found] = numbers
    filled[found] = True
    if np.count_nonzero(filled) < len(found):
        again = first_duplicate((found,))
        if again is not None:
            index = domain.indices[int(found[again])]
            raise FormulationError(f"index {_shown(index)} has two values")


def _missing(domain: Domain, filled: Mask) -> FormulationError:
    rows = np.flatnonzero(~filled)
    shown = ", ".join(_shown(domain.indices[int(row)]) for row in rows[:3])
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    what = f"no value at {shown}{more}" if domain.arity else "no value"
    return FormulationError(what, remedy="Give it, or set a default.")


def _shown(index: Index) -> str:
    return repr(index[0]) if len(index) == 1 else repr(index)
