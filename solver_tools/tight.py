"""Constraints and variables of a solved program: their slacks, prices and reduced costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np

from optiwright.formulators.expressions import Comparison, names_in
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Algebraic, Formulation, Index
from optiwright.formulators.parser import parse_relation
from optiwright.solver_tools.arithmetic import function_values
from optiwright.solver_tools.compile_terms import decision_names
from optiwright.solver_tools.effects import Basis, Effect, Way
from optiwright.solver_tools.evaluate import evaluate
from optiwright.solver_tools.evaluation import Slack
from optiwright.solver_tools.moves import Move, column_move, row_move
from optiwright.solver_tools.parametric import Parametric
from optiwright.solver_tools.program import Floats, Program

Sides = Callable[[Move], tuple[Way, Way]]
"""What one more and one less of a move does."""

_FREE = 1e-9


def constraint_effects(
    formulation: Formulation, program: Program, x: Floats, sides: Sides, basis: Basis, most: int
) -> Iterator[Effect]:
    """Yield each algebraic constraint at each index: its sides, its slack, its prices.

    The price is for one more unit on the side that holds only data, or else on the right one; of a
    constraint with two limits it is for the nearer one.
    """
    point = {
        block.name: dict(zip(block.indices, x[block.start : block.stop].tolist(), strict=True))
        for block in program.column_blocks
        if not block.auxiliary
    }
    slacks = {(s.name, s.index): s for s in evaluate(formulation, point).slacks}
    decisions = decision_names(ground(formulation))
    relations = {
        c.name: parse_relation(c.expression)
        for c in formulation.constraints
        if isinstance(c, Algebraic)
    }
    values = function_values(program.rows, x)
    rows: dict[tuple[str, Index], list[int]] = {}
    for row, label in enumerate(program.row_labels()):
        if label in slacks:
            rows.setdefault(label, []).append(row)
    for (name, index), own in islice(rows.items(), most):
        row, upper = _nearest(program, values, own)
        relation = relations[name]
        merged = len(relation.ops) > len(own)
        link = _merged_link(relation, upper) if merged else own.index(row)
        on_left = _data_on_left(relation, link, decisions)
        move = _limit_move(program, row, upper=upper, merged=merged, on_left=on_left)
        yield _constraint(slacks[name, index], on_left, sides(move), basis)


def _nearest(program: Program, values: Floats, rows: list[int]) -> tuple[int, bool]:
    """Return the row with the limit that is nearest to being reached, and if that is its upper."""
    sides = [
        (distance, row, upper)
        for row in rows
        for distance, upper in (
            (program.row_upper[row] - values[row], True),
            (values[row] - program.row_lower[row], False),
        )
    ]
    _, row, upper = min(sides)
    return row, upper


def _merged_link(relation: Comparison, upper: bool) -> int:
    """Return which comparison of `low <= body <= high` one of its row's two limits stands for."""
    return int(upper == (relation.ops[0] == "<="))


def _data_on_left(relation: Comparison, link: int, decisions: frozenset[str]) -> bool:
    left, right = (bool(names_in(o) & decisions) for o in relation.operands[link : link + 2])
    return right and not left


def _limit_move(program: Program, row: int, *, upper: bool, merged: bool, on_left: bool) -> Move:
    """Return what one more unit on a constraint's limit does to its row.

    A row is left minus right, so that the limit on the left moves it the other way; a row that
    stands for `low <= body <= high` is the body, and of it one limit moves alone.
    """
    if merged:
        return row_move(program, row, lower=float(not upper), upper=float(upper))
    way = -1.0 if on_left else 1.0
    low, high = np.isfinite(program.row_lower[row]), np.isfinite(program.row_upper[row])
    return row_move(program, row, lower=way * low, upper=way * high)


def _constraint(slack: Slack, on_left: bool, ways: tuple[Way, Way], basis: Basis) -> Effect:
    limit, other = (slack.left, slack.right) if on_left else (slack.right, slack.left)
    return Effect(
        kind="constraint",
        name=slack.name,
        index=slack.index,
        value=limit,
        other=other,
        slack=0.0 if slack.binding else slack.slack,
        binding=slack.binding,
        up=ways[0],
        down=ways[1],
        basis=basis,
    )


def variable_effects(
    program: Program, x: Floats, sides: Sides, base: Parametric, basis: Basis, most: int
) -> Iterator[Effect]:
    """Yield each variable at each index, with its reduced cost where it is at a bound.

    At a lower bound of zero only the way up is a question: what the first unit costs. At another
    bound both ways are, as for a constraint.
    """
    for column, (name, index) in enumerate(islice(program.column_labels(), most)):
        if name.startswith("_"):
            continue
        ways: tuple[Way | None, Way | None] = (None, None)
        low, high = base.at_lower(column), base.at_upper(column)
        if low and not high:
            ways = sides(column_move(program, column, lower=1.0))
            if abs(program.lower[column]) < _FREE:
                ways = ways[0], None
        elif high and not low:
            ways = sides(column_move(program, column, upper=1.0))
        yield Effect(
            kind="variable",
            name=name,
            index=index,
            value=float(x[column]) + 0.0,
            binding=low or high,
            up=ways[0],
            down=ways[1],
            basis=basis,
        )
