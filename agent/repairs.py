"""What would have to change to make an infeasible problem possible, each change solved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from optiwright.agent.loop import wait
from optiwright.agent.refusing import refuse_plan, refuse_search
from optiwright.agent.result import STATUS_OF, Plain, Result, Status
from optiwright.formulators.elastic import Limit, with_named_limits
from optiwright.formulators.errors import UserError
from optiwright.formulators.figures import number
from optiwright.formulators.model import Change, Formulation, Index
from optiwright.formulators.movable import Movable, movable_figures
from optiwright.formulators.phrases import listing
from optiwright.solver_tools.pool import default_pool
from optiwright.solver_tools.relaxing import Aim, Moved, Relaxation, relaxations
from optiwright.solver_tools.variants import Allowance

_SHOWN = 6
"""Figures of one repair that are spelled out."""


class Shift(Plain):
    """One figure of a repair, before and after."""

    name: str
    """The parameter; of a number written into a limit, the constraint or the variable."""
    index: Index = ()
    before: float
    after: float
    unit: str = ""


class Repair(Plain):
    """A change that makes an infeasible problem possible, and what is best with it."""

    kind: Aim
    changes: tuple[Change, ...]
    """New entries of parameters, as `solve_variant` and a scenario take them."""
    shifts: tuple[Shift, ...]
    """Every figure that moves, those among them that no parameter holds."""
    words: str
    """The change and the new optimum in a sentence."""
    objective: float | None
    """The best value with the change; None where there is none."""
    status: Status
    """Of the changed problem."""
    least: bool
    """Whether no smaller change of this kind suffices, but for rounding outward."""


@dataclass(frozen=True)
class Repairs:
    """The repairs of a result, and what was allowed to move for them."""

    movable: tuple[str, ...]
    repairs: tuple[Repair, ...]

    @property
    def words(self) -> str:
        """The repairs as a list, or that there are none."""
        if not self.repairs:
            return (
                f"No change of {listing(self.movable)} makes it possible. What else may move can "
                "be named with --allow, in Python `allow=`."
            )
        return "\n".join(f"- {repair.words}" for repair in self.repairs)


def repairs_of(
    result: Result,
    allow: str | Sequence[str] | None = None,
    forbid: str | Sequence[str] | None = None,
    allowance: Allowance | None = None,
) -> Repairs:
    """Return the smallest changes that make an infeasible result possible.

    Args:
        result: an infeasible one, with its formulation.
        allow: what may move; None for what sounds as if it could.
        forbid: what may not.
        allowance: of each solve.

    Raises:
        UserError: if the result is not infeasible, has no formulation, or nothing that was named
            can move.
    """
    formulation, limits = with_named_limits(_infeasible(result))
    movable = chosen(formulation, limits, _names(allow), _names(forbid))
    found = wait(relaxations(default_pool(), formulation, movable, allowance))
    teller = _Teller(formulation, limits)
    return Repairs(
        tuple(teller.figure(m.parameter) for m in movable),
        tuple(teller.repair(relaxation) for relaxation in found),
    )


def _infeasible(result: Result) -> Formulation:
    refuse_plan(
        result,
        "limits that could be moved",
        "Where no plan is possible, `optiwright explain` says what of the goal can be reached.",
    )
    refuse_search(result, "limits that could be moved")
    if result.formulation is None:
        raise UserError("there is no formulation to repair", where="repairs")
    if result.status is not Status.INFEASIBLE:
        raise UserError(
            f"the problem is not infeasible: its status is {result.status}",
            where="repairs",
            remedy="Repairs are for problems whose requirements contradict each other.",
        )
    return result.formulation


def _names(given: str | Sequence[str] | None) -> tuple[str, ...] | None:
    return (given,) if isinstance(given, str) else None if given is None else tuple(given)


def chosen(
    formulation: Formulation,
    limits: dict[str, Limit],
    allow: tuple[str, ...] | None,
    forbid: tuple[str, ...] | None,
) -> list[Movable]:
    """Return the figures that may move.

    Raises:
        UserError: if a name fits none of those that can, or none is left.
    """
    able = movable_figures(formulation)
    told = {m.parameter: _told(formulation, limits, m) for m in able}
    named = {
        name: _called(name, told) or _unknown(formulation, name, able)
        for name in (*(allow or ()), *(forbid or ()))
    }
    allowed = {m.parameter for m in able if m.by_default} if allow is None else set[str]()
    for name in allow or ():
        allowed |= named[name]
    for name in forbid or ():
        allowed -= named[name]
    if not allowed:
        raise UserError(
            "nothing is left that may move",
            where="repairs",
            remedy=f"Name with --allow what may; {_able(able)}",
        )
    return [m for m in able if m.parameter in allowed]


def _told(formulation: Formulation, limits: dict[str, Limit], movable: Movable) -> list[str]:
    """Return what a figure can be named by: its own name first, then words for it."""
    parameter = next(p for p in formulation.parameters if p.name == movable.parameter)
    own = [limits[parameter.name].place] if parameter.name in limits else [parameter.name]
    rules = {c.name: c.description for c in formulation.constraints}
    return [
        *own,
        *movable.limits,
        parameter.description,
        *(rules.get(n, "") for n in movable.limits),
    ]


def _called(name: str, told: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the figures of exactly that name, else of that constraint, else of that word."""
    wanted = _plain(name)
    if not wanted:
        return set()
    own = {figure for figure, words in told.items() if wanted == _plain(words[0])}
    exact = {figure for figure, words in told.items() if wanted in map(_plain, words)}
    within = {f for f, words in told.items() if any(wanted in _plain(w) for w in words)}
    return own or exact or within


def _plain(words: str) -> str:
    return words.strip().lower().replace("_", " ")


def _unknown(formulation: Formulation, name: str, able: Sequence[Movable]) -> NoReturn:
    known = any(p.name == name for p in formulation.parameters)
    why = (
        f"`{name}` is multiplied with decisions or steers a rule, so it cannot be moved"
        if known
        else f"nothing that can move is called {name!r}"
    )
    remedy = _able(able)
    raise UserError(why, where="repairs", remedy=remedy[0].upper() + remedy[1:])


def _able(able: Sequence[Movable]) -> str:
    names = ", ".join(f"`{m.parameter}`" for m in able)
    return f"these can: {names}." if names else "nothing in it can."


class _Teller:
    def __init__(self, formulation: Formulation, limits: dict[str, Limit]) -> None:
        self._parameters = {p.name: p for p in formulation.parameters}
        self._limits = limits
        self._goal = formulation.leading

    def figure(self, name: str, index: Index = ()) -> str:
        """Returns what a figure is called."""
        parameter = self._parameters[name]
        if name in self._limits:
            return parameter.description
        place = f"[{', '.join(map(str, index))}]" if index else ""
        words = f" ({parameter.description})" if parameter.description else ""
        return f"`{name}{place}`{words}"

    def repair(self, found: Relaxation) -> Repair:
        """Returns a relaxation as a repair."""
        solution = found.solved.solution
        status = STATUS_OF[solution.termination]
        shifts = tuple(self._shift(moved) for moved in found.moved)
        changes = tuple(c for c in found.changes if c.parameter not in self._limits)
        return Repair(
            kind=found.aim,
            changes=changes,
            shifts=shifts,
            words=self._words(found, status),
            objective=solution.objective,
            status=status,
            least=found.least,
        )

    def _shift(self, moved: Moved) -> Shift:
        limit = self._limits.get(moved.parameter)
        return Shift(
            name=limit.place if limit else moved.parameter,
            index=moved.index,
            before=moved.before,
            after=moved.after,
            unit=self._parameters[moved.parameter].unit,
        )

    def _words(self, found: Relaxation, status: Status) -> str:
        moves = [self._move(moved) for moved in found.moved[:_SHOWN]]
        more = len(found.moved) - _SHOWN
        moves += [f"{more} more figures moved"] if more > 0 else []
        least = "" if found.least else " (a smaller change may do: time ran out)"
        how = f"{self._kind(found)}{least}: it becomes possible with {listing(moves)}"
        return f"{how}; {self._best(found, status)}."

    def _kind(self, found: Relaxation) -> str:
        """Returns what a repair is the least of."""
        match found.aim:
            case Aim.LEAST:
                return "The least change in all"
            case Aim.ALONE:
                name = found.moved[0].parameter
                alone = self._parameters[name].description if name in self._limits else f"`{name}`"
                return f"By {alone} alone"
            case Aim.FEWEST:
                return "The fewest figures"

    def _move(self, moved: Moved) -> str:
        unit = self._parameters[moved.parameter].unit
        shown = f" {unit}" if unit else ""
        way = "raised" if moved.after > moved.before else "lowered"
        figure = self.figure(moved.parameter, moved.index)
        change = moved.after - moved.before
        share = f" ({100 * change / abs(moved.before):+.3g}%)" if moved.before else ""
        return f"{figure} {way} from {number(moved.before)} to {number(moved.after)}{shown}{share}"

    def _best(self, found: Relaxation, status: Status) -> str:
        if status is Status.UNBOUNDED:
            return "nothing limits the objective then"
        if self._goal is None or found.solved.objective is None:
            return "a feasible plan was found then"
        unit = f" {self._goal.unit}" if self._goal.unit else ""
        what = self._goal.description or "objective"
        best = "the best" if status is Status.OPTIMAL else "the best found"
        return f"{best} {what} then is {number(found.solved.objective)}{unit}"
