"""What the readers of scripts share: the code in a reply, a statement's comment, what is told."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from pydantic import ValidationError

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.python_tree import module_tree
from optiwright.formulators.wire_records import Direction, WireObjective

NONE = "none"
"""What a model writes for a text without an optimization problem."""

_SENSES: tuple[Direction, ...] = ("minimize", "maximize")
_FENCE = re.compile(r"```(?:python|py)?[ \t]*\n(.*?)(?:\n```|```|\Z)", re.DOTALL)
_SHOWN = 60


def is_none(reply: str) -> bool:
    """Whether a reply says that the text has no optimization problem."""
    return reply.strip().strip("`.").lower() == NONE


class ScriptLines:
    """A script's source, line by line, with or without a code fence or words around it."""

    def __init__(self, reply: str) -> None:
        fences = [found.group(1) for found in _FENCE.finditer(reply)]
        self.source = max(fences, key=len) if fences else reply
        self._lines = self.source.splitlines()

    def tree(self) -> ast.Module:
        """Return the script as Python's `ast` has it.

        Raises:
            FormulationError: if it is no Python.
        """
        try:
            return module_tree(self.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise self._odd(getattr(error, "lineno", None) or 1, "this is no Python") from None

    def give(self, tree: ast.Module, take: Callable[[ast.stmt], None]) -> None:
        """Give the statements to a reader, one by one.

        Raises:
            FormulationError: naming the line of the one that cannot be taken.
        """
        for statement in tree.body:
            try:
                take(statement)
            except ValidationError as error:
                place = error.errors()[0]
                odd = f"its {place['loc'][0]} is odd: {place['msg']}"
                raise self.error(statement, odd) from None
            except RecursionError:
                raise self.error(statement, "it is nested too deeply") from None

    def comment(self, node: ast.stmt) -> str:
        """Return the comment at the line's end, or the nearest one above, past other lines."""
        if said := self.remark(node):
            return said
        above = node.lineno - 2
        while above >= 0 and not self._lines[above].lstrip().startswith("#"):
            if not self._lines[above].strip():
                return ""
            above -= 1
        return self._lines[above].lstrip("# \t").strip() if above >= 0 else ""

    def remark(self, node: ast.expr | ast.stmt) -> str:
        """Return the comment at the line's end."""
        line = self._lines[(node.end_lineno or node.lineno) - 1]
        return line[node.end_col_offset or 0 :].partition("#")[2].strip()

    def goal(self, word: str, expression: str, statement: ast.stmt) -> WireObjective:
        """Return the objective that a statement sets."""
        meaning = re.sub(r"^objective\s*:\s*", "", self.comment(statement)) or "objective"
        sense = next(s for s in _SENSES if s == word)
        return WireObjective(sense=sense, meaning=meaning, unit="", expression=expression)

    def error(self, node: ast.expr | ast.stmt, expected: str) -> FormulationError:
        """Say what was found in a line and what was expected there."""
        return self._odd(node.lineno, expected)

    def _odd(self, line: int, expected: str) -> FormulationError:
        lines = self._lines or [""]
        found = lines[min(line, len(lines)) - 1].strip()[:_SHOWN]
        return FormulationError(
            f"found `{found}`: {expected}",
            where=f"line {line} of the script",
            remedy="Write the script again in the form asked for.",
        )


def said_goal(objective: WireObjective | None) -> WireObjective:
    """Return a script's objective.

    Raises:
        FormulationError: if it sets none.
    """
    if objective is None:
        raise FormulationError(
            "there is no objective",
            where="the script",
            remedy="Write `minimize(...)` or `maximize(...)` once.",
        )
    return objective
