"""What is wrong with a planning formulation: a sentence a finding, with what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.phrases import counted, listing
from optiwright.formulators.planning import OBJECT, Action, Amount, Fact, Place, Planning
from optiwright.formulators.planning_grounding import ground
from optiwright.formulators.planning_parser import parse_condition, parse_start
from optiwright.formulators.planning_reach import reach_findings
from optiwright.formulators.planning_terms import Atom, Given, Holds
from optiwright.formulators.planning_uses import Use, uses_of


def check_planning(planning: Planning) -> tuple[Finding, ...]:
    """Return what is wrong, errors first; without errors engines can take the formulation.

    What can be reached is looked at only where names, places and kinds are in order.
    """
    found = [*_declarations(planning), *_Uses(planning).findings()]
    if not any(f.severity is Severity.ERROR for f in found):
        found += [*_contradictions(planning), *_idle(planning)]
    if not any(f.severity is Severity.ERROR for f in found):
        try:
            found += reach_findings(planning, ground(planning))
        except FormulationError as error:
            found.append(_error(Code.IMPOSSIBLE, error.where, f"{error.what}. {error.remedy}"))
    order = list(Severity)
    return tuple(sorted(dict.fromkeys(found), key=lambda f: order.index(f.severity)))


def _error(code: Code, where: str, message: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, where=where, message=message)


def _warning(code: Code, where: str, message: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, where=where, message=message)


# --- declarations ---


def _declarations(planning: Planning) -> Iterator[Finding]:
    yield from _twice("kind", [k.name for k in planning.kinds])
    yield from _twice("object", [t.name for t in planning.objects])
    facts, amounts = [f.name for f in planning.facts], [a.name for a in planning.amounts]
    yield from _twice("fact or amount", facts + amounts)
    yield from _twice("action", [a.name for a in planning.actions])
    known = {OBJECT, *(k.name for k in planning.kinds)}
    for thing in planning.objects:
        yield from _unknown_kind(thing.kind, known, f"object `{thing.name}`")
    for kind in planning.kinds:
        yield from _unknown_kind(kind.parent, known, f"kind `{kind.name}`")
    for word, part in _placed(planning):
        where = f"{word} `{part.name}`"
        yield from _twice("place", [p.name for p in part.places], where)
        for place in part.places:
            yield from _unknown_kind(place.kind, known, where)
    yield from _missing(planning)
    yield from _circular(planning)


def _placed(planning: Planning) -> Iterator[tuple[str, Fact | Amount | Action]]:
    for word, parts in (
        ("fact", planning.facts),
        ("amount", planning.amounts),
        ("action", planning.actions),
    ):
        yield from ((word, part) for part in parts)


def _twice(word: str, names: list[str], where: str = "") -> Iterator[Finding]:
    for name, count in Counter(names).items():
        if count > 1:
            yield _error(
                Code.DUPLICATE_NAME,
                where or f"{word} `{name}`",
                f"The {word} `{name}` is declared {count} times; keep one, and call others "
                "something else.",
            )


def _unknown_kind(kind: str, known: set[str], where: str) -> Iterator[Finding]:
    if kind not in known:
        yield _error(
            Code.UNKNOWN_NAME,
            where,
            f"There is no kind `{kind}`; declare it by `kind {kind}`, or use "
            f"{listing([f'`{k}`' for k in sorted(known)], 'or')}.",
        )


def _circular(planning: Planning) -> Iterator[Finding]:
    parents = {k.name: k.parent for k in planning.kinds}
    for name in parents:
        kind, passed = name, set[str]()
        while kind in parents and kind not in passed:
            passed.add(kind)
            kind = parents[kind]
        if kind == name and kind != OBJECT:
            yield _error(
                Code.CIRCULAR, f"kind `{name}`", f"The kind `{name}` is above itself; end its kind."
            )


def _missing(planning: Planning) -> Iterator[Finding]:
    for part, word, what in (
        (planning.objects, "object", "name the things that the text speaks of"),
        (planning.actions, "action", "say what can be done in one step"),
        (planning.goal, "goal", "say what is to hold at the end"),
    ):
        if not part:
            yield _error(
                Code.NO_VARIABLES, word, f"There is no {word}: {what}, on a line `{word} ...`."
            )


# --- what is used ---


class _Uses:
    """Every name in a condition, an effect, the start or the goal held against declarations."""

    def __init__(self, planning: Planning) -> None:
        self.planning = planning
        self.facts = {f.name: f.places for f in planning.facts}
        self.amounts = {a.name: a.places for a in planning.amounts}
        self.things = {t.name: t.kind for t in planning.objects}

    def findings(self) -> Iterator[Finding]:
        for use in uses_of(self.planning):
            if use.fault is not None:
                told = f"{use.fault.what}. {use.fault.remedy}"
                yield _error(Code.SYNTAX, use.where, f"`{use.text}`: {told}".strip())
                continue
            for atom in use.facts:
                yield from self._atom(use, atom, self.facts, "fact", self.amounts, "amount")
            for atom in use.amounts:
                yield from self._atom(use, atom, self.amounts, "amount", self.facts, "fact")
            for name in use.names:
                yield from self._name(use, name)

    def _atom(
        self,
        use: Use,
        atom: Atom,
        declared: Mapping[str, tuple[Place, ...]],
        word: str,
        others: Mapping[str, tuple[Place, ...]],
        other: str,
    ) -> Iterator[Finding]:
        places = declared.get(atom.name)
        if places is None:
            yield self._undeclared(use, atom, word, other if atom.name in others else "")
        elif len(places) != len(atom.arguments):
            yield _error(
                Code.ARITY,
                use.where,
                f"`{atom}` has {counted(len(atom.arguments), 'object')}, and the {word} "
                f"`{atom.name}` is declared with {len(places)}; write it with "
                f"{counted(len(places), 'object')}.",
            )
        else:
            for place, name in zip(places, atom.arguments, strict=True):
                yield from self._name(use, name, place.kind, f" in `{atom}`")

    def _undeclared(self, use: Use, atom: Atom, word: str, other: str) -> Finding:
        message = f"`{atom}` speaks of `{atom.name}`, which is no {word}; declare it by "
        message += f"`{word} {atom.name}`."
        if other:
            how = "compare it with a number" if other == "amount" else "write it without a number"
            message = f"`{atom.name}` is declared as a{'n' * (other == 'amount')} {other} and used "
            message += f"as a{'n' * (word == 'amount')} {word} in `{use.text}`; {how}."
        return _error(Code.UNKNOWN_NAME, use.where, message)

    def _name(self, use: Use, name: str, kind: str = OBJECT, at: str = "") -> Iterator[Finding]:
        own = {p.name: p.kind for p in use.places}
        found = own.get(name, self.things.get(name))
        if found is None:
            what = "neither a place of the action nor an object" if use.places else "no object"
            yield _error(
                Code.UNKNOWN_NAME,
                use.where,
                f"`{name}`{at or f' in `{use.text}`'} is {what}; declare it by `object {name}`, or "
                "use a name that there is.",
            )
        elif not self.planning.is_of(found, kind):
            below = name in own and self.planning.is_of(kind, found)
            remedy = f"give the place `{name}` the kind `{kind}`" if below else "use another object"
            yield _error(
                Code.WRONG_INDEX,
                use.where,
                f"`{name}`{at} is of the kind `{found}`, and a `{kind}` belongs there; {remedy}.",
            )


# --- contradictions ---


def _contradictions(planning: Planning) -> Iterator[Finding]:
    for word, texts in (("start", planning.start), ("goal", planning.goal)):
        entries = [parse_start(t) if word == "start" else _goal_atom(t) for t in texts]
        signs: dict[Atom, set[bool]] = {}
        values: dict[Atom, set[object]] = {}
        for entry in entries:
            if isinstance(entry, Holds):
                signs.setdefault(entry.atom, set()).add(entry.positive)
            elif isinstance(entry, Given):
                values.setdefault(entry.atom, set()).add(entry.value)
        for atom, told in signs.items():
            if len(told) > 1:
                yield _error(
                    Code.CONTRADICTION,
                    word,
                    f"The {word} says both `{atom}` and `not {atom}`; leave one of them out.",
                )
        for atom, numbers in values.items():
            if len(numbers) > 1:
                yield _error(
                    Code.CONTRADICTION,
                    word,
                    f"The start gives `{atom}` {len(numbers)} values; leave one.",
                )


def _goal_atom(text: str) -> Holds | None:
    condition = parse_condition(text)
    return condition if isinstance(condition, Holds) else None


def _idle(planning: Planning) -> Iterator[Finding]:
    for action in planning.actions:
        where = f"action `{action.name}`"
        if not (action.makes or action.ends or action.changes):
            yield _error(
                Code.IDLE,
                where,
                f"`{action.name}` changes nothing; say on a line `makes`, `ends` or `changes` what "
                "is so after it, or leave it out.",
            )
        for atom in action.makes:
            if atom in action.ends:
                yield _warning(
                    Code.CONTRADICTION,
                    where,
                    f"`{action.name}` makes and ends `{atom}` at once; leave it out of one.",
                )
        yield from _contrary_needs(action, where)
        targets = Counter(t.partition("=")[0].rstrip("+- ") for t in action.changes)
        for target, count in targets.items():
            if count > 1:
                yield _error(
                    Code.CONTRADICTION,
                    where,
                    f"`{action.name}` changes `{target}` {count} times; write one change.",
                )


def _contrary_needs(action: Action, where: str) -> Iterator[Finding]:
    for need in action.needs:
        if f"not {need}" in action.needs:
            yield _error(
                Code.CONTRADICTION,
                where,
                f"`{action.name}` needs `{need}` and `not {need}`; leave one of them out.",
            )
