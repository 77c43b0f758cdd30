"""The root of the error tree: what went wrong, where, and what to do about it."""

from __future__ import annotations


class OptiwrightError(Exception):
    """Base of every error that a user may see.

    Args:
        what: what was found and what was expected, one sentence without a final stop.
        where: the field, file, expression or step it concerns; empty where there is none.
        remedy: what the user can do about it, one sentence; empty where nothing helps.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle with all three parts, so that errors cross process borders whole."""
        return (_rebuild, (type(self), self.what, self.where, self.remedy))

    def __str__(self) -> str:
        place = f" (in {self.where})" if self.where else ""
        advice = f" {self.remedy}" if self.remedy else ""
        return f"{self.what}{place}.{advice}"


def _rebuild(cls: type[OptiwrightError], what: str, where: str, remedy: str) -> OptiwrightError:
    return cls(what, where=where, remedy=remedy)


class UserError(OptiwrightError):
    """The caller gave something that cannot be used: a file, an option, an argument."""


class DataError(UserError):
    """Data do not fit what they are to be used for; `what` lists all that is wrong, a line each."""

    def __str__(self) -> str:
        return f"{self.what}\n{self.remedy}"


class FormulationError(OptiwrightError):
    """The formulation itself is wrong: a name, an index, a type, a form that cannot be compiled."""
