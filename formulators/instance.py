"""A formulation with its data: sets, domains and parameters as arrays, with plain access outside.

Sets and parameters are worked out when first asked for, since each may need others; `ground` asks
for all of them, so that an instance in hand is sound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from optiwright.formulators.elements import SymbolKind
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.frames import Frame, expand_targets, extend
from optiwright.formulators.grounding import Clause, make_set, make_values
from optiwright.formulators.indices import (
    Domain,
    FamilySet,
    Floats,
    IndexSet,
    Indices,
    Labels,
    Values,
)
from optiwright.formulators.model import (
    Change,
    Definition,
    Entry,
    Formulation,
    Index,
    Parameter,
    SetDef,
    Variable,
)
from optiwright.formulators.nesting import bounded_nesting
from optiwright.formulators.parser import parse_over
from optiwright.formulators.tables import Table, tables_of
from optiwright.formulators.values import Evaluator


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
                self._sets[name] = make_set(self, self._tables, symbol)
        return self._sets[name]

    def data(self, name: str) -> tuple[Domain, Floats]:
        """Return the domain and values of a parameter, or of a definition without variables."""
        symbol = self._symbols.get(name)
        if not isinstance(symbol, Parameter | Definition):
            raise FormulationError(f"`{name}` is no parameter")
        kind = "parameter" if isinstance(symbol, Parameter) else "definition"
        if name not in self._data:
            with self._resolving(kind, name):
                clause = self.clause_of(name)
                changes = self._changes.get(name, ())
                self._data[name] = make_values(self, self._tables, symbol, clause, changes)
        return self.clause_of(name).domain, self._data[name]

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


@bounded_nesting()
def ground(
    formulation: Formulation,
    tables: Mapping[str, Table] | None = None,
    changes: Sequence[Change] = (),
) -> Instance:
    """Join a formulation with its data.

    Args:
        formulation: what to ground.
        tables: data tables by name, each a mapping of columns; a pandas DataFrame qualifies. None
            takes those that the formulation has at hand, their keys matched and all checked.
        changes: new values for some entries of parameters, as a scenario has them.

    Raises:
        FormulationError: if a name is declared twice or unknown, an entry is missing, doubled or
            outside its domain, a table or column is missing, or a set or product is too large.
        DataError: if the tables at hand do not fit.
    """
    instance = Instance(formulation, tables_of(formulation) if tables is None else tables, changes)
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
