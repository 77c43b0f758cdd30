"""A formulation with its data as a readable CVXPY program that runs on its own.

With loops over sets where every part follows the rules of disciplined convex programming as it
stands; else, for linear and convex quadratic programs, the compiled rows are written out instead.
"""

from __future__ import annotations

from optiwright.formulators.classify import Analyst
from optiwright.formulators.errors import UserError
from optiwright.formulators.instance import Instance, ground
from optiwright.formulators.model import Algebraic, Domain, Formulation, Sense
from optiwright.formulators.nesting import bounded_nesting
from optiwright.formulators.scope import Scope
from optiwright.formulators.source import number_text
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.global_rows import in_rows
from optiwright.solver_tools.loop_dialect import Bounds, Dialect
from optiwright.solver_tools.loop_program import LoopProgram
from optiwright.solver_tools.loop_writer import CvxpyWriter, LoopWriter
from optiwright.solver_tools.problem_class import classify_program
from optiwright.solver_tools.program import ProblemClass
from optiwright.solver_tools.pyomo_facts import Facts
from optiwright.solver_tools.pyomo_layout import statement
from optiwright.solver_tools.row_program import row_program
from optiwright.solver_tools.solution import UNPRESOLVED_COLUMNS
from optiwright.solver_tools.whole_form import with_bounds

_CALLS = {
    ProblemClass.LP: "cp.HIGHS, time_limit=TIME_LIMIT",
    ProblemClass.MIP: "cp.HIGHS, time_limit=TIME_LIMIT, mip_rel_gap=1e-7",
    ProblemClass.QP: "cp.CLARABEL, time_limit=TIME_LIMIT",
    ProblemClass.QCP: "cp.CLARABEL, time_limit=TIME_LIMIT",
    ProblemClass.NLP: "cp.CLARABEL, time_limit=TIME_LIMIT",
    ProblemClass.MIQP: 'cp.SCIP, scip_params={"limits/time": TIME_LIMIT, "limits/gap": 1e-7}',
    ProblemClass.MIQCP: 'cp.SCIP, scip_params={"limits/time": TIME_LIMIT, "limits/gap": 1e-7}',
}
"""The solver that CVXPY is told to use for each class that it has an open one for."""

_FLAT = set(_CALLS) - {ProblemClass.NLP}


@bounded_nesting()
def cvxpy_source(source: Formulation | Instance) -> str:
    """Return a CVXPY program that solves the formulation with its data and prints the answer.

    Raises:
        UserError: if it is not convex by CVXPY's rules, or has integers and is not quadratic.
        FormulationError: if the data do not fit, or something cannot be compiled.
    """
    instance = ground(source) if isinstance(source, Formulation) else source
    program = in_rows(with_bounds(compile_program(instance)))
    found = classify_program(program)
    disciplined = is_disciplined(instance.formulation)
    if found not in _CALLS or not (disciplined or found in _FLAT):
        raise _inexpressible(found)
    whole = found is ProblemClass.MIP and program.columns <= UNPRESOLVED_COLUMNS
    dialect = _Cvxpy(_CALLS[found] + ', presolve="off"' * whole)
    if disciplined:
        return LoopProgram(instance, dialect).text()
    return row_program(instance, program, dialect)


def _inexpressible(found: ProblemClass) -> UserError:
    if found is ProblemClass.MINLP:
        what = "integers with curved functions, for which CVXPY reaches no open solver"
    else:
        what = "not convex by CVXPY's rules as it is written"
    return UserError(
        f"CVXPY cannot express this formulation: it is {what} (class {found.value})",
        where="the objective or a constraint",
        remedy="Write it with Pyomo (`--as pyomo`), which hands it to a solver of its class.",
    )


def is_disciplined(f: Formulation) -> bool:
    """Whether every goal and constraint follows CVXPY's rules as it is written."""
    analyst = Analyst(Scope(f))
    for goal in f.objectives:
        nature = analyst.source(goal.expression)
        if not (nature.convex if goal.sense is Sense.MINIMIZE else nature.concave):
            return False
    if _mixed(f, analyst):
        return False
    return all(
        isinstance(c, Algebraic) and all(rule for _, rule in analyst.relation(c.expression))
        for c in f.constraints
    )


def _mixed(f: Formulation, analyst: Analyst) -> bool:
    """Whether a goal that is added to, or kept as a limit for, others is curved the other way."""
    curved = [not analyst.source(goal.expression).affine for goal in f.objectives]
    return len({goal.sense for goal in f.objectives}) > 1 and any(curved)


class _Cvxpy(Dialect):
    def __init__(self, call: str) -> None:
        self._call = call

    def writer(self, facts: Facts, names: dict[str, str], *, values: bool = False) -> LoopWriter:
        return CvxpyWriter(facts, names, values=values)

    def imports(self) -> list[str]:
        return ["import cvxpy as cp"]

    def opening(self) -> list[str]:
        return ["constraints = []"]

    def helpers(self, used: set[str]) -> list[str]:
        return []

    def variable(self, domain: Domain, bounds: Bounds, label: str) -> str:
        if domain is Domain.BINARY:
            return f"cp.Variable(boolean=True, name={label})"
        parts = ["integer=True"] if domain is Domain.INTEGER else []
        if (bounds.lower, bounds.upper) == ("0", None) and not parts:
            parts = ["nonneg=True"]
        elif bounds.lower is not None or bounds.upper is not None:
            parts.append(f"bounds=[{bounds.lower}, {bounds.upper}]")
        return f"cp.Variable({', '.join([*parts, f'name={label}'])})"

    def sum_of(self, inner: str) -> str:
        return f"cp.Constant(0) + sum({inner})"

    def row(self, relation: str, label: str, indent: str) -> list[str]:
        one = f"{indent}constraints.append({relation})"
        if len(one) <= 96:
            return [one]
        lines = statement(f"{indent}constraints.append", relation)
        if len(lines) == 1:
            return [one]
        head = lines[0].replace("append (", "append(")
        return [head, *(indent + line for line in lines[1:])]

    def solving(self, goals: list[tuple[str, Sense, float]]) -> list[str]:
        if len(goals) == 1:
            name, sense, _ = goals[0]
            goal = f"cp.{sense.value.capitalize()}({name})"
            return [VALUE, _SOLVE.replace("{goal}", goal).replace("{solver}", self._call)]
        listed = ", ".join(f'("{s.value}", {n}, {number_text(t)})' for n, s, t in goals)
        return [VALUE, _SOLVE_LEVELS.replace("{goals}", listed).replace("{solver}", self._call)]


VALUE = '''\
def value(expression):
    """The value of a variable or an expression in the solution."""
    return float(expression.value if isinstance(expression, cp.Expression) else expression)
'''
_SOLVE = '''\
def solve():
    """Returns how it ended and, with a solution, its objective."""
    problem = cp.Problem({goal}, constraints)
    problem.solve(solver={solver})
    found = problem.status in (cp.OPTIMAL, cp.OPTIMAL_INACCURATE)
    return problem.status, problem.value if found else None
'''
_SOLVE_LEVELS = '''\
def solve():
    """Solves for the most important goal first; later ones keep what it reached."""
    kept = list(constraints)
    goals = [{goals}]
    for sense, goal, tolerance in goals:
        wanted = cp.Minimize(goal) if sense == "minimize" else cp.Maximize(goal)
        problem = cp.Problem(wanted, kept)
        problem.solve(solver={solver})
        if problem.status not in (cp.OPTIMAL, cp.OPTIMAL_INACCURATE):
            return problem.status, None
        best, slack = problem.value, tolerance * abs(problem.value) + 1e-9
        kept.append(goal <= best + slack if sense == "minimize" else goal >= best - slack)
    return problem.status, value(goals[0][1])
'''
