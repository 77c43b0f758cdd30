"""Translates functions of a program into CVXPY atoms that its convexity rules can judge.

Compositions that the rules alone would refuse are recognised: x log x, x log(x / y), a convex
quadratic over an affine function, the root of a sum of squares, the root of a product. An atom
that is defined on half of the function's domain only, as `inv_pos` is, stands for it only where
the columns' bounds keep it there; otherwise the function is given as one of no known curvature.
"""

from __future__ import annotations

import math
from typing import Any

import cvxpy
import numpy as np
from scipy import sparse

from optiwright.solver_tools.arithmetic import as_functions
from optiwright.solver_tools.problem_class import is_convex
from optiwright.solver_tools.program import Floats, Operation, Scalar

cp: Any = cvxpy  # its star imports hide the atoms from type checkers

_TINY = 1e-9


class Translator:
    """Writes functions of the columns as expressions of one CVXPY variable of shape (n,)."""

    def __init__(self, x: Any, lower: Floats, upper: Floats) -> None:
        self.x = x
        self._lower = lower
        self._upper = upper

    def scalar(self, scalar: Scalar) -> Any:
        """Return a function as an expression."""
        value: Any = cp.Constant(scalar.constant)
        if scalar.linear:
            columns, coefficients = zip(*scalar.linear, strict=True)
            value += np.array(coefficients) @ self.x[list(columns)]
        if scalar.quadratic:
            value += self._quadratic(scalar)
        for coefficient, operation in scalar.operations:
            value += coefficient * self._operation(operation)
        return value

    def _quadratic(self, scalar: Scalar) -> Any:
        used, half = _half_hessian(scalar)
        part = as_functions([scalar])
        if is_convex(part, 0):
            return cp.quad_form(self.x[used], half, assume_PSD=True)
        if is_convex(part, 0, -1.0):
            return -cp.quad_form(self.x[used], -half, assume_PSD=True)
        return self._unknown()

    def _operation(self, operation: Operation) -> Any:
        match operation.op, operation.arguments:
            case "mul", (left, right):
                return self._product(left, right)
            case "div", (top, bottom):
                return self._quotient(top, bottom)
            case "pow", (base, exponent):
                return self._power(base, exponent)
            case "sqrt", (argument,):
                return self._root(argument)
            case "exp", (argument,):
                return cp.exp(self.scalar(argument))
            case "log", (argument,):
                return cp.log(self.scalar(argument))
            case "abs", (argument,):
                return cp.abs(self.scalar(argument))
        return self._unknown()

    def _product(self, left: Scalar, right: Scalar) -> Any:
        if left == right:
            return cp.square(self.scalar(left))
        for factor, logarithm in ((left, right), (right, left)):
            inner = _sole(logarithm, "log")
            if inner is not None and (found := self._entropy(factor, *inner)) is not None:
                return found
        if _is_constant(left):
            return left.constant * self.scalar(right)
        if _is_constant(right):
            return right.constant * self.scalar(left)
        return self._unknown()

    def _entropy(
        self, factor: Scalar, coefficient: float, arguments: tuple[Scalar, ...]
    ) -> Any | None:
        """Returns factor * coefficient * log(argument) where that is an entropy."""
        (argument,) = arguments
        if argument == factor:
            return -coefficient * cp.entr(self.scalar(factor))
        ratio = _sole(argument, "div")
        if ratio is None or ratio[0] != 1.0 or not self._nonnegative(factor):
            return None
        top, bottom = ratio[1]
        if top == factor:
            return coefficient * cp.rel_entr(self.scalar(factor), self.scalar(bottom))
        return None

    def _quotient(self, top: Scalar, bottom: Scalar) -> Any:
        if _is_constant(bottom):
            return self.scalar(top) / bottom.constant
        if not self._nonnegative(bottom):
            return self._unknown()
        below = self.scalar(bottom)
        if _is_constant(top):
            return top.constant * cp.inv_pos(below)
        square = _sole(top, "pow")
        if square is not None and square[0] > 0 and square[1][1] == Scalar(2.0):
            return square[0] * cp.quad_over_lin(self.scalar(square[1][0]), below)
        factor = _factor(top)
        if factor is not None:
            return cp.quad_over_lin(self._stacked(*factor), below)
        return self._unknown()

    def _power(self, base: Scalar, exponent: Scalar) -> Any:
        if _is_constant(exponent):
            power = exponent.constant
            even = power > 0 and power % 2 == 0
            fractional = power > 0 and not power.is_integer()
            if power == 1 or even or fractional or self._nonnegative(base):
                return cp.power(self.scalar(base), power)
        elif _is_constant(base) and base.constant > 0:
            return cp.exp(math.log(base.constant) * self.scalar(exponent))
        return self._unknown()

    def _root(self, argument: Scalar) -> Any:
        if len(argument.quadratic) == 1:
            ((i, j, coefficient),) = argument.quadratic
            if i != j and coefficient > 0 and argument == Scalar(quadratic=argument.quadratic):
                if min(self._lower[i], self._lower[j]) < 0:
                    return self._unknown()
                mean = cp.geo_mean(cp.hstack([self.x[i], self.x[j]]))
                return math.sqrt(coefficient) * mean
        factor = _factor(argument)
        if factor is not None:
            return cp.norm(self._stacked(*factor))
        return cp.sqrt(self.scalar(argument))

    def _stacked(self, used: list[int], root: Floats) -> Any:
        return root[:, :-1] @ self.x[used] + root[:, -1]

    def _nonnegative(self, scalar: Scalar) -> bool:
        """Returns whether the columns' bounds keep an affine function from going below zero."""
        if scalar.quadratic or scalar.operations:
            return False
        least = scalar.constant
        for column, coefficient in scalar.linear:
            limit = self._lower if coefficient > 0 else self._upper
            least += coefficient * float(limit[column]) if coefficient else 0.0
        return least >= 0

    def _unknown(self) -> Any:
        """Returns an expression that no rule shows convex or concave."""
        return self.x[0] * self.x[0]


def _is_constant(scalar: Scalar) -> bool:
    return not (scalar.linear or scalar.quadratic or scalar.operations)


def _sole(scalar: Scalar, op: str) -> tuple[float, tuple[Scalar, ...]] | None:
    """Returns coefficient and arguments where the scalar is one such operation and no more."""
    if scalar.constant or scalar.linear or scalar.quadratic or len(scalar.operations) != 1:
        return None
    ((coefficient, operation),) = scalar.operations
    return (coefficient, operation.arguments) if operation.op == op else None


def _half_hessian(scalar: Scalar) -> tuple[list[int], Any]:
    """Returns the columns of the quadratic part and half its Hessian over them, csc."""
    used = sorted({column for i, j, _ in scalar.quadratic for column in (i, j)})
    place = {column: position for position, column in enumerate(used)}
    first, second, value = zip(*scalar.quadratic, strict=True)
    at = ([place[i] for i in first], [place[j] for j in second])
    upper = sparse.coo_matrix((np.array(value, dtype=float), at), shape=(len(used), len(used)))
    return used, ((upper + upper.T) / 2).tocsc()


def _factor(scalar: Scalar) -> tuple[list[int], Floats] | None:
    """Returns columns and F with scalar(x) = |F [x; 1]|^2, for such a sum of squares."""
    if scalar.operations or not scalar.quadratic:
        return None
    used, half = _half_hessian(scalar)
    place = {column: position for position, column in enumerate(used)}
    if any(column not in place for column, _ in scalar.linear):
        return None
    gram = np.zeros((len(used) + 1, len(used) + 1))
    gram[:-1, :-1] = half.toarray()
    for column, coefficient in scalar.linear:
        gram[place[column], -1] += coefficient / 2
        gram[-1, place[column]] += coefficient / 2
    gram[-1, -1] = scalar.constant
    eigenvalues, vectors = np.linalg.eigh(gram)
    tiny = _TINY * max(1.0, float(np.abs(eigenvalues).max()))
    if eigenvalues.min() < -tiny:
        return None
    kept = eigenvalues > tiny
    return used, (vectors[:, kept] * np.sqrt(eigenvalues[kept])).T
