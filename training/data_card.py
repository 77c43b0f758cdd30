"""What a set of rows consists of: counts, lengths, origins, as data and as a Markdown page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from optiwright.formulators.errors import UserError
from optiwright.training.published_rows import PUBLISHED
from optiwright.training.revision import code_revision
from optiwright.training.rows import TrainingRow

CountTokens = Callable[[str], int]

_OWN_LICENCE = "Apache-2.0, as Optiwright"
_PARTS = ("text", "script", "indexed", "elements", "program")
_UNKNOWN = "not known"


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Lengths(_Plain):
    """How long a part of the rows is, over those that have it."""

    rows: int
    shortest: int
    median: int
    nineteen_of_twenty: int
    """At most this long are 95% of them."""
    longest: int


class DataCard(_Plain):
    """What a set of rows consists of."""

    rows: int
    counts: dict[str, dict[str, int]]
    """By source, family, class, split, voice and the model that wrote it: how many rows."""
    verified: int
    characters: dict[str, Lengths]
    """By part of a row."""
    tokens: dict[str, Lengths]
    """The same in tokens; empty where no tokenizer was at hand."""
    tokenizer: str
    seeds: str
    licences: dict[str, str]
    """By source or published set."""
    code: str

    def markdown(self) -> str:
        """Return the card as a page."""
        return "\n".join(_lines(self)) + "\n"


def data_card(
    rows: Iterable[TrainingRow], count_tokens: CountTokens | None = None, tokenizer: str = ""
) -> DataCard:
    """Return the card of rows, which are looked at one at a time.

    Args:
        rows: the rows.
        count_tokens: how many tokens a text has; None where no tokenizer is at hand.
        tokenizer: its name, for the card.

    Raises:
        UserError: if there are no rows.
    """
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("source", "family", "class", "split", "voice", "model")
    }
    characters: dict[str, list[int]] = {part: [] for part in _PARTS}
    tokens: dict[str, list[int]] = {part: [] for part in _PARTS}
    seeds: set[int] = set()
    total = verified = 0
    for row in rows:
        total += 1
        verified += row.verified
        _count(counts, row)
        seeds |= {row.seed} if row.seed is not None else set()
        for part in _PARTS:
            if content := getattr(row, part):
                characters[part].append(len(content))
                if count_tokens is not None:
                    tokens[part].append(count_tokens(content))
    if not total:
        raise UserError("there are no rows", remedy="Give a file that has some.")
    return DataCard(
        rows=total,
        counts={name: dict(found.most_common()) for name, found in counts.items()},
        verified=verified,
        characters={part: _lengths(found) for part, found in characters.items() if found},
        tokens={part: _lengths(found) for part, found in tokens.items() if found},
        tokenizer=tokenizer,
        seeds=_seeds(seeds),
        licences=dict(_licences(counts)),
        code=code_revision(),
    )


def tokens_by(folder: Path) -> CountTokens:
    """Return the count of tokens by the tokenizer in a model's folder.

    Raises:
        UserError: if tokenizers is not installed, or there is no tokenizer.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise UserError(
            "counting tokens needs tokenizers, which is not installed",
            remedy='Install `pip install "optiwright[train]"`, or leave out the tokenizer.',
        ) from None
    file = folder / "tokenizer.json"
    if not file.is_file():
        raise UserError(
            "there is no tokenizer.json", where=str(folder), remedy="Give a model's folder."
        )
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises no narrower class
        raise UserError(f"it is no tokenizer: {error}", where=str(file)) from None
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def _count(counts: Mapping[str, Counter[str]], row: TrainingRow) -> None:
    found = {
        "source": row.source,
        "family": row.family,
        "class": row.problem_class or _UNKNOWN,
        "split": row.split,
        "voice": row.voice or _UNKNOWN,
        "model": row.made_by or ("no model" if row.source == "generated" else _UNKNOWN),
    }
    for name, value in found.items():
        counts[name][value] += 1


def _lengths(found: list[int]) -> Lengths:
    ordered = sorted(found)
    return Lengths(
        rows=len(ordered),
        shortest=ordered[0],
        median=ordered[(len(ordered) - 1) // 2],
        nineteen_of_twenty=ordered[-(-19 * len(ordered) // 20) - 1],
        longest=ordered[-1],
    )


def _seeds(seeds: set[int]) -> str:
    if not seeds:
        return "none"
    if len(seeds) == 1:
        return str(min(seeds))
    return f"{len(seeds):,} from {min(seeds)} to {max(seeds)}"


def _licences(counts: Mapping[str, Counter[str]]) -> Iterator[tuple[str, str]]:
    if counts["source"]["generated"]:
        yield "generated", _OWN_LICENCE
    for name in counts["family"]:
        if name in PUBLISHED:
            yield name, PUBLISHED[name].licence
    for source in ("resocratic", "augmented"):
        if counts["source"][source]:
            yield (
                source,
                "by the terms of the model that wrote them, and of the rows they come from",
            )
    if counts["source"]["record"]:
        yield "record", "by who stated the problems"


def _lines(card: DataCard) -> Iterator[str]:
    share = card.verified / card.rows
    yield from ("# Training rows", "")
    yield f"{card.rows:,} rows, of which {card.verified:,} ({share:.1%}) are verified: solved by"
    yield "formulation and by program, with the same proved optimum, every number in the text."
    yield from ("", f"- Seeds: {card.seeds}", f"- Code: {card.code}")
    for name, licence in card.licences.items():
        yield f"- Licence of {name}: {licence}"
    for name, found in card.counts.items():
        yield from ("", f"## By {name}", "", f"| {name} | rows | share |", "|---|---:|---:|")
        for value, count in found.items():
            yield f"| {value} | {count:,} | {count / card.rows:.1%} |"
    yield from _lengths_table("characters", card.characters)
    if card.tokens:
        yield from _lengths_table(f"tokens of {card.tokenizer}", card.tokens)


def _lengths_table(unit: str, lengths: Mapping[str, Lengths]) -> Iterator[str]:
    yield from ("", f"## Lengths in {unit}", "")
    yield "| part | rows | shortest | median | 95% | longest |"
    yield "|---|---:|---:|---:|---:|---:|"
    for part, found in lengths.items():
        figures = " | ".join(f"{value:,}" for value in found.model_dump().values())
        yield f"| {part} | {figures} |"
