"""Made-up problems for the tests of contamination, out of words that no benchmark has."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st

from optiwright.evaluation.problems import Label, Problem

_STARTS, _ENDS = (
    ("bra", "fli", "gro", "ske", "tru", "vlo", "zwi"),
    ("ban", "dol", "fek", "mur", "sim"),
)
VOCABULARY = tuple("".join(parts) for parts in itertools.product(_STARTS, _STARTS, _ENDS))
"""245 words."""
OTHER_WORDS = tuple("".join(parts) for parts in itertools.product(_ENDS, _STARTS, _STARTS))
"""245 others."""

Sentence = tuple[str, ...]
"""Words, and numbers among them."""

NUMBERS = st.integers(50, 5000).map(lambda n: str(2 * n + 1))
OTHER_NUMBERS = st.integers(50, 5000).map(lambda n: str(4 * n + 2))


def stories(
    words: tuple[str, ...] = VOCABULARY, numbers: st.SearchStrategy[str] = NUMBERS
) -> st.SearchStrategy[tuple[Sentence, ...]]:
    """Four to eight sentences of eleven to fifteen words, each with one number, all different."""
    lengths = st.lists(st.integers(10, 14), min_size=4, max_size=8)
    return lengths.flatmap(lambda some: _stories(words, numbers, some))


def _stories(
    words: tuple[str, ...], numbers: st.SearchStrategy[str], lengths: list[int]
) -> st.SearchStrategy[tuple[Sentence, ...]]:
    mixed = st.permutations(words)
    count = len(lengths)
    chosen = st.lists(numbers, min_size=count, max_size=count, unique=True)
    return st.tuples(mixed, chosen).map(lambda drawn: _built(lengths, *drawn))


def _built(lengths: list[int], words: list[str], numbers: list[str]) -> tuple[Sentence, ...]:
    rest = iter(words)
    sentences = []
    for length, number in zip(lengths, numbers, strict=True):
        sentence = list(itertools.islice(rest, length))
        sentence.insert(length // 2, number)
        sentences.append(tuple(sentence))
    return tuple(sentences)


def text_of(story: tuple[Sentence, ...]) -> str:
    """The sentences as a text."""
    return " ".join(f"{' '.join(sentence).capitalize()}." for sentence in story)


def made_up(text: str, name: str = "made-1") -> Problem:
    """A problem with that text."""
    benchmark = name.rpartition("-")[0]
    return Problem(
        id=name, benchmark=benchmark, kind="made", text=text, label=Label(accepted=("1",))
    )
