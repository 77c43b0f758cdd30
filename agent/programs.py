"""Written programs as data: how one ended, what a rewrite lost, what the record keeps of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import unified_diff

from optiwright.agent.evidence import Standing
from optiwright.agent.record import Program
from optiwright.agent.state import Context, WrittenState
from optiwright.formulators.directions import meaning
from optiwright.formulators.model import Formulation
from optiwright.formulators.number_checks import set_aside
from optiwright.formulators.text_numbers import TextNumber, but_named, numbers_in
from optiwright.formulators.units import known_unit
from optiwright.formulators.wording import quoted, words_after
from optiwright.solver_tools.pool import Reason
from optiwright.solver_tools.written_numbers import dropped_by, program_numbers
from optiwright.solver_tools.written_result import ProgramReport

TOLD: dict[Reason, str] = {
    Reason.TIMEOUT: "It was still running after {limit:g} s and was ended: "
    "make the model smaller or the search shorter.",
    Reason.MEMORY: "It took more memory than it may: make the model smaller.",
    Reason.OUTPUT_LIMIT: "It printed too much: print nothing and report the result alone.",
}
"""What the model is told of a job that did not come to its end."""

_NOUNS = 3
_LONG_ENOUGH = 4
"""Letters of a word that is told from others by its beginning; `men` and `man` are not."""

NEVER_RUN = frozenset({Reason.REFUSED, Reason.STOPPED})
"""Endings that are not the program's doing: nothing for the model to mend."""

_CLAIMED: dict[str, Standing] = {
    "optimal": Standing.OPTIMAL,
    "feasible": Standing.FEASIBLE,
    "infeasible": Standing.INFEASIBLE,
    "unbounded": Standing.UNBOUNDED,
}


def new_program(number: int, reply: str, source: str = "", unasked: str = "") -> WrittenState:
    """Return a program of which only the reply is known."""
    return WrittenState(
        number=number,
        reply=reply,
        source=source,
        report=None,
        reason="",
        protections=[],
        complaints=[],
        findings=[],
        unasked=unasked,
    )


def report_of(written: WrittenState) -> ProgramReport | None:
    """Return the report of a program's run."""
    return ProgramReport.model_validate(written["report"]) if written["report"] else None


def standing_of(written: WrittenState | None) -> Standing:
    """Return how a program ended."""
    if written is None or not written["source"]:
        return Standing.NOT_RUN if written is None or written["unasked"] else Standing.NO_ANSWER
    if written["reason"] in NEVER_RUN:
        return Standing.NOT_RUN
    if written["reason"] == Reason.TIMEOUT:
        return Standing.TIMED_OUT
    report = report_of(written)
    if report is None or report.outcome in ("error", "syntax"):
        return Standing.CRASHED
    if report.outcome == "no_result":
        return Standing.NO_ANSWER
    if report.status in _CLAIMED:
        return _CLAIMED[report.status]
    return Standing.NO_ANSWER if report.objective is None else Standing.FEASIBLE


def has_solved(written: WrittenState | None) -> bool:
    """Tell whether the program came as far as a solve, so that its model is known."""
    report = report_of(written) if written is not None else None
    return report is not None and report.solves > 0


def has_answer(written: WrittenState) -> bool:
    """Tell whether the program came to something that can be compared."""
    return standing_of(written) in _CLAIMED.values()


def number_findings(
    text: str, written: WrittenState, formulation: Formulation | None = None
) -> list[str]:
    """Return how the program's numbers differ from the text's, half a sentence each.

    What a formulation, made apart from it, leaves out too and says so of is not missed in it,
    unless the text's words make it a limit.
    """
    report = report_of(written)
    found = program_numbers(text, written["source"], report.n_variables if report else 0)
    aside = {n.value for n in set_aside(text, formulation)} if formulation is not None else set()
    aside -= {n.value for n in numbers_in(text) if n.value in aside and _is_limit(text, n)}
    missed = [n for n in found.left_out if n.value not in aside]
    left_out = [f"it leaves out {quoted(text, n)}" for n in missed]
    invented = [
        f"it has {use.value:,.10g} ({use.where}), which the text does not state"
        for use in found.invented
    ]
    return [*left_out, *invented]


def _is_limit(text: str, number: TextNumber) -> bool:
    """Whether words make a number a limit; a stock is one of what the text speaks of elsewhere."""
    if meaning(text, number, stocks=False) is not None:
        return True
    if meaning(text, number, stocks=True) is None:
        return False
    return bool(known_unit(number.unit_hint)) or _is_spoken_of(text, number)


def _is_spoken_of(text: str, number: TextNumber) -> bool:
    """Whether a text speaks once more of what a number counts, by one of its words."""
    stop = number.span[1]
    said = words_after(text, number)
    words = re.findall(r"[A-Za-z]+", said)[:_NOUNS]
    if not words or len(words[0]) < _LONG_ENOUGH:
        return True
    rest = f"{text[: number.span[0]]} {text[stop + len(said) :]}"
    return any(
        re.search(rf"\b{word[: max(3, len(word) - 3)]}", rest, re.IGNORECASE)
        for word in words
        if len(word) >= _LONG_ENOUGH
    )


def fuller(before: WrittenState | None, after: WrittenState) -> WrittenState:
    """Return the program that came further; of equals that which reads the text better, or later.

    A rewrite for the sake of numbers may fail to run, and one after a crash may misread more.
    """
    if before is None:
        return after
    ranks = [(has_answer(w), -len(w["findings"])) for w in (before, after)]
    return before if ranks[0] > ranks[1] else after


def dropped_parts(before: WrittenState | None, after: WrittenState) -> list[str]:
    """Return what a rewrite dropped of the program before it, as sentences; both must have run."""
    first = report_of(before) if before is not None else None
    second = report_of(after)
    if first is None or second is None or not (has_solved(before) and has_solved(after)):
        return []
    lost = []
    if second.n_variables < first.n_variables:
        lost.append(f"it has {second.n_variables} decisions where there were {first.n_variables}")
    if second.n_constraints < first.n_constraints:
        lost.append(
            f"it has {second.n_constraints} constraints where there were {first.n_constraints}"
        )
    return lost


def dropped_data(
    text: str, before: WrittenState | None, after: WrittenState, told: Sequence[str] = ()
) -> list[str]:
    """Return the numbers of the text that a rewrite no longer uses, as a sentence.

    Neither has to have run. What a judge named (`told`) was not dropped silently.
    """
    if before is None:
        return []
    gone = but_named(dropped_by(text, before["source"], after["source"]), told)
    shown = ", ".join(quoted(text, n) for n in gone)
    return [f"it dropped {shown}"] if gone else []


def keep_program(context: Context, written: WrittenState, *, adopted: bool) -> None:
    """Keep the program in the run's record, with its difference to the one before."""
    kept = Program(
        number=written["number"],
        sample=context.settings.sample,
        source=written["source"],
        report=report_of(written),
        reason=written["reason"],
        protections=tuple(written["protections"]),
        complaints=tuple(written["complaints"]),
        findings=tuple(written["findings"]),
        difference=_difference(context, written["source"]),
        adopted=adopted,
    )
    context.recorder.add_program(kept)


def _difference(context: Context, source: str) -> str:
    sample = context.settings.sample
    earlier = [p.source for p in context.recorder.record.programs if p.sample == sample]
    if not earlier:
        return ""
    lines = unified_diff(
        earlier[-1].splitlines(), source.splitlines(), "before", "after", lineterm=""
    )
    return "\n".join(lines)


def summary_of(written: WrittenState) -> str:
    """Return a line for people on how the program ended."""
    report = report_of(written)
    if written["complaints"]:
        return written["complaints"][0].partition("\n")[0]
    value = "" if report is None or report.objective is None else f", {report.objective:.7g}"
    library = f" ({report.library})" if report is not None and report.library else ""
    return f"{standing_of(written)}{value}{library}"
