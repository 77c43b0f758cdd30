"""What a decision means in words, with the names of what it is about in place of its indices."""

from __future__ import annotations

import re

from optiwright.formulators.model import Domain, Index, Variable
from optiwright.formulators.parser import parse_over

_WORDS_TOO = frozenset({"a", "I", "is", "as", "at", "in", "or", "so", "to", "of", "on", "no"})
"""Names of indices that a sentence may hold as words of its own."""
_WORD = re.compile(r"(?<!\w)\w+(?!\w)")
_ONE_IF = re.compile(r"(?:1|one)\s+(?:if|when|where)\s+", re.IGNORECASE)
_ZERO_IF = re.compile(r"[,;(]?\s*(?:and\s+)?(?:0|zero)\s+(?:if|when|where|otherwise|else)\b.*$")


def meaning_of(v: Variable) -> str:
    """Return a variable's description on one line; of `1 if it is open` what is then so."""
    said = " ".join(v.description.split())
    if v.domain is Domain.BINARY and (one := _ONE_IF.match(said)):
        return _ZERO_IF.sub("", said[one.end() :])
    return said


def names_its_indices(v: Variable) -> bool:
    """Whether a variable with indices has a description that names each of them once."""
    return _targets(v) != ()


def meaning_at(v: Variable, index: Index) -> str:
    """Return a variable's meaning at an index: `cases made in week 3`.

    Where the description does not name each index once, it stays as it is.
    """
    labels = dict(zip(_targets(v), map(str, index), strict=False))
    return _WORD.sub(lambda m: labels.get(m[0], m[0]), meaning_of(v))


def _targets(v: Variable) -> tuple[str, ...]:
    """Return the indices of a variable, if its description names every one once."""
    targets = tuple(t for g in parse_over(v.over) for t in g.targets) if v.over else ()
    found = _WORD.findall(meaning_of(v))
    clear = all(found.count(t) == 1 and t not in _WORDS_TOO for t in targets)
    return targets if clear else ()
