"""A plan's lines written piece by piece, each held to what the pieces before it declare.

A small model that writes all lines at once copies the worked example's facts and actions. Held to
the text's own words for names, then to the kinds, facts and objects that it declared itself, and
given each action's head as the text has it, it is left with the choice that matters.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product
from string import ascii_lowercase

from optiwright.formulators.planning import OBJECT, Amount, Fact, Place, Planning, Thing
from optiwright.formulators.planning_heads import first_words, one_of, words_of
from optiwright.formulators.planning_lines import read_planning, write_planning

_MOST_ATOMS = 300
_OF_FACTS = ("at", "in", "on", "has", "holds", "carries", "open", "closed", "empty", "free", "is")
_ANY = "[a-z] [a-z0-9_]{0,20}"
"""A name where there is nothing to choose from."""
LEAST_GRAMMAR = 'root ::= " steps" | " cost" | " any"'
"""What may follow `least`."""
_NOTE = r'note ::= "  # " [^\n`#]{3,90}'
_NUMBER = 'number ::= [0-9]{1,6} ("." [0-9]{1,3})?'


def objects_grammar(text: str, kinds: Sequence[str] = ()) -> str:
    """Return what may declare a text's objects: lines of its own words, until `fact`.

    Args:
        text: of the problem.
        kinds: that are known; their line is begun already.
    """
    words = _alternatives(words_of(text))
    other = _alternatives(dict.fromkeys(k for w in words_of(text) for k in (w, one_of(w))))
    begun = r'known things{1,12} "fact"' if kinds else 'kinds things{1,12} "fact"'
    return "\n".join(
        (
            f'root ::= {"" if kinds else """"none" | """}{begun}',
            r'known ::= (", " kind){0,2} "\n"'
            if kinds
            else r'kinds ::= "kind " kind (", " kind){0,5} "\n"',
            r'things ::= "object " name (", " name){0,14} ": " kind "\n"',
            f"kind ::= {other}",
            'name ::= word ("_" more){0,2}',
            f"word ::= {_alternatives(first_words(text))}",
            f"more ::= {words}",
        )
    )


def facts_grammar(text: str, planning: Planning) -> str:
    """Return what may declare facts, and amounts, of a formulation's kinds, until `action`."""
    words = dict.fromkeys((*first_words(text), *_OF_FACTS))
    return "\n".join(
        (
            'root ::= facts{1,12} amounts{0,4} "action"',
            r'facts ::= "fact " name places? note "\n"',
            r'amounts ::= "amount " name places? note "\n"',
            'places ::= "(" place (", " place){0,2} ")"',
            'place ::= [a-z]{1,8} ": " kind',
            f"kind ::= {_alternatives(_kinds(planning))}",
            'name ::= word ("_" word){0,2}',
            f"word ::= {_alternatives(words)}",
            _NOTE,
        )
    )


def fact_grammar(clause: str, places: Sequence[Place]) -> str:
    """Return what may follow `fact` for a clause: a name, and some of an action's places."""
    words = [w for w in first_words(clause) if w not in {p.name for p in places}]
    rules = [
        f'root ::= " " name {"places " * bool(places)}"  #"',
        'name ::= word ("_" word){0,1}',
        f"word ::= {_alternatives(words or _OF_FACTS)}",
    ]
    if places:
        rules += [
            'places ::= ("(" place (", " place){0,2} ")")?',
            f"place ::= {_alternatives(f'{p.name}: {p.kind}' for p in places)}",
        ]
    return "\n".join(rules)


def kinds_grammar(planning: Planning, places: Sequence[str]) -> str:
    """Return what may follow `action name(first:`, the kinds of an action's places.

    A place that is named as a kind is of it.
    """
    kinds = _kinds(planning)
    own = [f'"{place}"' if place in kinds else "kind" for place in places]
    rest = "".join(
        f' ", {place}: " {kind}' for place, kind in zip(places[1:], own[1:], strict=True)
    )
    return f'root ::= " " {own[0]}{rest} ")"\nkind ::= {_alternatives(kinds)}'


def head_grammar(text: str, planning: Planning) -> str:
    """Return what may be the first line of an action, or the end of them, `start`."""
    words = first_words(text)
    return "\n".join(
        (
            r'root ::= "action " name places? note "\n" | "start"',
            'places ::= "(" place (", " place){0,3} ")"',
            'place ::= [a-z]{1,8} ": " kind',
            f"kind ::= {_alternatives(_kinds(planning))}",
            'name ::= word ("_" word){0,2}',
            f"word ::= {_alternatives(words)}",
            _NOTE,
        )
    )


def body_grammar(planning: Planning, atoms: Sequence[str] = ()) -> str:
    """Return what may stand below the last action's head: `atoms`, or all of its places."""
    action = planning.actions[-1]
    told = action.description
    atoms = atoms or list(_filled(planning.facts, planning, action.places, told))[:_MOST_ATOMS]
    pairs = [
        f"{a.name} != {b.name}"
        for k, a in enumerate(action.places)
        for b in action.places[k + 1 :]
        if planning.is_of(a.kind, b.kind) or planning.is_of(b.kind, a.kind)
    ]
    amounts = list(_filled(planning.amounts, planning, action.places, action.description))
    priced = bool(amounts or re.search(r"\d", action.description))
    number = "amount | number" if amounts else "number"
    rules = [
        f"root ::= needs? makes? ends? {'changes? ' * bool(amounts)}{'cost? ' * priced}end",
        r'needs ::= "  needs " condition (", " condition){0,7} "\n"',
        r'makes ::= "  makes " atom (", " atom){0,5} "\n"',
        r'ends ::= "  ends " atom (", " atom){0,5} "\n"',
        'end ::= "action" | "start"',
        f'condition ::= ("not ")? atom{" | different" * bool(pairs)}{" | level" * bool(amounts)}',
        f"atom ::= {_alternatives(atoms)}",
    ]
    if pairs:
        rules.append(f"different ::= {_alternatives(pairs)}")
    if priced:
        rules += [
            r'cost ::= "  cost " term "\n"',
            f'term ::= ({number}) ((" + " | " - " | " * ") ({number})){{0,2}}',
            _NUMBER,
        ]
    if amounts:
        rules += [
            r'changes ::= "  changes " change (", " change){0,3} "\n"',
            'change ::= amount (" = " | " += " | " -= ") term',
            'level ::= amount (" >= " | " <= " | " == " | " > " | " < ") term',
            f"amount ::= {_alternatives(amounts)}",
        ]
    return "\n".join(rules)


def told_grammar(atoms: Sequence[str], *, sure: bool) -> str:
    """Return what may follow `start` or `goal` below a clause: some of `atoms`, or none."""
    none = "" if sure else '"none" | '
    return "\n".join(
        (
            rf'root ::= " " ({none}atom (", " atom){{0,9}}) "\n"',
            f"atom ::= {_alternatives(atoms)}",
        )
    )


def ends_grammar(planning: Planning) -> str:
    """Return what may be start, goal and least of a formulation, of its facts and objects."""
    atoms = _of_objects(planning)
    amounts = list(_filled(planning.amounts, planning, (), ""))
    rules = [
        "root ::= start goal least",
        r'start ::= "start " given (", " given){0,24} "\n"',
        r'goal ::= "goal " condition (", " condition){0,12} "\n"',
        'least ::= "least " ("steps" | "cost" | "any")',
        'condition ::= ("not ")? atom',
        f"given ::= atom{' | level' if amounts else ''}",
        f"atom ::= {atoms}",
        *_name_rules(planning),
    ]
    if amounts:
        rules += [
            'level ::= amount " = " number',
            f"amount ::= {_alternatives(amounts)}",
            _NUMBER,
        ]
    return "\n".join(rules)


def lines_so_far(script: str) -> tuple[Planning, str] | None:
    """Return what unfinished lines declare, and the same lines as they are written."""
    planning, _ = read_planning(script)
    if planning is None:
        return None
    seen: dict[str, str] = {}
    things = tuple(t for t in planning.objects if seen.setdefault(t.name, t.kind) == t.kind)
    used = {t.kind for t in things}
    kinds = tuple(k for k in planning.kinds if k.name in used)
    known = {OBJECT, *used}
    facts = tuple(
        f for f in {f.name: f for f in reversed(planning.facts)}.values() if _of_known(f, known)
    )[::-1]
    planning = planning.model_copy(update={"objects": things, "kinds": kinds, "facts": facts})
    return planning, _unfinished(planning)


def _unfinished(planning: Planning) -> str:
    lines = write_planning(planning).splitlines()
    return "\n".join(line for line in lines if not line.startswith("least ")) + "\n"


def with_numbered(planning: Planning, text: str) -> Planning:
    """Return what is declared and all that the text calls by a kind and a number, as `room4`."""
    kinds = {k.name for k in planning.kinds}
    known = {t.name for t in planning.objects}
    named = ((w, w.rstrip("0123456789")) for w in words_of(text))
    more = tuple(Thing(name=w, kind=k) for w, k in named if k in kinds and k != w not in known)
    return planning.model_copy(update={"objects": (*planning.objects, *more)})


def without_objects(planning: Planning, names: Collection[str]) -> tuple[Planning, str]:
    """Return what is declared but objects of these names, and its lines."""
    things = tuple(t for t in planning.objects if t.name not in names)
    planning = planning.model_copy(update={"objects": things or planning.objects})
    return planning, _unfinished(planning)


def finished(script: str, words: Mapping[str, str]) -> str:
    """Return lines without objects that no action can take and neither start nor goal names.

    Args:
        script: all lines.
        words: in which a step of an action is told, by its name.
    """
    planning, _ = read_planning(script)
    if planning is None:
        return script
    taken = {place.kind for action in planning.actions for place in action.places}
    named = set(re.findall(r"\w+", " ".join((*planning.start, *planning.goal))))
    things = tuple(
        t
        for t in planning.objects
        if t.name in named or any(planning.is_of(t.kind, kind) for kind in taken)
    )
    actions = tuple(
        a.model_copy(update={"description": words.get(a.name, a.description)})
        for a in planning.actions
    )
    return write_planning(planning.model_copy(update={"objects": things, "actions": actions}))


def _of_known(fact: Fact, known: set[str]) -> bool:
    return all(p.kind in known for p in fact.places)


def _kinds(planning: Planning) -> list[str]:
    return [k.name for k in planning.kinds] or [OBJECT]


def _filled(
    parts: Iterable[Fact | Amount], planning: Planning, places: Sequence[Place], told: str
) -> Iterator[str]:
    """Yield atoms of an action's places, of objects where no place is of the kind or `told` has."""
    low = told.lower()
    for part in parts:
        choices = []
        for wanted in part.places:
            own = [p.name for p in places if planning.is_of(p.kind, wanted.kind)]
            things = [t.name for t in planning.objects if planning.is_of(t.kind, wanted.kind)]
            named = [t for t in things if t.replace("_", " ").lower() in low] if own else things
            choices.append(list(dict.fromkeys([*own, *named])))
        for filling in product(*choices):
            if len(set(filling)) == len(filling):
                yield _atom(part.name, filling)


def _atom(name: str, filling: Sequence[str]) -> str:
    return f"{name}({', '.join(filling)})" if filling else name


def _of_objects(planning: Planning) -> str:
    """Return every fact with a rule for each of its places."""
    letters = dict(zip(_all_kinds(planning), ascii_lowercase, strict=False))
    written = []
    for fact in planning.facts:
        inside = ' ", " '.join(f"thing{letters[p.kind]}" for p in fact.places)
        written.append(f'"{fact.name}(" {inside} ")"' if fact.places else f'"{fact.name}"')
    return " | ".join(written) or _ANY


def _all_kinds(planning: Planning) -> list[str]:
    return [OBJECT, *(k.name for k in planning.kinds)]


def _name_rules(planning: Planning) -> Iterator[str]:
    for kind, letter in zip(_all_kinds(planning), ascii_lowercase, strict=False):
        names = [t.name for t in planning.objects if planning.is_of(t.kind, kind)]
        yield f"thing{letter} ::= {_alternatives(names)}"


def _alternatives(words: Iterable[str]) -> str:
    return " | ".join(f'"{w}"' for w in words) or _ANY
