"""The answer to a plan's problem in words: the plan step by step, or why there is none."""

from __future__ import annotations

from optiwright.agent.evidence import Agreement, Level, Standing
from optiwright.agent.planning_told import fact_words, goal_links, steps_told, value_told
from optiwright.agent.result import PlanAnswer, Result, Status
from optiwright.formulators.figures import number
from optiwright.formulators.phrases import counted, listing
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.plan_outcome import PlanStatus

NOT_MET = " **Something of the checks is not met: read it, and the formulation, first.**"
_MEANT = {
    Agreement.CORROBORATED: "a program written from the text alone agrees, but the checks still "
    "have something to say.",
    Agreement.RECONCILED: "a program agrees, but only after the two were shown to each other.",
    Agreement.SINGLE: "whether the formulation is what the text means rests on it alone.",
    Agreement.DISPUTED: "a program written from the text alone says otherwise.",
}


def plan_text(result: Result) -> str:
    """Return the answer as Markdown."""
    plan = result.plan
    assert plan is not None
    sections = [
        plan_headline(result),
        *(f"**{title}**\n\n{text}" for title, text in plan_sections(result) if text),
        f"**How sure.** {plan_sureness(result)}",
    ]
    return "\n\n".join(s for s in sections if s)


def plan_sections(result: Result) -> list[tuple[str, str]]:
    """Return the parts of the answer between what came out and how sure it is."""
    plan = result.plan
    assert plan is not None
    return [
        ("The plan", _steps(plan) if result.status.has_point else ""),
        ("How the goal comes about", _goal(plan) if result.status.has_point else ""),
        ("What can be reached", _part(plan)),
        ("Assumed", "\n".join(f"- {a}" for a in plan.planning.assumptions)),
        ("A second reading", second_reading(result)),
    ]


def plan_headline(result: Result) -> str:
    """Return what came out, in bold."""
    plan = result.plan
    assert plan is not None
    outcome, value = plan.outcome, value_told(plan.planning, result.objective)
    if result.level is Level.UNCHECKED and result.written is not None:
        return _alone(result)
    match result.status:
        case Status.OPTIMAL | Status.FEASIBLE if not outcome.steps:
            return "**Nothing is to do: the goal holds from the start.**"
        case Status.OPTIMAL if plan.planning.least == "any":
            return f"**A plan of {counted(len(outcome.steps), 'step')} reaches the goal.**"
        case Status.OPTIMAL:
            steps = counted(len(outcome.steps), "step")
            size = f" in {steps}" if plan.planning.least == "cost" else ""
            return f"**The best plan: {value}{size}.** {_sentence(outcome.proof)}".rstrip()
        case Status.FEASIBLE:
            bound = "" if outcome.bound is None else f" No plan is better than {_bound(plan)}."
            return (
                f"**A plan: {value}.** It reaches the goal; nothing shows that it is the best."
                f"{bound}"
            )
        case Status.INFEASIBLE:
            missed = [f"- {fact_words(plan.planning, c)}" for c in result.conflict]
            lead = "This cannot be brought about"
            if len(result.conflict) > 1:
                lead = "These cannot be brought about, all of them together"
            if outcome.reached:
                lead += " and with the rest of the goal"
            why = _sentence(outcome.proof)
            return (
                f"**The goal cannot be reached: no plan is possible.** {why}".rstrip()
                + f"\n\n{lead}:\n\n"
                + "\n".join(missed)
            )
        case Status.FORMULATED:
            return "**The formulation is ready: a plan can be looked for.**"
        case Status.NO_FORMULATION:
            return "**No formulation came about that a plan can be looked for with.**"
        case _:
            return f"**No plan was found, nor that there is none.** {outcome.message}".strip()


def second_reading(result: Result) -> str:
    """Say what the program written from the text alone came to; where it differs, its plan."""
    plan, written = result.plan, result.written
    if plan is None or written is None:
        return ""
    lines = [written.words]
    lines += [f"- By the formulation, {sentence}." for sentence in written.broken]
    if written.standing in {Standing.CRASHED, Standing.NO_ANSWER, Standing.NOT_RUN}:
        lines += [f"- {written.error.partition(chr(10))[0]}"] if written.error else []
    differs = result.agreement is Agreement.DISPUTED or "better plan" in written.words
    other = plan.program_outcome
    if other is not None and other.steps and (differs or result.level is Level.UNCHECKED):
        lines.append("\nThe program's plan:\n")
        lines += [f"{n}. `{s}`" for n, s in enumerate(other.steps, 1)]
    return "\n".join(line for line in lines if line)


def plan_sureness(result: Result) -> str:
    """Return how sure the answer is, in a sentence."""
    empty = result.status is Status.INFEASIBLE
    what = "that no plan is possible" if empty else "that no plan is better"
    plan = result.plan
    if plan is not None and plan.planning.least == "any" and not empty:
        what = "that the plan reaches the goal"
    meant = "the formulation was given." if result.given else _MEANT[result.agreement]
    if result.agreement is Agreement.SINGLE and any(not check.passed for check in result.checks):
        meant += NOT_MET
    match result.level:
        case Level.PROVED:
            return f"Proved: {what} is shown, and a program written from the text alone agrees."
        case Level.CHECKED if result.optimality is Optimality.CERTIFIED:
            return f"Checked: {what} by this formulation is shown; {meant}"
        case Level.CHECKED:
            return "Checked: the plan was carried out step by step, and a program agrees."
        case Level.FEASIBLE:
            return (
                "Feasible: the plan was carried out step by step and reaches the goal, but nothing "
                "shows that there is no better one."
            )
        case Level.UNCHECKED:
            return (
                "Unchecked: this is a program's word only. The model wrote it from the text, and "
                "no formulation stands beside it to carry its plan out on."
            )
        case Level.DISPUTED:
            return "Disputed: two readings of the text give different answers."
        case Level.FAILED:
            if result.status is Status.FORMULATED:
                return "No plan was looked for yet."
            return "No answer: see the checks for what is missing."


def plan_certainty(result: Result) -> str:
    """Return how sure the answer is, and each thing that was checked."""
    lines = [
        f"- {'ok' if check.passed else 'not'}: {check.name}: {check.detail}"
        for check in result.checks
    ]
    return "\n\n".join(filter(None, (plan_sureness(result), "\n".join(lines))))


def _steps(plan: PlanAnswer) -> str:
    if plan.simulation is None or not plan.simulation.steps:
        return ""
    return steps_told(plan.planning, plan.simulation)


def _goal(plan: PlanAnswer) -> str:
    if plan.simulation is None or not plan.simulation.steps:
        return ""
    lines = []
    for condition, by in goal_links(plan.planning, plan.simulation).items():
        when = f"by step {by}" if by else "from the start on"
        lines.append(f"- {fact_words(plan.planning, condition)}: {when}")
    return "\n".join(lines)


def _part(plan: PlanAnswer) -> str:
    outcome = plan.outcome
    if outcome.status is not PlanStatus.IMPOSSIBLE or not outcome.reached:
        return ""
    told = listing([fact_words(plan.planning, c) for c in outcome.reached])
    if not outcome.reached_by:
        return f"Of the goal, this can hold at the end, and does from the start: {told}."
    lead = f"Of the goal, this can be brought about: {told}. In {_count(plan)}:"
    if plan.simulation is None:
        return lead.replace(" In ", " It takes ").rstrip(":") + "."
    return f"{lead}\n\n{steps_told(plan.planning, plan.simulation)}"


def _count(plan: PlanAnswer) -> str:
    return counted(len(plan.outcome.reached_by), "step")


def _bound(plan: PlanAnswer) -> str:
    assert plan.outcome.bound is not None
    return value_told(plan.planning, plan.outcome.bound)


def _alone(result: Result) -> str:
    written, plan = result.written, result.plan
    assert written is not None and plan is not None
    if written.standing is Standing.INFEASIBLE:
        return "**A program that the model wrote says: no plan is possible.**"
    steps = number(written.objective)
    return f"**A program that the model wrote says: {steps} steps.**"


def _sentence(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    return text[:1].upper() + text[1:].rstrip(".") + "."
