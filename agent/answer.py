"""The answer in words: what to do, what limits it, what was assumed, how sure it is.

Templates over the result; every number is computed, and formatted by `figures.number`.
"""

from __future__ import annotations

import math
import re

from optiwright.agent.evidence import Agreement, Level, Standing
from optiwright.agent.planning_answer import NOT_MET, plan_sureness
from optiwright.agent.result import Answer, Case, Result, Status, WrittenAnswer
from optiwright.agent.scaling_words import EVEN_SCALE
from optiwright.agent.search_told import sure
from optiwright.formulators.figures import ZERO, number
from optiwright.formulators.model import Domain, Formulation, Variable
from optiwright.formulators.phrases import at, listing, measured
from optiwright.formulators.rounding import rounding_asked
from optiwright.formulators.told_variables import meaning_at
from optiwright.solver_tools.certify import Optimality
from optiwright.solver_tools.solution import Solution, Termination, ValueAt

_SHOWN = 40
"""Rows of a list in the answer; the whole is in the result."""

_NUMBERS_SHOWN = 3

_APART = 3
"""Rows of one constraint that are told a line each; of more the values stand in one line."""

_TOGETHER = 12
"""Prices that stand in such a line."""

_SUPERLATIVE = re.compile(
    r"\b(?:greatest|most|highest|largest|maximum|least|lowest|smallest|minimum|fewest|cheapest"
    r"|as (?:few|little|many|much))\b",
    re.IGNORECASE,
)
_SURE = {
    Level.PROVED: "Proved: the best answer to the model, and a second model agrees.",
    Level.FEASIBLE: "Feasible: every requirement is met, but nothing shows that there is no better "
    "solution.",
    Level.UNCHECKED: "Unchecked: this is a program's word only. The model wrote it from the text, "
    "and no formulation stands beside it to hold its answer against.",
    Level.DISPUTED: "Disputed: two readings of the text give different answers.",
    Level.FAILED: "No answer: see the checks for what is missing.",
}


NOTHING_SOLVED = "Nothing was solved: the text does not give all that is needed."
ASK_AGAIN = (
    "Put it into the text and ask again, or hand it in as a table (`--data` on the command line); "
    "in the chat, say it or attach it next."
)
_WAY_OUT = (
    "What would have to change: `optiwright repairs`, in Python `result.repairs()`, finds the "
    "smallest changes of budgets, capacities and demands that make it possible, each one solved."
)

_MEANT = {
    Agreement.CORROBORATED: "a second model agrees, but the checks of the two still have something "
    "to say.",
    Agreement.RECONCILED: "a second model agrees, but only after the two were shown to each other.",
    Agreement.SINGLE: "whether the model is what the text means rests on one formulation.",
    Agreement.DISPUTED: "a second model says otherwise.",
}

_GIVEN = "the model was given, and no text was read."

PRICES = (
    "These are the duals: they hold for small changes and, where more limits meet than it takes, "
    "in one direction only or in neither. `optiwright sensitivity` says what one more and one less "
    "are worth, and how far."
)


def answer_text(result: Result) -> str:
    """Return the answer as Markdown."""
    sections = [
        headline(result),
        quantities(result),
        _decisions(result),
        _binding(result),
        _cases("Scenarios", result.scenarios),
        _readings(result),
        _clarified(result),
        _assumed(result),
        second_route(result),
        f"**How sure.** {sureness(result)}",
    ]
    return "\n\n".join(s for s in sections if s)


def headline(result: Result) -> str:
    """Return what came out, in bold, with the value or the conflict."""
    if result.is_programs_word and result.written is not None:
        return _alone(result.written)
    unit = objective_unit(result)
    match result.status:
        case Status.OPTIMAL | Status.FEASIBLE:
            if result.sense is None:
                return "**A feasible solution was found.**"
            goal = result.formulation.leading if result.formulation else None
            what = goal.description if goal else ""
            best = "is optimal" if result.status is Status.OPTIMAL else "is the best found"
            word = {"minimize": "least", "maximize": "greatest"}[result.sense.value]
            label = f"{what} ({word})" if what else f"{word.capitalize()} value"
            label = what if _SUPERLATIVE.search(what) else label
            rounded = as_rounded(result)
            told = f" (rounded as asked: {rounded})" if rounded else ""
            value = f"{number(result.objective)}{unit}{told}"
            return f"**{label}: {value}.** The solution {best}{gap_told(result.solution)}."
        case Status.INFEASIBLE:
            return _with_conflict(
                "**There is no solution: the requirements contradict each other.**",
                "These cannot all hold:",
                result.conflict,
                result.conflict_note,
                _WAY_OUT,
            )
        case Status.UNBOUNDED:
            return _with_conflict(
                "**There is no best solution: the objective can be improved without limit.**",
                "What can grow without limit:",
                result.conflict,
            )
        case Status.FORMULATED:
            return "**The formulation is ready to be solved.**"
        case Status.NO_FORMULATION if result.lacks_numbers:
            lacking = "\n".join(f"- {told}" for told in result.missing)
            return f"**{NOTHING_SOLVED}** It lacks:\n\n{lacking}\n\n{ASK_AGAIN}"
        case Status.NO_FORMULATION:
            return "**No formulation came about that can be solved.**"
        case Status.UNSOLVED:
            reason = result.solution.message if result.solution else ""
            return f"**No solver came to an end with it.** {reason}".strip()


def as_rounded(result: Result) -> str:
    """Return the objective as the text wants it rounded; nothing where that is no other number."""
    unit, value = rounding_asked(result.text), result.objective
    if not unit or value is None:
        return ""
    rounded = number(math.floor(value / unit + 0.5) * unit)
    return "" if rounded == number(value) else rounded


def _alone(written: WrittenAnswer) -> str:
    """Say what a program claims that has no formulation beside it."""
    claims = {
        Standing.INFEASIBLE: "there is no solution",
        Standing.UNBOUNDED: "the objective can be improved without limit",
    }
    claim = claims.get(written.standing, f"the value is {number(written.objective)}")
    return f"**A program that the model wrote says: {claim}.**"


def second_route(result: Result) -> str:
    """Say what the second route found; where the two differ, show its answer too."""
    if result.written is None:
        return ""
    differences = [f"- {line}" for line in differences_told(result)]
    return "\n".join([f"**A second reading.** {result.written.words}", *differences])


def differences_told(result: Result) -> list[str]:
    """Return where the second route and the formulation differ, a sentence each."""
    written = result.written
    if written is None:
        return []
    lines: list[str] = []
    differ = bool(written.flaws) and result.agreement is Agreement.SINGLE
    if result.agreement is Agreement.DISPUTED or (differ and not result.is_programs_word):
        shown = ", ".join(f"{a.name} = {number(a.value)}" for a in written.quantities[:_SHOWN])
        with_these = f", with {shown}" if shown else ""
        value = "" if written.objective is None else f" {number(written.objective)}"
        lines.append(f"The program's answer: {written.standing}{value}{with_these}.")
        lines += [f"Its solution breaks: {sentence}" for sentence in written.broken]
        lines += [f"In it the formulation's solution breaks: {s}" for s in written.breaches]
        lines += [f"A judge shown both: {written.verdict}"] if written.verdict else []
    elif result.agreement is Agreement.SINGLE and written.error:
        lines.append(written.error.partition(chr(10))[0])
    return lines


def _with_conflict(headline: str, lead: str, conflict: tuple[str, ...], *further: str) -> str:
    lines = "".join(f"\n- {c}" for c in conflict)
    paragraphs = [f"{headline} {lead}\n{lines}" if conflict else headline, *further]
    return "\n\n".join(p for p in paragraphs if p)


def gap_told(solution: Solution | None) -> str:
    """Return what is known of how much better another solution could be; nothing if proved best."""
    if solution is None or not solution.gap:
        return ""
    if solution.termination is Termination.LOCALLY_OPTIMAL:
        return f". {solution.message.rstrip('.')}" if solution.message else ""
    return f"; the bound is {number(solution.bound)}, a gap of {100 * solution.gap:.3g}%"


def objective_unit(result: Result) -> str:
    """Return a blank and the objective's unit, if it has one."""
    goal = result.formulation.leading if result.formulation is not None else None
    return f" {goal.unit}" if goal is not None and goal.unit else ""


def quantities(result: Result) -> str:
    """List what the text asks for; of indexed quantities only what is not zero.

    What the headline or a decision says in the same words is not said twice.
    """
    shown = asked_beside(result)
    if not shown:
        return ""
    lines = [
        f"- {a.name}{at(a.index)}: {number(a.value)}{f' {a.unit}' if a.unit else ''}"
        for a in shown[:_SHOWN]
    ]
    return "**Asked for**\n\n" + "\n".join(lines) + _more(len(shown))


def asked_beside(result: Result) -> list[Answer]:
    """Return what is asked for and neither headline nor decisions say, zeros left out."""
    said = _said_elsewhere(result.formulation)
    return [
        a
        for a in result.answers
        if a.name not in said and (not a.index or a.value is None or abs(a.value) >= ZERO)
    ]


def _said_elsewhere(formulation: Formulation | None) -> set[str]:
    if formulation is None:
        return set()
    goal = formulation.leading
    decided = {v.description for v in formulation.variables if not v.over}
    tables = {v.name for v in formulation.variables if v.over}
    copies = {a.name for a in formulation.asked if _table_of(a.expression) in tables}
    return decided | copies | ({goal.description} if goal else set())


def _table_of(expression: str) -> str:
    """Return the name of which the expression is an entry and nothing more, as in `x[i, j]`."""
    found = re.fullmatch(r"\s*(\w+)\s*\[[\w\s,]*\]\s*", expression)
    return found.group(1) if found else ""


def _decisions(result: Result) -> str:
    if result.solution is None or result.formulation is None or not result.solution.values:
        return ""
    declared = {v.name: v for v in result.formulation.variables}
    shown = [
        v
        for v in result.solution.values
        if v.name in declared and (not v.index or (v.value is not None and abs(v.value) >= ZERO))
    ]
    lines = [decision_line(v, declared[v.name]) for v in shown[:_SHOWN]]
    note = "" if len(shown) == len(result.solution.values) else " (what is not listed is zero)"
    return f"**What to do**{note}\n\n" + "\n".join(lines) + _more(len(shown))


def decision_line(value: ValueAt, variable: Variable) -> str:
    """Return one decision as an item of a list."""
    name = f"`{variable.name}{at(value.index)}`"
    what = f"{meaning_at(variable, value.index)}, {name}" if variable.description else name
    if variable.domain is Domain.BINARY and value.value is not None:
        return f"- {what}: {'yes' if value.value > 0.5 else 'no'}"
    return f"- {what}: {measured(number(value.value), variable.unit)}"


def _binding(result: Result) -> str:
    """List the constraints with a price: what one more unit on their right-hand side is worth."""
    if result.solution is None or result.formulation is None:
        return ""
    meaning = {c.name: c.description for c in result.formulation.constraints}
    priced = [d for d in result.solution.duals if d.value is not None and abs(d.value) >= ZERO]
    if not priced:
        return ""
    unit = objective_unit(result)
    families: dict[str, list[ValueAt]] = {}
    for dual in priced:
        families.setdefault(dual.name, []).append(dual)
    lines = [
        line
        for name, duals in families.items()
        for line in _priced_lines(meaning.get(name) or name, duals, unit)
    ]
    told = "\n".join(lines[:_SHOWN]) + _more(len(lines))
    return f"**What limits it**\n\n{told}\n\n{PRICES}"


def _priced_lines(what: str, duals: list[ValueAt], unit: str) -> list[str]:
    """Return what the rows of one constraint are worth: a line each, or one for many."""
    changes = "changes the objective by"
    if len(duals) <= _APART:
        return [
            f"- {what} (`{d.name}{at(d.index)}`): one more unit on its right-hand side {changes} "
            f"{number(d.value)}{unit}"
            for d in duals
        ]
    worth = [f"{number(d.value)} at {at(d.index).strip('[]')}" for d in duals[:_TOGETHER]]
    more = f", and {len(duals) - _TOGETHER} more" if len(duals) > _TOGETHER else ""
    told = f"{', '.join(worth)}{more}{f' (in{unit})' if unit else ''}"
    return [f"- {what} (`{duals[0].name}`): one more unit on a right-hand side {changes} {told}"]


def _cases(title: str, cases: tuple[Case, ...]) -> str:
    if not cases:
        return ""
    lines = [f"- {c.name}: {c.status}, objective {number(c.objective)}" for c in cases]
    return f"**{title}**\n\n" + "\n".join(lines)


def _readings(result: Result) -> str:
    """Return the readings of the text side by side, the first one first."""
    others = [case for case in result.alternatives if case.matters]
    if not others:
        return ""
    told = {case.question for case in others}
    first = "; ".join(q.best.meaning for q in result.questions if q.id in told)
    lines = [
        f"1. {first} (the answer above): {result.status}, objective {number(result.objective)}"
    ]
    lines += [
        f"{place}. {case.name}: {case.status}, objective {number(case.objective)}"
        for place, case in enumerate(others, 2)
    ]
    lead = "The text leaves open what changes the answer; the likeliest reading comes first."
    return f"**Read otherwise**\n\n{lead}\n\n" + "\n".join(lines)


def _clarified(result: Result) -> str:
    lines = [f"- {a.text} {a.label}" for a in result.clarified if not a.guessed]
    return "**You said**\n\n" + "\n".join(lines) if lines else ""


def _assumed(result: Result) -> str:
    formulation = result.formulation or Formulation()
    lines = [f"- {a.text}" for a in formulation.assumptions]
    lines += [
        f"- `{v.name}` is {v.domain.value}, which the text leaves open."
        for v in formulation.variables
        if v.domain_basis == "assumed"
    ]
    lines += [
        f"- Read otherwise ({c.name}) the answer is the same."
        for c in result.alternatives
        if not c.matters
    ]
    lines += [
        f"- {q.text} The text does not say; here {q.best.meaning}."
        for q in result.questions
        if q.number
    ]
    return "**Assumed**\n\n" + "\n".join(lines) if lines else ""


def sureness(result: Result) -> str:
    """Return how sure the answer is, in a sentence."""
    if result.plan is not None:
        return plan_sureness(result)
    if result.search is not None:
        return sure(result.search.outcome, result.search.black_box)
    empty = result.status in {Status.INFEASIBLE, Status.UNBOUNDED}
    if result.status is Status.FORMULATED:
        return "Nothing was solved yet."
    if result.level is Level.PROVED and empty:
        return (
            f"Proved: that this model is {result.status} is confirmed, and a second model agrees."
        )
    if result.lacks_numbers and result.level is Level.FAILED:
        return "No answer: nothing was made up for what is missing."
    if result.missing and result.level is Level.UNCHECKED and not result.is_programs_word:
        return (
            "Unchecked: it rests on what the text does not give, as the assumptions say. Put that "
            "into the text, and ask again."
        )
    if result.level is Level.UNCHECKED and not result.is_programs_word:
        numbers, them = ("a number", "it") if len(result.made_up) == 1 else ("numbers", "them")
        shown, more = result.made_up[:_NUMBERS_SHOWN], len(result.made_up) - _NUMBERS_SHOWN
        named = listing([*shown, f"{more} more"] if more > 0 else shown)
        return (
            f"Unchecked: it rests on {numbers} that the text does not give, {named}. "
            f"Put {them} into the text, and ask again."
        )
    if result.level is Level.CHECKED and empty:
        return f"Checked: that this model is {result.status} is confirmed; {_meant(result)}"
    if result.level is Level.CHECKED and result.optimality is Optimality.CERTIFIED:
        return "Checked: the best answer to this model is certified; " + _meant(result)
    if result.level is Level.CHECKED:
        return "Checked: a second model agrees, within the gap that is left."
    if result.optimality is Optimality.LOCAL:
        return "A local optimum: every requirement is met; elsewhere there may be better solutions."
    return _SURE[result.level]


def _meant(result: Result) -> str:
    if result.translated:
        return "the model is the function's own formula, and the two agree at points at random."
    if result.given:
        return _GIVEN
    failed = any(not check.passed and check.name != EVEN_SCALE for check in result.checks)
    apart = result.agreement is Agreement.SINGLE
    return _MEANT[result.agreement] + (NOT_MET if apart and failed else "")


def _more(count: int) -> str:
    return f"\n- ... and {count - _SHOWN} more" if count > _SHOWN else ""
