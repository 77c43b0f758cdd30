"""Results of formulations made in this process, without graph and pool; other readers of files."""

from __future__ import annotations

from pathlib import Path

import highspy
import pyscipopt

from optiwright.agent.result import STATUS_OF, Answer, Check, Result
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Formulation
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.judgement import judge
from optiwright.solver_tools.solve import solve_program, to_solution


def solved(formulation: Formulation, text: str = "") -> Result:
    """Solve a formulation and return it as a result."""
    program = compile_program(ground(formulation))
    raw = solve_program(program)
    solution = to_solution(program, raw)
    evaluation, verdict = judge(formulation, (), program, raw, solution)
    asked = evaluation.asked if evaluation is not None else ()
    return Result(
        run_id="2026-01-01-test",
        text=text,
        status=STATUS_OF[solution.termination],
        objective=solution.objective,
        answers=tuple(
            Answer(name=a.name, index=a.index, value=a.value, unit=a.unit) for a in asked
        ),
        formulation=formulation,
        solution=solution,
        optimality=verdict.optimality,
        checks=(Check(name="proof", passed=True, detail=" ".join(verdict.checks)),),
    )


def optimum(formulation: Formulation) -> float | str:
    """Return the best value, or what else came out."""
    result = solved(formulation)
    return result.objective if result.objective is not None else result.status.value


def by_highs(path: Path) -> float | str:
    """Let HiGHS's own reader and solver have a file; return the best value, or the status."""
    solver = highspy.Highs()
    solver.silent()
    solver.setOptionValue("presolve", "off")
    solver.setOptionValue("mip_rel_gap", 1e-9)
    assert solver.readModel(str(path)) == highspy.HighsStatus.kOk, path.read_text()
    solver.run()
    status = solver.modelStatusToString(solver.getModelStatus()).lower()
    return float(solver.getInfo().objective_function_value) if status == "optimal" else status


def by_scip(path: Path) -> float | str:
    """Let SCIP's own reader and solver have a file; return the best value, or the status."""
    model = pyscipopt.Model()
    model.hideOutput()
    model.readProblem(str(path))
    model.setParam("limits/gap", 1e-9)
    model.optimize()
    status = model.getStatus()
    return float(model.getObjVal()) if status in {"optimal", "gaplimit"} else str(status)
