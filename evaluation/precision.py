"""How often `proved` is right, on labels that were reviewed and on the cleaned OptiBench."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from optiwright.agent.documents import Heading, Paragraph, Part, Table
from optiwright.agent.evidence import Level
from optiwright.evaluation.catalogue import BENCHMARKS, load, place_of
from optiwright.evaluation.evaluated import Evaluated
from optiwright.evaluation.frames import Row
from optiwright.evaluation.measures import Share, first_samples, main_verdict, share
from optiwright.evaluation.reviews import (
    Review,
    Verdict,
    known_reviews,
    reviewed_verdict,
)

CLEAN = "optibench-clean"
_ABOUT = (
    "Pooled over the runs, first samples; a text counts once for each way of answering. Reviewed "
    "labels are those that somebody read the text for and judged (`optiwright eval audit`; those "
    "that come with Optiwright were judged by a language model, see docs/labels.md): a corrected "
    "label counts as corrected, an ambiguous one is left out. The cleaned OptiBench is what a "
    "survey of label errors kept; its problems are known in other runs too where its file is here."
)


@dataclass(frozen=True)
class Precision:
    """How often answers with the level `proved` are right.

    Attributes:
        given: by the labels as their authors wrote them.
        reviewed: on reviewed labels, ambiguous ones left out.
        clean: on the cleaned OptiBench.
        ambiguous: how many proved answers were left out of `reviewed`.
    """

    given: Share
    reviewed: Share
    clean: Share
    ambiguous: int


def precision_of_proved(
    runs: Sequence[Evaluated],
    reviews: Mapping[str, Review] | None = None,
    clean: Collection[str] | None = None,
) -> Precision:
    """Return how often `proved` is right, pooled over runs and benchmarks, on first samples.

    Args:
        runs: as `read_run` returns them; a text counts once for each way of answering.
        reviews: by content; None takes the shipped ones and the user's own.
        clean: contents of the cleaned OptiBench's problems; None takes those of its file.
    """
    reviews = known_reviews() if reviews is None else reviews
    clean = clean_contents() if clean is None else clean
    proved = [(run.way, row) for run in runs for row in _proved(run)]

    def of(verdict: Callable[[Row], bool | None]) -> Share:
        return share(_once((way, row, verdict(row)) for way, row in proved))

    return Precision(
        given=of(main_verdict),
        reviewed=of(lambda row: reviewed_verdict(row, reviews)),
        clean=of(lambda row: main_verdict(row) if _is_clean(row, clean) else None),
        ambiguous=of(lambda row: True if _is_ambiguous(row, reviews) else None).total,
    )


def clean_contents() -> frozenset[str]:
    """Return the contents of the cleaned OptiBench's problems; none where its file is not here."""
    if place_of(BENCHMARKS[CLEAN]) is None:
        return frozenset()
    return frozenset(problem.content for problem in load(CLEAN).problems)


def precision_parts(runs: Sequence[Evaluated], reviews: Mapping[str, Review]) -> Iterator[Part]:
    """Yield a report's part on how often `proved` is right; nothing where nothing was proved."""
    clean = clean_contents()
    ways: dict[str, list[Evaluated]] = {}
    for run in runs:
        if _proved(run):
            ways.setdefault(run.way, []).append(run)
    if not ways:
        return
    pools = list(ways.items()) + ([("all of these", list(runs))] if len(ways) > 1 else [])
    yield Heading("How often `proved` is right")
    yield Paragraph(_ABOUT)
    table = []
    for name, members in pools:
        p = precision_of_proved(members, reviews, clean)
        table.append((name, str(p.reviewed), str(p.ambiguous), str(p.clean), str(p.given)))
    head = ("", "on reviewed labels", "ambiguous", "on the cleaned OptiBench", "labels as given")
    yield Table(head, tuple(table))


def _proved(run: Evaluated) -> list[Row]:
    return [row for row in first_samples(run.rows) if row.level == Level.PROVED]


def _once(verdicts: Iterable[tuple[str, Row, bool | None]]) -> Iterator[bool]:
    """Yield what was said, of each text once for each way: benchmarks repeat one another."""
    seen: set[tuple[str, str]] = set()
    for way, row, verdict in verdicts:
        mark = (way, row.content.partition("-")[0])
        if verdict is not None and mark not in seen:
            seen.add(mark)
            yield verdict


def _is_clean(row: Row, clean: Collection[str]) -> bool:
    return row.benchmark == CLEAN or row.content in clean


def _is_ambiguous(row: Row, reviews: Mapping[str, Review]) -> bool:
    review = reviews.get(row.content)
    return review is not None and review.verdict is Verdict.AMBIGUOUS
