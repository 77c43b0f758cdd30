"""Two answers side by side: the objective, what is asked for, and the decisions that differ."""

from __future__ import annotations

from typing import Self

from optiwright.agent.history import Way
from optiwright.agent.result import Answer, Plain, Result, Status
from optiwright.formulators.difference import difference
from optiwright.formulators.figures import measured, number, rise
from optiwright.formulators.model import Domain, Index, Variable
from optiwright.formulators.phrases import capitalised

_SHOWN = 30
"""Rows of a list that are shown; the whole is in the record."""
_RELATIVE = 1e-6
"""Below this, relative to the larger, two numbers are the same."""
_SAME = 1e-7
"""Below this two numbers are the same whatever their size."""
_READ = {
    "given": "",
    "reader": "The question was read without a language model.",
    "model": "The question was read by the language model: hold the change above against it.",
}


class Side(Plain):
    """One of two answers."""

    status: Status
    objective: float | None = None
    answers: tuple[Answer, ...] = ()

    @classmethod
    def of(cls, result: Result) -> Self:
        """Return what of an answer is held against another."""
        return cls(status=result.status, objective=result.objective, answers=result.answers)


class Moved(Plain):
    """A decision's value in two answers; None where an answer does not have it."""

    name: str
    index: Index = ()
    before: float | None
    after: float | None
    unit: str = ""
    description: str = ""


def same(left: float | None, right: float | None) -> bool:
    """Whether two values are the same but for a solver's noise."""
    if left is None or right is None:
        return left is right
    return abs(left - right) <= max(_SAME, _RELATIVE * max(abs(left), abs(right)))


def moved_between(base: Result, new: Result) -> tuple[Moved, ...]:
    """Return the decisions whose values differ, in the formulation's order."""
    if not base.status.has_point or not new.status.has_point:
        return ()
    before, after = values_in(base), values_in(new)
    declared = declared_in(base) | declared_in(new)
    return tuple(
        Moved(
            name=name,
            index=index,
            before=before.get((name, index)),
            after=after.get((name, index)),
            unit=declared[name].unit,
            description=declared[name].description,
        )
        for name, index in dict.fromkeys([*before, *after])
        if name in declared and not same(before.get((name, index)), after.get((name, index)))
    )


def changes_between(base: Result, new: Result) -> tuple[str, ...]:
    """Return what the formulations of two answers differ in, a line each."""
    if base.formulation is None or new.formulation is None:
        return ("one of them rests on no formulation",)
    return difference(base.formulation, new.formulation)


def changes_text(lines: tuple[str, ...]) -> str:
    """Return the difference as Markdown."""
    return "**What changes**\n\n" + "\n".join(f"- {line}" for line in lines or ("nothing",))


def compared(base: Result, new: Result, moved: tuple[Moved, ...], way: Way) -> str:
    """Return the two answers side by side, as Markdown."""
    sections = [
        _headline(base, new),
        _asked(base, new, moved),
        _decisions(base, new, moved),
        _sure(base, new),
        _READ[way],
    ]
    return "\n\n".join(s for s in sections if s)


def shift(before: float, after: float, unit: str) -> str:
    """Return how a value moved: `72 more (+2.91%)`."""
    by = rise(before, after)
    word = "more" if after > before else "less"
    return f"{number(abs(after - before))}{unit} {word}{f' ({by})' if by else ''}"


def goal_words(result: Result) -> tuple[str, str]:
    """Return what an objective is called, and its unit with a space before it."""
    if result.plan is not None:
        return ("the cost", "") if result.plan.planning.least == "cost" else ("the plan", " steps")
    goal = result.formulation.leading if result.formulation is not None else None
    if goal is None:
        return "the objective", ""
    named = goal.description or ("the objective" if goal.name == "objective" else goal.name)
    return named, f" {goal.unit}" if goal.unit else ""


def _headline(base: Result, new: Result) -> str:
    what, unit = goal_words(new)
    if new.status is Status.FORMULATED:
        return "**The formulation is changed. Nothing is solved yet.**"
    if new.status is Status.INFEASIBLE:
        held = "".join(f"\n- {c}" for c in new.conflict)
        return f"**With this there is no solution.** These cannot all hold:\n{held}"
    if new.status is Status.UNBOUNDED:
        held = "".join(f"\n- {c}" for c in new.conflict)
        return f"**With this there is no limit to the objective.** What can grow:\n{held}"
    if not new.status.has_point or new.objective is None:
        if new.status.has_point:
            return "**With this there is a solution.**"
        return f"**No solver came to an end with it**: {new.status}."
    value = f"{number(new.objective)}{unit}"
    name = capitalised(what)
    if not base.status.has_point or base.objective is None:
        if base.status is Status.FORMULATED:
            return f"**{name}: {value}.**"
        return f"**{name}: {value}.** Before, the problem was {base.status}."
    if same(base.objective, new.objective):
        return f"**{name} stays at {value}.**"
    moved = shift(base.objective, new.objective, unit)
    return f"**{name}: {value} instead of {number(base.objective)}{unit}, {moved}.**"


def _asked(base: Result, new: Result, moved: tuple[Moved, ...]) -> str:
    """List the asked quantities that differ and that no decision or objective says already."""
    said = {v.description for v in declared_in(new).values()} | {goal_words(new)[0]}
    earlier = {(a.name, a.index): a.value for a in base.answers}
    shown = {(m.index, m.before, m.after) for m in moved}
    lines = []
    for answer in new.answers:
        key = answer.name, answer.index
        if answer.name in said or key not in earlier or same(earlier[key], answer.value):
            continue
        if (answer.index, earlier[key], answer.value) in shown:
            continue  # a decision says it already
        if same(answer.value, new.objective) and same(earlier[key], base.objective):
            continue
        place = f"[{', '.join(map(str, answer.index))}]" if answer.index else ""
        lines.append(_row(f"{answer.name}{place}", earlier[key], answer.value, answer.unit))
    return "**Asked for**\n\n" + _listed(lines) if lines and new.status.has_point else ""


def _decisions(base: Result, new: Result, moved: tuple[Moved, ...]) -> str:
    if not base.status.has_point or not new.status.has_point:
        return ""
    if not moved:
        return "**What to do** stays the same."
    declared = declared_in(base) | declared_in(new)
    lines = [_decision(m, declared[m.name]) for m in moved]
    equal = same(base.objective, new.objective) and base.objective is not None
    note = " (of several plans that are equally good, another may be shown)" if equal else ""
    return f"**What to do differently**{note}\n\n" + _listed(lines)


def _decision(moved: Moved, variable: Variable) -> str:
    place = f"[{', '.join(map(str, moved.index))}]" if moved.index else ""
    name = f"`{moved.name}{place}`"
    what = f"{moved.description}, {name}" if moved.description else name
    if variable.domain is Domain.BINARY:
        before, after = (_yes(v) for v in (moved.before, moved.after))
        return f"- {what}: {before} -> {after}"
    return _row(what, moved.before, moved.after, moved.unit)


def _row(what: str, before: float | None, after: float | None, unit: str) -> str:
    return f"- {what}: {number(before)} -> {measured(after, unit)}"


def _yes(value: float | None) -> str:
    return "none" if value is None else "yes" if value > 0.5 else "no"


def _listed(lines: list[str]) -> str:
    more = [f"- and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return "\n".join(lines[:_SHOWN] + more)


def _sure(base: Result, new: Result) -> str:
    if new.status is Status.FORMULATED:
        return ""
    told = base.level is not new.level and base.status is not Status.FORMULATED
    before = f" (before: {base.level})" if told else ""
    best = f"{new.optimality} for the changed model"
    return f"**How sure.** {new.level.value.capitalize()}{before}: {best}."


def values_in(result: Result) -> dict[tuple[str, Index], float | None]:
    """Return the decisions' values by name and index."""
    solution = result.solution
    return {(v.name, v.index): v.value for v in solution.values} if solution is not None else {}


def declared_in(result: Result) -> dict[str, Variable]:
    """Return the formulation's decisions by name."""
    formulation = result.formulation
    return {v.name: v for v in formulation.variables} if formulation is not None else {}
