"""A formulation with its data: sets, domains and parameters as arrays, with plain access outside.

Sets and parameters are worked out when first asked for, since each may need others; `ground` asks
for all of them, so that an instance in hand is sound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from optiwright.formulators.elements import SymbolKind
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.frames import Frame, expand_targets, extend
from optiwright.formulators.indices import (
    MAX_SET,
    Codes,
    Domain,
    FamilySet,
    Floats,
    IndexSet,
    Indices,
    Labels,
    Mask,
    Values,
    first_duplicate,
)
from optiwright.formulators.model import (
    Bound,
    Change,
    Definition,
    Derived,
    Element,
    Entry,
    Family,
    Formulation,
    FromTable,
    Given,
    Index,
    Listed,
    Parameter,
    Range,
    SetDef,
    Variable,
)
from optiwright.formulators.parser import parse_expression, parse_over
from optiwright.formulators.tables import Table, label_column, number_column
from optiwright.formulators.values import Evaluator


@dataclass(frozen=True)
class Clause:
    """An index clause worked out: its indices, and the frame that binds them row by row."""

    domain: Domain
    frame: Frame


class Instance:
    """A formulation with its data; made by `ground`."""

    def __init__(
        self,
        formulation: Formulation,
        tables: Mapping[str, Table],
        changes: Sequence[Change],
    ) -> None:
        self.formulation = formulation
        self.labels = Labels()
        self._tables = tables
        self._symbols = _symbols(formulation)
        self._constraints = {c.name: c for c in formulation.constraints}
        self._changes: dict[str, list[Entry]] = {}
        for change in changes:
            self._changes.setdefault(change.parameter, []).extend(change.entries)
        self._sets: dict[str, IndexSet | FamilySet] = {}
        self._clauses: dict[str, Clause] = {}
        self._data: dict[str, Floats] = {}
        self._open: list[str] = []

    # --- plain access -----------------------------------------------------------------------------

    def elements(self, set_name: str) -> tuple[Index, ...]:
        """Return the elements of a plain set in order, each a tuple of its components."""
        found = self.index_set(set_name)
        if isinstance(found, FamilySet):
            raise FormulationError(f"`{set_name}` is an indexed set")
        return tuple(Indices(self.labels, found.size, found.columns))

    def family(self, set_name: str) -> Mapping[Index, tuple[Index, ...]]:
        """Return the members of an indexed set by index."""
        found = self.index_set(set_name)
        if isinstance(found, IndexSet):
            raise FormulationError(f"`{set_name}` is no indexed set")
        every = list(Indices(self.labels, int(found.count.sum()), found.columns))
        return {
            index: tuple(every[start : start + count])
            for index, start, count in zip(
                found.over.indices, found.start.tolist(), found.count.tolist(), strict=True
            )
        }

    def domain(self, symbol: str) -> Sequence[Index]:
        """Return the indices of a parameter, variable, definition or constraint, in order.

        A scalar has the one index `()`. Where a constraint shares a symbol's name, the symbol's.
        """
        return self.clause_of(symbol).domain.indices

    def parameter(self, name: str) -> Mapping[Index, float]:
        """Return a parameter's values by index, defaults and changes applied."""
        domain, values = self.data(name)
        return Values(domain.indices, values)

    # --- what evaluators and compilers use --------------------------------------------------------

    def kind(self, name: str) -> SymbolKind | None:
        """Return what a name stands for, None if it is not declared."""
        symbol = self._symbols.get(name)
        return None if symbol is None else _KINDS[type(symbol)]

    def evaluator(self, title: str, source: str) -> Evaluator:
        """Return an evaluator of data expressions for a place in the formulation."""
        return Evaluator(self, title, source)

    def clause_of(self, name: str) -> Clause:
        """Return the index clause of a symbol, else of a constraint."""
        symbol = self._symbols.get(name) or self._constraints.get(name)
        if symbol is None or isinstance(symbol, SetDef):
            raise FormulationError(f"`{name}` is no parameter, variable, definition or constraint")
        kind = self.kind(name) or "constraint"
        return self.clause(f"{kind} `{name}`", symbol.over)

    def clause(self, title: str, over: str) -> Clause:
        """Return an index clause worked out; `title` is the place that errors name.

        Raises:
            FormulationError: if a set is unknown or a condition cannot be evaluated.
        """
        if over not in self._clauses:
            self._clauses[over] = self._work_out(title, over)
        return self._clauses[over]

    def index_set(self, name: str) -> IndexSet | FamilySet:
        """Return a set as arrays."""
        if name not in self._sets:
            symbol = self._symbols.get(name)
            if not isinstance(symbol, SetDef):
                raise FormulationError(f"`{name}` is no set")
            with self._resolving("set", name):
                self._sets[name] = self._make_set(symbol)
        return self._sets[name]

    def data(self, name: str) -> tuple[Domain, Floats]:
        """Return the domain and values of a parameter, or of a definition without variables."""
        symbol = self._symbols.get(name)
        if not isinstance(symbol, Parameter | Definition):
            raise FormulationError(f"`{name}` is no parameter")
        kind = "parameter" if isinstance(symbol, Parameter) else "definition"
        clause = self.clause(f"{kind} `{name}`", symbol.over)
        if name not in self._data:
            with self._resolving(kind, name):
                self._data[name] = self._make_values(symbol, clause)
        return clause.domain, self._data[name]

    # --- working out ------------------------------------------------------------------------------

    @contextmanager
    def _resolving(self, kind: str, name: str) -> Iterator[None]:
        """Name the symbol in errors that have no place yet; refuse a circle of definitions."""
        if name in self._open:
            circle = " -> ".join([*self._open[self._open.index(name) :], name])
            raise FormulationError(
                f"`{name}` is defined by itself: {circle}", remedy="Break the circle."
            )
        self._open.append(name)
        try:
            yield
        except FormulationError as error:
            if error.where:
                raise
            where = f"{kind} `{name}`"
            raise FormulationError(error.what, where=where, remedy=error.remedy) from None
        finally:
            self._open.pop()

    def _work_out(self, title: str, over: str) -> Clause:
        generators = parse_over(over)
        reader = Evaluator(self, title, over, whole=True)
        frame, _ = extend(reader, Frame(1), generators)
        domain = Domain(
            Indices(self.labels, frame.size, list(frame.codes.values())),
            self._factors(over),
        )
        return Clause(domain, frame)

    def _factors(self, over: str) -> tuple[IndexSet, ...] | None:
        factors = []
        for generator in parse_over(over):
            found = self.index_set(generator.domain.name)
            plain = isinstance(found, IndexSet) and found.arity == 1
            if not plain or generator.conditions or len(expand_targets(generator, 1)) != 1:
                return None
            if isinstance(found, IndexSet):
                factors.append(found)
        return tuple(factors)

    def _make_set(self, symbol: SetDef) -> IndexSet | FamilySet:
        match symbol.data:
            case Listed(elements=elements):
                found = IndexSet(symbol.name, self._columns(elements))
                again = first_duplicate(found.columns)
                if again is not None:
                    raise FormulationError(f"{elements[again]!r} is listed twice")
                return found
            case Range(start=start, stop=stop, step=step):
                title = f"set `{symbol.name}`"
                low, high = (self._integer(title, source) for source in (start, stop))
                count = max((high - low) // step + 1, 0)
                if count > MAX_SET:
                    raise FormulationError(
                        f"{count:,} elements, more than the limit of {MAX_SET:,}"
                    )
                codes = low + step * np.arange(count, dtype=np.int64)
                return IndexSet(symbol.name, (codes,))
            case FromTable(table=table, columns=columns):
                return IndexSet(symbol.name, self._distinct(table, columns))
            case Family():
                return self._make_family(symbol.name, symbol.data)

    def _integer(self, title: str, source: str) -> int:
        evaluator = self.evaluator(title, source)
        return int(evaluator.element(parse_expression(source), Frame(1))[0])

    def _columns(self, elements: Sequence[Element | Index]) -> tuple[Codes, ...]:
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
        return tuple(self.labels.intern(column) for column in columns)

    def _distinct(self, table: str, columns: Sequence[str]) -> tuple[Codes, ...]:
        codes = [label_column(self._tables, table, c, self.labels) for c in columns]
        if len(codes[0]) == 0:
            return tuple(codes)
        _, first = np.unique(np.stack(codes), axis=1, return_index=True)
        rows = np.sort(first)
        return tuple(column[rows] for column in codes)

    def _make_family(self, name: str, data: Family) -> FamilySet:
        over = self.clause(f"set `{name}`", data.over).domain
        owners = self._find(over, [member.index for member in data.members])
        again = first_duplicate((owners,)) if len(owners) else None
        if again is not None:
            raise FormulationError(f"the member {_shown(data.members[again].index)} is given twice")
        members = [data.members[k] for k in np.argsort(owners, kind="stable")]
        columns = self._columns([e for member in members for e in member.elements])
        count: Codes = np.zeros(over.size, dtype=np.int64)
        count[owners] = [len(member.elements) for member in data.members]
        owner = np.repeat(np.arange(over.size), count)
        again = first_duplicate((owner, *columns))
        if again is not None:
            index = over.indices[int(owner[again])]
            raise FormulationError(f"the member {_shown(index)} has an element twice")
        return FamilySet(name, over, columns, count)

    def _find(self, domain: Domain, indices: Sequence[Index]) -> Codes:
        """Return positions of plain indices; one outside the domain is an error."""
        wrong = next((i for i in indices if len(i) != domain.arity), None)
        if wrong is not None:
            raise FormulationError(
                f"index {_shown(wrong)} has {len(wrong)} components, not {domain.arity}"
            )
        columns = [self.labels.find(column) for column in zip(*indices, strict=True)]
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

    def _make_values(self, symbol: Parameter | Definition, clause: Clause) -> Floats:
        domain = clause.domain
        data = (
            symbol.data if isinstance(symbol, Parameter) else Derived(expression=symbol.expression)
        )
        filled = np.zeros(domain.size, dtype=np.bool_)
        match data:
            case Given(entries=entries, default=default):
                values = np.full(domain.size, 0.0 if default is None else default)
                found = self._find(domain, [entry.index for entry in entries])
                numbers = np.array([entry.value for entry in entries], dtype=np.float64)
                _place(domain, values, filled, found, numbers)
                filled |= default is not None
            case Bound(default=default):
                values = np.full(domain.size, 0.0 if default is None else default)
                found, numbers = self._bound(domain, data)
                _place(domain, values, filled, found, numbers)
                filled |= default is not None
            case Derived(expression=expression):
                kind = self.kind(symbol.name)
                evaluator = self.evaluator(f"{kind} `{symbol.name}`", expression)
                number = evaluator.number(parse_expression(expression), clause.frame)
                values = np.broadcast_to(number, domain.size).copy()
                filled[:] = True
        self._apply_changes(symbol.name, domain, values, filled)
        if not filled.all():
            raise _missing(domain, filled)
        return values

    def _bound(self, domain: Domain, data: Bound) -> tuple[Codes, Floats]:
        numbers = number_column(self._tables, data.table, data.value_column)
        if len(data.key_columns) != domain.arity:
            raise FormulationError(
                f"{len(data.key_columns)} key columns for {domain.arity} indices"
            )
        columns = [label_column(self._tables, data.table, c, self.labels) for c in data.key_columns]
        if any(len(column) != len(numbers) for column in columns):
            raise FormulationError(f"the columns of table `{data.table}` differ in length")
        found = domain.find(columns, len(numbers))
        if len(found) and found.min() < 0:
            row = int(np.argmax(found < 0))
            index = Indices(self.labels, len(numbers), columns)[row]
            raise FormulationError(
                f"row {row + 1} of table `{data.table}`: index {_shown(index)} lies outside the "
                "domain",
                remedy="Correct the table, or add the element to its set.",
            )
        return found, numbers

    def _apply_changes(
        self,
        name: str,
        domain: Domain,
        values: Floats,
        filled: Mask,
    ) -> None:
        for entry in self._changes.get(name, ()):
            at = self._find(domain, [entry.index])
            values[at] = entry.value
            filled[at] = True

    def check(self) -> None:
        """Work out every set, parameter and variable's domain."""
        for change in self._changes:
            if self.kind(change) != "parameter":
                raise FormulationError(
                    f"`{change}` is no parameter, so it cannot change", where="changes"
                )
        for symbol in self.formulation.sets:
            self.index_set(symbol.name)
        for parameter in self.formulation.parameters:
            self.data(parameter.name)
        for variable in self.formulation.variables:
            self.clause_of(variable.name)


def ground(
    formulation: Formulation,
    tables: Mapping[str, Table] | None = None,
    changes: Sequence[Change] = (),
) -> Instance:
    """Join a formulation with its data.

    Args:
        formulation: what to ground.
        tables: data tables by name, each a mapping of columns; a pandas DataFrame qualifies.
        changes: new values for some entries of parameters, as a scenario has them.

    Raises:
        FormulationError: if a name is declared twice or unknown, an entry is missing, doubled or
            outside its domain, a table or column is missing, or a set or product is too large.
    """
    instance = Instance(formulation, tables or {}, changes)
    instance.check()
    return instance


_KINDS: dict[type, SymbolKind] = {
    SetDef: "set",
    Parameter: "parameter",
    Variable: "variable",
    Definition: "definition",
}


def _symbols(formulation: Formulation) -> dict[str, SetDef | Parameter | Variable | Definition]:
    symbols: dict[str, SetDef | Parameter | Variable | Definition] = {}
    declared: list[SetDef | Parameter | Variable | Definition] = [
        *formulation.sets,
        *formulation.parameters,
        *formulation.variables,
        *formulation.definitions,
    ]
    for symbol in declared:
        if symbol.name in symbols:
            raise FormulationError(
                f"`{symbol.name}` is declared twice", remedy="Give each symbol its own name."
            )
        symbols[symbol.name] = symbol
    return symbols


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
