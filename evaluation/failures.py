"""Failures for a reader: grouped by how they came about, each with its text, models and answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from optiwright.agent.evidence import Agreement
from optiwright.evaluation.frames import row_of
from optiwright.evaluation.measures import main_verdict
from optiwright.evaluation.problems import Ending
from optiwright.evaluation.records import EvaluationRecord
from optiwright.formulators.plain import formulation_to_plain

ENDED_OTHERWISE = "an answer of another kind than the label's"
MISSING_QUANTITY = "the objective is right, a named quantity is not"
GROUPS = (
    "an error ended the run",
    "timed out",
    "no model came about that runs",
    "disputed, and the first answer is wrong",
    ENDED_OTHERWISE,
    "another value, though the second model agrees",
    "another value, one model alone",
    MISSING_QUANTITY,
)


@dataclass(frozen=True)
class Failure:
    """One problem that was not answered as its label says."""

    group: str
    key: str
    text: str
    label: str
    answer: str
    evidence: str
    formulation: str
    program: str
    difference: str
    """What the two routes say of each other, or what stopped the run."""
    content: str
    """The problem's, by which a review of its label knows it."""


def failures(records: Iterable[EvaluationRecord]) -> dict[str, list[Failure]]:
    """Return the failures by group, in the groups' order; groups without one are left out."""
    found: dict[str, list[Failure]] = {group: [] for group in GROUPS}
    for record in records:
        group = _group(record)
        if group:
            found[group].append(_failure(record, group))
    return {group: members for group, members in found.items() if members}


def _group(record: EvaluationRecord) -> str:
    verdict = main_verdict(row_of(record))
    if verdict or verdict is None:
        wrong = verdict is not None and record.scores.get("optibench") is False
        return MISSING_QUANTITY if wrong else ""
    error, timed_out, no_model, disputed, otherwise, agreed, alone, _ = GROUPS
    result = record.run.result
    if record.run.error is not None or result is None:
        return error
    if record.claim.ending is Ending.TIMED_OUT:
        return timed_out
    if record.claim.ending is Ending.NO_ANSWER:
        return no_model
    if result.agreement is Agreement.DISPUTED:
        return disputed
    numbers = [a for a in record.problem.label.accepted if a not in list(Ending)]
    if (record.claim.ending is Ending.SOLVED) is not bool(numbers):
        return otherwise
    return alone if result.agreement is Agreement.SINGLE else agreed


def _failure(record: EvaluationRecord, group: str) -> Failure:
    result = record.run.result
    formulation = result.formulation if result is not None else None
    written = result.written if result is not None else None
    return Failure(
        group=group,
        key=record.key,
        text=record.problem.text,
        label=_label(record),
        answer=_answer(record),
        evidence=f"{result.level}, {result.agreement}" if result is not None else "",
        formulation=formulation_to_plain(formulation) if formulation is not None else "",
        program=written.source if written is not None else "",
        difference=_difference(record),
        content=record.problem.content,
    )


def _label(record: EvaluationRecord) -> str:
    label = record.problem.label
    if label.quantities:
        return ", ".join(f"{q.name} = {q.value}" for q in label.quantities)
    return " or ".join(label.accepted)


def _answer(record: EvaluationRecord) -> str:
    claim = record.claim
    value = "" if claim.objective is None else f", objective {claim.objective:.10g}"
    mapped = [
        f"{q.name} = {'not found' if q.value is None else f'{q.value:.10g}'}"
        for q in claim.quantities
    ]
    return "; ".join([f"{claim.ending}{value}", *([", ".join(mapped)] if mapped else [])])


def _difference(record: EvaluationRecord) -> str:
    if record.run.error is not None:
        return str(record.run.error)
    result = record.run.result
    if result is None or result.written is None:
        findings = [f.message for f in result.findings] if result is not None else []
        return " ".join(findings)
    written = result.written
    said = [written.words, *(f"Its solution breaks: {b}" for b in written.broken)]
    return " ".join([part for part in (*said, written.verdict, written.error) if part])
