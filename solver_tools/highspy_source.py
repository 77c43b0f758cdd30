"""A formulation with its data as a readable highspy program that runs on its own.

With loops over sets where every part is linear as it stands; where alternatives, implications or a
maximum that is wanted large need binaries, the compiled rows are written out instead.
"""

from __future__ import annotations

from optiwright.formulators.errors import UserError
from optiwright.formulators.expressions import Node, walk
from optiwright.formulators.instance import Instance, ground
from optiwright.formulators.model import Algebraic, Domain, Formulation, Sense
from optiwright.formulators.nesting import bounded_nesting
from optiwright.formulators.parser import parse_expression, parse_relation
from optiwright.formulators.source import number_text
from optiwright.solver_tools.compile import compile_program, is_extreme
from optiwright.solver_tools.global_rows import in_rows
from optiwright.solver_tools.loop_dialect import Bounds, Dialect
from optiwright.solver_tools.loop_program import LoopProgram
from optiwright.solver_tools.loop_writer import HighspyWriter, LoopWriter
from optiwright.solver_tools.problem_class import classify_program
from optiwright.solver_tools.program import ProblemClass
from optiwright.solver_tools.pyomo_direction import Directions, sides
from optiwright.solver_tools.pyomo_facts import Facts
from optiwright.solver_tools.pyomo_layout import statement
from optiwright.solver_tools.pyomo_logic import relations
from optiwright.solver_tools.pyomo_rules import statement_call
from optiwright.solver_tools.row_program import row_program
from optiwright.solver_tools.solution import UNPRESOLVED_COLUMNS
from optiwright.solver_tools.whole_form import with_bounds

_LINEAR = {ProblemClass.LP, ProblemClass.MIP}


@bounded_nesting()
def highspy_source(source: Formulation | Instance) -> str:
    """Return a highspy program that solves the formulation with its data and prints the answer.

    Raises:
        UserError: if it is not linear: highspy's expressions are.
        FormulationError: if the data do not fit, or something cannot be compiled.
    """
    instance = ground(source) if isinstance(source, Formulation) else source
    program = in_rows(with_bounds(compile_program(instance)))
    found = classify_program(program)
    if found not in _LINEAR:
        raise UserError(
            f"highspy's expressions are linear, and this formulation is of class {found.value}",
            where="the objective or a constraint",
            remedy="Write it with Pyomo (`--as pyomo`), which hands it to a solver of its class.",
        )
    dialect = _Highspy(small=program.columns <= UNPRESOLVED_COLUMNS)
    if is_loopable(Facts(instance)):
        return LoopProgram(instance, dialect).text()
    return row_program(instance, program, dialect)


def is_loopable(facts: Facts) -> bool:
    """Whether every part is a linear relation that can be written as it stands."""
    directions = Directions(facts)
    f = facts.formulation
    pairs: list[tuple[Node, int]] = [
        (parse_expression(o.expression), 1 if o.sense is Sense.MINIMIZE else -1)
        for o in f.objectives
    ]
    pairs += [(facts.definitions[n], d) for n, d in directions.of_definitions.items()]
    for c in f.constraints:
        if not isinstance(c, Algebraic):
            return False
        pairs += sides(relations(parse_relation(c.expression)))
    return all(facts.is_linear(n) and not _needs_binaries(directions, n, d) for n, d in pairs)


def _needs_binaries(directions: Directions, node: Node, direction: int) -> bool:
    """Whether it has a `min`, `max` or `abs` of variables that inequalities alone do not hold."""
    exact = directions.exact_nodes(node, direction)
    return any(
        id(part) in exact and is_extreme(part) and directions.facts.has_variables(part)
        for part in walk(node)
    )


class _Highspy(Dialect):
    def __init__(self, *, small: bool) -> None:
        self._small = small

    def writer(self, facts: Facts, names: dict[str, str], *, values: bool = False) -> LoopWriter:
        return HighspyWriter(facts, names, values=values)

    def imports(self) -> list[str]:
        return ["import highspy"]

    def opening(self) -> list[str]:
        return [
            "solver = highspy.Highs()",
            "solver.silent()",
            'solver.setOptionValue("time_limit", TIME_LIMIT)',
            'solver.setOptionValue("mip_rel_gap", 1e-7)',
            *(['solver.setOptionValue("presolve", "off")'] if self._small else []),
        ]

    def helpers(self, used: set[str]) -> list[str]:
        return [text for name, text in _HELPERS.items() if name in used]

    def variable(self, domain: Domain, bounds: Bounds, label: str) -> str:
        if domain is Domain.BINARY:
            return f"solver.addBinary(name={label})"
        lower = "-highspy.kHighsInf" if bounds.lower is None else bounds.lower
        parts = [] if lower == "0" else [f"lb={lower}"]
        parts += [] if bounds.upper is None else [f"ub={bounds.upper}"]
        kind = "addIntegral" if domain is Domain.INTEGER else "addVariable"
        return f"solver.{kind}({', '.join([*parts, f'name={label}'])})"

    def sum_of(self, inner: str) -> str:
        return f"solver.qsum({inner})"

    def row(self, relation: str, label: str, indent: str) -> list[str]:
        one = f"{indent}solver.addConstr({relation}, name={label})"
        if len(one) <= 96:
            return [one]
        lines = statement(f"{indent}row =", relation)
        lines = [*lines[:1], *(indent + line for line in lines[1:])]
        return [*lines, *statement_call(f"{indent}solver.addConstr", ["row", f"name={label}"])]

    def solving(self, goals: list[tuple[str, Sense, float]]) -> list[str]:
        if len(goals) == 1:
            name, sense, _ = goals[0]
            return [VALUE, _SOLVE.format(sense=sense.value, goal=name)]
        listed = ", ".join(f'("{s.value}", {n}, {number_text(t)})' for n, s, t in goals)
        return [VALUE, _SOLVE_LEVELS.replace("{goals}", listed)]


VALUE = '''\
def value(expression):
    """The value of a variable or an expression in the solution."""
    return expression if isinstance(expression, (int, float)) else solver.val(expression)
'''
_SOLVE = '''\
def solve():
    """Returns how it ended and, with a solution, its objective."""
    solver.{sense}({goal})
    status = solver.modelStatusToString(solver.getModelStatus()).lower()
    found = solver.getInfo().primal_solution_status == 2 and status != "unbounded"
    return status, solver.getObjectiveValue() if found else None
'''
_SOLVE_LEVELS = '''\
def solve():
    """Solves for the most important goal first; later ones keep what it reached."""
    goals = [{goals}]
    for place, (sense, goal, tolerance) in enumerate(goals):
        (solver.minimize if sense == "minimize" else solver.maximize)(goal)
        status = solver.modelStatusToString(solver.getModelStatus()).lower()
        if status != "optimal":
            return status, None
        best, slack = value(goal), tolerance * abs(value(goal)) + 1e-9
        if place + 1 < len(goals):
            solver.addConstr(goal <= best + slack if sense == "minimize" else goal >= best - slack)
    return status, value(goals[0][1])
'''
_HELPERS = {
    "maximum": '''\
def maximum(arguments):
    """A new variable that is at least every argument.

    The problem wants it small, which makes it the largest of them.
    """
    top = solver.addVariable(lb=-highspy.kHighsInf)
    for argument in arguments:
        solver.addConstr(top >= argument)
    return top
''',
    "minimum": '''\
def minimum(arguments):
    """The smallest of the arguments, as minus the largest of their negatives."""
    return -maximum([-argument for argument in arguments])
''',
    "absolute": '''\
def absolute(argument):
    """The absolute value, as the larger of the argument and its negative."""
    return maximum([argument, -argument])
''',
}
