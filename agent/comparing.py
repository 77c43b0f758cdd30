"""What the two routes' outcomes say of each other: pure functions over data, no input or output.

The compiled formulation and the written program agree where both ended the same way with the same
value, and the program's solution holds in the formulation or answers what is asked alike. One total
table says for every pair of endings what is left to compare.
"""

from __future__ import annotations

from enum import StrEnum

from optiwright.agent.evidence import Agreement, Standing
from optiwright.agent.result import Plain
from optiwright.agent.witness import (
    Ours,
    Theirs,
    broken_by,
    coincidence,
    flaws_of,
    has_goal,
    scenario_told,
    scenarios_agree,
    stopped_short,
    told,
    value_of,
    values_agree,
    witness,
)
from optiwright.formulators.figures import number
from optiwright.solver_tools.solution import Termination
from optiwright.solver_tools.written_result import ProbeReport


class Rule(StrEnum):
    """What is left to compare, once it is known how both routes ended."""

    VALUES = "values"
    """Both have a point: the values decide, then a witness."""
    SAME = "same"
    """Both say that there is no answer, for the same reason."""
    DIFFER = "differ"
    """Both have an answer, and of different kinds."""
    OURS_ALONE = "ours alone"
    THEIRS_ALONE = "theirs alone"
    NEITHER = "neither"


_V, _S, _D, _O, _T, _N = Rule
_ROWS: dict[Standing, tuple[Rule, ...]] = {
    # the program:       optimal feasible infeasible unbounded timed out crashed no answer not run
    Standing.OPTIMAL:    (_V, _V, _D, _D, _O, _O, _O, _O),
    Standing.FEASIBLE:   (_V, _V, _D, _D, _O, _O, _O, _O),
    Standing.INFEASIBLE: (_D, _D, _S, _D, _O, _O, _O, _O),
    Standing.UNBOUNDED:  (_D, _D, _D, _S, _O, _O, _O, _O),
    Standing.TIMED_OUT:  (_T, _T, _T, _T, _N, _N, _N, _N),
    Standing.CRASHED:    (_T, _T, _T, _T, _N, _N, _N, _N),
    Standing.NO_ANSWER:  (_T, _T, _T, _T, _N, _N, _N, _N),
    Standing.NOT_RUN:    (_T, _T, _T, _T, _N, _N, _N, _N),
}  # fmt: skip
RULES: dict[tuple[Standing, Standing], Rule] = {
    (ours, theirs): rule
    for ours, row in _ROWS.items()
    for theirs, rule in zip(Standing, row, strict=True)
}
"""By the endings of the compiled formulation and of the written program."""

_ENDED: dict[Standing, str] = {
    Standing.OPTIMAL: "found an optimal solution",
    Standing.FEASIBLE: "found a solution that nothing shows to be best",
    Standing.INFEASIBLE: "finds that there is no solution",
    Standing.UNBOUNDED: "finds that the objective can be improved without limit",
    Standing.TIMED_OUT: "came to no end within its time",
    Standing.CRASHED: "ended in an error",
    Standing.NO_ANSWER: "gave no answer",
    Standing.NOT_RUN: "was not run",
}

_CHANCE = (
    " Each may have a reason of its own for that: the text does not state every number of the "
    "formulation's conflict in such words, so neither confirms the other."
)

_AGREES: dict[Agreement, str] = {
    Agreement.CORROBORATED: "A program written from the text alone",
    Agreement.RECONCILED: "The program, compared again after a judge saw both,",
}

STANDING_OF: dict[Termination, Standing] = {
    Termination.OPTIMAL: Standing.OPTIMAL,
    Termination.LOCALLY_OPTIMAL: Standing.FEASIBLE,
    Termination.FEASIBLE: Standing.FEASIBLE,
    Termination.INFEASIBLE: Standing.INFEASIBLE,
    Termination.UNBOUNDED: Standing.UNBOUNDED,
    Termination.INFEASIBLE_OR_UNBOUNDED: Standing.NO_ANSWER,
    Termination.TIME_LIMIT: Standing.TIMED_OUT,
    Termination.INTERRUPTED: Standing.NO_ANSWER,
    Termination.MEMORY: Standing.NO_ANSWER,
    Termination.NUMERICAL: Standing.NO_ANSWER,
    Termination.ERROR: Standing.CRASHED,
    Termination.UNKNOWN: Standing.NO_ANSWER,
}


class Comparison(Plain):
    """What comparing the two routes came to."""

    agreement: Agreement
    rule: Rule
    words: str
    """One or two sentences for people."""
    broken: tuple[str, ...] = ()
    """What the program's solution breaks in the formulation, a sentence each."""
    breaches: tuple[str, ...] = ()
    """What the formulation's solution breaks in the program, a sentence each."""
    flaws: tuple[str, ...] = ()
    """What speaks against the program's reading of the text, half a sentence each."""
    base_only: bool = False
    """The formulation has scenarios, and only its base was compared."""
    contested: bool = False
    """The two differ, whether or not the program counts as a witness."""


class Reading(StrEnum):
    """How far a route's reading of the text holds up by itself."""

    WHOLE = "whole"
    """The formulation: certified, nothing found. The program: nothing speaks against it."""
    POOR = "poor"


WITNESS: dict[tuple[Reading, Reading], Agreement] = {
    (Reading.WHOLE, Reading.WHOLE): Agreement.DISPUTED,
    (Reading.WHOLE, Reading.POOR): Agreement.SINGLE,
    (Reading.POOR, Reading.WHOLE): Agreement.DISPUTED,
    (Reading.POOR, Reading.POOR): Agreement.DISPUTED,
}
"""By the formulation's and the program's reading: what it means that the two differ.

A program that leaves out what the text says is no witness against a formulation that does not.
"""


def describe(ours: Standing, theirs: Standing) -> str:
    """Return the two endings in words."""
    if RULES[ours, theirs] is Rule.SAME:
        return f"The formulation and the program written from the text both {_both(ours)}."
    return f"The formulation {_ENDED[ours]}; the program written from the text {_ENDED[theirs]}."


def compare(ours: Ours, theirs: Theirs, *, blind: bool) -> Comparison:
    """Return whether the routes agree, and in what words; scenarios that were not compared too.

    Args:
        ours: the compiled formulation's outcome.
        theirs: the written program's outcome.
        blind: neither was shown to the other; agreement reached later is only reconciled.
    """
    found = _compared(ours, theirs, blind=blind)
    if found.agreement not in _AGREES or not ours.scenarios:
        return found
    if scenarios_agree(ours, theirs):
        return found.model_copy(
            update={"words": f"{found.words} It gives every scenario's value too."}
        )
    names = ", ".join(f"`{name}`" for name, _ in ours.scenarios)
    said = f"{found.words} That is the base case alone: of {names} the program says nothing alike."
    return found.model_copy(update={"words": said, "base_only": True})


def probed(found: Comparison, ours: Ours, theirs: Theirs, report: ProbeReport) -> Comparison:
    """Return a contested comparison with what our solution comes to in the program's model.

    Args:
        found: the comparison, contested.
        ours: the compiled formulation's outcome.
        theirs: the written program's outcome.
        report: our solution in the program's model.
    """
    if found.rule is Rule.VALUES and stopped_short(ours, theirs, report):
        words = _differ(ours, theirs) + (
            " But the formulation's solution meets every requirement of the program's model and is "
            f"better by its objective too, {_shown(report.objective)}: its solver stopped short of "
            "the best, so it neither confirms nor refutes."
        )
        return Comparison(
            agreement=Agreement.SINGLE, rule=found.rule, words=words, flaws=theirs.findings
        )
    breaches = tuple(
        f"`{breach.name}` (`{breach.expression}`) is missed by {number(breach.excess)}."
        for breach in report.breaches
    )
    return found.model_copy(update={"breaches": breaches})


def _compared(ours: Ours, theirs: Theirs, *, blind: bool) -> Comparison:
    rule = RULES[ours.standing, theirs.standing]
    words = describe(ours.standing, theirs.standing)
    agreed = Agreement.CORROBORATED if blind else Agreement.RECONCILED
    match rule:
        case Rule.VALUES:
            return _by_values(ours, theirs, agreed)
        case Rule.SAME:
            if ours.standing is Standing.INFEASIBLE and not ours.grounded:
                agreed, words = Agreement.SINGLE, words + _CHANCE
            flaws = theirs.findings
            return Comparison(agreement=agreed, rule=rule, words=words, flaws=flaws)
        case Rule.DIFFER:
            return _contested(ours, theirs, rule, words)
        case Rule.THEIRS_ALONE:
            words += _though(theirs)
            return Comparison(
                agreement=Agreement.SINGLE, rule=rule, words=words, flaws=theirs.findings
            )
        case Rule.OURS_ALONE | Rule.NEITHER:
            return Comparison(agreement=Agreement.SINGLE, rule=rule, words=words)


def _both(standing: Standing) -> str:
    same = {
        Standing.INFEASIBLE: "find that there is no solution",
        Standing.UNBOUNDED: "find that the objective can be improved without limit",
    }
    return same[standing]


def _by_values(ours: Ours, theirs: Theirs, agreed: Agreement) -> Comparison:
    def found(agreement: Agreement, words: str, broken: tuple[str, ...] = ()) -> Comparison:
        return Comparison(agreement=agreement, rule=Rule.VALUES, words=words, broken=broken)

    match values_agree(ours, theirs):
        case False if (name := scenario_told(ours, theirs)) != "":
            return found(
                Agreement.SINGLE,
                f"The program written from the text gives the value of the scenario `{name}`, and "
                "says nothing of the base case.",
            )
        case False:
            return _contested(ours, theirs, Rule.VALUES, _differ(ours, theirs))
        case None:
            return found(
                Agreement.SINGLE,
                f"The program written from the text ended elsewhere "
                f"({_both_values(ours, theirs)}), and nothing shows that either value is "
                "best, so it neither confirms nor refutes.",
            )
    if (chance := coincidence(ours, theirs)) != "":
        return found(
            Agreement.SINGLE, f"The program written from the text ends alike, but {chance}."
        )
    if (shown := witness(ours, theirs)) != "":
        value = f"the same value, {_shown(told(ours, theirs))}" if has_goal(ours) else "a solution"
        words = f"{_AGREES[agreed]} finds {value}, and {shown}.{_though(theirs)}"
        return found(agreed, words).model_copy(update={"flaws": theirs.findings})
    return found(
        Agreement.SINGLE,
        "The program written from the text finds the same value, but its solution could not be "
        "matched with the formulation's.",
        broken_by(ours, theirs),
    )


def _differ(ours: Ours, theirs: Theirs) -> str:
    values = _both_values(ours, theirs)
    return f"The formulation and the program written from the text differ: {values}."


def _both_values(ours: Ours, theirs: Theirs) -> str:
    return f"{_shown(value_of(ours))} and {_shown(told(ours, theirs))}"


def _contested(ours: Ours, theirs: Theirs, rule: Rule, words: str) -> Comparison:
    """Return what a difference means, by what each of the two readings is worth."""
    flaws = flaws_of(ours, theirs)
    reading = Reading.WHOLE if ours.whole else Reading.POOR
    agreement = WITNESS[reading, Reading.POOR if flaws else Reading.WHOLE]
    if agreement is Agreement.SINGLE:
        words += f" The program does not count as a witness: {'; '.join(flaws)}."
    return Comparison(
        agreement=agreement,
        rule=rule,
        words=words,
        broken=broken_by(ours, theirs),
        flaws=flaws,
        contested=True,
    )


def _though(theirs: Theirs) -> str:
    return f" But of the program: {'; '.join(theirs.findings)}." if theirs.findings else ""


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:.7g}"
