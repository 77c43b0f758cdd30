"""What a point breaks in a model of OR-Tools: `pywraplp` here, CP-SAT in `written_probe_cp_sat`.

Nothing is said of indicator constraints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from ortools.linear_solver import linear_solver_pb2
from ortools.sat.python import cp_model

from optiwright.solver_tools import written_probe_cp_sat
from optiwright.solver_tools.arithmetic import as_functions
from optiwright.solver_tools.program import Kind, Program, Scalar
from optiwright.solver_tools.written_rows import probe_program

if TYPE_CHECKING:
    from optiwright.solver_tools.written_breaches import Point
    from optiwright.solver_tools.written_result import ProbeReport
    from optiwright.solver_tools.written_watch import Watch


def probe(model: Any, point: Point, watch: Watch) -> ProbeReport:
    """Returns what the point breaks in a `CpModel` or in a `pywraplp.Solver`'s model."""
    if isinstance(model, cp_model.CpModel):
        return written_probe_cp_sat.probe(model, point, watch)
    written = linear_solver_pb2.MPModelProto()
    model.ExportModelToProto(written)
    names = [row.name for row in written.constraint]
    return probe_program(_program(written), [_own(name) for name in names], point, watch)


def _own(name: str) -> str:
    return "" if name.startswith("auto_c_") else name


def _program(written: Any) -> Program:
    columns, rows = written.variable, written.constraint
    price = tuple((n, column.objective_coefficient) for n, column in enumerate(columns))
    return Program(
        lower=np.array([column.lower_bound for column in columns]),
        upper=np.array([column.upper_bound for column in columns]),
        kind=np.array([_kind(column) for column in columns], dtype=np.uint8),
        column_blocks=(),
        rows=as_functions([_scalar(row) for row in rows]),
        row_lower=np.array([row.lower_bound for row in rows]),
        row_upper=np.array([row.upper_bound for row in rows]),
        row_blocks=(),
        objectives=as_functions([Scalar(written.objective_offset, price)]),
        minimize=(not written.maximize,),
        tolerances=(0.0,),
    )


def _kind(column: Any) -> Kind:
    return Kind.INTEGER if column.is_integer else Kind.CONTINUOUS


def _scalar(row: Any) -> Scalar:
    return Scalar(linear=tuple(zip(row.var_index, row.coefficient, strict=True)))
