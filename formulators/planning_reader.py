"""From lines to a planning formulation: what each line declares, put right where that is plain."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Literal, TypeVar

from pydantic import ValidationError

from optiwright.formulators import planning_mending as mending
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.findings import Code, Finding, Severity
from optiwright.formulators.planning import (
    OBJECT,
    Action,
    Amount,
    Fact,
    ObjectKind,
    Place,
    Planning,
    Thing,
)
from optiwright.formulators.planning_keywords import (
    KEYS,
    NOTHING,
    OF_ACTION,
    Line,
    keyed,
    unfenced,
)
from optiwright.formulators.planning_parser import (
    parse_atom,
    parse_change,
    parse_condition,
    parse_start,
    parse_term,
    split_list,
)
from optiwright.formulators.planning_terms import Holds

_HEAD = re.compile(r"\s*([^(]*?)\s*(?:\((.*?)\))?\s*(?:in\s+(\S+))?\s*:?\s*$", re.DOTALL)
_FORM = "Write lines that begin with `object`, `fact`, `action`, `needs`, `start` or `goal`."
_MOST_CHARACTERS = 200_000
_SHOWN = 80
_Read = TypeVar("_Read")


class PlanningReader:
    """Reads one reply; `findings` names the lines that it could not."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._names = mending.Names()
        self._kinds: dict[str, str] = {}
        """The parent of each."""
        self._bare: frozenset[str] = frozenset()

    def read(self, text: str) -> Planning | None:
        """Return what the lines say; None where they say nothing."""
        source = unfenced(text)[:_MOST_CHARACTERS]
        if source.strip().strip("`.").lower() == "none":
            return None
        lines = list(keyed(source))
        for line in lines:
            if not line.key:
                self._tell(line, f"`{_short(line.body)}` is no line of a plan. {_FORM}")
        if not any(line.key in {"object", "fact", "action", "goal"} for line in lines):
            self._tell("the reply", f"There is no planning formulation in it. {_FORM}")
            return None
        return self._planning(lines)

    def _planning(self, lines: list[Line]) -> Planning:
        of = {key: [line for line in lines if line.key == key] for key in KEYS}
        self._declare_kinds(of["kind"])
        objects = [t for things in self._each(of["object"], self._things) for t in things]
        facts = list(self._each(of["fact"], self._fact))
        amounts = list(self._each(of["amount"], self._amount))
        self._bare = frozenset(a.name for a in amounts if not a.places)
        actions = list(self._actions(lines))
        start = self._list(of["start"], self._start)
        goal = self._list(of["goal"], self._condition)
        titles = [line.body for line in of["title"] if line.body]
        return Planning(
            title=titles[0] if titles else "",
            kinds=tuple(ObjectKind(name=k, parent=p) for k, p in self._kinds.items()),
            objects=tuple(dict.fromkeys(objects)),
            facts=tuple(dict.fromkeys(facts)),
            amounts=tuple(dict.fromkeys(amounts)),
            actions=tuple(dict.fromkeys(actions)),
            start=tuple(dict.fromkeys(start)),
            goal=tuple(dict.fromkeys(goal)),
            least=next((_least(line.body) for line in of["least"]), "steps"),
            most_steps=next(self._each(of["limit"], self._limit), None),
            assumptions=tuple(line.body for line in of["assume"] if line.body),
        )

    # --- declarations ---

    def _declare_kinds(self, lines: Sequence[Line]) -> None:
        said = [pair for line in lines for pair in mending.typed(line.body)]
        names = {self._names.declare(raw): parent for raw, parent in said}
        self._kinds = dict.fromkeys((n for n in names if n != OBJECT), OBJECT)
        for name in list(self._kinds):
            parent = self._kind(names[name])
            self._kinds[name] = parent if parent != name else OBJECT

    def _kind(self, raw: str) -> str:
        """Return a kind's name as it is declared; one that is new is declared here."""
        name = self._names.kind(raw, self._kinds) if raw else OBJECT
        if name != OBJECT:
            self._kinds.setdefault(name, OBJECT)
        return name

    def _things(self, line: Line) -> list[Thing]:
        pairs = list(mending.typed(line.body))
        words = line.note if len(pairs) == 1 else ""
        return [
            Thing(name=self._names.declare(raw), kind=self._kind(kind), words=words)
            for raw, kind in pairs
        ]

    def _fact(self, line: Line) -> Fact:
        name, places, _ = _head(line.body)
        return Fact(
            name=self._names.declare(name), places=self._places(places), description=line.note
        )

    def _amount(self, line: Line) -> Amount:
        name, places, unit = _head(line.body)
        return Amount(
            name=self._names.declare(name),
            places=self._places(places),
            unit=unit,
            description=line.note,
        )

    def _places(self, text: str) -> tuple[Place, ...]:
        return tuple(
            Place(name=mending.fit(raw), kind=self._kind(kind)) for raw, kind in mending.typed(text)
        )

    def _actions(self, lines: Sequence[Line]) -> Iterator[Action]:
        draft: tuple[Line, list[Line]] | None = None
        for line in lines:
            if line.key == "action":
                if draft:
                    yield from self._action(*draft)
                draft = (line, [])
            elif line.key in OF_ACTION and draft:
                draft[1].append(line)
            elif line.key in OF_ACTION:
                self._tell(line, f"`{line.key}` belongs below the line of its `action`.")
        if draft:
            yield from self._action(*draft)

    def _action(self, line: Line, parts: Sequence[Line]) -> Iterator[Action]:
        for name, inside, _ in self._each([line], lambda found: _head(found.body)):
            yield from self._read_action(line, parts, name, inside)

    def _read_action(
        self, line: Line, parts: Sequence[Line], name: str, inside: str
    ) -> Iterator[Action]:
        places = next(self._each([line], lambda _: self._places(inside)), ())
        own = {place.name for place in places}
        needs = self._list([p for p in parts if p.key == "needs"], self._condition, own)
        makes, ends, changes = self._effects(parts, own)
        costs = [p for p in parts if p.key == "cost"]
        yield from self._each(
            [line],
            lambda _: Action(
                name=self._names.declare(name),
                places=places,
                needs=tuple(dict.fromkeys(needs)),
                makes=tuple(dict.fromkeys(makes)),
                ends=tuple(dict.fromkeys(ends)),
                changes=tuple(dict.fromkeys(changes)),
                cost=next(iter(self._list(costs, self._cost, own)), "1"),
                description=line.note,
            ),
        )

    def _effects(
        self, parts: Sequence[Line], own: Collection[str]
    ) -> tuple[list[str], list[str], list[str]]:
        """Return what is made, ended and changed, each where it belongs."""
        made = self._list([p for p in parts if p.key == "makes"], self._effect, own)
        ended = self._list([p for p in parts if p.key == "ends"], self._effect, own)
        changed = self._list([p for p in parts if p.key == "changes"], self._effect, own)
        told = [*made, *changed]
        changes = [t for t in [*told, *ended] if _is_change(t)]
        ends = [t.removeprefix("not ") for t in ended if not _is_change(t)]
        ends += [t.removeprefix("not ") for t in told if t.startswith("not ")]
        return (
            [t for t in told if not _is_change(t) and not t.startswith("not ")],
            ends,
            changes,
        )

    # --- what stands in lists, each as the language writes it ---

    def _list(
        self,
        lines: Iterable[Line],
        read: Callable[[str], str],
        own: Collection[str] = (),
    ) -> list[str]:
        found: list[str] = []
        for line in lines:
            plain = mending.lisp_of(line.body)
            text = re.sub(r"(?<=\S)\s+and\s+(?=\S)", ", ", plain, flags=re.IGNORECASE)
            for part in split_list(text):
                if part.lower() in NOTHING:
                    continue
                named = self._names.text(part, own)
                found += self._each([line], lambda _, named=named: read(named))  # type: ignore[misc]
        return found

    def _condition(self, text: str) -> str:
        return str(parse_condition(mending.condition_of(text), self._bare))

    def _start(self, text: str) -> str:
        return str(parse_start(mending.truth_of(mending.negations_of(text))))

    def _effect(self, text: str) -> str:
        text = mending.truth_of(mending.negations_of(text))
        if _is_change(text):
            return str(parse_change(text))
        condition = parse_condition(text)
        if isinstance(condition, Holds):
            return str(condition)
        return str(parse_atom(text))

    def _cost(self, text: str) -> str:
        return str(parse_term(text))

    def _limit(self, line: Line) -> int:
        found = re.search(r"\d+", line.body)
        if not found:
            raise FormulationError("a limit is a number of steps", remedy="Write `limit 12`.")
        return int(found.group())

    def _each(self, lines: Iterable[Line], read: Callable[[Line], _Read]) -> Iterator[_Read]:
        """Yield what is read of each line, but for those that cannot be."""
        for line in lines:
            try:
                yield read(line)
            except FormulationError as error:
                place = f" in {error.where}" if error.where else ""
                self._tell(line, f"`{_short(line.body)}`: {error.what}{place}. {error.remedy}")
            except ValidationError as error:
                first = error.errors()[0]
                self._tell(line, f"`{_short(line.body)}`: {first['loc'][0]}: {first['msg']}.")

    def _tell(self, where: Line | str, message: str) -> None:
        place = where if isinstance(where, str) else f"line {where.number}"
        self.findings.append(
            Finding(code=Code.SYNTAX, severity=Severity.ERROR, where=place, message=message.strip())
        )


def _head(body: str) -> tuple[str, str, str]:
    """Return the name, the places and the unit of a declaration."""
    found = _HEAD.fullmatch(body)
    if not found:
        raise FormulationError(
            "a name and its places in parentheses are expected",
            remedy="Write it as `at(x: object, l: location)`.",
        )
    return found.group(1), found.group(2) or "", found.group(3) or ""


def _is_change(text: str) -> bool:
    return bool(re.search(r"(?<![<>=!])=(?!=)", text))


def _least(body: str) -> Literal["steps", "cost", "any"]:
    low = body.lower()
    if "cost" in low:
        return "cost"
    return "any" if re.search(r"\b(any|none|nothing)\b", low) else "steps"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
