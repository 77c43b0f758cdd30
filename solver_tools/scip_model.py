"""Writes a compiled program into a SCIP model."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pyscipopt

from optiwright.solver_tools.arithmetic import as_functions, first_objective
from optiwright.solver_tools.program import Functions, Kind, Operation, Program, Scalar
from optiwright.solver_tools.solution import SolverError

INFINITE = 1e20
"""What SCIP takes for infinity."""
_LARGE = 1024.0
"""Coefficients up to which an operand is counted in ones."""


def constant_value(scalar: Scalar) -> float:
    """Return a constant function's value, NaN for any other."""
    varies = scalar.linear or scalar.quadratic or scalar.operations
    return math.nan if varies else scalar.constant


def _limit(value: float) -> float | None:
    return float(value) if abs(value) < INFINITE else None


def _unit(scalar: Scalar) -> float:
    """Returns what a linear operand is counted in: a power of two, so that nothing is rounded."""
    weights = [scalar.constant, *(value for _, value in scalar.linear)]
    largest = max(map(abs, weights))
    return 2.0 ** math.floor(math.log2(largest)) if _LARGE < largest < INFINITE else 1.0


class Builder:
    """Writes a program into a SCIP model."""

    def __init__(self, model: Any, program: Program) -> None:
        self._model = model
        self._program = program
        self._columns: list[Any] = []

    def build(self) -> list[Any]:
        """Add columns, rows and the objective; return the columns' variables."""
        program = self._program
        self._columns = [self._column(position) for position in range(program.columns)]
        for expression, lower, upper in zip(
            self._batch(program.rows), program.row_lower, program.row_upper, strict=True
        ):
            self._row(expression, float(lower), float(upper))
        self._objective()
        return self._columns

    def _column(self, position: int) -> Any:
        program = self._program
        lower, upper = float(program.lower[position]), float(program.upper[position])
        kind = Kind(int(program.kind[position]))
        if kind is Kind.SEMICONTINUOUS:
            return self._semicontinuous(lower, upper)
        vtype = "I" if kind is Kind.INTEGER else "C"
        return self._model.addVar(vtype=vtype, lb=_limit(lower), ub=_limit(upper))

    def _semicontinuous(self, lower: float, upper: float) -> Any:
        """Adds x in {0} or [lower, upper], by a binary that says which."""
        bottom, top = min(lower, 0.0), max(upper, 0.0)
        x = self._model.addVar(lb=_limit(bottom), ub=_limit(top))
        if lower <= 0.0 <= upper:
            return x
        on = self._model.addVar(vtype="B")
        off = self._model.addVar(vtype="B")
        self._model.addCons(on + off == 1)
        for bound, sign in ((lower, 1.0), (upper, -1.0)):
            if math.isfinite(bound):
                self._model.addCons(sign * x >= sign * bound * on)
        if not (math.isfinite(lower) and math.isfinite(upper)):
            self._model.addConsIndicator(x <= 0, off)
            self._model.addConsIndicator(-x <= 0, off)
        return x

    def _row(self, expression: Any, lower: float, upper: float) -> None:
        low, high = _limit(lower), _limit(upper)
        if isinstance(expression, int | float):
            # A row of no terms: SCIP would not take it, an infeasible one must stay infeasible.
            expression = 0.0 * self._model.addVar(lb=0, ub=0) + expression
        if low is not None and low == high:
            self._model.addCons(expression == low)
        elif low is not None and high is not None:
            self._model.addCons((expression <= high) >= low)
        elif high is not None:
            self._model.addCons(expression <= high)
        elif low is not None:
            self._model.addCons(expression >= low)

    def _objective(self) -> None:
        objective = first_objective(self._program)
        (expression,) = self._batch(objective)
        minimize = self._program.minimize[0]
        if not objective.is_linear:
            target = self._model.addVar(lb=None, ub=None)
            beyond = expression - target
            self._model.addCons(beyond <= 0 if minimize else beyond >= 0)
            expression = target
        self._model.setObjective(expression + 0.0, "minimize" if minimize else "maximize")

    def _batch(self, batch: Functions) -> list[Any]:
        """Returns each function as an expression; a number where it has no terms."""
        x = self._columns
        terms: list[list[Any]] = [[] for _ in range(batch.count)]
        linear = zip(batch.row.tolist(), batch.column.tolist(), batch.value.tolist(), strict=True)
        for row, column, value in linear:
            terms[row].append(value * x[column])
        for row, first, second, value in zip(
            batch.quadratic_row.tolist(),
            batch.quadratic_first.tolist(),
            batch.quadratic_second.tolist(),
            batch.quadratic_value.tolist(),
            strict=True,
        ):
            terms[row].append(value * x[first] * x[second])
        for row, value, operation in batch.operations:
            terms[row].append(value * self._operation(operation))
        return [
            pyscipopt.quicksum(parts) + constant if parts else constant
            for parts, constant in zip(terms, batch.constant.tolist(), strict=True)
        ]

    def _scalar(self, scalar: Scalar) -> Any:
        (expression,) = self._batch(as_functions([scalar]))
        return expression

    def _operation(self, operation: Operation) -> Any:
        match operation.op, operation.arguments:
            case "mul", (left, right) if left == right:
                return self._factor(left) ** 2
            case "mul", (left, right):
                return self._factor(left) * self._factor(right)
            case "div", (left, right):
                return self._counted(left) / self._counted(right)
            case "pow", (base, exponent):
                return self._power(base, exponent)
            case "abs", (argument,):
                return abs(self._factor(argument))
            case name, (argument,):
                return getattr(pyscipopt, name)(self._scalar(argument))
        raise SolverError(f"`{operation.op}` takes another number of arguments than it was given")

    def _power(self, base: Scalar, exponent: Scalar) -> Any:
        power = constant_value(exponent)
        if not math.isnan(power):
            return self._factor(base) ** (int(power) if power.is_integer() else power)
        number = constant_value(base)
        if not math.isnan(number):
            return pyscipopt.exp(math.log(number) * self._scalar(exponent))
        return pyscipopt.exp(self._scalar(exponent) * pyscipopt.log(self._factor(base)))

    def _factor(self, scalar: Scalar) -> Any:
        """Returns an operand: as it is where it is one term, else as a variable of its own.

        pyscipopt multiplies powers and products of polynomials out, which loses the structure
        that SCIP's relaxations need: Rosenbrock's function then never closes its gap.
        """
        curved = len(scalar.quadratic) + len(scalar.operations)
        single = curved + len(scalar.linear) + bool(scalar.constant) <= 1
        if single or (len(scalar.linear) == 1 and not curved):
            return self._scalar(scalar)
        operand = self._model.addVar(lb=None, ub=None)
        self._model.addCons(self._scalar(scalar) - operand == 0)
        return operand

    def _counted(self, scalar: Scalar) -> Any:
        """Returns a quotient's operand, a linear one of millions counted in larger units.

        Its absolute tolerance is else below what a double tells apart of the millions, and SCIP 10
        has been seen to cut the optimum of such a ratio off.
        """
        unit = 1.0 if scalar.quadratic or scalar.operations else _unit(scalar)
        if unit == 1.0:
            return self._factor(scalar)
        linear = tuple((column, value / unit) for column, value in scalar.linear)
        counted = replace(scalar, constant=scalar.constant / unit, linear=linear)
        return unit * self._factor(counted)
