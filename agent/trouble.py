"""Conflicts and unlimited growth in the problem's words."""

from __future__ import annotations

from collections.abc import Sequence

from optiwright.formulators.model import Algebraic, Formulation, Index
from optiwright.formulators.plain import scalar_values, with_numbers
from optiwright.solver_tools.diagnose import Growth, Member

_SHOWN = 12


def conflict_in_words(formulation: Formulation, members: Sequence[Member]) -> list[str]:
    """Return one line for each member of a conflict: its sentence and its expression."""
    lines = list(dict.fromkeys(_member(formulation, m) for m in members))
    return _limited(lines)


def growth_in_words(formulation: Formulation, growing: Sequence[Growth]) -> list[str]:
    """Return one line for each variable that grows without limit."""
    meaning = {v.name: v.description for v in formulation.variables}
    return _limited([_labelled(g.name, g.index, meaning.get(g.name, "")) for g in growing])


def _member(formulation: Formulation, member: Member) -> str:
    numbers = scalar_values(formulation)
    if member.part != "constraint":
        variable = next(v for v in formulation.variables if v.name == member.name)
        bound = variable.lower if member.part == "lower bound" else variable.upper
        sign = ">=" if member.part == "lower bound" else "<="
        shown = with_numbers(bound or "", numbers) or ("1" if sign == "<=" else "0")
        return _labelled(f"{member.name} {sign} {shown}", member.index, variable.description)
    constraint = next(c for c in formulation.constraints if c.name == member.name)
    expression = constraint.expression if isinstance(constraint, Algebraic) else constraint.kind
    sentence = constraint.description or constraint.name
    return _labelled(with_numbers(expression, numbers), member.index, sentence)


def _labelled(formula: str, index: Index, words: str) -> str:
    place = f" at {', '.join(map(str, index))}" if index else ""
    return f"{words} (`{formula}`{place})" if words else f"`{formula}`{place}"


def _limited(lines: list[str]) -> list[str]:
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return lines[:_SHOWN] + more
