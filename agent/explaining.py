"""The node that turns the best attempt into the result, with an answer in words.

Every number in the answer is written by template from the solution; no model types one.
"""

from __future__ import annotations

import asyncio

from langgraph.runtime import Runtime

from optiwright.agent.answer import answer_text
from optiwright.agent.attempts import better
from optiwright.agent.evidence import Agreement, Level, level
from optiwright.agent.exporting import best_library, program_of
from optiwright.agent.planning_result import plan_result
from optiwright.agent.result import STATUS_OF, Answer, Case, Check, Result, Status
from optiwright.agent.scaling_words import EVEN_SCALE
from optiwright.agent.search_result import search_result
from optiwright.agent.second_answer import with_written
from optiwright.agent.state import AttemptState, CaseState, Context, State
from optiwright.agent.steps import step
from optiwright.agent.weighing import differs
from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.findings import Finding, Severity
from optiwright.formulators.model import Formulation
from optiwright.formulators.open_data import made_up_told, missing_told
from optiwright.formulators.problem_kind import ProblemKind
from optiwright.formulators.questions import Answer as Clarification
from optiwright.formulators.questions import Kind, Question
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.evaluation import Evaluation
from optiwright.solver_tools.solution import Solution


@step("explain")
async def explain(state: State, runtime: Runtime[Context]) -> tuple[State, str]:
    """Make the result of the best attempt."""
    result = await asyncio.to_thread(_result, state, runtime.context)
    return {"result": result.model_dump(mode="json")}, f"{result.status}, {result.level}"


def _result(state: State, context: Context) -> Result:
    if state.get("problem_kind") == ProblemKind.PLAN:
        return plan_result(state)
    attempt = better(state["best"], state["attempt"])
    if "search" not in state:  # a function that is a formula is in no need of one
        return result_of(attempt, state, context)
    formulated = result_of(attempt, state, context) if attempt["cases"] else None
    return search_result(state, formulated)


def result_of(attempt: AttemptState, state: State, context: Context) -> Result:
    """Return the result that an attempt amounts to."""
    base = Result(
        run_id=state["run_id"],
        text=state["text"],
        status=Status.NO_FORMULATION,
        given=state.get("given") is not None,
        translated=state.get("translated", ""),
        findings=tuple(Finding.model_validate(f) for f in attempt["findings"]),
        conflict=tuple(attempt["conflict"]),
        conflict_note=attempt["note"],
    )
    if attempt["formulation"] is None:
        told = " ".join(attempt["complaints"])
        complaint = (Check(name="formulation", passed=False, detail=told),) if told else ()
        return explained(with_written(base.model_copy(update={"checks": complaint}), state))
    formulation = context.formulation(attempt["formulation"])
    sound = not any(f.severity is Severity.ERROR for f in base.findings)
    # Why there is no answer stands in the answer itself.
    complaints = [c for c in attempt["complaints"] if c != attempt["why"]]
    checks = _formulation_checks(base.findings, complaints, given=base.given)
    if base.translated:
        checks = (*checks, Check(name="translation", passed=True, detail=base.translated))
    known: dict[str, object] = {
        "formulation": formulation,
        # Tables stay out of the state: their program is written where it is asked for.
        "program": _program(formulation) if sound and not formulation.from_tables else "",
        "status": Status.FORMULATED if sound and state["only_formulate"] else base.status,
        "checks": checks,
        "missing": () if base.given else missing_told(formulation, base.findings),
    }
    if attempt["cases"]:
        known |= _solved(attempt["cases"], base.findings, checks)
        known["alternatives"] = others = _alternatives(attempt)
        known["questions"] = _open(attempt, others)
        known["made_up"] = () if base.given else made_up_told(formulation, state["text"])
    known["clarified"] = tuple(Clarification.model_validate(a) for a in state.get("answers", ()))
    return explained(with_written(base.model_copy(update=known), state))


def _solved(
    cases: list[CaseState], findings: tuple[Finding, ...], checks: tuple[Check, ...]
) -> dict[str, object]:
    case = cases[0]
    if case["solution"] is None:
        return {"status": Status.UNSOLVED}
    solution = Solution.model_validate(case["solution"])
    optimality = Optimality(case["optimality"])
    summary = _case(case)
    open_findings = any(f.severity is not Severity.NOTE for f in findings)
    return {
        "status": summary.status,
        "objective": summary.objective,
        "answers": summary.answers,
        "solution": solution,
        "optimality": optimality,
        "level": level(optimality, Agreement.SINGLE, open_findings=open_findings),
        "checks": (*checks, *_evidence_checks(case, optimality)),
        "scenarios": tuple(_case(c) for c in cases if c["kind"] == "scenario"),
    }


def _alternatives(attempt: AttemptState) -> tuple[Case, ...]:
    """Return the other readings, each with whether it has another answer."""
    base, kinds = attempt["cases"][0], {q["id"]: Kind(q["kind"]) for q in attempt["questions"]}
    found = []
    for case in attempt["cases"]:
        if case["kind"] != "alternative" or not (base["solution"] and case["solution"]):
            continue
        other = differs(
            Formulation.model_validate(case["formulation"]),
            Solution.model_validate(base["solution"]),
            Solution.model_validate(case["solution"]),
            kinds[case["question"]],
        )
        known = {"question": case["question"], "choice": case["choice"], "matters": other}
        found.append(_case(case).model_copy(update=known))
    return tuple(found)


def _open(attempt: AttemptState, others: tuple[Case, ...]) -> tuple[Question, ...]:
    """Return what is open and changes the answer, or may: a number that nobody knows."""
    matter = {case.question for case in others if case.matters}
    questions = tuple(Question.model_validate(q) for q in attempt["questions"])
    return tuple(q for q in questions if q.id in matter or q.number)


def _case(case: CaseState) -> Case:
    if case["solution"] is None:
        return Case(name=case["name"], status=Status.UNSOLVED)
    solution = Solution.model_validate(case["solution"])
    answers: tuple[Answer, ...] = ()
    if case["evaluation"] is not None:
        evaluation = Evaluation.model_validate(case["evaluation"])
        answers = tuple(
            Answer(name=a.name, index=a.index, value=a.value, unit=a.unit) for a in evaluation.asked
        )
    return Case(
        name=case["name"],
        status=STATUS_OF[solution.termination],
        objective=solution.objective,
        answers=answers,
    )


def _formulation_checks(
    findings: tuple[Finding, ...], complaints: list[str], *, given: bool
) -> tuple[Check, ...]:
    serious = [f for f in findings if f.severity is not Severity.NOTE]
    if not serious and not complaints:
        detail = "names, indices, types and units fit"
        if not given:
            detail += ", and the text's numbers are used"
        return (Check(name="formulation", passed=True, detail=detail),)
    shown = [Check(name=f.where, passed=False, detail=f.message) for f in serious]
    told = {f.message for f in serious}
    shown += [
        Check(name="formulation", passed=False, detail=c) for c in complaints if c not in told
    ]
    return tuple(shown)


def _evidence_checks(case: CaseState, optimality: Optimality) -> tuple[Check, ...]:
    proof = Check(
        name=f"best answer to the model: {optimality}",
        passed=optimality is not Optimality.NONE,
        detail=" ".join(case["proof"]),
    )
    checks = [proof]
    if case["evaluation"] is not None:
        evaluation = Evaluation.model_validate(case["evaluation"])
        worst = evaluation.worst
        detail = worst.message if worst else "every constraint, bound and domain is met"
        checks.insert(
            0, Check(name="independent evaluation", passed=evaluation.feasible, detail=detail)
        )
    # It says how far the answer can be trusted, and takes nothing from its level.
    checks += [Check(name=EVEN_SCALE, passed=False, detail=note) for note in case["scaling"]]
    return tuple(checks)


def _program(formulation: Formulation) -> str:
    try:
        return program_of(formulation, best_library(formulation))
    except (FormulationError, UserError) as error:
        return f"# No program: {error}\n".replace("\n", " ").strip() + "\n"


def explained(result: Result) -> Result:
    """Return the result with its answer in words, at the level that its numbers allow.

    Two models that were made blind would hardly put in the same number for one that is missing; a
    stand-in for what is said to be missing, such as 1, they would.
    """
    apart = result.agreement in {Agreement.SINGLE, Agreement.RECONCILED}
    if result.level.answered and (result.missing or (result.made_up and apart)):
        result = result.model_copy(update={"level": Level.UNCHECKED})
    return result.model_copy(update={"explanation": answer_text(result)})
