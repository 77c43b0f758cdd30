"""The nodes that compile and solve: no model has a part in them."""

from __future__ import annotations

import asyncio
from collections import Counter

from langgraph.runtime import Runtime

from optiwright.agent.cases import BASE, cases_of, changes_of
from optiwright.agent.checking import keep
from optiwright.agent.events import SolverOutput
from optiwright.agent.state import AttemptState, CaseState, Context, Piece, State
from optiwright.agent.steps import step
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.instance import ground
from optiwright.formulators.phrases import counted
from optiwright.formulators.questions import Question
from optiwright.solver_tools.compile import compile_program
from optiwright.solver_tools.problem_class import classify_program
from optiwright.solver_tools.program import Program
from optiwright.solver_tools.solve import to_solution
from optiwright.solver_tools.variants import Allowance, solve_in_pool

LONGEST_LOOK_S = 20.0
"""For solving another reading of the text."""


@step("compile")
async def compile_cases(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Compile the formulation and its variants; what cannot be compiled is the model's to mend."""
    context = runtime.context
    attempt = state["attempt"].copy()
    formulation = context.formulation(attempt["formulation"])
    questions = [Question.model_validate(q) for q in attempt["questions"]]
    cases = []
    for case in cases_of(formulation, questions):
        try:
            piece = await asyncio.to_thread(_compile, context, case)
        except FormulationError as error:
            if case["kind"] == "alternative":
                continue  # a reading of ours that cannot be solved is none
            attempt["complaints"] = [str(error)]
            keep(context, attempt)
            return {"attempt": attempt}, str(error)
        cases.append(case)
        context.bench[attempt["number"], case["name"]] = piece
    attempt["cases"] = cases
    return {"attempt": attempt}, _size(context.bench[attempt["number"], BASE].program)


@step("solve")
async def solve_cases(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Solve every variant in the pool, by the solver that suits its class or the one named."""
    context = runtime.context
    attempt = state["attempt"].copy()
    attempt["cases"] = [await _solve(context, attempt, case) for case in attempt["cases"]]
    keep(context, attempt)
    solution = attempt["cases"][0]["solution"]
    assert solution is not None
    value = "" if solution["objective"] is None else f", objective {solution['objective']:.7g}"
    return {"attempt": attempt}, f"{solution['termination']}{value} ({solution['solver']})"


async def piece_of(context: Context, attempt: AttemptState, case: CaseState) -> Piece:
    """Return a case's program and answers, made again where a resumed run has lost them."""
    key = attempt["number"], case["name"]
    if key not in context.bench:
        context.bench[key] = await asyncio.to_thread(_compile, context, case)
    piece = context.bench[key]
    if case["solution"] is not None and piece.raw is None:
        await _run(context, piece, _limit(context, case))
    return piece


async def _solve(context: Context, attempt: AttemptState, case: CaseState) -> CaseState:
    piece = await piece_of(context, attempt, case)
    await _run(context, piece, _limit(context, case))
    assert piece.raw is not None
    solved = case.copy()
    solved["solution"] = to_solution(piece.program, piece.raw).model_dump(mode="json")
    return solved


def _limit(context: Context, case: CaseState) -> float:
    """Return the seconds for a case: another reading is worth no more than a look."""
    limit = context.settings.time_limit_s
    return min(limit, LONGEST_LOOK_S) if case["kind"] == "alternative" else limit


async def _run(context: Context, piece: Piece, limit_s: float) -> None:
    settings = context.settings
    piece.raw, piece.second = await solve_in_pool(
        context.pool,
        piece.program,
        Allowance(settings.solver, limit_s, settings.seed),
        on_output=lambda text: context.recorder.emit(SolverOutput, text=text),
    )


def _compile(context: Context, case: CaseState) -> Piece:
    formulation = context.formulation(case["formulation"])
    return Piece(compile_program(ground(formulation, changes=changes_of(case))))


def _size(program: Program) -> str:
    kinds = Counter(program.kind.tolist())
    whole = f" ({kinds[1]} integer)" if kinds[1] else ""
    columns = f"{program.columns:,} columns{whole}"
    many = len(program.globals)
    beside = f", {counted(many, 'constraint')} over many decisions" if many else ""
    return f"{classify_program(program)}: {columns}, {program.rows.count:,} rows{beside}"
