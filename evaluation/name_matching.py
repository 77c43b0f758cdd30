"""Which symbol of a solution a quantity's name means, told by their words alone.

Labels name what they ask for in the words of the text, and so do formulations: what tells a name
from the others that are asked for ("long" of "number of long cables", "number of short cables")
is looked for among the words of the symbols. Only what is plain is decided; without a word in
common only that the one quantity which is left is the one decision which is.
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
prepare prepared offer offered serve served take taken need needed require required
"""
"""They tell no quantity from another."""
_EMPTY = frozenset(_EMPTY_WORDS.split())
_UNIT_WORDS = """
foot feet ft inch cm mm m km metre meter mile gram g kg ton tonne litre liter gallon acre hour h
minute min second day week month year trip dollar euro cent pound percent square cubic
"""
_UNITS = frozenset(_UNIT_WORDS.split())
"""They tell what a quantity is counted in: a symbol that has them is no other one for it."""
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("s", ""))
_PIECE = re.compile(r"\d+(?:\.\d+)?|[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_]+")
_ARTICLE = "a"
_LETTER = 1


def match_names(names: Sequence[str], symbols: Sequence[Symbol]) -> dict[str, str]:
    """Return by name the expression of the one symbol that it means; nothing for the others.

    Args:
        names: of the quantities that are asked for together, none of them the objective. A single
            one that is left is the single decision that is left, if no total has a word of it.
        symbols: of the solution; of two that fit alike a decision goes before a total.
    """
    found = {}
    for name in names:
        # "in" tells in-vivo from ex-vivo: where nothing else does, small words count too.
        chosen = _chosen(name, names, symbols, _EMPTY) or _chosen(name, names, symbols, frozenset())
        if chosen is not None:
            found[name] = chosen.symbol.expression
    found = _apart(found)
    left = [symbol for symbol in symbols if symbol.expression not in found.values()]
    decisions = [symbol for symbol in left if symbol.decision]
    open_ = [name for name in names if name not in found]
    one_each = len(open_) == len(decisions)
    near = {
        name: _nearest(name, decisions, 1) if one_each else _nearest(name, left, 2)
        for name in open_
    }
    found |= _apart({name: symbol for name, symbol in near.items() if symbol is not None})
    if len(open_) == len(decisions) == 1 and open_[0] not in found:
        words = _words(open_[0], _EMPTY)
        if not any(words & _Known.of(s, _EMPTY).words for s in left if not s.decision):
            found[open_[0]] = decisions[0].expression
    return found


def _apart(found: dict[str, str]) -> dict[str, str]:
    """Returns what is found without those symbols that several names have."""
    taken = Counter(found.values())
    return {name: expression for name, expression in found.items() if taken[expression] == 1}


def _nearest(name: str, symbols: Sequence[Symbol], least: int) -> str | None:
    """Returns the symbol that has more of a name's words than any other has, and some at least.

    "Investment in automation for A" of `automation_a`, dollars put into A.
    """
    words = _words(name, _EMPTY)
    scores = [(len(words & _Known.of(s, _EMPTY).words), s.expression) for s in symbols]
    best = max((score for score, _ in scores), default=0)
    nearest = {expression for score, expression in scores if score == best}
    return nearest.pop() if len(nearest) == 1 and best >= least else None


def _chosen(
    name: str, names: Sequence[str], symbols: Sequence[Symbol], empty: frozenset[str]
) -> _Known | None:
    words = _words(name, empty)
    others = [_words(other, empty) for other in names if other != name]
    shared = frozenset.intersection(*others) if others else frozenset()
    own = words - shared
    if not own:
        return None
    return _best(words, own, [_Known.of(symbol, empty) for symbol in symbols])


@dataclass(frozen=True)
class _Known:
    symbol: Symbol
    words: frozenset[str]
    said: frozenset[str]
    """Those that say what it is: no units, and nothing of a name such as `x1` beside a meaning."""

    @classmethod
    def of(cls, symbol: Symbol, empty: frozenset[str]) -> _Known:
        """Take a symbol's words, of its expression and its meaning."""
        named = _words(symbol.expression, empty, code=True)
        meant = _words(symbol.meaning, empty)
        speaks = not meant or any(len(word) > _LETTER for word in named if word.isalpha())
        return cls(symbol, named | meant, (named | meant if speaks else meant) - _UNITS)


def _best(words: frozenset[str], own: frozenset[str], known: Sequence[_Known]) -> _Known | None:
    """Returns the symbol with all words of the name's own and the fewest that it has not.

    None without one, or where two are as good.
    """
    fitting = [k for k in known if own <= k.words]
    if not fitting:
        return None

    def fit(k: _Known) -> tuple[int, int, bool]:
        return len(words & k.words) - len(k.said - words), len(words & k.words), k.symbol.decision

    top = max(map(fit, fitting))
    best = [k for k in fitting if fit(k) == top]
    return best[0] if len(best) == 1 else None


def _words(text: str, empty: frozenset[str], *, code: bool = False) -> frozenset[str]:
    """Returns what tells a text from others: words without their plural, numbers, single letters.

    A lone lower-case letter counts in code only, where it is no article.
    """
    found = set()
    for piece in _PIECE.findall(text):
        word = piece.lower()
        if word in empty or (word == _ARTICLE and piece == word and not code):
            continue
        found.add(_singular(word))
    return frozenset(found - empty)


def _singular(word: str) -> str:
    for ending, by in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3 - len(by):
            return word if word.endswith("ss") else word.removesuffix(ending) + by
    return word
