"""Tables kept beside the records, under the hash of their content, so that answers can be asked on.

Files are for the user alone, hold arrays and JSON and nothing that is run, and are checked against
their hash when they are opened.
"""

from __future__ import annotations

import json
import os
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from optiwright.agent.places import data_dir, private_dir
from optiwright.agent.result import Result, TableSource
from optiwright.formulators.binding import bind
from optiwright.formulators.data import Data, Source
from optiwright.formulators.errors import OptiwrightError, UserError

ResultT = TypeVar("ResultT", bound=Result)


def tables_dir() -> Path:
    """The folder of the tables that answers rest on."""
    return data_dir() / "tables"


def keep(data: Data) -> None:
    """Write tables that are not kept yet.

    Raises:
        UserError: if they cannot be written.
    """
    for name, source in data.sources.items():
        path = tables_dir() / f"{source.sha256}.npz"
        if path.exists():
            continue
        try:
            tables_dir().parent.mkdir(parents=True, exist_ok=True)
            private_dir(tables_dir())
            _write(path, data, name)
        except OSError as error:
            raise UserError(
                f"the tables cannot be kept: {error.strerror}", where=str(tables_dir())
            ) from None


def with_tables(result: Result, data: Data | None) -> Result:
    """Return a result that has its tables at hand and says which they are."""
    if data is None:
        return result
    sources = tuple(
        TableSource(
            name=name,
            file=source.file,
            sheet=source.sheet,
            sha256=source.sha256,
            rows=source.rows,
            columns=dict(data.originals[name]),
        )
        for name, source in data.sources.items()
    )
    formulation = result.formulation
    notes: tuple[str, ...] = data.notes
    if formulation is not None:
        formulation = formulation.with_data(data)
        # What does not fit stands in the result already: it is why there is no answer.
        with suppress(OptiwrightError):
            notes += bind(formulation).notes
    update = {"formulation": formulation, "data": sources, "data_notes": notes}
    return result.model_copy(update=update)


def with_kept_tables(result: ResultT) -> ResultT:
    """Return a result that was read back with its tables, if they are all still there."""
    if not result.data or result.formulation is None:
        return result
    try:
        data = _read(result)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return result
    return result.model_copy(update={"formulation": result.formulation.with_data(data)})


def _write(path: Path, data: Data, name: str) -> None:
    import pandas as pd

    frame = data.tables[name]
    kinds: list[dict[str, Any]] = []
    arrays: dict[str, Any] = {}
    for k, column in enumerate(frame):
        cells = frame[column]
        if cells.dtype.kind in "iuf":
            kinds.append({"name": column, "kind": "number"})
            arrays[f"c{k}"] = cells.to_numpy()
        else:
            codes, distinct = pd.factorize(cells)
            kinds.append({"name": column, "kind": "label", "labels": [_plain(d) for d in distinct]})
            arrays[f"c{k}"] = codes.astype(np.int32)
    about = {"columns": kinds, "units": dict(data.units[name])}
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    arrays["rows"] = frame.index.to_numpy(dtype=np.int64)
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        np.savez(file, **arrays)
    beside.replace(path)


def _plain(cell: Any) -> Any:
    return cell if isinstance(cell, str | int | float | bool) else str(cell)


def _read(result: Result) -> Data:
    import pandas as pd

    from optiwright.formulators.data_tables import content_hash

    tables, units = {}, {}
    for source in result.data:
        with np.load(tables_dir() / f"{source.sha256}.npz", allow_pickle=False) as file:
            about = json.loads(file["about"].tobytes())
            columns = {}
            for k, column in enumerate(about["columns"]):
                cells = file[f"c{k}"]
                if column["kind"] == "label":
                    labels = np.array([*column["labels"], None], dtype=object)
                    cells = labels[cells]
                columns[column["name"]] = cells
            frame = pd.DataFrame(columns, index=file["rows"])
        if content_hash(frame, about["units"]) != source.sha256:
            raise ValueError(source.name)
        tables[source.name], units[source.name] = frame, about["units"]
    sources = {s.name: Source(s.file, s.sheet, s.sha256, s.rows) for s in result.data}
    originals = {s.name: s.columns for s in result.data}
    return Data(tables, sources, originals, units, result.data_notes)
