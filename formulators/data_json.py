"""JSON files: records, columns, and tables by name, each nested one level at most."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from optiwright.formulators.data import RawTable
from optiwright.formulators.data_limits import MOST_COLUMNS, check_shape
from optiwright.formulators.errors import UserError

_FORMS = (
    "A table is a list of records, an object of columns, or an object of objects; several tables "
    "are an object of these."
)


def read_json(path: Path) -> list[RawTable]:
    """Read a JSON file, or with `.jsonl` or `.ndjson` one record a line.

    Raises:
        UserError: if it is no JSON, nested too deeply, or holds no table.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UserError("the file is no text in UTF-8", where=path.name) from None
    if path.suffix.lower() == ".json":
        return _tables(_parsed(text, path.name), path.name)
    lines = [line for line in text.splitlines() if line.strip()]
    check_shape(len(lines), 1, path.name)
    records = [_parsed(line, f"{path.name}, line {k}") for k, line in enumerate(lines, 1)]
    return [RawTable("", _records(records, path.name))]


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number, object_pairs_hook=_without_twins)
    except json.JSONDecodeError as error:
        raise UserError(
            f"not JSON: {error.msg} in line {error.lineno}, column {error.colno}", where=where
        ) from None
    except RecursionError:
        raise UserError("nested too deeply for a table", where=where, remedy=_FORMS) from None
    except ValueError as error:
        raise UserError(f"not JSON that can be used: {error}", where=where) from None


def _no_number(sign: str) -> Any:
    raise ValueError(f"`{sign}` is no number of JSON")


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"`{twin}` stands twice in one object")
    return found


def _tables(value: Any, where: str) -> list[RawTable]:
    if _is_table(value):
        return [RawTable("", _table(value, where))]
    if isinstance(value, Mapping) and value and all(_is_table(v) for v in value.values()):
        return [RawTable(str(name), _table(v, f"{where}, `{name}`")) for name, v in value.items()]
    if isinstance(value, Mapping) and len(value) == 1:
        return _tables(next(iter(value.values())), where)
    raise UserError("there is no table in the file", where=where, remedy=_FORMS)


def _is_table(value: Any) -> bool:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return bool(value) and all(isinstance(v, Mapping) for v in value)
    if not isinstance(value, Mapping) or not value:
        return False
    cells = list(value.values())
    if all(isinstance(c, list) for c in cells):
        return not any(isinstance(x, Mapping | list) for c in cells for x in c)
    return all(isinstance(c, Mapping) for c in cells) and not any(
        isinstance(x, Mapping | list) for c in cells for x in c.values()
    )


def _table(value: Any, where: str) -> pd.DataFrame:
    if isinstance(value, Sequence):
        return _records(value, where)
    cells = list(value.values())
    if isinstance(cells[0], list):
        lengths = {name: len(column) for name, column in value.items()}
        if len(set(lengths.values())) > 1:
            shown = ", ".join(f"`{n}` {k}" for n, k in list(lengths.items())[:4])
            raise UserError(f"the columns differ in length: {shown}", where=where)
        check_shape(len(cells[0]), len(cells), where)
        return pd.DataFrame({n: pd.Series(c, dtype=object) for n, c in value.items()})
    return _records([{"key": name, **row} for name, row in value.items()], where)


def _records(records: Sequence[Any], where: str) -> pd.DataFrame:
    """Return records as a table; an object in a record becomes a column for each of its parts."""
    rows: list[dict[str, Any]] = []
    names: dict[str, None] = {}
    for k, record in enumerate(records, 1):
        if not isinstance(record, Mapping):
            raise UserError(f"record {k} is no object", where=where, remedy=_FORMS)
        row: dict[str, Any] = {}
        for name, cell in record.items():
            parts = (
                {f"{name}_{part}": c for part, c in cell.items()}
                if isinstance(cell, Mapping)
                else {name: cell}
            )
            row |= parts
        deep = next((n for n, c in row.items() if isinstance(c, Mapping | list)), None)
        if deep is not None:
            raise UserError(
                f"`{deep}` of record {k} is nested too deeply for a table",
                where=where,
                remedy="Keep to one level of objects, without lists.",
            )
        names |= dict.fromkeys(row)
        if len(names) > MOST_COLUMNS:
            raise UserError(f"more than {MOST_COLUMNS:,} columns", where=where)
        rows.append(row)
    check_shape(len(rows), len(names), where)
    return pd.DataFrame(
        {n: pd.Series([row.get(n) for row in rows], dtype=object) for n in names},
        columns=list(names),
    )
