"""Conflicts and unlimited growth in the problem's words, with the data's numbers.

Templates: every number is the formulation's, worked out at the very index.
"""

from __future__ import annotations

from collections.abc import Sequence

from optiwright.formulators.figures import number
from optiwright.formulators.model import (
    Algebraic,
    Change,
    Constraint,
    Domain,
    Formulation,
    Index,
    Sense,
    Variable,
)
from optiwright.formulators.phrases import listing
from optiwright.formulators.plain import constraint_body, scalar_values
from optiwright.solver_tools.diagnose import Conflict, Member
from optiwright.solver_tools.runaway import Growth, Runaway
from optiwright.solver_tools.stated import Limited, Stated

_SHOWN = 12
"""Lines of a list."""
_INDICES = 6
"""Indices of one constraint that are spelled out."""

_SIGNS = {
    "<=": "at most", "<": "less than", ">=": "at least", ">": "more than", "==": "exactly",
}  # fmt: skip
_DOMAINS = {
    Domain.INTEGER: "is a whole number",
    Domain.BINARY: "is 0 or 1 and nothing between",
    Domain.SEMICONTINUOUS: "is zero or within its bounds",
    Domain.CONTINUOUS: "takes any value",
}


def conflict_in_words(
    formulation: Formulation, members: Sequence[Member], changes: Sequence[Change] = ()
) -> list[str]:
    """Return one line for each constraint or bound of a conflict: its sentence and its data.

    Several indices of one constraint share a line; that decisions are not negative is said last.
    """
    teller = _Teller(formulation, Stated(formulation, changes))
    groups: dict[tuple[str, str], list[Index]] = {}
    for member in members:
        indices = groups.setdefault((member.part, member.name), [])
        indices += [] if member.index in indices else [member.index]
    return _limited(teller.lines(groups))


def conflict_note(found: Conflict) -> str:
    """Return what else is to be said of a conflict, in a sentence or two."""
    notes = []
    if found.sides is not None:
        needed, possible = number(found.sides.needed), number(found.sides.possible)
        notes.append(f"Added up they ask for at least {needed} and allow at most {possible}.")
    if found.minimal and len(found.members) > 1:
        notes.append("Without any one of them the rest can be met.")
    elif found.members and not found.minimal:
        notes.append(found.message)
    return " ".join(notes)


class _Teller:
    def __init__(self, formulation: Formulation, stated: Stated) -> None:
        self._formulation = formulation
        self._stated = stated
        self._numbers = scalar_values(formulation)
        self._variables = {v.name: v for v in formulation.variables}

    def lines(self, groups: dict[tuple[str, str], list[Index]]) -> list[str]:
        """Returns the lines: constraints, bounds, domains, and last what is not negative."""
        constraints = {c.name: c for c in self._formulation.constraints}
        ranked: list[tuple[int, str]] = []
        not_negative = []
        for (part, name), indices in groups.items():
            if part == "constraint":
                ranked.append((0, self._constraint(constraints[name], indices)))
            elif part == "domain":
                variable = self._variables[name]
                ranked.append((2, f"{_subject(variable)} {_DOMAINS[variable.domain]}"))
            elif part == "lower bound" and self._is_zero(self._variables[name]):
                not_negative.append(f"`{name}`")
            else:
                ranked.append((1, self._bound(self._variables[name], part, indices)))
        lines = [line for _, line in sorted(ranked, key=lambda pair: pair[0])]
        return [*lines, f"{listing(not_negative)} cannot be negative"] if not_negative else lines

    def _constraint(self, constraint: Constraint, indices: Sequence[Index]) -> str:
        sentence = (constraint.description or constraint.name.replace("_", " ")).rstrip(". ")
        if not isinstance(constraint, Algebraic):
            body = constraint_body(constraint, self._numbers)
            return f"{sentence}{_places(indices)}: `{body}`"
        if len(indices) == 1:
            formula = self._stated.relation(constraint, indices[0])
            return f"{sentence}{_places(indices)}: `{formula}`"
        shown = "; ".join(f"{_place(i)}: {self._figure(constraint, i)}" for i in indices[:_INDICES])
        return f"{sentence} ({shown}{_rest(indices)}): `{constraint.expression}`"

    def _figure(self, constraint: Algebraic, index: Index) -> str:
        limited = self._stated.limit(constraint, index)
        if limited is None:
            return f"`{self._stated.relation(constraint, index)}`"
        return _amount(limited)

    def _bound(self, variable: Variable, part: str, indices: Sequence[Index]) -> str:
        subject = _subject(variable)
        if variable.domain is Domain.BINARY:
            return f"{subject} is at most 1{_places(indices)}"
        sign, text = (">=", variable.lower) if part == "lower bound" else ("<=", variable.upper)
        found = [self._stated.bound(text or "0", variable.over, i, sign) for i in indices]
        amounts = [_amount(each) if each else f"{_SIGNS[sign]} `{text}`" for each in found]
        if len(set(amounts)) == 1:
            return f"{subject} is {amounts[0]}{_places(indices)}"
        pairs = zip(indices[:_INDICES], amounts, strict=False)
        shown = "; ".join(f"{_place(index)}: {amount}" for index, amount in pairs)
        return f"{subject} is limited ({shown}{_rest(indices)})"

    def _is_zero(self, variable: Variable) -> bool:
        return variable.domain is Domain.BINARY or variable.lower in {"0", "0.0"}


def growth_in_words(formulation: Formulation, found: Runaway) -> list[str]:
    """Return what grows without limit and what it brings, then the limits that are missing."""
    if not found.moving:
        return []
    lines = [_moves(formulation, found)]
    up = [g for g in found.moving if g.rate > 0]
    down = [g for g in found.moving if g.rate < 0]
    if up:
        names = _symbols(up)
        lines.append(
            f"nothing limits {names}: a limit would, such as a demand for "
            f"{'it' if len(up) == 1 else 'them'}, or a capacity or a budget that "
            f"{'it uses' if len(up) == 1 else 'they use'}"
        )
    if down:
        lines.append(f"nothing keeps {_symbols(down)} from falling: a least value would")
    return lines


def _moves(formulation: Formulation, found: Runaway) -> str:
    """Say what moves, how fast beside the fastest, and what each unit of that brings."""
    variables = {v.name: v for v in formulation.variables}
    first, *others = found.moving[:_INDICES]
    more = len(found.moving) - _INDICES
    way = "grow" if first.rate > 0 else "fall"
    subject = f"{_subject(variables[first.name], first.index)} can {way} without limit"
    steps = [
        f"`{_symbol(g)}` by {number(abs(g.rate))}{'' if g.rate > 0 else ' down'}" for g in others
    ]
    beside = f", and with each unit of it {listing(steps)}" if steps else ""
    beside += f" and {more} more" if more > 0 else ""
    return f"{subject}{beside}{_gain(formulation, found)}"


def _gain(formulation: Formulation, found: Runaway) -> str:
    goal = formulation.leading
    if goal is None:
        return ""
    what = goal.description or "the objective"
    unit = f" {goal.unit}" if goal.unit else ""
    way = "raises" if goal.sense is Sense.MAXIMIZE else "lowers"
    if not found.slope:
        return f", which {way} {what} further and further"
    return f"; each unit {way} {what} by {number(abs(found.slope))}{unit}"


def _symbols(growing: Sequence[Growth]) -> str:
    shown = [f"`{_symbol(g)}`" for g in growing[:_INDICES]]
    more = len(growing) - _INDICES
    return listing([*shown, f"{more} more"] if more > 0 else shown)


def _symbol(growing: Growth) -> str:
    return f"{growing.name}[{_place(growing.index)}]" if growing.index else growing.name


def _subject(variable: Variable, index: Index = ()) -> str:
    name = f"`{variable.name}[{_place(index)}]`" if index else f"`{variable.name}`"
    return f"{name} ({variable.description})" if variable.description else name


def _amount(limited: Limited) -> str:
    unit = f" {limited.unit}" if limited.unit else ""
    return f"{_SIGNS[limited.sign]} {number(limited.value)}{unit}"


def _place(index: Index) -> str:
    return ", ".join(map(str, index))


def _places(indices: Sequence[Index]) -> str:
    """Return where a line holds: nothing for a scalar."""
    shown = "; ".join(_place(index) for index in indices[:_INDICES])
    return f", at {shown}{_rest(indices)}" if shown else ""


def _rest(indices: Sequence[Index]) -> str:
    return f"; and {len(indices) - _INDICES:,} more" if len(indices) > _INDICES else ""


def _limited(lines: list[str]) -> list[str]:
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return lines[:_SHOWN] + more
