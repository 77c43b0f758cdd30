"""From a formulation with its data to a program: arrays that every solver's back end reads.

Expressions are worked out for all indices at once (`compile_terms`); `min`, `max`, `abs` and the
logical kinds of constraint bring columns and rows of their own, whose names start with "_". The
constraint-programming kinds stay what they are, beside the rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Call, Generator, Node, Reduction, names_in, walk
from optiwright.formulators.frames import Frame
from optiwright.formulators.grounding import Clause
from optiwright.formulators.instance import Instance
from optiwright.formulators.model import (
    Algebraic,
    AllDifferent,
    Circuit,
    Constraint,
    Cumulative,
    Domain,
    Either,
    Implication,
    Logic,
    NoOverlap,
    Objective,
    Piecewise,
    Sense,
    Table,
    Variable,
)
from optiwright.formulators.nesting import bounded_nesting
from optiwright.formulators.parser import parse_expression
from optiwright.solver_tools.batches import add, is_finite, scale, stack
from optiwright.solver_tools.builder import Builder
from optiwright.solver_tools.compile_globals import add_globals
from optiwright.solver_tools.compile_logic import either, implication, logic
from optiwright.solver_tools.compile_piecewise import Curve, add_curves, curve
from optiwright.solver_tools.compile_relations import algebraic
from optiwright.solver_tools.compile_terms import Context, Terms, decision_names
from optiwright.solver_tools.pressure import Pressure
from optiwright.solver_tools.program import Floats, Functions, Kind, Program, functions
from optiwright.solver_tools.whole_form import refuse_open_ended


# What overflows is found and refused by name.
@np.errstate(over="ignore", invalid="ignore")
@bounded_nesting()
def compile_program(instance: Instance, *, reach: float | None = None) -> Program:
    """Return the program of a grounded formulation.

    Args:
        instance: the formulation with its data.
        reach: how far variables may go before a big-M row holds them, whatever their bounds;
            None for what bounds and rows imply. With it a bound or a row can be left away later
            without living on in the big-M of another.

    Raises:
        FormulationError: naming the constraint, and the index where it matters, that cannot be
            compiled: a variable where only data can stand, a bound that is missing, a strict
            inequality of continuous values, a kind of constraint without a compiler.
    """
    _refuse_own_names(instance)
    builder = Builder(reach)
    starts = {v.name: _add_variable(instance, builder, v) for v in instance.formulation.variables}
    context = Context(instance, builder, starts, decision_names(instance))
    penalties: list[Functions] = []
    curves: list[Curve] = []
    # What needs bounds comes last, so that the other rows can supply them.
    ranked = sorted(
        enumerate(instance.formulation.constraints),
        key=lambda pair: _needs_bounds(instance, pair[1]),
    )
    for builder.rank, constraint in ranked:
        clause = instance.clause(f"constraint `{constraint.name}`", constraint.over)
        if isinstance(constraint, Piecewise):
            curves.append(curve(context, constraint, clause))
        else:
            penalties += _add_constraint(context, constraint, clause)
    builder.rank = len(ranked)
    goals = _objectives(context, penalties)
    if curves:
        sides = [side for each in curves for side in (each.argument, each.value)]
        add_curves(context, curves, Pressure(builder.finish(*goals), stack(sides)))
    program = builder.finish(*goals)
    if program.globals:
        refuse_open_ended(program)
    return program


def _refuse_own_names(instance: Instance) -> None:
    f = instance.formulation
    for kind, parts in (("variable", f.variables), ("constraint", f.constraints)):
        for part in parts:
            if part.name.startswith("_"):
                raise FormulationError(
                    "a name that starts with an underscore is the compiler's own",
                    where=f"{kind} `{part.name}`",
                    remedy="Rename it.",
                )


def _add_variable(instance: Instance, builder: Builder, variable: Variable) -> int:
    clause = instance.clause_of(variable.name)
    title = f"variable `{variable.name}`"
    start = builder.columns
    if variable.domain is Domain.BINARY:
        builder.add_columns(variable.name, clause.domain.indices, 0.0, 1.0, Kind.INTEGER)
        return start
    lower = _bound(instance, title, variable.lower, clause.frame, -np.inf)
    upper = _bound(instance, title, variable.upper, clause.frame, np.inf)
    kind = {
        Domain.CONTINUOUS: Kind.CONTINUOUS,
        Domain.INTEGER: Kind.INTEGER,
        Domain.SEMICONTINUOUS: Kind.SEMICONTINUOUS,
    }[variable.domain]
    if kind is Kind.SEMICONTINUOUS and (variable.lower is None or variable.upper is None):
        raise FormulationError(
            "a semicontinuous variable needs both bounds",
            where=title,
            remedy="Give the least and the greatest value that it takes when it is not zero.",
        )
    builder.add_columns(variable.name, clause.domain.indices, lower, upper, kind)
    return start


def _bound(
    instance: Instance, title: str, source: str | None, frame: Frame, missing: float
) -> Floats:
    if source is None:
        return np.asarray(missing)
    return instance.evaluator(title, source).number(parse_expression(source), frame)


def _needs_bounds(instance: Instance, constraint: Constraint) -> bool:
    if not isinstance(constraint, Algebraic):
        return True
    definitions = {d.name: d.expression for d in instance.formulation.definitions}
    waiting, seen = [constraint.expression], set[str]()
    while waiting:
        node = parse_expression(waiting.pop())
        if any(is_extreme(part) for part in walk(node)):
            return True
        used = (names_in(node) & definitions.keys()) - seen
        seen |= used
        waiting += [definitions[name] for name in used]
    return False


def is_extreme(node: Node | Generator) -> bool:
    """Return whether a node is a `min`, `max` or `abs`."""
    if isinstance(node, Call):
        return node.function in {"min", "max", "abs"}
    return isinstance(node, Reduction) and node.op in {"min", "max"}


def _add_constraint(
    context: Context, constraint: Constraint, clause: Clause
) -> Sequence[Functions]:
    """Add a constraint's rows; return the penalties that it puts on the objective."""
    match constraint:
        case Algebraic():
            return algebraic(context, constraint, clause)
        case Implication():
            implication(context, constraint, clause)
        case Either():
            either(context, constraint, clause)
        case Logic():
            logic(context, constraint, clause)
        case AllDifferent() | NoOverlap() | Cumulative() | Circuit() | Table():
            add_globals(context, constraint, clause)
    return []


def _objectives(
    context: Context, penalties: Sequence[Functions]
) -> tuple[Functions, tuple[bool, ...], tuple[float, ...]]:
    """Return the levels' functions, whether each is minimised, and their tolerances."""
    goals = context.instance.formulation.objectives
    levels = sorted({goal.priority for goal in goals}, reverse=True)
    groups = [[goal for goal in goals if goal.priority == level] for level in levels]
    minimize = tuple(group[0].sense is Sense.MINIMIZE for group in groups) or (True,)
    totals = [_total(context, group) for group in groups] or [functions(1)]
    sign = 1.0 if minimize[0] else -1.0
    totals[0] = add([totals[0], *(scale(penalty, sign) for penalty in penalties)])
    tolerances = tuple(min(o.tolerance for o in group) for group in groups)
    functions_of_levels = stack(totals)
    if not is_finite(functions_of_levels):
        raise FormulationError(
            "the total of the objectives and penalties overflows",
            where="the objectives",
            remedy="Use smaller weights and penalties.",
        )
    return functions_of_levels, minimize, tolerances or (0.0,)


def _total(context: Context, group: Sequence[Objective]) -> Functions:
    """Return the weighted sum of the goals of one priority, in the first one's sense."""
    parts = []
    for goal in group:
        terms = Terms(context, goal.name, f"objective `{goal.name}`", goal.expression)
        factor = goal.weight if goal.sense is group[0].sense else -goal.weight
        direction = 1 if goal.sense is Sense.MINIMIZE else -1
        node = parse_expression(goal.expression)
        parts.append(scale(terms.expand(node, Frame(1), direction), factor))
    return add(parts)
