"""The tables of a problem's text as data, and a formulation with their values written in.

What is taken from a table of the text becomes part of the formulation, as numbers of the text are:
it is solved again, saved and questioned without the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from contextlib import suppress
from itertools import product

import pandas as pd

from optiwright.formulators.data import TEXT, Data, RawTable
from optiwright.formulators.data_names import fresh_name
from optiwright.formulators.data_tables import Reading
from optiwright.formulators.errors import DataError, FormulationError, OptiwrightError
from optiwright.formulators.instance import Instance, ground
from optiwright.formulators.model import (
    Bound,
    Element,
    Entry,
    Formulation,
    FromTable,
    Given,
    Listed,
    Parameter,
    SetDef,
)
from optiwright.formulators.parser import parse_over
from optiwright.formulators.table_findings import raise_unfit
from optiwright.formulators.text_tables import tables_in

_FORMULA = re.compile(r"\$([^$]+)\$")


def with_text_tables(text: str, data: Data | None) -> Data | None:
    """Return the data with the tables of a text beside them; None if there is neither."""
    reading = Reading()
    taken = set(data.tables) if data is not None else set()
    for table in tables_in(text):
        cells = [[_plain(cell) or None for cell in row] for row in table.rows]
        frame = pd.DataFrame(cells, columns=list(map(_plain, table.header)), dtype=object)
        # What cannot be read as data stays what it is: text.
        with suppress(OptiwrightError):
            reading.add(fresh_name(table.name, taken), TEXT, RawTable("", frame))
    own = reading.done()
    if not own.tables:
        return data
    if data is None:
        return own
    return Data(
        {**own.tables, **data.tables},
        {**own.sources, **data.sources},
        {**own.originals, **data.originals},
        {**own.units, **data.units},
        (*data.notes, *own.notes),
    )


def _plain(cell: str) -> str:
    """Return a cell without LaTeX's signs of a formula: `$124$` is 124, `$A_{1}$` is A_1."""
    formula = _FORMULA.fullmatch(cell)
    return re.sub(r"[{}\\]", "", formula[1]).strip() if formula else cell


def text_tables_of(data: Data) -> frozenset[str]:
    """Return the names of the tables that come from the text."""
    return frozenset(name for name, source in data.sources.items() if source.file == TEXT)


def with_values_of_the_text(formulation: Formulation, data: Data) -> Formulation:
    """Return a formulation with the sets and values from the text's tables written in.

    Rows of a table that are of no element of a set that is listed ("Selling price" below the
    materials) are passed over.

    Raises:
        FormulationError: if they cannot be taken from there as it says.
        DataError: if tables beside them do not fit.
    """
    names = text_tables_of(data)
    formulation = _with_rows_meant(formulation, data, names)
    if not any(_from(part, names) for part in _parts(formulation)):
        return formulation
    if _only_from(formulation, names):
        raise_unfit(formulation.with_data(data))
    try:
        instance = ground(formulation.with_data(data))
    except DataError as error:
        if _only_from(formulation, names):
            raise FormulationError(error.what, remedy="Take from the tables what fits.") from None
        raise
    return formulation.model_copy(
        update={
            "sets": tuple(_written_set(s, instance) if _from(s, names) else s
                          for s in formulation.sets),
            "parameters": tuple(_written(p, instance) if _from(p, names) else p
                                for p in formulation.parameters),
        }
    )  # fmt: skip


def _with_rows_meant(formulation: Formulation, data: Data, names: Collection[str]) -> Formulation:
    """Return the formulation with numbers for listed elements, where a table has other rows too."""
    listed: dict[str, list[Element]] = {}
    for part in formulation.sets:
        elements = part.data.elements if isinstance(part.data, Listed) else ()
        single = [e for e in elements if not isinstance(e, tuple)]
        if elements and len(single) == len(elements):
            listed[part.name] = single
    parameters = tuple(_looked_up(p, listed, data, names) for p in formulation.parameters)
    return formulation.model_copy(update={"parameters": parameters})


def _looked_up(
    parameter: Parameter, listed: dict[str, list[Element]], data: Data, names: Collection[str]
) -> Parameter:
    """Return a parameter with its numbers written in.

    As it is if one is missing or told twice, or if no row is left over.
    """
    bound = parameter.data
    if not isinstance(bound, Bound) or bound.table not in names:
        return parameter
    frame, keys = data.tables[bound.table], list(bound.key_columns)
    over = parse_over(parameter.over)
    sets = [] if any(g.conditions for g in over) else [g.domain.name for g in over]
    if not sets or not set(sets) <= listed.keys() or not {*keys, bound.value_column} <= set(frame):
        return parameter
    rows = [tuple(map(str, key)) for key in frame[keys].itertuples(index=False)]
    numbers = pd.to_numeric(frame[bound.value_column], errors="coerce").astype(float)
    values = dict(zip(rows, numbers, strict=True))
    indices = list(product(*(listed[name] for name in sets)))
    found = [values.get(tuple(map(str, index)), math.nan) for index in indices]
    if not len(indices) < len(rows) == len(values) or not all(map(math.isfinite, found)):
        return parameter
    entries = tuple(Entry(index=i, value=v) for i, v in zip(indices, found, strict=True))
    return parameter.model_copy(update={"data": Given(entries=entries)})


def _from(part: SetDef | Parameter, names: Collection[str]) -> bool:
    return isinstance(part.data, FromTable | Bound) and part.data.table in names


def _only_from(formulation: Formulation, names: Collection[str]) -> bool:
    parts = _parts(formulation)
    return all(_from(p, names) for p in parts if isinstance(p.data, FromTable | Bound))


def _parts(formulation: Formulation) -> list[SetDef | Parameter]:
    return [*formulation.sets, *formulation.parameters]


def _written_set(part: SetDef, instance: Instance) -> SetDef:
    elements = tuple(e if len(e) > 1 else e[0] for e in instance.elements(part.name))
    return part.model_copy(update={"data": Listed(elements=elements)})


def _written(part: Parameter, instance: Instance) -> Parameter:
    values = instance.parameter(part.name)
    entries = tuple(Entry(index=index, value=value) for index, value in values.items())
    return part.model_copy(update={"data": Given(entries=entries)})
