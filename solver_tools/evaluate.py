"""The independent evaluator: a point held against a formulation, without any compiled model.

Everything is read off the formulation's own text by `Interpreter`; no compiler and no solver is
involved, so that agreement with them is evidence.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.expressions import Number
from optiwright.formulators.model import (
    Algebraic,
    AllDifferent,
    Change,
    Circuit,
    Constraint,
    Cumulative,
    Domain,
    Either,
    Formulation,
    Implication,
    Index,
    Logic,
    NoOverlap,
    Objective,
    Piecewise,
    Table,
    Variable,
)
from optiwright.formulators.nesting import bounded_nesting
from optiwright.formulators.parser import parse_expression, parse_relation
from optiwright.solver_tools.evaluation import AskedValue, Evaluation, Slack, Violation
from optiwright.solver_tools.evaluation_error import EvaluationError, at
from optiwright.solver_tools.interpret import Env, Interpreter
from optiwright.solver_tools.logic import Degree, Judge
from optiwright.solver_tools.schedules import (
    Breach,
    Interval,
    broken_circuit,
    not_allowed,
    overlaps,
    overload,
    repeated,
)
from optiwright.solver_tools.solution import ValueAt


@bounded_nesting()
def evaluate(
    formulation: Formulation,
    values: Mapping[str, Mapping[Index, float]],
    *,
    tables: Mapping[str, Mapping[str, Sequence[Any]]] | None = None,
    changes: Sequence[Change] = (),
    tolerance: float = 1e-6,
) -> Evaluation:
    """Hold a point against every constraint, bound and domain, and value its objectives.

    Args:
        formulation: the model.
        values: each variable's value at each index of its domain, `()` for scalars.
        tables: data tables, name to column to cells.
        changes: new entries of parameters, as a scenario has them.
        tolerance: how much may be broken, relative to the largest magnitude among the terms of a
            constraint (or to 1 if that is less); absolute for integrality.

    Raises:
        UserError: if a variable's value is missing, superfluous or not finite.
        FormulationError: if the sets, the parameters' data or an index clause have no meaning, or
            the objectives' total overflows.
    """
    return _Evaluator(formulation, values, tables, changes, tolerance).run()


class _Evaluator:
    def __init__(
        self,
        formulation: Formulation,
        values: Mapping[str, Mapping[Index, float]],
        tables: Mapping[str, Mapping[str, Sequence[Any]]] | None,
        changes: Sequence[Change],
        tolerance: float,
    ) -> None:
        self.formulation = formulation
        self.values = values
        self.tolerance = tolerance
        self.interpreter = Interpreter(formulation, values, tables=tables, changes=changes)
        self.judge = Judge(formulation, self.interpreter)
        self.violations: list[Violation] = []
        self.slacks: list[Slack] = []
        self.penalty = 0.0

    def run(self) -> Evaluation:
        stray = self.values.keys() - {v.name for v in self.formulation.variables}
        if stray:
            raise UserError(f"the point has values for `{min(stray)}`, which is no variable")
        for variable in self.formulation.variables:
            self.check_values(variable)
            self.check_domain(variable)
        for constraint in self.formulation.constraints:
            for index, env in self.interpreter.scopes(constraint.over):
                self.check_constraint(constraint, index, env)
        objectives = tuple(self.goal(o) for o in self.formulation.objectives)
        levels = self.levels(objectives)
        if not all(map(math.isfinite, (*levels, self.penalty))):
            raise FormulationError(
                "the total of the objectives and penalties overflows",
                where="the objectives",
                remedy="Use smaller weights and penalties.",
            )
        complete = all(o.value is not None for o in objectives)
        return Evaluation(
            feasible=not self.violations and complete,
            objectives=objectives,
            levels=levels,
            penalty=self.penalty,
            violations=tuple(sorted(self.violations, key=_badness)),
            slacks=tuple(self.slacks),
            asked=tuple(self.asked()),
        )

    # --- variables --------------------------------------------------------------------------------

    def check_values(self, variable: Variable) -> None:
        given = self.values.get(variable.name, {})
        domain = self.interpreter.domain(variable.name)
        for index in domain:
            if not math.isfinite(given.get(index, math.nan)):
                raise UserError(f"the point has no finite value for {at(variable.name, index)}")
        for index in given:
            if index not in domain:
                raise UserError(f"{at(variable.name, index)} of the point is outside its domain")

    def check_domain(self, variable: Variable) -> None:
        for index, env in self.interpreter.domain(variable.name).items():
            value = self.values[variable.name][index]
            if variable.domain is Domain.BINARY:
                self.note_domain(variable, index, value, min(1.0, max(0.0, round(value))))
                continue
            if variable.domain is Domain.INTEGER:
                self.note_domain(variable, index, value, round(value))
            if variable.domain is not Domain.SEMICONTINUOUS or abs(value) > self.tolerance:
                self.check_bounds(variable, index, env, value)

    def note_domain(self, variable: Variable, index: Index, value: float, nearest: float) -> None:
        amount = abs(value - nearest)
        if amount > self.tolerance:
            what = f"{at(variable.name, index)} is {value:.9g} but must be {variable.domain.value}"
            self.note("domain", variable.name, index, Degree(amount, 1.0, value, nearest, 0), what)

    def check_bounds(self, variable: Variable, index: Index, env: Env, value: float) -> None:
        for text, word, sign in ((variable.lower, "below", 1), (variable.upper, "above", -1)):
            if text is None:
                continue
            node = parse_expression(text)
            if isinstance(node, Number):
                bound = node.value
            else:
                bound = self.interpreter.quantity(text, env, variable.name, index)
            amount = min(sign * (bound - value), sys.float_info.max)
            if amount <= 0:
                continue
            degree = Degree(amount, max(abs(bound), abs(value)), value, bound, -amount)
            if degree.relative > self.tolerance:
                what = f"{at(variable.name, index)} is {value:.9g}, {word} its bound {bound:.9g}"
                self.note("bound", variable.name, index, degree, what)

    # --- constraints ------------------------------------------------------------------------------

    def check_constraint(self, constraint: Constraint, index: Index, env: Env) -> None:
        try:
            _CHECKERS[type(constraint)](self, constraint, index, env)
        except EvaluationError as error:
            source = constraint.expression if isinstance(constraint, Algebraic | Logic) else ""
            located = error.located(source, constraint.name, index)
            self.violations.append(
                Violation(
                    kind="constraint",
                    name=constraint.name,
                    index=index,
                    amount=None,
                    relative=None,
                    message=f"{at(constraint.name, index)} has no value: {located}",
                )
            )

    def note(self, kind: Any, name: str, index: Index, degree: Degree, message: str) -> None:
        self.violations.append(
            Violation(
                kind=kind,
                name=name,
                index=index,
                amount=degree.amount,
                relative=degree.relative,
                left=degree.left,
                right=degree.right,
                message=message,
            )
        )

    def note_degree(self, constraint: Constraint, index: Index, degree: Degree) -> None:
        if degree.relative > self.tolerance:
            what = (
                f"{at(constraint.name, index)} is broken by {degree.amount:.6g}: "
                f"its sides are {degree.left:.9g} and {degree.right:.9g}"
            )
            self.note("constraint", constraint.name, index, degree, what)

    def note_breach(self, constraint: Constraint, index: Index, breach: Breach) -> None:
        if breach.amount > self.tolerance * max(1.0, abs(breach.left), abs(breach.right)):
            what = f"{at(constraint.name, index)} is broken: {breach.words}"
            scale = max(abs(breach.left), abs(breach.right))
            degree = Degree(breach.amount, scale, breach.left, breach.right, -breach.amount)
            self.note("constraint", constraint.name, index, degree, what)

    def algebraic(self, constraint: Algebraic, index: Index, env: Env) -> None:
        relation = parse_relation(constraint.expression)
        degree = self.judge.relation(relation, env)
        self.slacks.append(
            Slack(
                name=constraint.name,
                index=index,
                slack=degree.slack,
                binding=abs(degree.slack) <= self.tolerance * max(1.0, degree.scale),
                left=degree.left,
                right=degree.right,
            )
        )
        if constraint.penalty is None:
            self.note_degree(constraint, index, degree)
        else:
            price = self.interpreter.quantity(constraint.penalty, env, constraint.name, index)
            # Each link of a chain is a requirement of its own, and has its own price.
            self.penalty += price * sum(link.amount for link in self.judge.links(relation, env))

    def implication(self, constraint: Implication, index: Index, env: Env) -> None:
        condition = parse_expression(constraint.condition)
        off = self.judge.proposition(condition, env, negated=True)
        then = self.judge.relation(parse_relation(constraint.then), env)
        self.note_degree(constraint, index, min(off, then, key=lambda d: d.relative))

    def either(self, constraint: Either, index: Index, env: Env) -> None:
        degrees = [self.judge.relation(parse_relation(o), env) for o in constraint.options]
        ranked = sorted(degrees, key=lambda d: d.relative)
        self.note_degree(constraint, index, ranked[min(constraint.at_least, len(ranked)) - 1])

    def logic(self, constraint: Logic, index: Index, env: Env) -> None:
        node = parse_expression(constraint.expression)
        self.note_degree(constraint, index, self.judge.proposition(node, env))

    def piecewise(self, constraint: Piecewise, index: Index, env: Env) -> None:
        argument, value = (parse_expression(t) for t in (constraint.argument, constraint.value))
        degree = self.judge.piecewise(argument, value, constraint.points, env)
        self.note_degree(constraint, index, degree)

    def all_different(self, constraint: AllDifferent, index: Index, env: Env) -> None:
        taken = {
            inner: self.interpreter.quantity(constraint.each, scope, constraint.name, inner)
            for inner, scope in self.interpreter.scopes(constraint.among, env)
        }
        for breach in repeated(taken):
            self.note_breach(constraint, index, breach)

    def no_overlap(self, constraint: NoOverlap, index: Index, env: Env) -> None:
        for breach in overlaps(self.intervals(constraint, env)):
            self.note_breach(constraint, index, breach)

    def cumulative(self, constraint: Cumulative, index: Index, env: Env) -> None:
        capacity = self.interpreter.quantity(constraint.capacity, env, constraint.name, index)
        breach = overload(self.intervals(constraint, env), capacity, self.tolerance)
        if breach is not None:
            self.note_breach(constraint, index, breach)

    def intervals(self, constraint: NoOverlap | Cumulative, env: Env) -> list[Interval]:
        texts = [constraint.start, constraint.duration]
        if isinstance(constraint, Cumulative):
            texts.append(constraint.demand)
        return [
            Interval(
                inner,
                *(self.interpreter.quantity(t, scope, constraint.name, inner) for t in texts),
            )
            for inner, scope in self.interpreter.scopes(constraint.among, env)
        ]

    def circuit(self, constraint: Circuit, index: Index, env: Env) -> None:
        arcs = {
            inner: self.interpreter.quantity(constraint.arc, scope, constraint.name, inner)
            for inner, scope in self.interpreter.scopes(constraint.among, env)
        }
        if any(len(arc) != 2 for arc in arcs):
            raise EvaluationError("a circuit's arcs need two indices, from and to")
        breach = broken_circuit(arcs)
        if breach is not None:
            self.note_breach(constraint, index, breach)

    def table(self, constraint: Table, index: Index, env: Env) -> None:
        values = [
            self.interpreter.quantity(text, env, constraint.name, index)
            for text in constraint.values
        ]
        allowed = [inner for inner, _ in self.interpreter.scopes(constraint.among, env)]
        rows = [tuple(p for p in row if isinstance(p, int)) for row in allowed]
        if any(len(row) != len(values) for row in rows):
            raise EvaluationError(
                f"a table of {len(values)} values needs as many indices, all of them integers"
            )
        breach = not_allowed(values, rows)
        if breach is not None:
            self.note_breach(constraint, index, breach)

    # --- goals and answers ------------------------------------------------------------------------

    def goal(self, objective: Objective) -> ValueAt:
        try:
            value = self.interpreter.quantity(objective.expression, {}, objective.name, ())
        except EvaluationError as error:
            return ValueAt(name=objective.name, value=None, reason=str(error))
        return ValueAt(name=objective.name, value=value)

    def levels(self, values: Sequence[ValueAt]) -> tuple[float, ...]:
        goals = self.formulation.objectives
        if not goals:
            return (self.penalty,)
        totals: list[float] = []
        for priority in sorted({g.priority for g in goals}, reverse=True):
            level = [(g, v) for g, v in zip(goals, values, strict=True) if g.priority == priority]
            sense = level[0][0].sense
            total = sum(
                (g.weight if g.sense is sense else -g.weight) * (v.value or 0.0) for g, v in level
            )
            if not totals:
                total += self.penalty if sense.value == "minimize" else -self.penalty
            totals.append(total)
        return tuple(totals)

    def asked(self) -> list[AskedValue]:
        found: list[AskedValue] = []
        for asked in self.formulation.asked:
            for index, env in self.interpreter.scopes(asked.over):
                value, reason = None, ""
                try:
                    value = self.interpreter.quantity(asked.expression, env, asked.name, index)
                except FormulationError as error:
                    reason = str(error)
                found.append(
                    AskedValue(
                        name=asked.name, index=index, value=value, unit=asked.unit, reason=reason
                    )
                )
        return found


def _badness(violation: Violation) -> float:
    return -math.inf if violation.relative is None else -violation.relative


_CHECKERS: dict[type, Callable[[_Evaluator, Any, Index, Env], None]] = {
    Algebraic: _Evaluator.algebraic,
    Implication: _Evaluator.implication,
    Either: _Evaluator.either,
    Logic: _Evaluator.logic,
    Piecewise: _Evaluator.piecewise,
    AllDifferent: _Evaluator.all_different,
    NoOverlap: _Evaluator.no_overlap,
    Cumulative: _Evaluator.cumulative,
    Circuit: _Evaluator.circuit,
    Table: _Evaluator.table,
}
