"""The words of a text around its numbers, and words held against words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from optiwright.formulators.text_numbers import TextNumber

_WORD = re.compile(r"[a-z]+|\d+(?:\.\d+)?")
_SENTENCE = re.compile(r"[.!?](?=\s|$)|\n\s*\n|\n(?=\s*[-*|])")


def quoted(text: str, number: TextNumber) -> str:
    """Return a number as the text writes it, with its surroundings in quotation marks."""
    return f'{" ".join(text[slice(*number.span)].split())} ("{surroundings(text, number)}")'


def surroundings(text: str, number: TextNumber) -> str:
    """Return a number of the text with up to four words before and after it."""
    start, stop = number.span
    before = re.search(r"(?:\S+\s+){0,4}$", text[max(0, start - 60) : start])
    after = re.match(r"\S*(?:\s+\S+){0,4}", text[stop : stop + 60])
    shown = (before.group() if before else "") + text[start:stop] + (after.group() if after else "")
    return " ".join(shown.split())


def clause_of(text: str, number: TextNumber) -> str:
    """Return the clause of the text that a number stands in, without its other numbers' clauses."""
    start, stop = number.span
    before = re.split(r"[.;:,|](?=\s)|\n|\band\b", text[:start])[-1]
    after = re.split(r"[.;:,|](?=\s|$)|\n|\band\b", text[stop:])[0]
    return " ".join((before + text[start:stop] + after).split())


def words_after(text: str, number: TextNumber) -> str:
    """Return a number's unit and the words after it, up to 40 characters or the clause's end."""
    found = re.match(r"[^.;,:|\n()]{0,40}", text[number.span[1] :])
    return found.group() if found else ""


def stems(words: str) -> set[str]:
    """Return the words of three letters or more, plural and case aside."""
    return {w.lower().rstrip("s") for w in re.findall(r"[A-Za-z]{3,}", words)}


def words_in(said: str) -> list[str]:
    """Return the words and numbers of something said, plural and case aside."""
    return [word.rstrip("s") or word for word in _WORD.findall(said.lower())]


def best_named(said: str, labels: Sequence[str]) -> int | None:
    """Return which label most words of are said, if more than of any other."""
    words = {*words_in(said)}
    scores = [len(words & {*words_in(label)}) for label in labels]
    best = max(scores)
    return scores.index(best) if best and scores.count(best) == 1 else None


def sentences(text: str) -> list[tuple[int, str]]:
    """Return the sentences of a text, with where each begins."""
    ends = [m.end() for m in _SENTENCE.finditer(text)] + [len(text)]
    starts = [0, *ends[:-1]]
    return [(s, text[s:e]) for s, e in zip(starts, ends, strict=True) if text[s:e].strip()]


def sentence_of(text: str, number: TextNumber) -> tuple[str, int]:
    """Return the sentence that a number stands in, and where in it the number begins."""
    for start, sentence in sentences(text):
        if start <= number.span[0] < start + len(sentence):
            return sentence, number.span[0] - start
    return text, number.span[0]
