"""PDDL as far as the published planning tasks go: STRIPS with types and negative preconditions.

A reader of domains and instances, and nothing that searches; PDDL is read without case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

Atom: TypeAlias = tuple[str, ...]
"""A predicate and its objects, or its parameters."""
Expression: TypeAlias = "str | list[Expression]"
OBJECT = "object"
"""The type of all."""
_TOKEN = re.compile(r"[()]|[^\s()]+")
_COMMENT = re.compile(r";[^\n]*")


@dataclass(frozen=True)
class Operator:
    """An action of a domain; its atoms are over its parameters."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    """Name with its question mark, and type."""
    needs: frozenset[Atom]
    needs_not: frozenset[Atom]
    adds: frozenset[Atom]
    deletes: frozenset[Atom]


@dataclass(frozen=True)
class Domain:
    """What can be done.

    Attributes:
        parents: each type's own parent.
    """

    name: str
    parents: dict[str, str]
    operators: tuple[Operator, ...]

    def is_of(self, kind: str, wanted: str) -> bool:
        """Whether a type is another one or below it."""
        while kind not in (wanted, OBJECT):
            kind = self.parents.get(kind, OBJECT)
        return wanted in (kind, OBJECT)


@dataclass(frozen=True)
class Instance:
    """A task of a domain: its objects by name with their types, what is true, what is wanted."""

    domain: str
    objects: dict[str, str]
    start: frozenset[Atom]
    goal: frozenset[Atom]


def read_domain(text: str) -> Domain:
    """Read a domain.

    Raises:
        ValueError: saying what is no PDDL that can be read here.
    """
    name, sections = _sections(text, "domain")
    types = next((s[1:] for s in sections if s[0] == ":types"), [])
    operators = tuple(_operator(s) for s in sections if s[0] == ":action")
    return Domain(name, dict(_typed(types)), operators)


def read_instance(text: str) -> Instance:
    """Read a task; raises as `read_domain`, also where start and goal name unknown objects."""
    _, sections = _sections(text, "problem")
    by_name = {str(s[0]): s[1:] for s in sections}
    missing = [n for n in (":domain", ":objects", ":init", ":goal") if n not in by_name]
    if missing:
        raise ValueError(f"the problem has no {', '.join(missing)}")
    start, _ = _literals(["and", *by_name[":init"]])
    goal, unwanted = _literals(["and", *by_name[":goal"]])
    if unwanted:
        raise ValueError("a goal that something is not so cannot be read here")
    objects = dict(_typed(by_name[":objects"]))
    unknown = {name for atom in start | goal for name in atom[1:]} - objects.keys()
    if unknown:
        raise ValueError(f"there is no object {', '.join(sorted(unknown))}")
    return Instance(" ".join(map(str, by_name[":domain"])), objects, start, goal)


def _operator(section: list[Expression]) -> Operator:
    name, *rest = section[1:] or [""]
    fields = dict(zip(map(str, rest[::2]), rest[1::2], strict=False))
    needs, needs_not = _literals(fields.get(":precondition", []))
    adds, deletes = _literals(fields.get(":effect", []))
    parameters = fields.get(":parameters", [])
    if not isinstance(parameters, list):
        raise ValueError(f"the parameters of {name} are no list")
    return Operator(str(name), tuple(_typed(parameters)), needs, needs_not, adds, deletes)


def _literals(expression: Expression) -> tuple[frozenset[Atom], frozenset[Atom]]:
    """Return the atoms of a conjunction, however nested, and those that are negated in it."""
    plain, negated, rest = set(), set(), [expression]
    while rest:
        part = rest.pop()
        if part[:1] == ["and"]:
            rest.extend(part[1:])
        elif part[:1] == ["not"] and len(part) == 2:
            negated.add(_atom(part[1]))
        elif part:
            plain.add(_atom(part))
    return frozenset(plain), frozenset(negated)


def _atom(expression: Expression) -> Atom:
    words = [word for word in expression if isinstance(word, str)]
    if not isinstance(expression, list) or len(words) != len(expression) or not words:
        raise ValueError(f"`{expression}` is neither an atom nor the negation of one")
    return tuple(words)


def _typed(words: list[Expression]) -> Iterator[tuple[str, str]]:
    """Yield names with their types from a list such as `a b - block c`."""
    names: list[str] = []
    rest = iter(map(str, words))
    for word in rest:
        if word != "-":
            names.append(word)
            continue
        kind = next(rest, OBJECT)
        yield from ((name, kind) for name in names)
        names = []
    yield from ((name, OBJECT) for name in names)


def _sections(text: str, what: str) -> tuple[str, list[list[Expression]]]:
    """Return the name in a definition and what follows it."""
    whole = _parsed(_TOKEN.findall(_COMMENT.sub("", text).lower()))
    if not isinstance(whole, list) or whole[:1] != ["define"] or len(whole) < 2:
        raise ValueError("it is no `(define ...)` and nothing else")
    head, *sections = whole[1:]
    if not isinstance(head, list) or len(head) != 2 or head[0] != what:
        raise ValueError(f"it defines no {what}")
    if not all(isinstance(section, list) and section for section in sections):
        raise ValueError("something between the sections is no section")
    return str(head[1]), [s for s in sections if isinstance(s, list)]


def _parsed(tokens: list[str]) -> Expression:
    """Return the one expression that the tokens are."""
    whole: list[Expression] = []
    open_lists = [whole]
    for token in tokens:
        if token == "(":
            inner: list[Expression] = []
            open_lists[-1].append(inner)
            open_lists.append(inner)
        elif token != ")":
            open_lists[-1].append(token)
        elif len(open_lists) == 1:
            raise ValueError("a bracket is closed that was not opened")
        else:
            open_lists.pop()
    if len(open_lists) > 1:
        raise ValueError("a bracket is not closed")
    if len(whole) != 1:
        raise ValueError("it is no `(define ...)` and nothing else")
    return whole[0]
