"""A program in whole numbers as a model of CP-SAT."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ortools.sat.python import cp_model

from optiwright.solver_tools.whole_form import Linear, WholeProgram

if TYPE_CHECKING:
    from optiwright.solver_tools.program import Global, Program

_LEAST, _MOST = -(2**62), 2**62


def build(program: Program, whole: WholeProgram) -> tuple[Any, list[Any]]:
    """Return a `CpModel` and its variable of each column."""
    builder = _Builder(whole)
    for row in whole.rows:
        lower = _LEAST if row.lower is None else max(row.lower, _LEAST)
        upper = _MOST if row.upper is None else min(row.upper, _MOST)
        builder.model.add_linear_constraint(builder.sum(row.body), lower, upper)
    for part in whole.globals:
        builder.add(program.globals[part.position], part.parts)
    if whole.objective.columns:
        goal = builder.sum(whole.objective)
        (builder.model.minimize if program.minimize[0] else builder.model.maximize)(goal)
    return builder.model, builder.variables


class _Builder:
    def __init__(self, whole: WholeProgram) -> None:
        self.model = cp_model.CpModel()
        self.whole = whole
        self.variables: list[Any] = [
            self.model.new_int_var(low, high, "") if low <= high else self._impossible()
            for low, high in zip(whole.lower, whole.upper, strict=True)
        ]

    def _impossible(self) -> Any:
        self.model.add_bool_or([])
        return self.model.new_constant(0)

    def sum(self, body: Linear) -> Any:
        chosen = [self.variables[j] for j in body.columns]
        return cp_model.LinearExpr.weighted_sum(chosen, list(body.factors)) + body.constant

    def ends(self, body: Linear) -> tuple[int, int]:
        """Returns the least and greatest value of a sum within the columns' bounds."""
        low = high = body.constant
        for j, factor in zip(body.columns, body.factors, strict=True):
            ends = factor * self.whole.lower[j], factor * self.whole.upper[j]
            low, high = low + min(ends), high + max(ends)
        return low, high

    def plain(self, body: Linear) -> Any:
        """Returns a sum as CP-SAT takes it inside of other constraints: of one variable at most."""
        if len(body.columns) <= 1:
            return self.sum(body)
        variable = self.model.new_int_var(*self.ends(body), "")
        self.model.add(variable == self.sum(body))
        return variable

    def literal(self, body: Linear) -> Any:
        """Returns a sum that is 0 or 1 as a literal."""
        if len(body.columns) == 1:
            j = body.columns[0]
            bit = self.variables[j]
            binary = self.whole.lower[j] >= 0 and self.whole.upper[j] <= 1
            if binary and (body.factors[0], body.constant) == (1, 0):
                return bit
            if binary and (body.factors[0], body.constant) == (-1, 1):
                return bit.negated()
        literal = self.model.new_bool_var("")
        self.model.add(literal == self.sum(body))
        return literal

    def add(self, constraint: Global, parts: tuple[tuple[Linear, ...], ...]) -> None:
        match constraint.kind:
            case "all_different":
                self.model.add_all_different([self.plain(body) for body in parts[0]])
            case "no_overlap":
                intervals = map(self.interval, parts[0], parts[1])
                self.model.add_no_overlap([each for each in intervals if each is not None])
            case "cumulative":
                self.cumulative(parts)
            case "circuit":
                self.circuit(constraint, parts[0])
            case "table":
                columns = [self.plain(body) for body in parts[0]]
                self.model.add_allowed_assignments(columns, constraint.allowed.tolist())

    def interval(self, start: Linear, duration: Linear) -> Any:
        """Returns an interval, there where it has a length; None where it never has one."""
        low, high = self.ends(duration)
        if high <= 0:
            return None
        begin = self.plain(start)
        if low == high:
            return self.model.new_fixed_size_interval_var(begin, low, "")
        if low > 0:
            size = self.plain(duration)
            return self.model.new_interval_var(begin, size, self.end(start, duration), "")
        present, size = self.presence(duration, high)
        end = self.model.new_int_var(self.ends(start)[0] + 1, self.ends(start)[1] + high, "")
        return self.model.new_optional_interval_var(begin, size, end, present, "")

    def end(self, start: Linear, duration: Linear) -> Any:
        low, high = (a + b for a, b in zip(self.ends(start), self.ends(duration), strict=True))
        return self.model.new_int_var(low, high, "")

    def presence(self, duration: Linear, high: int) -> tuple[Any, Any]:
        """Returns a literal that is true where there is a length, and the length there."""
        if len(duration.columns) == 1 and duration.constant == 0:
            j = duration.columns[0]
            if (self.whole.lower[j], self.whole.upper[j]) == (0, 1):
                return self.variables[j], high
        present = self.model.new_bool_var("")
        size = self.model.new_int_var(1, high, "")
        self.model.add(self.sum(duration) == size).only_enforce_if(present)
        self.model.add(self.sum(duration) <= 0).only_enforce_if(present.negated())
        return present, size

    def cumulative(self, parts: tuple[tuple[Linear, ...], ...]) -> None:
        starts, durations, demands, capacity = parts
        kept = [
            (interval, self.plain(demand))
            for start, duration, demand in zip(starts, durations, demands, strict=True)
            if (interval := self.interval(start, duration)) is not None
        ]
        limit = self.plain(capacity[0])
        if self.ends(capacity[0])[0] < 0:
            # Below zero nothing may run; CP-SAT's own meaning of that is another one.
            self.model.add(limit >= 0)
        self.model.add_cumulative([i for i, _ in kept], [d for _, d in kept], limit)

    def circuit(self, constraint: Global, arcs: tuple[Linear, ...]) -> None:
        ends = constraint.allowed.tolist()
        nodes = 1 + max((max(pair) for pair in ends), default=-1)
        kept = []
        for (tail, head), body in zip(ends, arcs, strict=True):
            literal = self.literal(body)
            if tail != head:
                kept.append((tail, head, literal))
            else:
                # An arc back to its node would let CP-SAT leave the node out.
                self.model.add(literal == (1 if nodes == 1 else 0))
        entered, left = {h for _, h, _ in kept}, {t for t, _, _ in kept}
        if nodes > 1 and len(entered & left) < nodes:
            self.model.add_bool_or([])  # a node without arcs is no part of CP-SAT's circuit
        elif nodes > 1:
            self.model.add_circuit(kept)
