"""What a question brings in that a formulation does not have yet: an element, a decision.

The lines that a model writes of it, beside those of `change_script`: `add Puffin to Boats`, then
its data by `set`; `hats = integer(0, 40)`, then `labour += 2*hats` for each total, limit or goal
that it counts in. Names are the question's own words, numbers its own numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from optiwright.formulators.asked_numbers import AskedNumber
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import Domain, Element, Formulation, FromTable
from optiwright.formulators.named_places import Named
from optiwright.formulators.picking import alike, symbol_names, unknown

_NEW = re.compile(
    r"\b(?:also|another|additional|introduc\w*|as well|besides|too|on top|new|extra"
    r"|add(?:s|ed|ing)?"
    r"|start(?:s|ed|ing)? (?:to )?\w+"
    r"|(?:second|third|fourth|fifth|sixth|further|more) (?!than\b)\w+)\b",
    re.I,
)
_BRINGS = re.compile(
    r"\b(?:also|now|start(?:ed|ing)? to|could|begin(?:ning)? to) (?:now |also )*"
    r"(?:make|making|produce|producing|sell|selling|offer|offering|bake|brew|build|hire|rent|buy)\b"
    r"|\bintroduc(?:e|es|ed|ing)\b"
    r"|\b(?:another|a (?:new|further|second|third|fourth|fifth|sixth)) "
    r"(?!percent|time\b|one\b)[a-z]",
    re.I,
)
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_LONGEST = 3
"""Words in one name."""
_MOST = 90
"""Names that a grammar offers."""
_PLACED = re.compile(r"add (.+) to (\w+)")
_DECLARED = re.compile(r"(\w+)\s*=\s*(integer|continuous|binary)\((.*?)\)\s*(?:#\s*(.+))?")
_COUNTED = re.compile(r"(.+?)\s*([+-])=\s*(?:(\S+?)\s*\*\s*)?([A-Za-z_]\w*)(?:\s*#.*)?")
_KINDS = {
    "integer": Domain.INTEGER,
    "continuous": Domain.CONTINUOUS,
    "binary": Domain.BINARY,
}


@dataclass(frozen=True)
class Placed:
    """An element for a set."""

    element: Element
    set_name: str


@dataclass(frozen=True)
class Declared:
    """A decision of its own, bounds as they are written."""

    name: str
    domain: Domain
    lower: str
    upper: str
    description: str


@dataclass(frozen=True)
class Counted:
    """A decision that enters a total, a limit or the goal."""

    target: str
    sign: int
    number: str
    name: str


def speaks_of_new(question: str) -> bool:
    """Whether a question may be about something that is not there yet."""
    return bool(_NEW.search(question) or _BRINGS.search(question))


def brings_in(question: str) -> bool:
    """Whether a question plainly brings something in, so that no number in it is of the old."""
    return bool(_BRINGS.search(question))


def read_newcomer(line: str) -> Placed | Declared | Counted | None:
    """Return what a line says of something new; None where it is a line of another kind."""
    if found := _PLACED.fullmatch(line):
        return Placed(found[1].strip().strip("\"'"), found[2])
    if found := _DECLARED.fullmatch(line):
        lower, _, upper = found[3].partition(",")
        return Declared(
            found[1], _KINDS[found[2]], lower.strip(), upper.strip(), (found[4] or "").strip()
        )
    if found := _COUNTED.fullmatch(line):
        return Counted(found[1].strip(), 1 if found[2] == "+" else -1, found[3] or "", found[4])
    return None


def refuse_strange(new: Placed | Declared, question: str, where: str) -> None:
    """Raise where a new name is not made of the question's words.

    Raises:
        FormulationError: naming the word that the question does not have.
    """
    name = str(new.element) if isinstance(new, Placed) else new.name
    said = {_plain(w) for w in _WORD.findall(question)}
    for word in re.split(r"[\s_\-]+", name):
        plain = _plain(word)
        if plain and not plain.isdecimal() and not any(_same(plain, w) for w in said):
            raise FormulationError(
                f"the question does not say `{name}`",
                where=where,
                remedy="Name something new by the question's own word for it.",
            )


def _plain(word: str) -> str:
    return re.sub(r"\W|_", "", word).lower()


def _same(one: str, other: str) -> bool:
    """Whether two words are one, apart from a plural."""
    return one == other or one in {f"{other}s", f"{other}es"} or other in {f"{one}s", f"{one}es"}


def placed_right(
    new: Placed, formulation: Formulation, names: Sequence[Named], where: str
) -> Placed:
    """Return an element as its set has such: a number where all others are.

    Raises:
        FormulationError: if there is no such set.
    """
    sets = [s.name for s in formulation.sets]
    if new.set_name not in sets:
        raise unknown(where, "set", new.set_name, sets)
    there = [e for n in names for s, es in zip(n.sets, n.elements, strict=True)
             if s == new.set_name for e in es]  # fmt: skip
    return replace(new, element=alike(new.element, there))


def with_newcomers(
    names: Sequence[Named], placed: Iterable[Placed], declared: Iterable[Declared]
) -> list[Named]:
    """Return the names of a formulation as they are with what is new."""
    longer = list(names)
    for element in placed:
        longer = [_longer(named, element) for named in longer]
    for new in declared:
        binary = new.domain is Domain.BINARY
        longer.append(Named(new.name, "decision", (), (), [()], new.description, binary=binary))
    return longer


def _longer(named: Named, new: Placed) -> Named:
    elements = tuple(
        (*there, new.element) if label == new.set_name and new.element not in there else there
        for label, there in zip(named.sets, named.elements, strict=True)
    )
    return replace(named, elements=elements)


# --- the grammar ----------------------------------------------------------------------------------


def newcomer_rules(
    formulation: Formulation, names: Sequence[Named], question: str, numbers: Sequence[AskedNumber]
) -> dict[str, str]:
    """Return the rules for lines about something new, by name; a rule `new` among them, or none.

    A name is one to three words of the question that stand together.
    """
    rules: dict[str, str] = {}
    taken = symbol_names(formulation) | {n.name for n in names}
    words = list(_names(question, " "))
    idents = [w for w in _names(question, "_") if w not in taken and re.fullmatch(r"[a-z_]+", w)]
    sets = [s.name for s in formulation.sets if not isinstance(s.data, FromTable)]
    ways = []
    if sets and words:
        rules["newelement"] = _either(words[:_MOST])
        rules["ownset"] = _either(sets)
        ways.append('"add " newelement " to " ownset')
    if idents:
        rules["newname"] = _either(idents[:_MOST])
        said = list(dict.fromkeys(n.token for n in numbers if not n.percent))
        rules["least"] = _either(["0", *(t for t in said if t != "0")])
        rules["most"] = _either(["None", *said])
        rules["kind"] = '("integer(" | "continuous(") least ", " most ")" | "binary()"'
        times = ' (number "*")?' if numbers else ""
        rules["counted"] = f'(" += " | " -= "){times} newname'
        ways.append('newname " = " kind')
        ways.append("total counted")
    if ways:
        rules["new"] = " | ".join(ways)
    return rules


def _names(question: str, joint: str) -> Iterator[str]:
    """Yield names from a question's words: those of one word first."""
    words = [m for m in _WORD.finditer(question) if len(m[0]) > 1]
    known = set()
    for length in range(1, _LONGEST + 1):
        for start in range(len(words) - length + 1):
            run = words[start : start + length]
            gaps = (question[a.end() : b.start()] for a, b in pairwise(run))
            if any(gap.strip(" -") for gap in gaps):
                continue
            name = joint.join(m[0] if joint == " " else _ident(m[0]) for m in run)
            if name not in known:
                known.add(name)
                yield name


def _ident(word: str) -> str:
    return re.sub(r"[^a-z]+", "_", word.lower()).strip("_") or "_"


def _either(texts: Iterable[str]) -> str:
    return " | ".join(json.dumps(t, ensure_ascii=False) for t in texts)
