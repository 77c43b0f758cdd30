"""A question's words held against a formulation's: the elements it names, the symbols it means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from optiwright.formulators.changes import EACH, At
from optiwright.formulators.model import Element
from optiwright.formulators.named_places import Named

_ALIKE = (
    "cost price expense expenditure fee charge rate spend",
    "pay wage salary earn paid dollar income",
    "demand need require requirement order want necessary",
    "capacity provide furnish supply deliver offer available availability",
    "fixed opening setup startup initial establish establishment starting open",
    "worker employee staff person people member individual workforce team personnel",
    "transport shipping ship shipment transportation freight route edge link connection path",
    "profit margin gain revenue",
    "budget fund money",
    "hour time",
    "close shut closed closure",
    "shift work duty",
)
"""Words of plain English that name the same thing in such questions, a group a line."""

_GROUP = {word: group.split()[0] for group in _ALIKE for word in group.split()}
_EMPTY_WORDS = """
the and for are was were with that this what would happen how does did from into now its our per can
could will has have had been being which there then than when why not whether each every all any
more less most least one two much many about affect impact outcome effect consequence result
situation scenario change possible potential unit amount number total increase decrease rise grow
reduce
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())
_ENDINGS = ("ingly", "ments", "ment", "ings", "ing", "ies", "ied", "ed", "es", "s")


@dataclass(frozen=True)
class Mention:
    """An element that a question names, and where."""

    element: Element
    span: tuple[int, int]


def stem(word: str) -> str:
    """Return a word without its ending, or what stands for it and its like."""
    word = word.lower()
    if word in _GROUP:
        return _GROUP[word]
    for ending in _ENDINGS:
        root = word.removesuffix(ending)
        if root != word and len(root) >= 3:
            for candidate in (root, f"{root}e", f"{root}y"):
                if candidate in _GROUP:
                    return _GROUP[candidate]
            return root
    return word


def stems_of(text: str) -> set[str]:
    """Return the stems of a text's words of three letters or more, empty words aside."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", text)
    words = re.findall(r"[A-Za-z]{3,}", apart)
    return {stem(w) for w in words if w.lower() not in _EMPTY}


def words_of(named: Named) -> set[str]:
    """Return the stems by which a symbol can be meant: of its name, description and unit."""
    return stems_of(f"{named.name} {named.description} {named.unit}")


def set_words(name: str) -> set[str]:
    """Return the stems of a set's name."""
    return stems_of(name)


def mentions_of(question: str, names: Sequence[Named]) -> list[Mention]:
    """Return the elements that a question names, in its order; the longest wins where two overlap.

    An element that is a number or one letter counts after its set's word: `plant 3`. Where none of
    a set's elements is named, a word that begins with the letters of some means all of them: of
    days `Mon1` and `Mon8`, `Mondays` means both.
    """
    places: dict[Element, set[str]] = {}
    for named in names:
        for label, elements in zip(named.sets, named.elements, strict=True):
            for element in elements:
                places.setdefault(element, set()).add(label)
    found = [
        Mention(element, span)
        for element, sets in places.items()
        for span in _spans(question, element, sets)
    ]
    found = _longest(found)
    named_sets = {label for m in found for label in places[m.element]}
    found += [m for m in _by_beginning(question, places) if not places[m.element] & named_sets]
    return sorted(found, key=lambda m: m.span)


def fill(named: Named, mentions: Sequence[Mention], rest: str = EACH) -> list[At] | None:
    """Return the picks by which a symbol is meant, `rest` where no element is named.

    None where a mentioned element has no place in the symbol's index, or more than one.
    """
    picks: list[list[Element]] = [[] for _ in range(named.arity)]
    for mention in mentions:
        fitting = [k for k in range(named.arity) if mention.element in named.elements[k]]
        if len(fitting) != 1:
            return None
        if mention.element not in picks[fitting[0]]:
            picks[fitting[0]].append(mention.element)
    several = [k for k, p in enumerate(picks) if len(p) > 1]
    if len(several) > 1:
        return None
    base: list[Element] = [p[0] if p else rest for p in picks]
    if not several:
        return [tuple(base)]
    k = several[0]
    return [(*base[:k], element, *base[k + 1 :]) for element in picks[k]]


def is_each(question: str, label: str) -> bool:
    """Whether a question speaks of all elements of a set: `each worker`, `workers`."""
    wanted = set_words(label)
    for match in re.finditer(r"\b(?:(each|every|all|any|no|per)\s+)?([A-Za-z]{3,})", question):
        if stem(match[2]) in wanted and (match[1] or match[2].lower().endswith(("s", "people"))):
            return True
    return False


def best_fits(
    wanted: set[str], candidates: Iterable[tuple[Named, list[At]]], *, everyone: Sequence[Named]
) -> list[tuple[Named, list[At]]]:
    """Return the symbols that a question's words mean best.

    Several only where the question's words are in all their names alike and tell none apart: of
    `light_demand` and `dark_demand`, "demand" means both.

    Args:
        wanted: stems of the question.
        candidates: symbols that its elements fit, with their picks.
        everyone: all symbols of the kind; a word that many have counts for less.
    """
    spread: dict[str, int] = {}
    for named in everyone:
        for word in words_of(named):
            spread[word] = spread.get(word, 0) + 1
    scored = []
    for named, at in candidates:
        shared = words_of(named) & wanted
        if shared:
            named_so = shared & stems_of(named.name)
            score = sum((1 + (word in named_so)) / spread[word] for word in shared)
            open_places = sum(pick == EACH for pick in at[0])
            # Of `hay`, `hay_protein` and `hay_fibre`, "hay" says the first one's whole name.
            whole = stems_of(named.name) <= wanted
            scored.append(((round(score, 9), whole, -open_places), sorted(named_so), named, at))
    if not scored:
        return []
    top = max(fit for fit, *_ in scored)
    best = [(so, named, at) for fit, so, named, at in scored if fit == top]
    alike = all(so == best[0][0] and named.sets == best[0][1].sets for so, named, _ in best)
    sure = len(best) == 1 or (alike and bool(best[0][0]))
    return [(named, at) for _, named, at in best] if sure else []


def _spans(question: str, element: Element, sets: set[str]) -> list[tuple[int, int]]:
    text = str(element)
    joined = re.sub(r"[\s_\-]+", "", text)
    if not joined:
        return []
    body = r"[\s_\-]*".join(map(re.escape, joined))
    words = "|".join(sorted(re.escape(w) for name in sets for w in _singulars(name)))
    if isinstance(element, int) or len(joined) == 1 or joined.isdigit():
        pattern = rf"\b(?:{words})\s*(?:no\.?|number|#)?\s*({body})(?!\w)" if words else r"(?!)"
    else:
        pattern = rf"(?<!\w)({body})(?!\w)"
    flags = 0 if len(joined) <= 2 and not joined.isdigit() else re.IGNORECASE
    if len(joined) == 1 or isinstance(element, int):
        flags = re.IGNORECASE
    return [m.span(1) for m in re.finditer(pattern, question, flags)]


def _singulars(name: str) -> list[str]:
    words = re.findall(r"[A-Za-z]{3,}", re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name))
    endings = (("ies", "y"), ("es", ""), ("s", ""))
    forms = [w.lower() for w in words]
    for word in list(forms):
        forms += [word.removesuffix(e) + by for e, by in endings if word.endswith(e)]
    return [f for f in forms if len(f) >= 3]


def _longest(found: list[Mention]) -> list[Mention]:
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda m: m.span[0] - m.span[1]):
        if all(mention.span[1] <= k.span[0] or k.span[1] <= mention.span[0] for k in kept):
            kept.append(mention)
    return kept


def _by_beginning(question: str, places: dict[Element, set[str]]) -> list[Mention]:
    found = []
    for match in re.finditer(r"\b[A-Z][a-z]{3,}\b", question):
        for element in places:
            letters = re.fullmatch(r"([A-Za-z]{3,})[\s_\-]*\d+", str(element))
            if letters and match[0].lower().startswith(letters[1].lower()):
                found.append(Mention(element, match.span()))
    return found


def stems_told(question: str, names: Sequence[Named]) -> set[str]:
    """Return the stems of a question, without those that only say which set is meant."""
    sets = {word for n in names for label in n.sets for word in set_words(label)}
    found = stems_of(question)
    return found - sets or found
