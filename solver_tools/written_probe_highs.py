"""What a point breaks in a model of highspy.

A quadratic objective is not evaluated. A semi-integer column that the point leaves open counts as
a semicontinuous one, so that less may be found missed than is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
from scipy import sparse

from optiwright.solver_tools.program import Kind, Program, functions
from optiwright.solver_tools.written_rows import probe_program

if TYPE_CHECKING:
    from optiwright.solver_tools.program import Functions
    from optiwright.solver_tools.written_breaches import Point
    from optiwright.solver_tools.written_result import ProbeReport
    from optiwright.solver_tools.written_watch import Watch

_Type = highspy.HighsVarType
_KINDS = {
    _Type.kInteger: Kind.INTEGER,
    _Type.kSemiContinuous: Kind.SEMICONTINUOUS,
    _Type.kSemiInteger: Kind.SEMICONTINUOUS,
}


def probe(solver: Any, point: Point, watch: Watch) -> ProbeReport:
    """Returns what the point breaks in the solver's model."""
    lp = solver.getLp()
    program = _program(lp)
    report = probe_program(program, lp.row_names_ or [""] * lp.num_row_, point, watch)
    if solver.getModel().hessian_.dim_:
        return report.model_copy(update={"objective": None})
    return report


def _program(lp: Any) -> Program:
    kinds = [_KINDS.get(kind, Kind.CONTINUOUS) for kind in lp.integrality_]
    return Program(
        lower=np.array(lp.col_lower_, dtype=float),
        upper=np.array(lp.col_upper_, dtype=float),
        kind=np.array(kinds or [Kind.CONTINUOUS] * lp.num_col_, dtype=np.uint8),
        column_blocks=(),
        rows=_rows(lp),
        row_lower=np.array(lp.row_lower_, dtype=float),
        row_upper=np.array(lp.row_upper_, dtype=float),
        row_blocks=(),
        objectives=functions(
            1,
            constant=np.array([lp.offset_]),
            row=np.zeros(lp.num_col_, dtype=np.int64),
            column=np.arange(lp.num_col_),
            value=np.array(lp.col_cost_, dtype=float),
        ),
        minimize=(lp.sense_ == highspy.ObjSense.kMinimize,),
        tolerances=(0.0,),
    )


def _rows(lp: Any) -> Functions:
    stored = lp.a_matrix_
    by_column = stored.format_ == highspy.MatrixFormat.kColwise
    made = sparse.csc_array if by_column else sparse.csr_array
    entries = made(
        (stored.value_, stored.index_, stored.start_), shape=(lp.num_row_, lp.num_col_)
    ).tocoo()
    return functions(
        lp.num_row_,
        row=entries.row.astype(np.int64),
        column=entries.col.astype(np.int64),
        value=entries.data.astype(float),
    )
