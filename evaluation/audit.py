"""Drawing problems for a review of their labels, blind: nobody sees whose answer is whose."""

from __future__ import annotations

import random
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from optiwright.evaluation.claims import Claim
from optiwright.evaluation.draw import draw
from optiwright.evaluation.frames import row_of
from optiwright.evaluation.measures import main_verdict
from optiwright.evaluation.problems import Ending, Label, Problem, accepted_answers
from optiwright.evaluation.records import EvaluationRecord, read_records
from optiwright.evaluation.reviews import Review, Verdict
from optiwright.evaluation.scorers import strict
from optiwright.evaluation.statistics import same_answer
from optiwright.formulators.errors import UserError

GRAMMAR = (
    "`right`; `wrong` and the right value of the objective (a number, the letter of an answer, "
    "`infeasible` or `unbounded`; several with `or`); `ambiguous`; or `skip`"
)


@dataclass(frozen=True)
class Case:
    """A problem as a reviewer sees it.

    Attributes:
        label: the label in words.
        answers: the distinct answers in words, by letter, in an order that says nothing.
    """

    problem: Problem
    label: str
    answers: Mapping[str, str]


def cases_of(paths: Sequence[Path], seed: int) -> dict[str, tuple[Case, str]]:
    """Return every problem of some runs, by content, with how its answers stand to its label.

    Raises:
        UserError: if a folder holds no run.
    """
    answered: dict[str, list[EvaluationRecord]] = {}
    for record in (r for path in paths for r in read_records(path) if r.sample == 0):
        answered.setdefault(record.problem.content, []).append(record)
    if not answered:
        raise UserError("the runs have no record yet")
    return {key: (_case(records, seed), _standing(records)) for key, records in answered.items()}


def drawn(cases: Mapping[str, tuple[Case, str]], n: int, seed: int) -> list[Case]:
    """Draw `n` cases, or all if there are fewer, in random order.

    Agreements and disagreements with the label come in their own proportions, benchmark by
    benchmark, so that a share among the drawn estimates the share among all.

    Raises:
        UserError: if `n` is less than 1.
    """
    marked = [c.problem.model_copy(update={"kind": standing}) for c, standing in cases.values()]
    return [cases[p.content][0] for p in draw(marked, min(n, len(marked)), seed)]


def judged(case: Case, words: str, note: str = "") -> Review | None:
    """Return the review that a reviewer's words make of a case; None where it is skipped.

    Args:
        case: what was judged.
        words: as `GRAMMAR` says; a word may be cut short, and nothing at all skips.
        note: the reviewer's remark.

    Raises:
        UserError: if the words are no verdict.
    """
    first, _, rest = words.strip().partition(" ")
    if "skip".startswith(first.lower()):
        return None
    verdict = next((v for v in Verdict if v.value.startswith(first.lower())), None)
    if verdict is None or (rest.strip() and verdict is not Verdict.WRONG):
        raise UserError(f"`{words.strip()}` is no verdict", remedy=f"Write {GRAMMAR}.")
    correct = _corrected(case, rest) if verdict is Verdict.WRONG else ()
    return Review(
        content=case.problem.content,
        problem=case.problem.id,
        verdict=verdict,
        correct=correct,
        note=" ".join(note.split()),
    )


def _corrected(case: Case, words: str) -> tuple[str, ...]:
    """Return what should stand there."""
    found: list[str] = []
    for value in words.split(" or "):
        value = value.strip()
        answer = case.answers.get(value.upper(), value)
        try:
            found += accepted_answers(answer.partition(" (")[0])
        except ValueError:
            raise UserError(
                f"`{value}` is neither a value nor the letter of an answer with one",
                remedy="Write `wrong` and the right value of the objective.",
            ) from None
    if all(_is_label(case.problem.label, value) for value in found):
        raise UserError(f"`wrong {words.strip()}` gives the label itself as what is right")
    return tuple(found)


def _is_label(label: Label, value: str) -> bool:
    if len(label.accepted) != 1 or value in list(Ending):
        return label.accepted == (value,)
    return bool(strict(label, Claim(ending=Ending.SOLVED, objective=float(value))))


def _case(records: Sequence[EvaluationRecord], seed: int) -> Case:
    problem = records[0].problem
    answers = [_answer(claim) for claim in _distinct(r.claim for r in records)]
    random.Random(f"{seed} {problem.content}").shuffle(answers)
    label = problem.label
    named = [(q.name, q.value) for q in label.quantities]
    return Case(
        problem=problem,
        label=_words(" or ".join(label.accepted), named),
        answers=dict(zip(_letters(), answers, strict=False)),
    )


def _standing(records: Sequence[EvaluationRecord]) -> str:
    right = [bool(main_verdict(row_of(record))) for record in records]
    return "all agree" if all(right) else "some agree" if any(right) else "none agrees"


def _distinct(claims: Iterable[Claim]) -> Iterator[Claim]:
    seen: list[Claim] = []
    for claim in claims:
        if not any(_same(claim, other) for other in seen):
            seen.append(claim)
            yield claim


def _same(left: Claim, right: Claim) -> bool:
    if left.objective is None and right.objective is None:
        return (left.ending, left.quantities) == (right.ending, right.quantities)
    return same_answer((left.ending, left.objective), (right.ending, right.objective))


def _answer(claim: Claim) -> str:
    value = claim.ending.value if claim.objective is None else f"{claim.objective:.10g}"
    found = [(q.name, f"{q.value:.10g}") for q in claim.quantities if q.value is not None]
    return _words(value, found)


def _words(value: str, named: Sequence[tuple[str, str]]) -> str:
    quantities = ", ".join(f"{' '.join(name.split())} = {number}" for name, number in named)
    return f"{value} ({quantities})" if quantities else value


def _letters() -> Iterator[str]:
    yield from string.ascii_uppercase
    yield from (f"{a}{b}" for a in string.ascii_uppercase for b in string.ascii_uppercase)
