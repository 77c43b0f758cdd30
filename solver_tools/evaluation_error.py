"""The error of an expression that has no value at a point."""

from __future__ import annotations

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Span
from optiwright.formulators.model import Index
from optiwright.formulators.phrases import label


class EvaluationError(FormulationError):
    """An expression that has no value: an index off its set, a division by zero, an overflow.

    Attributes:
        span: where in the expression; None where it is not about one place.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "", span: Span | None = None):
        super().__init__(what, where=where, remedy=remedy)
        self.span = span

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with the place."""
        return (_rebuild, (self.what, self.where, self.remedy, self.span))

    def located(self, source: str, owner: str, index: Index) -> EvaluationError:
        """Return the same error with its place, unless it has one from deeper down."""
        if self.where:
            return self
        excerpt = source[self.span.start : self.span.stop] if self.span else source
        where = f"`{excerpt}` of {at(owner, index)}" if excerpt else at(owner, index)
        return EvaluationError(self.what, where=where, remedy=self.remedy)


def _rebuild(what: str, where: str, remedy: str, span: Span | None) -> EvaluationError:
    return EvaluationError(what, where=where, remedy=remedy, span=span)


def at(name: str, index: Index) -> str:
    """Return `name[index]` in backticks, as messages show it."""
    return f"`{label(name, index)}`"
