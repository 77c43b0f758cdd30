"""The bounded simplex method over the rationals, from a basis that a solver ended with.

The variables are the n columns and the m rows' activities, tied by `rows x - activity = 0`. Where
the basis is right no pivot is made and all that is done is to solve for its point and its duals;
else Bland's rule (Mathematics of Operations Research 2, 1977) ends without cycling. While bounds
are broken the sum of the breaches is minimised. Nothing found here is trusted: `exact_checks` sees
to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from optiwright.solver_tools.exact_linear import check_clock, solve_exactly
from optiwright.solver_tools.rational import ExactProgram, Limit

_ZERO = Fraction(0)


class At(StrEnum):
    """Where a variable stands in a basis."""

    BASIC = "basic"
    LOWER = "lower"
    UPPER = "upper"
    ZERO = "zero"
    """Not basic, without bounds."""


class Ending(StrEnum):
    """How the method ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    SINGULAR = "singular"
    """The basis does not determine a point."""
    CAPPED = "capped"
    """The pivots allowed did not suffice."""


@dataclass(frozen=True)
class Found:
    """What the method ended with; signs are those of the minimised objective."""

    ending: Ending
    pivots: int
    x: tuple[Fraction, ...] = ()
    """Shape (n,)."""
    multipliers: tuple[Fraction, ...] = ()
    """Of the rows, shape (m,): duals at an optimum, a contradiction's weights if infeasible."""
    ray: tuple[Fraction, ...] = ()
    """Shape (n,), where the objective is unbounded."""


def start_at_rows(program: ExactProgram) -> list[At]:
    """Return the basis of the rows' activities, every column at a bound."""
    columns = [_rest(lo, up) for lo, up in zip(program.lower, program.upper, strict=True)]
    return columns + [At.BASIC] * len(program.rows)


def pivot_to_the_end(
    program: ExactProgram, basis: Sequence[At], *, most_pivots: int, deadline: float
) -> Found:
    """Go on from a basis until the program is solved.

    Args:
        program: n columns, m rows.
        basis: where each of the n + m variables stands; m of them basic.
        most_pivots: how many changes of the basis are allowed.
        deadline: on the clock of `time.monotonic`.

    Raises:
        OutOfTime: if the deadline passes first.
    """
    table = _Table(program, list(basis), deadline)
    for pivots in range(most_pivots + 1):
        if table.moved_in and not table.place():
            return Found(Ending.SINGULAR, pivots)
        breach = table.breaches()
        duals = table.duals(breach or table.costs)
        if duals is None:
            return Found(Ending.SINGULAR, pivots)
        multipliers, reduced = duals
        entering = table.entering(reduced)
        x = tuple(table.z[: table.n])
        if entering is None:
            ending = Ending.INFEASIBLE if breach else Ending.OPTIMAL
            return Found(ending, pivots, x, multipliers)
        at, sign = entering
        moves = table.moves(at, sign)
        if not table.step(at, sign, moves, breach):
            ray = tuple(moves.get(j, _ZERO) for j in range(table.n))
            return Found(Ending.UNBOUNDED, pivots, x, multipliers, ray)
    return Found(Ending.CAPPED, most_pivots)


def _rest(lower: Limit, upper: Limit) -> At:
    if lower is not None:
        return At.LOWER
    return At.UPPER if upper is not None else At.ZERO


@dataclass
class _Table:
    """A basis with its point; variables are the columns 0..n-1, then the activities n..n+m-1."""

    program: ExactProgram
    basis: list[At]
    deadline: float
    z: list[Fraction] = field(default_factory=list)
    moved_in: bool = True
    """Whether the point is yet to be worked out from the basis."""

    def __post_init__(self) -> None:
        program = self.program
        self.n, self.m = len(program.cost), len(program.rows)
        self.lower = [*program.lower, *program.row_lower]
        self.upper = [*program.upper, *program.row_upper]
        sign = 1 if program.minimize else -1
        self.costs = {j: sign * c for j, c in enumerate(program.cost) if c}
        self.entries: list[dict[int, Fraction]] = [{} for _ in range(self.n)]
        for i, row in enumerate(program.rows):
            for j, a in row.items():
                self.entries[j][i] = a
        for j, at in enumerate(self.basis):
            limit = {At.LOWER: self.lower, At.UPPER: self.upper}.get(at)
            if limit is not None and limit[j] is None:
                self.basis[j] = _rest(self.lower[j], self.upper[j])

    # --- the systems that a basis stands for ------------------------------------------------------

    def _kernel(self) -> tuple[list[int], list[int]]:
        """Returns the rows whose activity is not basic, and the basic columns."""
        rows = [i for i in range(self.m) if self.basis[self.n + i] is not At.BASIC]
        return rows, [j for j in range(self.n) if self.basis[j] is At.BASIC]

    def _solve_columns(self, right: dict[int, Fraction]) -> dict[int, Fraction] | None:
        """Returns the basic columns' values w with kernel w = right; None if singular."""
        rows, columns = self._kernel()
        place = {j: k for k, j in enumerate(columns)}
        if len(rows) != len(columns):
            return None
        system = [
            {place[j]: a for j, a in self.program.rows[i].items() if j in place} for i in rows
        ]
        found = solve_exactly(system, [right.get(i, _ZERO) for i in rows], self.deadline)
        return None if found is None else dict(zip(columns, found, strict=True))

    def place(self) -> bool:
        """Works the point out from the basis; tells whether the basis determines one."""
        n, sides = self.n, {At.LOWER: self.lower, At.UPPER: self.upper}
        z = [_ZERO] * (n + self.m)
        for j, at in enumerate(self.basis):
            if at in sides:
                value = sides[at][j]
                assert value is not None
                z[j] = value
        right = {}
        for i in self._kernel()[0]:
            right[i] = z[n + i] - sum((a * z[j] for j, a in self.program.rows[i].items()), _ZERO)
        found = self._solve_columns(right)
        if found is None:
            return False
        for j, value in found.items():
            z[j] = value
        x = tuple(z[:n])
        for i in range(self.m):
            if self.basis[n + i] is At.BASIC:
                z[n + i] = self.program.activity(i, x)
        self.z, self.moved_in = z, False
        return True

    def breaches(self) -> dict[int, Fraction]:
        """Returns a cost of -1 for each basic variable below its bound, 1 for each above."""
        return {
            j: Fraction(side)
            for j, at in enumerate(self.basis)
            if at is At.BASIC and (side := self._side(j))
        }

    def _side(self, j: int) -> int:
        low, high = self.lower[j], self.upper[j]
        if low is not None and self.z[j] < low:
            return -1
        return 1 if high is not None and self.z[j] > high else 0

    def duals(
        self, costs: dict[int, Fraction]
    ) -> tuple[tuple[Fraction, ...], list[Fraction]] | None:
        """Returns the rows' multipliers and all variables' reduced costs; None if singular."""
        n = self.n
        y = [_ZERO] * self.m
        for i in range(self.m):
            if self.basis[n + i] is At.BASIC:
                y[i] = -costs.get(n + i, _ZERO)
        rows, columns = self._kernel()
        if len(rows) != len(columns):
            return None
        place = {i: k for k, i in enumerate(rows)}
        system, right = [], []
        for j in columns:
            entries = self.entries[j]
            system.append({place[i]: a for i, a in entries.items() if i in place})
            known = sum((a * y[i] for i, a in entries.items() if i not in place), _ZERO)
            right.append(costs.get(j, _ZERO) - known)
        found = solve_exactly(system, right, self.deadline)
        if found is None:
            return None
        for i, value in zip(rows, found, strict=True):
            y[i] = value
        reduced = [
            costs.get(j, _ZERO) - sum((a * y[i] for i, a in self.entries[j].items()), _ZERO)
            for j in range(n)
        ]
        reduced += [costs.get(n + i, _ZERO) + y[i] for i in range(self.m)]
        return tuple(y), reduced

    # --- one pivot --------------------------------------------------------------------------------

    def entering(self, reduced: list[Fraction]) -> tuple[int, int] | None:
        """Returns the first variable whose move improves, and its direction; None at the end."""
        for j, at in enumerate(self.basis):
            fixed = self.lower[j] is not None and self.lower[j] == self.upper[j]
            if at is At.BASIC or fixed or not reduced[j]:
                continue
            up = reduced[j] < 0
            if at is At.ZERO or (at is At.LOWER) == up:
                return j, 1 if up else -1
        return None

    def moves(self, at: int, sign: int) -> dict[int, Fraction]:
        """Returns how fast every variable moves when one that is not basic does."""
        n, step = self.n, Fraction(sign)
        moves = {at: step}
        entries = self.entries[at] if at < n else {at - n: Fraction(-1)}
        moves |= self._solve_columns({i: -step * a for i, a in entries.items()}) or {}
        for i, row in enumerate(self.program.rows):
            if self.basis[n + i] is At.BASIC:
                moves[n + i] = sum((a * moves[j] for j, a in row.items() if j in moves), _ZERO)
        return {j: rate for j, rate in moves.items() if rate}

    def step(
        self, at: int, sign: int, moves: dict[int, Fraction], breach: dict[int, Fraction]
    ) -> bool:
        """Moves as far as the bounds allow and changes the basis; False if nothing stops it."""
        check_clock(self.deadline)
        low, high = self.lower[at], self.upper[at]
        # A move from bound to bound changes no basis; of equal lengths the first variable blocks.
        best = (high - low, at) if low is not None and high is not None else None
        for j, rate in moves.items():
            stop = self._stop(j, rate, breach.get(j)) if j != at else None
            if stop is None:
                continue
            length = (stop - self.z[j]) / rate
            if best is None or (length, j) < best:
                best = (length, j)
        if best is None:
            return False
        length, leaving = best
        if leaving == at:
            self.basis[at] = At.UPPER if sign > 0 else At.LOWER
        else:
            reached = self.z[leaving] + length * moves[leaving]
            self.basis[leaving] = At.LOWER if reached == self.lower[leaving] else At.UPPER
            self.basis[at] = At.BASIC
        for j, rate in moves.items():
            self.z[j] += length * rate
        return True

    def _stop(self, j: int, rate: Fraction, breach: Fraction | None) -> Limit:
        """Returns the value at which a basic variable has to stop; a broken bound is one too."""
        if breach is None:
            return self.upper[j] if rate > 0 else self.lower[j]
        if breach < 0:
            return self.lower[j] if rate > 0 else None
        return self.upper[j] if rate < 0 else None
