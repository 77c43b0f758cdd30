"""What a formulation takes from tables, held against the tables: slips of whoever wrote it.

What is wrong with the data themselves is found when they are bound (`binding.py`), for the user;
what is found here is the formulation's to mend: names, kinds and order of columns, rows that a
domain asks for and the table does not have.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from optiwright.formulators.data import Data
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.keys import canonical
from optiwright.formulators.model import Bound, Formulation, FromTable, Parameter, SetDef
from optiwright.formulators.parser import parse_over
from optiwright.formulators.scope import Scope
from optiwright.formulators.table_layout import column_kind, entry_tables, shown_tables
from optiwright.formulators.table_lookup import Known, TableLookup, remedy_for

if TYPE_CHECKING:
    import pandas as pd


def table_findings(formulation: Formulation, scope: Scope) -> Iterator[Finding]:
    """Yield what is taken from the tables at hand as they do not have it, and what is not taken."""
    data = formulation.data
    if data is None:
        return
    checker = _Checker(formulation, scope, data)
    for part in formulation.sets:
        if isinstance(part.data, FromTable):
            yield from checker.set(part, part.data)
    for parameter in formulation.parameters:
        if isinstance(parameter.data, Bound):
            yield from checker.parameter(parameter, parameter.data)
    yield from checker.unused()


def raise_unfit(formulation: Formulation) -> None:
    """Refuse a formulation that takes from tables what they do not have.

    Raises:
        FormulationError: with everything that is wrong.
    """
    found = table_findings(formulation, Scope(formulation))
    faults = [f.message for f in found if f.severity is Severity.ERROR]
    if faults:
        raise FormulationError(" ".join(faults).rstrip("."), where="what is taken from tables")


class _Checker:
    def __init__(self, formulation: Formulation, scope: Scope, data: Data) -> None:
        self.formulation = formulation
        self.scope = scope
        self.data = data
        self.used: set[tuple[str, str]] = set()
        self.look = TableLookup(scope, data)

    def set(self, part: SetDef, source: FromTable) -> Iterator[Finding]:
        where = f"set `{part.name}`"
        frame, faults = self.table(where, source.table, source.columns)
        yield from faults
        if frame is None:
            return
        for column in source.columns:
            name = self.look.column(source.table, column)
            if column_kind(frame[name]) == "number" and not _whole(frame[name]):
                yield _error(
                    where,
                    f"The column `{column}` of table `{source.table}` has numbers "
                    "with fractions, which are no elements; take the column of the names.",
                )

    def parameter(self, part: Parameter, bound: Bound) -> Iterator[Finding]:
        where = f"parameter `{part.name}`"
        frame, faults = self.table(where, bound.table, (bound.value_column, *bound.key_columns))
        yield from faults
        if frame is None:
            return
        if frame.empty:
            if bound.default is not None:
                return
            yield _error(
                where,
                f"Table `{bound.table}` has a header and no rows, so that there are no numbers for "
                f"`{part.name}`.",
            )
            return
        value = self.look.column(bound.table, bound.value_column)
        cells = frame[value].dropna()
        if column_kind(cells) == "text" and not _some_numbers(cells):
            numbers = [
                str(c) for c in frame.columns if column_kind(frame[c]) in {"whole", "number"}
            ]
            yield _error(
                where,
                f"The column `{bound.value_column}` of table `{bound.table}` has "
                f"texts and no numbers; its columns of numbers: {_listed(numbers)}.",
            )
        symbol = self.scope.symbols.get(part.name)
        if symbol is None or symbol.domain is None:
            return
        if len(symbol.domain) != len(bound.key_columns):
            yield _error(
                where,
                f"`{part.name}` has {len(symbol.domain)} indices and "
                f"{len(bound.key_columns)} key columns; give one for each index, in the "
                f"order of {part.over!r}.",
            )
            return
        sets = self.look.components(part.over)
        if sets is None:
            return
        self.take_heads(bound, sets)
        odd = list(self.strangers(where, part, bound, sets))
        yield from odd
        if not odd:
            yield from self.missing(where, part, bound, frame, sets)

    def strangers(
        self, where: str, part: Parameter, bound: Bound, sets: Sequence[Known | None]
    ) -> Iterator[Finding]:
        """Yield the keys that hold nothing of the set that they are to be an index of."""
        keys = [self.look.column(bound.table, c) for c in bound.key_columns]
        for column, known in zip(bound.key_columns, sets, strict=True):
            name = self.look.column(bound.table, column)
            held = self.look.labels(bound.table, name)
            if known is None or not known.labels or not held.labels or known.meets(held):
                continue
            columns = map(str, self.data.tables[self.look.table(bound.table)].columns)
            fits = [c for c in columns if known.meets(self.look.labels(bound.table, c))]
            told = {"the column has": held.shown, "the set has": known.shown}
            shown = "; ".join(f"{who} {labels}" for who, labels in told.items() if labels)
            remedy = remedy_for(fits, keys, heads=self.look.heads(bound.table, name))
            yield _error(
                where,
                f"The column `{column}` of table `{bound.table}` holds no element of its set in "
                f"{part.over!r}{f' ({shown})' if shown else ''}. {remedy}",
            )

    def take_heads(self, bound: Bound, sets: Sequence[Known | None]) -> None:
        """Count those columns of a wide table as used whose rows its long form is taken for."""
        table = self.look.table(bound.table)
        for column, known in zip(bound.key_columns, sets, strict=True):
            if self.look.heads(table, self.look.column(table, column)):
                wide = table.removesuffix("_long")
                self.used |= {
                    (wide, own)
                    for own, head in self.data.originals[wide].items()
                    if known is None or canonical(head) in known.labels
                }

    def missing(
        self,
        where: str,
        part: Parameter,
        bound: Bound,
        frame: pd.DataFrame,
        sets: Sequence[Known | None],
    ) -> Iterator[Finding]:
        """Yield a product of sets that a table has rows for in part only."""
        plain = all(
            self.scope.arity(g.domain.name) == 1 and not g.conditions for g in parse_over(part.over)
        )
        if len(sets) < 2 or bound.default is not None or not plain or None in sets:
            return
        wanted = math.prod(len(s.labels) for s in sets if s is not None)
        keys = [self.look.column(bound.table, c) for c in bound.key_columns]
        there = frame[keys].drop_duplicates()
        for key, known in zip(keys, sets, strict=True):
            if known is not None and self.look.heads(bound.table, key):
                heads = {h: canonical(h) in known.labels for h in there[key].unique()}
                there = there[there[key].map(heads)]
        if len(there) >= wanted:
            return
        named = _listed(bound.key_columns)
        yield _error(
            where,
            f"Table `{bound.table}` has rows for {len(there):,} of the {wanted:,} "
            f"combinations that `{part.name}` is over. Take the rows that there are as a "
            f"set, the columns {named} of the table, and let `{part.name}` and the "
            "decisions range over that; or, if a missing row means a number such as 0, "
            "say so in `missing`.",
        )

    def unused(self) -> Iterator[Finding]:
        """Yield the tables that nothing is taken from, and columns of numbers of the others."""
        shown = shown_tables(self.data)
        for table, frame in shown.items():
            names = {table, f"{table}_long", table.removesuffix("_long")}
            names |= set(entry_tables(table, self.data).values())
            taken = {c for t, c in self.used if t in names}
            if not taken:
                yield Finding(
                    code=Code.UNUSED,
                    severity=Severity.WARNING,
                    where=f"table `{table}`",
                    message=f"Nothing is taken from the table `{table}`: facts may be lost.",
                )
                continue
            if not any(t == table for t, _ in self.used):
                continue
            left = [
                str(c)
                for c in frame.columns
                if column_kind(frame[c]) in {"whole", "number"} and str(c) not in taken
            ]
            if left:
                yield Finding(
                    code=Code.UNUSED_COLUMN,
                    severity=Severity.NOTE,
                    where=f"table `{table}`",
                    message=f"Of the table `{table}` the numbers in {_listed(left)} play no part.",
                )

    # --- looking up -------------------------------------------------------------------------------

    def table(
        self, where: str, table: str, columns: Sequence[str]
    ) -> tuple[pd.DataFrame | None, list[Finding]]:
        """Return a table, or what of it is not there."""
        name = self.look.table(table)
        if not name:
            known = _listed(list(shown_tables(self.data)))
            return None, [_error(where, f"There is no table `{table}`; the tables are {known}.")]
        frame = self.data.tables[name]
        faults = [
            _error(
                where,
                f"The table `{table}` has no column `{column}`; its columns are "
                f"{_listed([str(c) for c in frame.columns])}.",
            )
            for column in columns
            if not self.look.column(table, column)
        ]
        if not faults:
            self.used |= {(name, self.look.column(table, c)) for c in columns}
        return (None if faults else frame), faults


def numbers_of_tables(
    formulation: Formulation, text: str, values: Sequence[float]
) -> Iterator[float]:
    """Yield those of a text's numbers that tables account for.

    A value counts where the text also names the row that has it, or where the table has one row;
    and so does how many elements or rows there are.
    """
    data = formulation.data
    if data is None:
        return
    said = text.casefold()
    for frame in (data.tables[t] for t in shown_tables(data)):
        yield float(len(frame))
        labels = [c for c in frame.columns if column_kind(frame[c]) == "text"]
        yield from (float(frame[c].nunique()) for c in labels)
        for column in frame.columns:
            if column_kind(frame[column]) in {"whole", "number"}:
                for value in values:
                    rows = frame[frame[column] == value]
                    if len(rows) and (len(frame) == 1 or _named(rows, labels, said)):
                        yield value


_MOST_ROWS = 1000


def _named(rows: pd.DataFrame, labels: Sequence[str], said: str) -> bool:
    names = (str(v) for c in labels for v in rows[c].head(_MOST_ROWS).dropna())
    return any(name.strip() and name.strip().casefold() in said for name in names)


def _whole(cells: pd.Series[Any]) -> bool:
    kept = cells.dropna()
    return bool((kept == kept.round()).all())


def _some_numbers(cells: pd.Series[Any]) -> bool:
    return bool(cells.astype(str).str.contains(r"\d").any())


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{n}`" for n in list(names)[:12])
    return (shown + (", ..." if len(names) > 12 else "")) or "none"


def _error(where: str, message: str) -> Finding:
    return Finding(code=Code.TABLE, severity=Severity.ERROR, where=where, message=message)
