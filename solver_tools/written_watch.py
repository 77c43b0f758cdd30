"""Watches a written program's solver calls: their number, their time, what the last one found.

The modules `written_pyomo`, `written_cvxpy` and so on put themselves between a library and the
program by `Patches`, and tell a `Watch` of every solve. A solve within a solve (Pyomo calls HiGHS)
is the library's own affair and passes through.
"""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from optiwright.solver_tools.written_result import VARIABLES_KEPT, Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from optiwright.solver_tools.written_result import Domain, Sense, Status, UsedLibrary

GAP = 1e-7
"""Relative gap at which solvers stop, whatever the program or the library says."""
SCIP_SETTINGS = {"limits/gap": GAP, "numerics/feastol": 1e-7}
_SHARE = 0.9
_LEAST_S = 0.05
_ABSENT = object()
T = TypeVar("T")


@dataclass(frozen=True)
class Solved:
    """One solve as its library tells it."""

    library: UsedLibrary
    status: Status
    objective: float | None = None
    sense: Sense | None = None
    bound: float | None = None
    variables: tuple[Variable, ...] = ()
    n_variables: int = 0
    n_integer: int = 0
    n_constraints: int = 0
    loose: tuple[str, ...] = ()
    """Variables in constraints that nothing connects with the objective, as far as it is known."""
    note: str = ""
    source: Any = None
    """The library's own variables, in the order of `variables`, to be named by the program."""
    model: Any = None
    """The library's own model, from which a point can be probed; none of scipy."""

    @property
    def has_point(self) -> bool:
        """Tells whether the solve ended with values."""
        return self.status in ("optimal", "feasible")


class Watch:
    """What a program has solved so far, and how long it may still take."""

    def __init__(self, time_limit_s: float) -> None:
        self._deadline = time.monotonic() + time_limit_s
        self._depth = 0
        self.count = 0
        self.last: Solved | None = None
        self.point: Solved | None = None
        """The last solve that ended with values."""

    @property
    def inside(self) -> bool:
        """Tells whether a solve is under way: a call is then a library's, not the program's."""
        return self._depth > 0

    @property
    def seconds(self) -> float:
        """What the next solve may take, so that the program has time left to report it."""
        return max(_LEAST_S, _SHARE * (self._deadline - time.monotonic()))

    def solve(self, call: Callable[[], T], read: Callable[[T], Solved]) -> T:
        """Calls a solver for the program and keeps what `read` finds in its result."""
        if self.inside:
            return call()
        self._depth += 1
        try:
            result = call()
            solved = read(result)
        finally:
            self._depth -= 1
        self.count += 1
        self.last = solved if solved.has_point else _without_values(solved)
        if solved.has_point:
            self.point = solved
        return result


def _without_values(solved: Solved) -> Solved:
    bare = tuple(variable.model_copy(update={"value": None}) for variable in solved.variables)
    bound = solved.bound if solved.status == "unknown" else None
    return replace(solved, objective=None, bound=bound, variables=bare)


class Patches:
    """Replaces attributes of libraries, and puts back what was there."""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Sets `owner.name`; for a class, on the class itself even where it is inherited."""
        self._before.append((owner, name, vars(owner).get(name, _ABSENT)))
        setattr(owner, name, value)

    def undo(self) -> None:
        """Puts everything back, the last first."""
        while self._before:
            owner, name, value = self._before.pop()
            if value is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, value)


@contextmanager
def patches() -> Iterator[Patches]:
    """Yields patches that are undone at the end."""
    made = Patches()
    try:
        yield made
    finally:
        made.undo()


def finite(value: Any) -> float | None:
    """Returns a number as a float, and None for what is no finite number (1e20 is infinite)."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) < 1e20 else None


def domain(is_integer: bool, lower: float, upper: float) -> Domain:
    """Returns a variable's kind; an integer one within 0 and 1 is binary."""
    if not is_integer:
        return "continuous"
    return "binary" if lower >= 0 and upper <= 1 else "integer"


def summed_up(
    library: UsedLibrary,
    status: Status,
    variables: Sequence[Variable],
    *,
    n_constraints: int,
    objective: Any = None,
    sense: Sense | None = None,
    bound: Any = None,
    loose: tuple[str, ...] = (),
    note: str = "",
    source: Any = None,
    model: Any = None,
) -> Solved:
    """Returns a solve with its variables counted, and as many of them as are kept."""
    return Solved(
        library,
        status,
        objective=finite(objective),
        sense=sense,
        bound=finite(bound),
        variables=tuple(variables[:VARIABLES_KEPT]),
        n_variables=len(variables),
        n_integer=sum(variable.domain != "continuous" for variable in variables),
        n_constraints=n_constraints,
        loose=loose,
        note=note,
        source=source,
        model=model,
    )
