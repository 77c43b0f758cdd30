"""The answer in pieces, for a page: what came out, how good, what else, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from optiwright.agent.answer import ASK_AGAIN, NOTHING_SOLVED, as_rounded, asked_beside, gap_told
from optiwright.agent.evidence import Level, Standing
from optiwright.agent.planning_told import fact_words
from optiwright.agent.result import (
    Answer,
    Case,
    PlanAnswer,
    Result,
    SearchAnswer,
    Status,
    WrittenAnswer,
)
from optiwright.agent.sensitivity import objective_unit
from optiwright.agent.told_point import plain
from optiwright.formulators.figures import measured, number
from optiwright.formulators.model import Sense
from optiwright.formulators.phrases import capitalised, counted, label
from optiwright.solver_tools.search_outcome import SearchStatus

_STATUS = {
    Status.OPTIMAL: "This is the best solution",
    Status.FEASIBLE: "This solution meets every requirement; nothing shows that it is the best",
    Status.INFEASIBLE: "There is no solution: the requirements contradict each other",
    Status.UNBOUNDED: "There is no best solution: the objective can be improved without limit",
    Status.UNSOLVED: "No solver came to an end with it",
    Status.FORMULATED: "The formulation is ready, and nothing is solved yet",
    Status.NO_FORMULATION: "No formulation came about that can be solved",
}
_DO = {
    Status.UNBOUNDED: "A limit is missing. Say what keeps this from growing, such as a capacity, "
    "a budget or a demand.",
    Status.UNSOLVED: "Give it more time in the sidebar, try another solver there, or make the "
    "problem smaller.",
    Status.FORMULATED: "Look at the formulation and change what is not meant; then say `solve it`.",
    Status.NO_FORMULATION: "Say it again with more detail: what is to be decided, what limits it, "
    "what is to be best, with the numbers.",
}
_PLAN = {
    Status.OPTIMAL: "No plan is better than this one",
    Status.FEASIBLE: "This plan reaches the goal; nothing shows that it is the best",
    Status.INFEASIBLE: "The goal cannot be reached: no plan is possible",
    Status.UNSOLVED: "No plan was found, nor that there is none",
    Status.FORMULATED: "The formulation is ready, and no plan was looked for yet",
    Status.NO_FORMULATION: "No formulation came about that a plan can be looked for with",
}
_DO_OF_PLAN = {
    Status.INFEASIBLE: "Say what else can be done, or what may be missing from the goal.",
    Status.UNSOLVED: "Give it more time in the sidebar, or make the problem smaller.",
    Status.NO_FORMULATION: "Say it again with more detail: what there is, what can be done and "
    "what each deed needs and changes, how it stands at first, and what is to be reached.",
}
_SEARCH = {
    SearchStatus.FOUND: "The best point that was found; it was searched for, and is not proved to "
    "be the best there is",
    SearchStatus.NO_POINT: "No point that was tried meets every constraint; that does not show "
    "that there is none",
    SearchStatus.FAILED: "The function could not be evaluated",
}
_DO_OF_SEARCH = {
    SearchStatus.NO_POINT: "Give more evaluations, narrower bounds, or a point to begin with.",
    SearchStatus.FAILED: "Call the function by hand at a point within its bounds, and mend it.",
}
_CLAIMS = {
    Standing.INFEASIBLE: "A program that the model wrote says that there is no solution",
    Standing.UNBOUNDED: "A program that the model wrote says that there is no best solution",
}
_ALONE = "A program that the model wrote says this"
_LEVELS = {
    Level.PROVED: "Proved",
    Level.CHECKED: "Checked",
    Level.FEASIBLE: "Feasible, not shown to be best",
    Level.UNCHECKED: "Unchecked",
    Level.DISPUTED: "Disputed",
    Level.FAILED: "Not confirmed",
}


@dataclass(frozen=True)
class Sheet:
    """What a page says of an answer before its tables; all of it text, none of it Markdown."""

    status: str
    """A sentence."""
    goal: str = ""
    """What the value is of, such as `The profit, as large as possible`; empty without a value."""
    value: str = ""
    unit: str = ""
    quantities: tuple[tuple[str, str], ...] = ()
    """What else the text asks for, each with its value in words."""
    lead: str = ""
    """What the lines of the conflict are."""
    conflict: tuple[str, ...] = ()
    note: str = ""
    """What else is known of the conflict."""
    remedy: str = ""
    """What to do."""


def sheet_of(result: Result) -> Sheet:
    """Return what a page says of a result."""
    if result.is_programs_word and result.written is not None:
        return _alone(result.written)
    if result.plan is not None:
        return _of_plan(result, result.plan)
    if result.search is not None:
        return _of_search(result.search)
    if result.lacks_numbers:
        return Sheet(
            status=NOTHING_SOLVED,
            lead="It lacks:",
            conflict=result.missing,
            remedy=plain(ASK_AGAIN),
        )
    found = result.objective is not None and result.sense is not None
    rounded = as_rounded(result)
    return Sheet(
        status=_status(result),
        goal=_goal(result) if found else "",
        value=number(result.objective) if found else "",
        unit=_unit(result) if found else "",
        quantities=(
            *((("rounded as asked", rounded),) if found and rounded else ()),
            *map(_told, asked_beside(result)),
        ),
        lead=_lead(result),
        conflict=result.conflict,
        note=result.conflict_note,
        remedy=_DO.get(result.status, ""),
    )


def level_words(level: Level) -> str:
    """Return how sure an answer is, in a word or two."""
    return _LEVELS[level]


def case_rows(result: Result, cases: tuple[Case, ...], first: str) -> list[dict[str, str]]:
    """Return a result and other cases of it as rows: each case, its outcome, its objective."""
    unit = _unit(result)
    rows = [(first, result.status, result.objective)]
    rows += [(c.name, c.status, c.objective) for c in cases]
    return [
        {
            "case": plain(name),
            "outcome": status.value,
            "objective": "" if value is None else measured(value, unit),
        }
        for name, status, value in rows
    ]


def _status(result: Result) -> str:
    words = _STATUS[result.status]
    if result.sense is None and result.status is Status.OPTIMAL:
        words = "This solution meets every requirement"
    told = gap_told(result.solution) if result.objective is not None else ""
    solution = result.solution
    if result.status is Status.UNSOLVED and solution is not None and solution.message:
        told = f". {plain(solution.message)}"
    if result.error is not None and result.status in {Status.UNSOLVED, Status.NO_FORMULATION}:
        told = f". {plain(str(result.error))}"
    return f"{words}{told}".rstrip(".") + "."


def _goal(result: Result) -> str:
    goal = result.formulation.leading if result.formulation is not None else None
    best = "as large as possible" if result.sense is Sense.MAXIMIZE else "as small as possible"
    what = plain(goal.description) if goal is not None else ""
    what = what or "the objective"
    return f"{capitalised(what)}, {best}"


def _unit(result: Result) -> str:
    return "" if result.formulation is None else plain(objective_unit(result.formulation))


def _told(answer: Answer) -> tuple[str, str]:
    return plain(label(answer.name, answer.index)), measured(answer.value, plain(answer.unit))


def _of_plan(result: Result, plan: PlanAnswer) -> Sheet:
    words = _PLAN.get(result.status, _STATUS[result.status])
    least, steps = plan.planning.least, len(plan.outcome.steps)
    has_plan = result.status.has_point
    if has_plan and not steps:
        words = "Nothing is to do: the goal holds from the start"
    elif result.status is Status.OPTIMAL and least == "any":
        words = "This plan reaches the goal"
    if result.status is Status.FEASIBLE and plan.outcome.bound is not None:
        words += f"; none is better than {number(plan.outcome.bound)}"
    if result.status is Status.UNSOLVED and plan.outcome.message:
        words += f". {_bare(plan.outcome.message)}"
    if result.error is not None and result.status in {Status.UNSOLVED, Status.NO_FORMULATION}:
        words += f". {plain(str(result.error))}"
    value = result.objective if least == "cost" else float(steps)
    goals = {"steps": ", as few as possible", "cost": ", as little as possible", "any": ""}
    return Sheet(
        status=f"{words.rstrip('.')}.",
        goal=("The cost" if least == "cost" else "The steps") + goals[least] if has_plan else "",
        value=number(value) if has_plan else "",
        unit="" if least == "cost" or not has_plan else "step" if steps == 1 else "steps",
        quantities=(("steps", number(steps)),) if has_plan and least == "cost" else (),
        lead="This part of the goal cannot be reached with the rest:" if result.conflict else "",
        conflict=tuple(fact_words(plan.planning, c) for c in result.conflict),
        remedy=_DO_OF_PLAN.get(result.status, _DO.get(result.status, "")),
    )


def _bare(words: str) -> str:
    return plain(words).replace("`", "")


def _of_search(search: SearchAnswer) -> Sheet:
    outcome, box = search.outcome, search.black_box
    found = outcome.status is SearchStatus.FOUND
    best = "as large as possible" if box.sense is Sense.MAXIMIZE else "as small as possible"
    asked = [("evaluations", f"{outcome.evaluations:,} of {box.budget:,} at most")]
    if outcome.cached:
        asked.append(("known from an earlier search", counted(outcome.cached, "evaluation")))
    if outcome.failures:
        asked.append(("gave no number", counted(outcome.failures, "evaluation")))
    told = f". {_bare(outcome.message)}" if outcome.message and not found else ""
    return Sheet(
        status=f"{_SEARCH[outcome.status]}{told}".rstrip(".") + ".",
        goal=f"The value, {best}" if found else "",
        value=number(outcome.value) if found else "",
        quantities=tuple(asked),
        remedy=_DO_OF_SEARCH.get(outcome.status, ""),
    )


def _lead(result: Result) -> str:
    if not result.conflict:
        return ""
    growing = result.status is Status.UNBOUNDED
    return "What can grow without limit:" if growing else "These cannot all hold:"


def _alone(written: WrittenAnswer) -> Sheet:
    """Return what a program claims that has no formulation beside it."""
    claim = _CLAIMS.get(written.standing)
    if claim is not None:
        return Sheet(status=f"{claim}.")
    return Sheet(
        status=f"{_ALONE}; no formulation stands beside it to hold it against.",
        goal="The value",
        value=number(written.objective),
        quantities=tuple(map(_told, written.quantities)),
        remedy="Say the problem again, in other words, to have it formulated too.",
    )
