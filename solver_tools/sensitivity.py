"""The surroundings of an answer, exactly: prices of limits with ranges, slacks, reduced costs.

For linear programs, convex quadratic ones at the margin, and the continuous part of mixed-integer
ones with the integers held. `surroundings` is what runs inside the pool's worker.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from optiwright.formulators.addressing import Place, changeable, entries_of
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Change, Entry, Formulation, Index
from optiwright.solver_tools.arithmetic import first_objective, function_values
from optiwright.solver_tools.certify import is_feasible
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.effects import Basis, Effect, Effects, Way
from optiwright.solver_tools.moves import Move, agrees, compiled, move_between, switches
from optiwright.solver_tools.parametric import Parametric, Side
from optiwright.solver_tools.problem_class import classify_program
from optiwright.solver_tools.program import Floats, Kind, ProblemClass, Program
from optiwright.solver_tools.solution import GAP
from optiwright.solver_tools.solve import solve_program
from optiwright.solver_tools.tight import constraint_effects, variable_effects

MOST = 200
"""Entries of parameters, rows and columns, of each that many at most, that are looked at."""

_BASIS = {ProblemClass.LP: Basis.EXACT, ProblemClass.QP: Basis.MARGIN, ProblemClass.MIP: Basis.HELD}

Point = Mapping[str, Mapping[Index, float]]


@dataclass(frozen=True)
class Enters:
    """A parameter's entry, and how it enters the program."""

    place: Place
    move: Move


def surroundings(formulation: Formulation, point: Point, time_limit_s: float = 60) -> Effects:
    """Find out what every limit is worth and how far every price may go.

    Args:
        formulation: any; the exact effects are those of linear and convex quadratic ones, and of
            the continuous part of mixed-integer linear ones.
        point: the plan, each variable's values; where several are best, the ranges of coefficients
            are this one's.
        time_limit_s: what is not reached in that time is left unknown.

    Returns:
        The exact effects, none for other classes and with several levels of priority; and for all
        which parameters stand in limits.
    """
    deadline = time.monotonic() + time_limit_s
    program = compile_program(ground(formulation))
    entries = entering(formulation, program)
    x = _plan(program, point)
    if x is None:
        return entries.rest(program, None)
    known = entries.rest(program, x)
    basis = _BASIS.get(classify_program(program))
    if (
        program.globals
        or basis is None
        or program.objectives.count != 1
        or not formulation.objectives
    ):
        return known
    if basis is Basis.HELD:
        program = _held(program, x)
        if bool(np.all(program.lower == program.upper)):
            return known
    lines = Lines(Parametric(program, x, deadline))
    found = [
        *_of_parameters(formulation, program, x, lines, entries.moves, basis),
        *constraint_effects(formulation, program, x, lines.sides, basis, MOST),
    ]
    if basis is not Basis.HELD:
        found += variable_effects(program, x, lines.sides, lines.base, basis, MOST)
    unseen = max(0, len(program.row_lower) - MOST) + max(0, program.columns - MOST)
    return known.model_copy(update={"effects": tuple(found), "left_out": known.left_out + unseen})


class Lines:
    """Prices along moves; what was asked before is known."""

    def __init__(self, base: Parametric) -> None:
        self.base = base
        self._known: dict[bytes, Side] = {}

    def sides(self, move: Move) -> tuple[Way, Way]:
        """Return what one more and what one less does."""
        return _way(self._along(move), 1.0), _way(self._along(move.backwards()), -1.0)

    def _along(self, move: Move) -> Side:
        if move.key not in self._known:
            self._known[move.key] = self.base.along(move)
        return self._known[move.key]


@dataclass(frozen=True)
class Entries:
    """How the parameters' entries enter a program."""

    moves: list[Enters]
    """Those that enter limits or costs by addition."""
    switched: list[Place]
    """Those that limit what a binary switches on, as in `ship <= capacity * open`."""
    inside: tuple[str, ...]
    """Parameters that enter in another way."""
    left_out: int
    """Entries that were not looked at."""

    def rest(self, program: Program, x: Floats | None) -> Effects:
        """Return what is known without any price: the limits, the tightest first."""
        limits = [(_room(program, x, e.move), e.place) for e in self.moves if e.move.of_limits]
        limits += [(0.0, place) for place in self.switched]
        limits.sort(key=lambda pair: pair[0])
        return Effects(
            left_out=self.left_out,
            limits=tuple((place.parameter.name, place.index) for _, place in limits),
            inside=self.inside,
        )


def entering(formulation: Formulation, program: Program) -> Entries:
    """Return how the parameters' entries enter the program.

    An entry is compiled at an eighth more and an eighth less of its value, and is taken to enter by
    addition if both give the same direction.
    """
    moves: list[Enters] = []
    switched: list[Place] = []
    inside: list[str] = []
    # Limits are mostly the smaller tables.
    wholes = sorted(changeable(formulation), key=lambda place: len(place.values))
    places = [entry for place in wholes for entry in entries_of(place)]
    for place in places[:MOST]:
        step = abs(place.value) / 8 or 1.0
        more = compiled(formulation, [_to(place, step)])
        move = move_between(program, more, step)
        if move is None and more is not None and switches(program, more):
            switched.append(place)
        elif move is None or not agrees(
            program, move, -step, compiled(formulation, [_to(place, -step)])
        ):
            inside.append(place.parameter.name)
        elif move.of_limits or move.of_costs:
            moves.append(Enters(place, move))
    return Entries(moves, switched, tuple(dict.fromkeys(inside)), max(0, len(places) - MOST))


def _room(program: Program, x: Floats | None, move: Move) -> float:
    """Return how far the nearest of the limits that a move changes is from being reached."""
    if x is None:
        return 0.0
    values = function_values(program.rows, x)
    rows = (move.row_lower != 0.0) | (move.row_upper != 0.0)
    columns = (move.lower != 0.0) | (move.upper != 0.0)
    gaps = [
        np.minimum(values - program.row_lower, program.row_upper - values)[rows],
        np.minimum(x - program.lower, program.upper - x)[columns],
    ]
    return float(np.abs(np.concatenate(gaps)).min(initial=np.inf))


def _to(place: Place, step: float) -> Change:
    entry = Entry(index=place.index, value=place.value + step)
    return Change(parameter=place.parameter.name, entries=(entry,))


def _of_parameters(
    formulation: Formulation,
    program: Program,
    x: Floats,
    lines: Lines,
    moves: list[Enters],
    basis: Basis,
) -> Iterator[Effect]:
    for entry in moves:
        move = _within(program, entry.move) if basis is Basis.HELD else entry.move
        if move.of_limits and not move.of_costs:
            up, down = lines.sides(move)
            yield Effect(
                kind="limit",
                name=entry.place.parameter.name,
                index=entry.place.index,
                value=entry.place.value,
                up=_checked(formulation, program, entry, up, 1.0, basis),
                down=_checked(formulation, program, entry, down, -1.0, basis),
                basis=basis,
                places=touched(program, entry.move),
            )
        elif move.of_costs and not move.of_limits and basis is Basis.EXACT:
            yield _coefficient(entry, move, x, lines.base)


def _coefficient(entry: Enters, move: Move, x: Floats, base: Parametric) -> Effect:
    """Return how far a number of the objective may go with the plan still best."""
    rate = float(move.cost @ x) + move.offset
    ways = []
    for one in (move, move.backwards()):
        reach = base.stays_best(one)
        if reach is None:
            ways.append(Way(note="not found"))
        else:
            held = reach > 1e-9 * max(1.0, abs(entry.place.value))
            ways.append(Way(rate=rate if held else None, reach=_open(reach if held else 0.0)))
    place = entry.place
    return Effect(
        kind="coefficient",
        name=place.parameter.name,
        index=place.index,
        value=place.value,
        up=ways[0],
        down=ways[1],
    )


def touched(program: Program, move: Move) -> tuple[tuple[str, Index], ...]:
    """Return the constraints whose limits a move changes, and the variables whose bounds."""
    rows = (move.row_lower != 0.0) | (move.row_upper != 0.0)
    columns = (move.lower != 0.0) | (move.upper != 0.0)
    pairs = [(program.row_labels(), rows), (program.column_labels(), columns)]
    names = [label for labels, hit in pairs for label, on in zip(labels, hit, strict=True) if on]
    return tuple(dict.fromkeys(name for name in names if not name[0].startswith("_")))


def _checked(
    formulation: Formulation, program: Program, entry: Enters, way: Way, sign: float, basis: Basis
) -> Way:
    """Return the way, without its range if the number enters otherwise further out.

    Its expression may have a condition on it or a function of it, such as `max(capacity, 5)`.
    """
    if way.rate is None or basis is not Basis.EXACT:
        return way
    far = way.reach if way.reach is not None else 10 * max(1.0, abs(entry.place.value))
    for share in (0.5, 1.0):
        amount = sign * share * far
        if not agrees(
            program, entry.move, amount, compiled(formulation, [_to(entry.place, amount)])
        ):
            return way.model_copy(update={"reach": 0.0, "end": None, "note": "near its value only"})
    return way


def _way(side: Side, sign: float) -> Way:
    if side.rate is None:
        possible = side.reach is None
        return Way(possible=possible, note="not found" if possible else "", reach=0.0)
    return Way(
        rate=float(f"{sign * side.rate:.12g}") + 0.0, reach=_open(side.reach), end=_open(side.end)
    )


def _open(value: float | None) -> float | None:
    """Return a length without the last digits' noise, None without an end."""
    return None if value is None or not np.isfinite(value) else float(f"{value:.12g}")


def _plan(program: Program, point: Point) -> Floats | None:
    """Return the plan in the program's columns; another best one where it is not one."""
    own = np.zeros(program.columns, dtype=np.bool_)
    x = np.zeros(program.columns)
    for block in program.column_blocks:
        own[block.start : block.stop] = block.auxiliary
        if not block.auxiliary:
            values = point.get(block.name, {})
            x[block.start : block.stop] = [values.get(index, np.nan) for index in block.indices]
    if np.isnan(x).any():
        return None
    best = solve_program(program)
    if best.x is None or best.objective is None:
        return None
    if own.any():
        lower, upper = np.where(own, program.lower, x), np.where(own, program.upper, x)
        filled = solve_program(replace(program, lower=lower, upper=upper))
        x = best.x if filled.x is None else filled.x
    value = float(function_values(first_objective(program), x)[0])
    close = abs(value - best.objective) <= GAP * max(1.0, abs(value))
    return x if close and is_feasible(program, x) else best.x


def _held(program: Program, x: Floats) -> Program:
    """Return the program with the integers, and what is switched off, at their values."""
    whole = program.kind == Kind.INTEGER
    off = (program.kind == Kind.SEMICONTINUOUS) & (np.abs(x) < 1e-9)
    return replace(
        program,
        lower=np.where(whole, np.round(x), np.where(off, 0.0, program.lower)),
        upper=np.where(whole, np.round(x), np.where(off, 0.0, program.upper)),
        kind=np.full_like(program.kind, Kind.CONTINUOUS),
    )


def _within(program: Program, move: Move) -> Move:
    """Return the move without what it does to columns that are held."""
    held = program.lower == program.upper
    lower, upper = np.where(held, 0.0, move.lower), np.where(held, 0.0, move.upper)
    return replace(move, lower=lower, upper=upper)
