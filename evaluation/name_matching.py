"""Which symbol of a solution a quantity's name means, told by their words alone.

Labels name what they ask for in the words of the text, and so do formulations: what tells a name
from the others that are asked for ("long" of "number of long cables", "number of short cables")
is looked for among the words of the symbols. Only what is plain is decided.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from optiwright.evaluation.solutions import Symbol

_EMPTY_WORDS = """
the of to for and in on at per by be is are was were that this each with from as an
number amount quantity count total unit value many much how
make made produce produced production manufacture manufactured build built buy bought
purchase purchased sell sold use used planted hire hired run done perform performed
prepare prepared offer offered serve served take taken
"""
"""They tell no quantity from another."""
_EMPTY = frozenset(_EMPTY_WORDS.split())
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("s", ""))
_PIECE = re.compile(r"\d+(?:\.\d+)?|[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_]+")
_ARTICLE = "a"


def match_names(names: Sequence[str], symbols: Sequence[Symbol]) -> dict[str, str]:
    """Return by name the expression of the one symbol that it means; nothing for the others.

    Args:
        names: of the quantities that are asked for together, none of them the objective.
        symbols: of the solution; of two that fit alike a decision goes before a total.
    """
    asked = {name: _words(name) for name in names}
    known = [_Known.of(symbol) for symbol in symbols]
    found = {}
    for name, words in asked.items():
        others = [w for other, w in asked.items() if other != name]
        shared = frozenset.intersection(*others) if others else frozenset()
        chosen = _best(words, words - shared, known)
        if chosen is not None:
            found[name] = chosen.symbol.expression
    taken = Counter(found.values())
    return {name: expression for name, expression in found.items() if taken[expression] == 1}


@dataclass(frozen=True)
class _Known:
    symbol: Symbol
    words: frozenset[str]

    @classmethod
    def of(cls, symbol: Symbol) -> _Known:
        """Take a symbol's words, of its expression and its meaning."""
        return cls(symbol, _words(symbol.expression, code=True) | _words(symbol.meaning))


def _best(words: frozenset[str], own: frozenset[str], known: Sequence[_Known]) -> _Known | None:
    """Returns the symbol with all words of the name's own and the fewest that it has not.

    None without one, or where two are as good.
    """
    fitting = [k for k in known if own and own <= k.words]
    if not fitting:
        return None

    def fit(k: _Known) -> tuple[int, int, bool]:
        return len(words & k.words) - len(k.words - words), len(words & k.words), k.symbol.decision

    top = max(map(fit, fitting))
    best = [k for k in fitting if fit(k) == top]
    return best[0] if len(best) == 1 else None


def _words(text: str, *, code: bool = False) -> frozenset[str]:
    """Returns what tells a text from others: words without their plural, numbers, single letters.

    A lone lower-case letter counts in code only, where it is no article.
    """
    found = set()
    for piece in _PIECE.findall(text):
        word = piece.lower()
        if word in _EMPTY or (word == _ARTICLE and piece == word and not code):
            continue
        found.add(_singular(word))
    return frozenset(found - _EMPTY)


def _singular(word: str) -> str:
    for ending, by in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 - len(by):
            return word if word.endswith("ss") else word.removesuffix(ending) + by
    return word
