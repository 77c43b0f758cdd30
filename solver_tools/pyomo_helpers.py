"""The parts of a Pyomo program that are the same in all: helper functions, solving, reporting."""

from __future__ import annotations

RELATION = '''\
def relation(m, comparison):
    """A comparison in which no variable is left, as one over a variable that is zero."""
    if comparison is True or comparison is False:
        return m.nothing >= (0 if comparison else 1)
    return comparison
'''

MAXIMUM = '''\
def maximum(m, arguments{exact}):
    """A new variable that is at least every argument.

    {doc}
    """
    arguments = list(arguments)
    top = m.tops.add()
    m.maxima.append((top, arguments))
    for argument in arguments:
        m.top_rows.add(top >= argument)
{attained}    return top
'''
_CONVEX_DOC = "The problem wants it small, which makes it the largest of them."
_EXACT_DOC = (
    "Where the problem wants it small it is the largest of them; `exact` makes it so by binaries."
)
_ATTAINED = """\
    if exact:
        options = [[top <= argument] for argument in arguments]
        m.add_component(f"attained_{len(m.maxima)}", gdp.Disjunction(expr=options, xor=False))
"""

MINIMUM = '''\
def minimum(m, arguments{exact}):
    """The smallest of the arguments, as minus the largest of their negatives."""
    return -maximum(m, [-argument for argument in arguments]{passed})
'''

ABSOLUTE = '''\
def absolute(m, argument{exact}):
    """The absolute value, as the larger of the argument and its negative."""
    return maximum(m, [argument, -argument]{passed})
'''

PIECEWISE = '''\
def link_piecewise(block, argument, value, points):
    """Ties value to argument by the line through the points, with one binary a segment."""
    ends = [(p, q) for p, q in zip(points, points[1:]) if p[0] < q[0]]
    # Where a jump stands at an end, its outer point is a segment of its own.
    ends += [(p, p) for p, q in (points[:2], points[:-3:-1]) if p[0] == q[0]]
    segments = range(len(ends))
    block.on = pyo.Var(segments, domain=pyo.Binary)
    block.left = pyo.Var(segments, bounds=(0, 1), doc="weight of the segment's first point")
    block.right = pyo.Var(segments, bounds=(0, 1), doc="weight of its last point")
    block.one = pyo.Constraint(expr=sum(block.on[s] for s in segments) == 1)
    block.share = pyo.Constraint(
        segments, rule=lambda b, s: b.left[s] + b.right[s] == b.on[s]
    )
    for name, target, k in (("at", argument, 0), ("gives", value, 1)):
        along = sum(
            p[k] * block.left[s] + q[k] * block.right[s] for s, (p, q) in enumerate(ends)
        )
        block.add_component(name, pyo.Constraint(expr=target == along))
'''

PREPARE_DISJUNCTIONS = '''\
def prepare(model):
    """Derives bounds and writes every disjunction as big-M rows; False: proved infeasible."""
    try:
        fbbt(model)
    except InfeasibleConstraintException:
        return False
{tops}    pyo.TransformationFactory("gdp.bigm").apply_to(model)
    return True
'''
_TOPS = """\
    for top, arguments in model.maxima:
        uppers = [compute_bounds_on_expr(argument)[1] for argument in arguments]
        if None not in uppers:
            top.setub(max(uppers))
"""

SOLVE = '''\
def solve(model):
    """Solves with {solvers}, loads the best solution found, returns how it ended."""
{choose}    results = pyo.SolverFactory({solver}).solve(
        model, load_solutions=False, timelimit=TIME_LIMIT, solver_options={options}
    )
    found = len(results.solution) > 0 and results.solver.status != "error"
    if found:
        model.solutions.load_from(results)
        for variable in model.component_data_objects(pyo.Var):
            if variable.value is None:  # in no constraint: any value within the bounds will do
                at_least = 0 if variable.lb is None else max(variable.lb, 0)
                variable.set_value(at_least if variable.ub is None else min(at_least, variable.ub))
    return results.solver.termination_condition, found
'''

CHOOSE = '''\
def choose_solver(model):
    """HiGHS where rows are linear and the objective is linear or convex quadratic; SCIP else."""
    rows = model.component_data_objects(pyo.Constraint, active=True)
    if any(row.body.polynomial_degree() not in (0, 1) for row in rows):
        return "scip_direct"
    objective = next(model.component_data_objects(pyo.Objective, active=True))
    form = generate_standard_repn(objective.expr, quadratic=True)
    if form.nonlinear_expr is not None:
        return "scip_direct"
    if not form.quadratic_vars:
        return "highs"
    continuous = all(v.is_continuous() for v in model.component_data_objects(pyo.Var))
    return "highs" if continuous and is_convex(form, objective.sense) else "scip_direct"


def is_convex(form, sense):
    """Whether a quadratic objective's matrix is positive semidefinite, in its own sense."""
    pairs = form.quadratic_vars
    place = {key: k for k, key in enumerate(dict.fromkeys(id(v) for pair in pairs for v in pair))}
    matrix = numpy.zeros((len(place), len(place)))
    for (first, second), coefficient in zip(pairs, form.quadratic_coefs):
        matrix[place[id(first)], place[id(second)]] += coefficient / 2
        matrix[place[id(second)], place[id(first)]] += coefficient / 2
    sign = 1 if sense == pyo.minimize else -1
    return numpy.linalg.eigvalsh(sign * matrix).min() > -1e-9
'''

NUMBER = '''\
def number(value):
    """A number as it is read best."""
    return f"{round(float(pyo.value(value)), 8) + 0:.10g}"
'''

LINEAR_OPTIONS = '{"mip_rel_gap": 1e-7}'
SMALL_OPTIONS = '{"mip_rel_gap": 1e-7, "presolve": "off"}'
_OPTIONS_LINE = "    options = {highs}\n"
_CHOOSE_LINES = """\
    solver = choose_solver(model)
    # SCIP's log can fill the output pipe and stop it for good, so it is switched off.
    options = {
        "highs": {highs},
        "scip_direct": {"display/verblevel": 0, "limits/gap": 1e-7},
    }
"""


def helper_functions(helpers: set[str]) -> list[str]:
    """Return the helpers that rules call, in the order in which they call each other."""
    exact = "exact" in helpers
    parts = {"exact": ", exact=False" if exact else "", "passed": ", exact" if exact else ""}
    found = [RELATION] if "relation" in helpers else []
    if "maximum" in helpers:
        doc = _EXACT_DOC if exact else _CONVEX_DOC
        attained = _ATTAINED if exact else ""
        found.append(MAXIMUM.format(exact=parts["exact"], doc=doc, attained=attained))
    if "minimum" in helpers:
        found.append(MINIMUM.format(**parts))
    if "absolute" in helpers:
        found.append(ABSOLUTE.format(**parts))
    return [*found, PIECEWISE] if "link_piecewise" in helpers else found


def solving_functions(helpers: set[str], *, linear: bool, small: bool) -> list[str]:
    """Return the functions that prepare and solve a model.

    A small model is solved without HiGHS's presolve, which has been seen to cut the optimum off.
    """
    found = []
    highs = SMALL_OPTIONS if small else LINEAR_OPTIONS
    if helpers & {"disjunction", "exact"}:
        found.append(PREPARE_DISJUNCTIONS.format(tops=_TOPS if "maximum" in helpers else ""))
    if not linear:
        found.append(CHOOSE)
    found.append(
        SOLVE.format(
            solvers="HiGHS" if linear else "HiGHS or SCIP",
            choose=(_OPTIONS_LINE if linear else _CHOOSE_LINES).replace("{highs}", highs),
            solver='"highs"' if linear else "solver",
            options="options" if linear else "options[solver]",
        )
    )
    return [*found, NUMBER]


def imports(helpers: set[str], *, linear: bool) -> list[str]:
    """Return the import lines of a program."""
    disjunctive = bool(helpers & {"disjunction", "exact"})
    standard = ["import math", ""] if "prod" in helpers else []
    others = ["import numpy"] if not linear else []
    others += ["import pyomo.environ as pyo"]
    others += ["import pyomo.gdp as gdp"] if disjunctive else []
    if disjunctive:
        others.append("from pyomo.common.errors import InfeasibleConstraintException")
        bounds = "compute_bounds_on_expr, " if "maximum" in helpers else ""
        others.append(f"from pyomo.contrib.fbbt.fbbt import {bounds}fbbt")
    if not linear:
        others.append("from pyomo.repn import generate_standard_repn")
    return [*standard, *others]
