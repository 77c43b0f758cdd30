"""Chains of definitions too long to follow: said in our terms instead of Python's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from optiwright.formulators.errors import FormulationError


@contextmanager
def bounded_nesting() -> Iterator[None]:
    """Refuse, as a context or as a decorator, what nests deeper than Python's stack reaches.

    Raises:
        FormulationError: in place of RecursionError.
    """
    try:
        yield
    except RecursionError:
        raise FormulationError(
            "definitions and derived parameters refer to one another in too long a chain",
            where="the definitions",
            remedy="Write some of them out, or make them variables.",
        ) from None
