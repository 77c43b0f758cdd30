"""Parquet files, through pyarrow."""

from __future__ import annotations

from pathlib import Path

from optiwright.formulators.data import RawTable
from optiwright.formulators.data_limits import LARGEST_UNPACKED, check_shape
from optiwright.formulators.errors import UserError


def read_parquet(path: Path) -> list[RawTable]:
    """Read a Parquet file.

    Raises:
        UserError: if pyarrow is missing, or the file is too large or no Parquet file.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise UserError(
            "Parquet files need pyarrow",
            where=path.name,
            remedy="Install it: pip install 'optiwright[data]'.",
        ) from None
    try:
        with pq.ParquetFile(path) as file:
            about = file.metadata
            check_shape(about.num_rows, about.num_columns, path.name)
            groups = (about.row_group(k) for k in range(about.num_row_groups))
            if sum(group.total_byte_size for group in groups) > LARGEST_UNPACKED:
                raise UserError(
                    f"the file unpacks to more than {LARGEST_UNPACKED // 2**20} MiB",
                    where=path.name,
                    remedy="Leave out what the problem does not use.",
                )
            frame = file.read().to_pandas()
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0].replace(str(path), path.name)
        raise UserError(f"not a Parquet file: {reason}", where=path.name) from None
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    return [RawTable("", frame)]
