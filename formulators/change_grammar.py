"""What a model is shown of a formulation to change, and the grammar its lines are held to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from optiwright.formulators.asked_numbers import AskedNumber
from optiwright.formulators.changes import GOAL
from optiwright.formulators.model import Element, Formulation, FromTable
from optiwright.formulators.named_places import Named, places_of
from optiwright.formulators.newcomers import newcomer_rules, speaks_of_new

_ELEMENTS = 40
"""Elements of one set that are shown and offered, those of the question first."""
_FROM_TABLE = 8
"""As many of a set that is taken from a table."""
_LONGEST = 60
"""Characters of a table's label that is shown where the question does not name it."""
_NAMES = 80
"""Names of one kind that are shown and offered."""
_LINES = 8
"""Changes in one reply."""
_LINES_OF_NEW = 16
"""Changes in one reply about something that is not there yet."""
_GOAL = 200
"""Characters of the goal that are shown, where something new may enter it."""
_WORDS = 110
"""Characters of a description that are shown."""
_PLAIN_ELEMENT = re.compile(r"[^\",\[\]\n*+]+")
_TITLES = {"parameter": "Data", "decision": "Decisions", "constraint": "Limits"}


def outline(formulation: Formulation, question: str, *, samples: bool = True) -> str:
    """Return a formulation's names with what they mean, and some elements of its sets.

    Its length does not depend on the rows of tables.

    Args:
        formulation: what is to be changed.
        question: of sets too long to show, the elements that it names come first.
        samples: whether labels of tables may be shown that the question does not name.
    """
    names = places_of(formulation)
    lines: list[str] = []
    for kind, title in _TITLES.items():
        shown = [n for n in names if n.kind == kind][:_NAMES]
        lines += [f"{title}:"] * bool(shown) + [_line(n) for n in shown]
    if speaks_of_new(question) and formulation.leading is not None:
        goal = formulation.leading
        lines.append(f"Goal, `{GOAL}`: {goal.sense.value} {goal.expression}"[:_GOAL])
    elements = _elements(names)
    lines += ["Elements:"] * bool(elements)
    choice = _Choice.of(formulation, question, samples=samples)
    lines += [f"{name}: {choice.told(name, found)}" for name, found in elements.items()]
    return "\n".join(lines)


def change_grammar(
    formulation: Formulation,
    question: str,
    numbers: Sequence[AskedNumber],
    *,
    samples: bool = True,
) -> str:
    """Return llama.cpp's GBNF of the lines that may be written about a question.

    Every name, element and number in it is one of the formulation's or the question's. A server
    is given it, so that without `samples` it has no label of a table but those of the question.
    """
    choice = _Choice.of(formulation, question, samples=samples)
    return _Grammar(formulation, places_of(formulation), question, numbers, choice).text()


def element_word(element: Element) -> str:
    """Return an element as a line has it, in quotes where it would be misread."""
    text = str(element)
    plain = _PLAIN_ELEMENT.fullmatch(text) and text.strip() == text
    return text if plain and not text.startswith("not ") else json.dumps(text, ensure_ascii=False)


def named_in(question: str, element: Element) -> bool:
    """Whether a question names an element, in whatever case and with or without spaces."""
    wanted = re.sub(r"[\s_\-]+", "", str(element).lower())
    pattern = r"[\s_\-]*".join(map(re.escape, wanted))
    return bool(wanted) and bool(re.search(rf"(?<!\w){pattern}(?!\w)", question.lower()))


def _line(named: Named) -> str:
    index = f"[{', '.join(named.sets)}]" if named.sets else ""
    unit = f", in {named.unit}" if named.unit else ""
    kind = " (yes or no)" if named.binary else ""
    said = " ".join((named.description or named.words).split())[:_WORDS]
    return f"{named.name}{index}{kind}{': ' if said or unit else ''}{said}{unit}"


def _elements(names: Sequence[Named]) -> dict[str, list[Element]]:
    """Return the elements of each set that names are over, by the set's name."""
    found: dict[str, dict[Element, None]] = {}
    for named in names:
        for name, elements in zip(named.sets, named.elements, strict=True):
            found.setdefault(name, {}).update(dict.fromkeys(elements))
    return {name: list(elements) for name, elements in found.items()}


@dataclass(frozen=True)
class _Choice:
    """Which elements of a set are shown and offered."""

    question: str
    tables: frozenset[str]
    """The sets that are taken from tables."""
    samples: bool

    @classmethod
    def of(cls, formulation: Formulation, question: str, *, samples: bool) -> _Choice:
        tables = (s.name for s in formulation.sets if isinstance(s.data, FromTable))
        return cls(question, frozenset(tables), samples)

    def told(self, name: str, elements: Sequence[Element]) -> str:
        """Return what is told of a set's elements: some, and how many more there are."""
        shown = self.elements(name, elements)
        more = len(elements) - len(shown)
        words = [element_word(e) for e in shown]
        if more:
            words.append(f"and {more:,} more" if shown else f"{more:,} of them")
        return ", ".join(words)

    def elements(self, name: str, elements: Sequence[Element]) -> list[Element]:
        """Return the elements that are shown, those that the question names first."""
        from_table = name in self.tables
        if len(elements) <= _ELEMENTS and not from_table:
            return list(elements)
        asked = [e for e in elements if named_in(self.question, e)][:_ELEMENTS]
        if from_table and not self.samples:
            return asked
        most = _FROM_TABLE if from_table else _ELEMENTS
        others = (
            e for e in elements if e not in asked and not (from_table and len(str(e)) > _LONGEST)
        )
        return [*asked, *islice(others, max(most - len(asked), 0))]


@dataclass
class _Grammar:
    """Collects the rules of one grammar; a list of elements that comes again is one rule."""

    formulation: Formulation
    names: Sequence[Named]
    question: str
    numbers: Sequence[AskedNumber]
    choice: _Choice
    rules: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        lines = list(self.lines())
        most = _LINES_OF_NEW if "new" in self.rules else _LINES
        body = "\n".join(f"{name} ::= {rule}" for name, rule in self.rules.items())
        return (
            f'root ::= "none" | line ("\\n" line){{0,{most - 1}}}\n'
            f"line ::= {' | '.join(lines)}\n{body}\n"
        )

    def lines(self) -> Iterator[str]:
        """Yield what a line may be; a rule for each kind of name that there is."""
        if speaks_of_new(self.question):
            self.rules |= newcomer_rules(self.formulation, self.names, self.question, self.numbers)
        data = self.targets("parameter", [n for n in self.names if n.kind == "parameter"])
        chosen = self.targets("decision", [n for n in self.names if n.kind == "decision"])
        limits = self.targets("constraint", [n for n in self.names if n.kind == "constraint"])
        yes_no = self.targets("binary", [n for n in self.names if n.binary])
        tokens = list(dict.fromkeys(n.token for n in self.numbers))
        if tokens:
            self.rules["number"] = " | ".join(map(_literal, tokens))
        if data and tokens:
            yield f'"set " {data} " to " number'
            yield f'("raise " | "lower " | "multiply ") {data} " by " number'
        if chosen and tokens:
            yield f'"limit " {chosen} " to " ("at most " | "at least " | "exactly ") number'
        if chosen:
            yield f'("use " | "avoid ") {chosen}'
        if yes_no:
            yield f'"never both " {yes_no} " and " {yes_no}'
        if limits:
            yield f'"drop " {limits}'
        if "new" in self.rules:
            counted = [n for n in self.names if n.total or n.kind == "constraint"]
            place = self.targets("place", counted)
            self.rules["total"] = f'"{GOAL}"{f" | {place}" if place else ""}'
            yield "new"

    def targets(self, rule: str, named: Sequence[Named]) -> str:
        """Return the rule's name for names of one kind with their indices; empty without any."""
        if not named:
            return ""
        summed = rule == "decision"
        self.rules[rule] = " | ".join(self.target(n, summed) for n in named[:_NAMES])
        return rule

    def target(self, named: Named, summed: bool) -> str:
        if not named.arity:
            return _literal(named.name)
        places = [
            self.place(label, tuple(elements), summed)
            for label, elements in zip(named.sets, named.elements, strict=True)
        ]
        return f'{_literal(named.name + "[")} {_joined(places)} "]"'

    def place(self, label: str, elements: tuple[Element, ...], summed: bool) -> str:
        picks = [_literal(element_word(e)) for e in self.choice.elements(label, elements)]
        picks += ["newelement"] * ("newelement" in self.rules)
        sum_too = ' | "+"' if summed else ""
        if not picks:
            return self.rule(f'"*"{sum_too}', "at")
        one = self.rule(" | ".join(picks), "element")
        return self.rule(f'{one} | "not " {one} | "*"{sum_too}', "at")

    def rule(self, body: str, prefix: str) -> str:
        """Return the name of a rule with this body, a new one where there is none yet."""
        known = next((n for n, b in self.rules.items() if b == body and n.startswith(prefix)), "")
        name = known or prefix + _letters(sum(n.startswith(prefix) for n in self.rules))
        self.rules[name] = body
        return name


def _joined(places: Sequence[str]) -> str:
    return ' ", " '.join(places)


def _literal(text: str) -> str:
    """Return a text as a GBNF literal."""
    return json.dumps(text, ensure_ascii=False)


def _letters(number: int) -> str:
    """Return a number in letters, since a rule's name has no digits."""
    digits = ""
    while True:
        number, digit = divmod(number, 26)
        digits = chr(ord("a") + digit) + digits
        if not number:
            return digits
