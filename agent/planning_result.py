"""What a plan's problem amounts to as a result: the plan, its evidence, its place in the levels."""

from __future__ import annotations

from optiwright.agent.evidence import Agreement, level
from optiwright.agent.planning_answer import plan_text
from optiwright.agent.planning_attempts import better, outcome_of, planning_of, serious
from optiwright.agent.planning_comparing import on_formulation
from optiwright.agent.result import Answer, Check, PlanAnswer, Result, Status
from optiwright.agent.second_answer import with_written
from optiwright.agent.state import PlanningState, State
from optiwright.formulators.findings import Finding, Severity
from optiwright.formulators.phrases import counted
from optiwright.formulators.planning import Planning
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.plan_outcome import PlanOutcome, PlanStatus, Simulation
from optiwright.solver_tools.plan_program import PlanReport

STATUS_OF = {
    PlanStatus.OPTIMAL: Status.OPTIMAL,
    PlanStatus.FOUND: Status.FEASIBLE,
    PlanStatus.IMPOSSIBLE: Status.INFEASIBLE,
    PlanStatus.UNSOLVED: Status.UNSOLVED,
}
_OF_PROGRAM = {
    "optimal": PlanStatus.FOUND,  # its claim, which nobody has checked
    "found": PlanStatus.FOUND,
    "impossible": PlanStatus.UNSOLVED,
}


def plan_result(state: State) -> Result:
    """Return the result of a plan's problem, whatever it came to."""
    attempt = better(state.get("planned"), state["planning"]) if "planning" in state else None
    known: dict[str, object] = {"status": Status.NO_FORMULATION}
    planning, outcome, done = Planning(), None, None
    if attempt is not None:
        known["findings"] = tuple(map(Finding.model_validate, attempt["findings"]))
        outcome = outcome_of(attempt)
        planning = planning_of(attempt) if attempt["planning"] is not None else planning
        known |= _of(attempt, planning, outcome, state)
        if attempt["simulation"] is not None:
            done = Simulation.model_validate(attempt["simulation"])
    plan = PlanAnswer(
        planning=planning,
        outcome=outcome or PlanOutcome(status=PlanStatus.UNSOLVED),
        simulation=done,
    )
    result = Result(
        run_id=state["run_id"],
        text=state["text"],
        given=state.get("given") is not None,
        plan=_with_program(plan, state),
        **known,  # type: ignore[arg-type]
    )
    result = with_written(result, state)
    return result.model_copy(update={"explanation": plan_text(result)})


def _of(
    attempt: PlanningState, planning: Planning, outcome: PlanOutcome | None, state: State
) -> dict[str, object]:
    checks = [*_formulation_checks(attempt), *_assessment(attempt, state.get("planned"))]
    if attempt["planning"] is None:
        return {"checks": tuple(checks)}
    if outcome is None:
        sound = state["only_formulate"] and not attempt["complaints"]
        return {
            "status": Status.FORMULATED if sound else Status.NO_FORMULATION,
            "checks": tuple(checks),
        }
    optimality = optimality_of(attempt, planning, outcome)
    checks += _plan_checks(attempt, outcome, optimality)
    status = STATUS_OF[outcome.status]
    if outcome.status is PlanStatus.FOUND and planning.least == "any":
        status = Status.OPTIMAL
    if outcome.status.has_plan and optimality is Optimality.NONE:
        status = Status.UNSOLVED
    known: dict[str, object] = {
        "status": status,
        "optimality": optimality,
        "level": level(optimality, Agreement.SINGLE, open_findings=_open(attempt)),
    }
    if status.has_point:
        known |= {"objective": outcome.value, "answers": _answers(planning, attempt, outcome)}
    if outcome.status is PlanStatus.IMPOSSIBLE:
        missed = tuple(c for c in planning.goal if c not in outcome.reached)
        known |= {"conflict": missed or planning.goal, "conflict_note": outcome.proof}
    return known | {"checks": tuple(checks)}


def optimality_of(attempt: PlanningState, planning: Planning, outcome: PlanOutcome) -> Optimality:
    """Return how well a plan, or that there is none, is backed."""
    if outcome.status is PlanStatus.UNSOLVED:
        return Optimality.NONE
    if outcome.status is PlanStatus.IMPOSSIBLE:
        return Optimality.CERTIFIED if outcome.proof else Optimality.NONE
    done = Simulation.model_validate(attempt["simulation"])
    if not done.valid or not attempt["valid"]:
        return Optimality.NONE
    certified = outcome.status is PlanStatus.OPTIMAL or planning.least == "any"
    return Optimality.CERTIFIED if certified else Optimality.BOUNDED


def _answers(
    planning: Planning, attempt: PlanningState, outcome: PlanOutcome
) -> tuple[Answer, ...]:
    steps = Answer(name="steps", value=float(len(outcome.steps)))
    if planning.least != "cost":
        return (steps,)
    return (Answer(name="cost", value=outcome.value), steps)


def _formulation_checks(attempt: PlanningState) -> list[Check]:
    serious = [f for f in attempt["findings"] if f["severity"] != Severity.NOTE]
    told = {f["message"] for f in serious}
    checks = [Check(name=f["where"], passed=False, detail=f["message"]) for f in serious]
    checks += [
        Check(name="formulation", passed=False, detail=c)
        for c in attempt["complaints"]
        if c not in told
    ]
    if not checks:
        detail = "names, kinds, start and goal fit together, and every action changes something"
        checks.append(Check(name="formulation", passed=True, detail=detail))
    return checks


def _assessment(attempt: PlanningState, before: PlanningState | None) -> list[Check]:
    """Return what the model said of its own formulation, if it was asked."""
    name, wrong = "self-assessment", attempt["wrong"]
    if attempt["ratings"]:
        detail = "the model, shown goal, objects, actions and plan again, finds each right"
        if wrong:
            detail = f"the model finds the {wrong} wrong: {attempt['ratings'][0]}"
        return [Check(name=name, passed=not wrong, detail=detail)]
    if before is not None and before["wrong"]:
        detail = (
            f"the model found the {before['wrong']} wrong and made it again, and has not looked at "
            "the last version"
        )
        return [Check(name=name, passed=False, detail=detail)]
    return []


def _plan_checks(
    attempt: PlanningState, outcome: PlanOutcome, optimality: Optimality
) -> list[Check]:
    checks = []
    if outcome.status.has_plan:
        done = Simulation.model_validate(attempt["simulation"])
        checks.append(
            Check(name="carried out step by step", passed=done.valid, detail=_carried_out(done))
        )
        if attempt["validated"]:
            checks.append(
                Check(name="second validator", passed=attempt["valid"], detail=attempt["validated"])
            )
    passed = optimality is not Optimality.NONE
    detail = outcome.proof or outcome.message
    if not detail:
        detail = "nothing shows that there is no better plan" if passed else "nothing backs it"
    if passed and optimality is Optimality.BOUNDED and outcome.bound is not None:
        detail = f"{detail.rstrip('.')}; no plan is better than {outcome.bound:g}"
    checks.append(
        Check(name=f"best answer to the model: {optimality}", passed=passed, detail=detail)
    )
    return checks


def _carried_out(done: Simulation) -> str:
    unmet = [
        f"step {n}, `{s.step}`, needs {', '.join(f'`{u}`' for u in s.unmet)}"
        for n, s in enumerate(done.steps, 1)
        if s.unmet
    ]
    if unmet:
        return "; ".join(unmet)
    if done.unmet_goal:
        return f"the goal is not reached: {', '.join(f'`{c}`' for c in done.unmet_goal)}"
    taken = counted(len(done.steps), "step")
    return f"each of {taken} had all that it needs, and the goal holds at the end"


def _with_program(plan: PlanAnswer, state: State) -> PlanAnswer:
    if "program_plan" not in state or "written" not in state:
        return plan
    known: dict[str, object] = {"program": state["written"]["source"]}
    report = PlanReport.model_validate(state["program_plan"])
    if report.claim is not None:
        said = on_formulation(plan.planning, report.steps)
        known["program_simulation"] = said.simulation
        known["program_outcome"] = PlanOutcome(
            status=_OF_PROGRAM[report.claim],
            steps=said.steps,
            value=said.simulation.value if said.simulation else None,
            message=f"the program says: {report.claim}",
        )
    return plan.model_copy(update=known)


def _open(attempt: PlanningState) -> bool:
    rated = bool(attempt["ratings"]) and bool(attempt["wrong"])
    return rated or bool(serious(attempt))
