"""The wire form of plans: short lines that a model writes, read and written, and their grammar.

```
kind truck, package
object t1: truck
object p1, p2: package
fact at(x: object, l: location)  # x is at l
amount fuel(t: truck) in litres  # what is left in the tank
action drive(t: truck, a: location, b: location)  # t goes from a to b
  needs at(t, a), a != b, fuel(t) >= distance(a, b)
  makes at(t, b)
  ends at(t, a)
  changes fuel(t) -= distance(a, b)
  cost distance(a, b)
start at(t1, depot), fuel(t1) = 10
goal at(p1, shop)
least steps
limit 12
assume The tank is not filled on the way.
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from optiwright.formulators.findings import Finding
from optiwright.formulators.planning import OBJECT, Action, Place, Planning, Thing
from optiwright.formulators.planning_reader import PlanningReader

_WIDTH = 96
_GRAMMAR = r"""
root ::= "none" | title? kinds{0,12} objects{1,60} facts{0,30} amounts{0,20} action{1,24} start{1,40} goal{1,8} least limit? assume{0,6}
title ::= "title " words "\n"
kinds ::= "kind " name (", " name){0,12} (": " name)? "\n"
objects ::= "object " name (", " name){0,40} (": " name)? note "\n"
facts ::= "fact " name places? note "\n"
amounts ::= "amount " name places? (" in " unit)? note "\n"
places ::= "(" place (", " place){0,5} ")"
place ::= name (": " name)?
action ::= "action " name places? note "\n" needs{0,4} makes{0,3} ends{0,3} changes{0,3} cost?
needs ::= "  needs " condition (", " condition){0,12} "\n"
makes ::= "  makes " atom (", " atom){0,12} "\n"
ends ::= "  ends " atom (", " atom){0,12} "\n"
changes ::= "  changes " change (", " change){0,8} "\n"
cost ::= "  cost " expression "\n"
start ::= "start " given (", " given){0,12} "\n"
goal ::= "goal " condition (", " condition){0,12} "\n"
least ::= "least " ("steps" | "cost" | "any")
limit ::= "\nlimit " [0-9]{1,4}
assume ::= "\nassume " words
given ::= atom (" = " number)?
condition ::= ("not ")? atom | name " != " name | name " == " name | expression " " relation " " expression
relation ::= "<=" | ">=" | "==" | "!=" | "<" | ">"
change ::= atom (" = " | " += " | " -= ") expression
expression ::= term ((" + " | " - " | " * " | " / ") term){0,6}
term ::= atom | number | "(" term (" + " | " - " | " * " | " / ") term ")"
atom ::= name ("(" name (", " name){0,5} ")")?
name ::= [A-Za-z] [A-Za-z0-9_]{0,39}
number ::= "-"? [0-9]{1,9} ("." [0-9]{1,6})?
unit ::= [A-Za-z] [A-Za-z0-9/%]{0,20}
note ::= ("  # " words)?
words ::= [^\n`]{1,120}
"""  # noqa: E501


def planning_grammar() -> str:
    """Return what a model may write, as llama.cpp's GBNF; every repetition ends."""
    return _GRAMMAR.lstrip()


def read_planning(text: str) -> tuple[Planning | None, tuple[Finding, ...]]:
    """Read lines, with or without a code fence or words around them.

    Slips with one remedy are put right without a word: case, names with spaces or hyphens, kinds
    that are used and not declared, PDDL's parentheses, `not x` among what an action makes. A line
    that cannot be read is left out, with a finding that names it. `none`, or a text without any
    such line, is None.
    """
    reader = PlanningReader()
    planning = reader.read(text)
    return planning, tuple(reader.findings)


def write_planning(planning: Planning) -> str:
    """Return a formulation's lines; `read_planning` reads the same from them."""
    return "\n".join(_lines(planning)) + "\n"


def _lines(planning: Planning) -> Iterator[str]:
    if planning.title:
        yield f"title {planning.title}"
    for parent, kinds in groupby(planning.kinds, lambda k: k.parent):
        yield from _wrapped("kind", [k.name for k in kinds], _of(parent))
    yield from _objects(planning.objects)
    for fact in planning.facts:
        yield f"fact {fact.name}{_places(fact.places)}{_note(fact.description)}"
    for amount in planning.amounts:
        unit = f" in {amount.unit}" if amount.unit else ""
        yield f"amount {amount.name}{_places(amount.places)}{unit}{_note(amount.description)}"
    for action in planning.actions:
        yield from _action(action)
    yield from _wrapped("start", planning.start)
    yield from _wrapped("goal", planning.goal)
    yield f"least {planning.least}"
    if planning.most_steps is not None:
        yield f"limit {planning.most_steps}"
    yield from (f"assume {sentence}" for sentence in planning.assumptions)


def _objects(objects: Sequence[Thing]) -> Iterator[str]:
    alike = groupby(enumerate(objects), lambda pair: (pair[1].kind, pair[1].words and pair[0]))
    for (kind, _), group in alike:
        things = [thing for _, thing in group]
        names = [thing.name for thing in things]
        if things[0].words:
            yield f"object {names[0]}{_of(kind)}{_note(things[0].words)}"
        else:
            yield from _wrapped("object", names, _of(kind))


def _action(action: Action) -> Iterator[str]:
    yield f"action {action.name}{_places(action.places)}{_note(action.description)}"
    for word, parts in (
        ("needs", action.needs),
        ("makes", action.makes),
        ("ends", action.ends),
        ("changes", action.changes),
    ):
        yield from _wrapped(f"  {word}", parts)
    if action.cost != "1":
        yield f"  cost {action.cost}"


def _places(places: Sequence[Place]) -> str:
    if not places:
        return ""
    plain = all(place.kind == OBJECT for place in places)
    return f"({', '.join(p.name if plain else f'{p.name}: {p.kind}' for p in places)})"


def _of(kind: str) -> str:
    return "" if kind == OBJECT else f": {kind}"


def _note(words: str) -> str:
    return f"  # {words}" if words else ""


def _wrapped(keyword: str, parts: Iterable[str], end: str = "") -> Iterator[str]:
    """Yield lines that begin with a keyword and list parts, none much longer than a screen's."""
    line = ""
    for part in parts:
        if line and len(line) + len(part) > _WIDTH:
            yield line + end
            line = ""
        line = f"{line}, {part}" if line else f"{keyword} {part}"
    if line:
        yield line + end
