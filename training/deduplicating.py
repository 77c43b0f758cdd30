"""Rows without repeats, and without what repeats a benchmark's problem.

Likeness is the one that benchmarks are compared by (`evaluation.fingerprints`, `contamination`):
word triples and numbers. The same story with other numbers is another row, but with a
benchmark's story it is contaminated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from optiwright.evaluation.contamination import KnownTexts, Overlap
from optiwright.evaluation.duplicates import first_of_the_same
from optiwright.evaluation.fingerprints import Fingerprint, words_of
from optiwright.evaluation.overlap import known_texts
from optiwright.formulators.errors import UserError
from optiwright.formulators.phrases import counted
from optiwright.training.rows import TrainingRow

_NAMED = 20
"""Rows that a refusal names, and repeats that are listed."""


@dataclass(frozen=True)
class Repeat:
    """A row whose text is that of an earlier one, exactly or nearly."""

    row: TrainingRow
    first: TrainingRow
    exact: bool


@dataclass(frozen=True)
class Contaminated:
    """A row that repeats problems of benchmarks."""

    row: TrainingRow
    overlaps: tuple[Overlap, ...]

    def __str__(self) -> str:
        return f"{self.row.id} ({self.row.family}) repeats {'; '.join(map(str, self.overlaps))}"


def repeats_among(rows: Sequence[TrainingRow]) -> list[Repeat]:
    """Return the rows whose text an earlier row has, with most words and numbers the same."""
    words = [words_of(row.text) for row in rows]
    firsts = first_of_the_same([Fingerprint.of(w) for w in words])
    return [
        Repeat(rows[place], rows[first], words[place] == words[first])
        for place, first in enumerate(firsts)
        if first != place
    ]


def contaminated_rows(rows: Iterable[TrainingRow], known: KnownTexts) -> Iterator[Contaminated]:
    """Yield the rows that repeat a benchmark's problem, in one of the ways of `How`."""
    for row in rows:
        if overlaps := known.overlaps(row.text):
            yield Contaminated(row, tuple(overlaps))


def refuse_contaminated(
    rows: Iterable[TrainingRow], known: KnownTexts | None = None, data: Path | None = None
) -> tuple[str, ...]:
    """Refuse to go on where a row repeats a benchmark's problem; what trainers call first.

    Args:
        rows: what is to be trained on.
        known: the problems to hold them against; `known_texts(data)` if None.
        data: the folder of the benchmarks' files, as for `load`.

    Returns:
        The names of the benchmarks that are not on this machine, against which nothing was held:
        for the caller to warn of, or to refuse as well.

    Raises:
        UserError: naming the rows and the problems that they repeat.
    """
    known = known_texts(data) if known is None else known
    found = list(contaminated_rows(rows, known))
    if found:
        named = "\n".join(f"  {one}" for one in found[:_NAMED])
        more = f"\n  and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
        verb = "repeats" if len(found) == 1 else "repeat"
        raise UserError(
            f"{counted(len(found), 'row')} {verb} a benchmark's problem and must not be trained "
            f"on:\n{named}{more}\n",
            where="the training rows",
            remedy="`optiwright data dedupe FILES --out FILE` writes the rows without them.",
        )
    return known.absent


@dataclass(frozen=True)
class Deduplicated:
    """Rows that are left, and what was left out."""

    kept: tuple[TrainingRow, ...]
    repeats: tuple[Repeat, ...]
    contaminated: tuple[Contaminated, ...]

    def lines(self, known: KnownTexts) -> Iterator[str]:
        """Yield what is to be told: contamination by name, then the counts."""
        yield from map(str, self.contaminated)
        for repeat in self.repeats[:_NAMED]:
            how = "word for word" if repeat.exact else "nearly"
            yield f"{repeat.row.id} ({repeat.row.family}) repeats row {repeat.first.id} {how}"
        if len(self.repeats) > _NAMED:
            yield f"and {len(self.repeats) - _NAMED:,} more that repeat another row"
        named = Counter(
            name for one in self.contaminated for name in {o.benchmark for o in one.overlaps}
        )
        shown = ", ".join(f"{name} {count:,}" for name, count in named.most_common())
        total = len(self.kept) + len(self.repeats) + len(self.contaminated)
        yield (
            f"{len(self.kept):,} of {counted(total, 'row')} kept; {len(self.repeats):,} repeat "
            f"another, {len(self.contaminated):,} a benchmark's problem"
            + (f" ({shown})" if shown else "")
        )
        held = Counter(problem.benchmark for problem in known.problems)
        yield "held against: " + ", ".join(f"{name} {count:,}" for name, count in held.items())
        if known.absent:
            yield f"not here, so that their texts are not recognised: {', '.join(known.absent)}"


def deduplicate(rows: Iterable[TrainingRow], known: KnownTexts) -> Deduplicated:
    """Leave out what repeats a benchmark's problem, and then what repeats an earlier row."""
    clean: list[TrainingRow] = []
    contaminated: list[Contaminated] = []
    for row in rows:
        found = next(contaminated_rows([row], known), None)
        if found is None:
            clean.append(row)
        else:
            contaminated.append(found)
    repeats = repeats_among(clean)
    again = {id(repeat.row) for repeat in repeats}
    kept = tuple(row for row in clean if id(row) not in again)
    return Deduplicated(kept, tuple(repeats), tuple(contaminated))
