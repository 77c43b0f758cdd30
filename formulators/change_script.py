"""The lines in which a model writes changes: a verb, a name with its indices, a number.

`raise demand[Oslo] by 29%`. A small model writes such lines surely where it would lose its way in
JSON; llama.cpp holds it to a grammar made of the formulation's own names and the question's own
numbers, and what any other model writes is held against both here. So a name is never invented and
a number never worked out by a model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from optiwright.formulators.asked_numbers import AskedNumber
from optiwright.formulators.changes import (
    EACH,
    SUMMED,
    Add,
    AddConstraint,
    At,
    Decide,
    Drop,
    Others,
    Pick,
    Relation,
    Scale,
    SetTo,
    TypedChange,
)
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Number, walk
from optiwright.formulators.model import Domain, Formulation
from optiwright.formulators.named_places import Named
from optiwright.formulators.parser import parse_relation
from optiwright.formulators.picking import unknown
from optiwright.formulators.scope import Scope
from optiwright.formulators.together import never_both

_BOUND: dict[str, Relation] = {"at most": "<=", "at least": ">=", "exactly": "=="}
_CHANGE = re.compile(r"(set|raise|lower|multiply) (.+?) (to|by) (\S+)")
_LIMIT = re.compile(r"limit (.+?) to (at most|at least|exactly) (\S+)")
_PLAIN = re.compile(r"(use|avoid|drop) (.+)")
_BOTH = re.compile(r"never both (.+\]|\w+) and (.+)")
_REQUIRE = re.compile(r"require (.+?)\s*(?:#\s*(.+))?")
_BRACKET_OR_FOR = re.compile(r"[\[(]|[\])]|\sfor\s")
_PICK = re.compile(r'\s*(?:not\s+)?"[^"]*"\s*|[^,]+')
_TARGET = re.compile(r"(\w+)\s*(?:\[(.*)\])?")
_SMALL_WHOLE = frozenset({0.0, 1.0, 2.0})
"""Numbers that a relation may have of its own: "not both" is a sum of at most 1."""


@dataclass(frozen=True)
class LineReader:
    """Reads lines against a formulation's names and a question's numbers."""

    formulation: Formulation
    names: Sequence[Named]
    numbers: Sequence[AskedNumber]

    def line(self, line: str, where: str) -> list[TypedChange]:
        if found := _CHANGE.fullmatch(line):
            return [self.data(where, *found.groups())]
        if found := _LIMIT.fullmatch(line):
            name, at = self.target(found[1], "decision", where)
            return [Decide(decision=name, at=at, relation=_BOUND[found[2]],
                           value=self.number(found[3], where).ratio)]  # fmt: skip
        if found := _BOTH.fullmatch(line):
            first = self.target(found[1], "decision", where)
            second = self.target(found[2], "decision", where)
            return list(never_both(self.formulation, first, second, where))
        if found := _PLAIN.fullmatch(line):
            return [self.plain(found[1], found[2], where)]
        if found := _REQUIRE.fullmatch(line):
            return [self.relation(*_relation_and_over(found[1]), found[2] or "", where)]
        raise FormulationError(
            f"found `{line[:80]}`, which is no change",
            where=where,
            remedy="Begin with set, raise, lower, multiply, limit, use, avoid, never both, drop "
            "or require, as shown.",
        )

    def data(self, where: str, verb: str, target: str, word: str, token: str) -> TypedChange:
        name, at = self.target(target, "parameter", where)
        said = self.number(token, where)
        if (word == "to") != (verb == "set"):
            raise FormulationError(
                f"found `{verb} ... {word}`", where=where,
                remedy=f"Write `{verb} {target} {'to' if verb == 'set' else 'by'} {token}`.",
            )  # fmt: skip
        if verb == "set":
            return SetTo(parameter=name, at=at, value=said.ratio)
        if verb == "multiply":
            return Scale(parameter=name, at=at, factor=_clean(said.ratio))
        sign = 1 if verb == "raise" else -1
        if said.percent:
            return Scale(parameter=name, at=at, factor=_clean(1 + sign * said.ratio))
        return Add(parameter=name, at=at, amount=sign * said.value)

    def plain(self, verb: str, target: str, where: str) -> TypedChange:
        if verb == "drop":
            name, at = self.target(target, "constraint", where)
            return Drop(constraint=name, at=at)
        name, at = self.target(target, "decision", where)
        return used(self.formulation, name, at) if verb == "use" else unused(name, at)

    def relation(self, text: str, over: str, sentence: str, where: str) -> TypedChange:
        tree = parse_relation(text)
        said = {n.value for n in self.numbers} | {n.ratio for n in self.numbers} | _SMALL_WHOLE
        strange = [
            n.value for n in walk(tree) if isinstance(n, Number) and abs(n.value) not in said
        ]
        if strange:
            raise self.unsaid(f"{strange[0]:g}", where)
        taken = {c.name for c in self.formulation.constraints}
        name = next(n for k in range(1, len(taken) + 2) if (n := f"required_{k}") not in taken)
        return AddConstraint(name=name, expression=text, over=over, description=sentence or text)

    def target(self, text: str, kind: str, where: str) -> tuple[str, At]:
        """Return a name and its picks, elements as the formulation writes them."""
        found = _TARGET.fullmatch(text.strip())
        if found is None:
            raise FormulationError(
                f"found `{text}`, expected a name and its indices in brackets", where=where,
                remedy="Write, for instance, `demand[Oslo]`.",
            )  # fmt: skip
        known = {n.name: n for n in self.names if n.kind == kind}
        if found[1] not in known:
            raise unknown(where, kind, found[1], known)
        if not (found[2] or "").strip():
            return found[1], ()
        picks = _split(found[2], known[found[1]])
        at = tuple(
            _pick(pick, known[found[1]].elements[k] if k < known[found[1]].arity else ())
            for k, pick in enumerate(picks)
        )
        return found[1], at

    def number(self, token: str, where: str) -> AskedNumber:
        wanted = token.replace(",", "")
        found = next((n for n in self.numbers if n.token == wanted), None)
        if found is None:
            value = re.fullmatch(r"(-?[\d.]+)%?", wanted)
            close = [n for n in self.numbers if value and value[1] == n.token.rstrip("%")]
            found = close[0] if close else None
        if found is None:
            raise self.unsaid(token, where)
        return found

    def unsaid(self, token: str, where: str) -> FormulationError:
        said = ", ".join(n.token for n in self.numbers)
        return FormulationError(
            f"the question does not say {token}",
            where=where,
            remedy=f"Its numbers are {said}; copy one." if said else "It has no number; use none.",
        )


def used(formulation: Formulation, name: str, at: At) -> Decide:
    """Return the change that a decision is taken: a binary is 1, any other at least one unit.

    Where a decision can be no more than one unit, such as a share, it is at least a tenth of that.
    """
    variable = next((v for v in formulation.variables if v.name == name), None)
    if variable is None or variable.domain is Domain.BINARY:
        return Decide(decision=name, at=at, relation="==" if variable else ">=", value=1)
    most = Scope(formulation).constant(variable.upper) if variable.upper is not None else None
    value = most / 10 if most is not None and 0 < most <= 1 else 1.0
    return Decide(decision=name, at=at, relation=">=", value=value)


def unused(name: str, at: At) -> Decide:
    """Return the change that a decision is not taken: it is 0."""
    return Decide(decision=name, at=at, relation="==", value=0)


def _clean(value: float) -> float:
    return float(f"{value:.12g}")


def _relation_and_over(text: str) -> tuple[str, str]:
    """Split `x[i] <= 3 for i in I` at the `for` that lies outside all brackets."""
    depth = 0
    for token in _BRACKET_OR_FOR.finditer(text):
        depth += (token[0] in "[(") - (token[0] in "])")
        if depth == 0 and token[0].strip() == "for":
            return text[: token.start()], text[token.end() :]
    return text, ""


def _split(text: str, named: Named) -> list[str]:
    """Split picks at commas; an element that has commas itself stands in quotes."""
    if named.arity == 1:
        return [text.strip()]
    return [found[0].strip() for found in _PICK.finditer(text)]


def _pick(text: str, elements: Sequence[str | int]) -> Pick:
    if text in {EACH, SUMMED}:
        return text
    others = re.fullmatch(r"not\s+(.+)", text)
    wanted = (others[1] if others else text).strip("\"'")
    known = {str(e): e for e in elements}
    element = known.get(wanted)
    if element is None:
        same = [k for k in known if k.lower() == wanted.lower()]
        element = known[same[0]] if same else wanted
    return Others(other_than=element) if others else element
