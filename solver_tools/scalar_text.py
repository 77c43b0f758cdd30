"""Functions of a program's columns as text, for people and for language models."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

_SIGNS = {"mul": "*", "div": "/", "pow": "**"}
_SINGLE = re.compile(r"[\w.]+(\[[^\]]*\])?")
"""A name with or without an index, or a number: what needs no brackets around it."""

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optiwright.solver_tools.program import Operation, Scalar


def scalar_text(scalar: Scalar, names: Sequence[str]) -> str:
    """Returns a function as it would be written: `3*bread - cake + 2*exp(x) + 4`.

    Args:
        scalar: the function.
        names: of the columns, by position.
    """
    terms = [(value, names[column]) for column, value in scalar.linear]
    terms += [(value, _product(names[i], names[j])) for i, j, value in scalar.quadratic]
    terms += [(value, _operation(operation, names)) for value, operation in scalar.operations]
    if scalar.constant or not terms:
        terms.append((scalar.constant, ""))
    text = "".join(
        f" {'-' if value < 0 else '+'} {_term(abs(value), factor)}" for value, factor in terms
    )
    return text[3:] if text.startswith(" + ") else f"-{text[3:]}"


def relation_text(body: str, low: float, high: float) -> str:
    """Returns `low <= body <= high` with the sides that are finite, or an equation."""
    if low == high:
        return f"{body} == {low:.10g}"
    left = f"{low:.10g} <= " if math.isfinite(low) and math.isfinite(high) else ""
    right = f" <= {high:.10g}" if math.isfinite(high) else f" >= {low:.10g}"
    return f"{left}{body}{right}"


def _term(value: float, factor: str) -> str:
    if not factor:
        return f"{value:.10g}"
    return factor if value == 1 else f"{value:.10g}*{factor}"


def _product(left: str, right: str) -> str:
    return f"{left}**2" if left == right else f"{left}*{right}"


def _operation(operation: Operation, names: Sequence[str]) -> str:
    parts = [scalar_text(argument, names) for argument in operation.arguments]
    sign = _SIGNS.get(operation.op)
    if sign is None:
        return f"{operation.op}({', '.join(parts)})"
    return sign.join(part if _SINGLE.fullmatch(part) else f"({part})" for part in parts)
