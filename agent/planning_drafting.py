"""A small model's draft of a plan's problem, piece by piece.

Things first, then facts, then each action, then start and goal; each piece goes on from the ones
before it and is held to what they declare. Where the text lists its actions, their heads are the
text's, and each clause on them is a fact. One that says in so many words what is needed, made or
ended is taken at its word; what is said less plainly the model reads. Start and goal are then read
clause by clause, each held to the facts and objects that it names.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from optiwright.agent.llm import Message, Reply
from optiwright.formulators.phrases import listing
from optiwright.formulators.planning import OBJECT, Place, Planning
from optiwright.formulators.planning_costs import cost_in, has_figures
from optiwright.formulators.planning_heads import Clause, Head, heads_of, kinds_of
from optiwright.formulators.planning_keywords import keyed
from optiwright.formulators.planning_lines import read_planning
from optiwright.formulators.planning_parser import split_list
from optiwright.formulators.planning_situation import (
    Candidates,
    Told,
    candidates,
    introduction,
    is_about,
    lasting,
    situation,
)
from optiwright.formulators.planning_stages import (
    LEAST_GRAMMAR,
    body_grammar,
    ends_grammar,
    fact_grammar,
    facts_grammar,
    finished,
    head_grammar,
    kinds_grammar,
    lines_so_far,
    objects_grammar,
    told_grammar,
    with_numbered,
    without_objects,
)

Ask = Callable[[tuple[Message, ...], str], Awaitable[Reply]]
"""Asks with messages and a grammar."""
_MOST_ACTIONS = 12


async def draft(
    ask: Ask, messages: tuple[Message, ...], text: str
) -> tuple[str, tuple[Reply, ...]]:
    """Return a script of all lines, and the replies that it came of; raises what `ask` does.

    A reply that says all at once, of a server that holds to no grammar, is the script.
    """
    drafting = _Drafting(ask, messages)
    heads = heads_of(text)
    kinds = kinds_of(text, heads)
    begun = f"kind {', '.join(kinds)}" if kinds else ""
    script = await drafting.go_on(begun, objects_grammar(text, kinds))
    if _whole(script) or (found := lines_so_far(script.removesuffix("fact"))) is None:
        return script, drafting.replies
    planning, script = found
    if any(head.clauses() for head in heads):
        told = {clause.name for head in heads for clause in head.clauses()}
        # What is so of a thing is none itself.
        planning, script = without_objects(with_numbered(planning, text), told)
        script = await _listed(drafting, planning, script, heads)
        script = await _situation(drafting, script, text)
    else:
        script = await drafting.go_on(script, facts_grammar(text, planning))
        script = await _told(drafting, script, text)
    if (found := lines_so_far(_trimmed(script))) is not None:
        planning, script = found
        if not planning.goal:
            script = await drafting.go_on(script, ends_grammar(planning))
        elif any(action.cost != "1" for action in planning.actions):
            script = await drafting.go_on(f"{script}least", LEAST_GRAMMAR)
        script = finished(script, {head.name: head.words for head in heads})
    return script, drafting.replies


async def _told(drafting: _Drafting, script: str, text: str) -> str:
    """Return a script with the actions of a text that lists none."""
    for _ in range(_MOST_ACTIONS):
        if (found := lines_so_far(_trimmed(script))) is None:
            break
        planning, script = found
        known = len(planning.actions)
        script = await drafting.go_on(script, head_grammar(text, planning))
        found = lines_so_far(_trimmed(script))
        if found is None or len(found[0].actions) <= known:
            break
        planning, script = found
        script = await drafting.go_on(script, body_grammar(planning))
    return script


async def _listed(
    drafting: _Drafting, planning: Planning, script: str, heads: Sequence[Head]
) -> str:
    """Return a script with the facts and actions of a text that lists its actions."""
    placed = [await drafting.placed(script, planning, head) for head in heads]
    facts: dict[tuple[str, ...], tuple[str, tuple[Place, ...]]] = {}
    said: list[dict[Clause, str]] = []
    for head, places in zip(heads, placed, strict=True):
        said.append({})
        for clause in head.clauses({p.name: p.kind for p in places}):
            if (longer := _in_more_words(clause, said[-1])) is not None:
                said[-1][clause] = longer
                continue
            own = tuple(p for name in clause.places for p in places if p.name == name)
            key = (clause.key, *(p.kind for p in own))
            if key not in facts:
                name = clause.name
                if not clause.plain:
                    name, own = await drafting.fact(script, clause, places)
                name = _apart(name, own, list(facts.values()))
                if all(name != known for known, _ in facts.values()):
                    script += f"fact {name}{_inside(own)}  # {clause.words}\n"
                facts[key] = name, own
            name, first = facts[key]
            filled = own if len(own) == len(first) else first
            listed = ", ".join(p.name for p in filled)
            said[-1][clause] = f"{name}({listed})" if listed else name
    costs, unread = _costs(heads)
    for head, places, atoms in zip(heads, placed, said, strict=True):
        script = f"{_trimmed(script)}action {head.name}{_inside(places)}  # {head.told}\n"
        plain = all(clause.plain and clause.when for clause in atoms)
        if plain and any(clause.when == "after" for clause in atoms):
            script += _body(atoms)
            script += f"  cost {costs[head]}\n" if head in costs else ""
        elif (found := lines_so_far(script)) is not None:
            planning, script = found
            known = {p.name for p in places}
            usable = [a for a in dict.fromkeys(atoms.values()) if _names(a) <= known]
            script = await drafting.go_on(script, body_grammar(planning, usable))
    return f"{_trimmed(script)}{unread}" if unread else script


def _costs(heads: Sequence[Head]) -> tuple[dict[Head, str], str]:
    """Return what actions cost, and lines that say which figures are left out."""
    read = {head: cost_in(head.told) for head in heads}
    units = {unit for cost, unit in read.values() if cost}
    costs = {head: cost for head, (cost, _) in read.items() if cost and len(units) == 1}
    unread = [head.name for head in heads if has_figures(head.told) or len(units) > 1]
    free = [head.name for head in heads if costs and head not in costs]
    lines = [f"The figures that the text gives for {listing(unread)} are left out."] * bool(unread)
    lines += [f"The text gives no cost for {listing(free)}; it is taken to be 1."] * bool(free)
    return costs, "".join(f"assume {line}\n" for line in lines)


def _in_more_words(clause: Clause, atoms: Mapping[Clause, str]) -> str | None:
    """Return the fact that an action needs in more words than those in which it says it ends it."""
    if clause.when != "after" or not clause.negated:
        return None
    for other, atom in atoms.items():
        shorter = clause.key != other.key and set(clause.key.split()) <= set(other.key.split())
        if other.when == "needed" and shorter and set(clause.places) < set(other.places):
            return atom
    return None


def _body(atoms: Mapping[Clause, str]) -> str:
    """Return the lines below an action whose clauses say in so many words what they mean."""
    lists: dict[str, list[str]] = {"needs": [], "makes": [], "ends": []}
    for clause, atom in atoms.items():
        if clause.when == "needed":
            lists["needs"].append(f"not {atom}" if clause.negated else atom)
        else:
            lists["ends" if clause.negated else "makes"].append(atom)
    return "".join(f"  {key} {', '.join(each)}\n" for key, each in lists.items() if each)


async def _situation(drafting: _Drafting, script: str, text: str) -> str:
    """Return a script with the start and the goal, clause by clause; without them if none is."""
    if (found := lines_so_far(_trimmed(script))) is None:
        return script
    planning, script = found
    for told in situation(text):
        meant = candidates(planning, told.words)
        if not meant.atoms and told.subject:
            whole = replace(told, words=f"{told.subject} is {told.words}")
            if (found_so := candidates(planning, whole.words)).atoms:
                told, meant = whole, found_so
        script = await _clause(drafting, planning, script, told, meant)
    if (found := lines_so_far(script)) is not None:
        facts = lasting(found[0]) if found[0].start else {f.name for f in planning.facts}
        only = planning.model_copy(
            update={"facts": tuple(f for f in planning.facts if f.name in facts)}
        )
        for told in introduction(text):
            meant = candidates(only, told.words)
            if told.part == "start" and meant.exact:
                script = await _clause(drafting, planning, script, told, meant)
    return script


async def _clause(
    drafting: _Drafting, planning: Planning, script: str, told: Told, meant: Candidates
) -> str:
    """Return a script with a line of what a clause may mean, by the model where it may choose."""
    atoms = list(meant.atoms)
    begun = f"{script}# {told.words}\n{told.part}"
    if atoms and not meant.settled:
        written = await drafting.go_on(begun, told_grammar(atoms, sure=meant.exact))
        line = written.removeprefix(begun)
        atoms = [atom for atom in split_list(line) if atom in meant.atoms]
    if not atoms:
        lost = told.part == "goal" and not meant.atoms and is_about(planning, told.words)
        left = f'assume Of the goal, "{told.words}" could not be read and is left out.\n'
        return script + left if lost else script
    conditions = (f"not {atom}" if told.negated else atom for atom in atoms)
    return f"{begun} {', '.join(conditions)}\n"


class _Drafting:
    def __init__(self, ask: Ask, messages: tuple[Message, ...]) -> None:
        self._ask = ask
        self._messages = messages
        self.replies: tuple[Reply, ...] = ()

    async def go_on(self, script: str, grammar: str) -> str:
        """Return a script with what the model writes behind it."""
        begun = (Message(role="assistant", content=script),) if script else ()
        reply = await self._ask((*self._messages, *begun), grammar)
        self.replies += (reply,)
        # Some servers repeat the beginning, some do not.
        return script + reply.text.removeprefix(script)

    async def placed(self, script: str, planning: Planning, head: Head) -> tuple[Place, ...]:
        """Return an action's places with their kinds, by the model where there is a choice."""
        known = {k.name for k in planning.kinds}
        first = planning.kinds[0].name if planning.kinds else OBJECT
        places = tuple(Place(name=p, kind=p if p in known else first) for p in head.places)
        if len(known) <= 1 or known >= set(head.places):
            return places
        begun = f"{script}action {head.name}({head.places[0]}:"
        written = await self.go_on(begun, kinds_grammar(planning, head.places))
        read, _ = read_planning(written)
        of = read.actions[-1].places if read is not None and read.actions else ()
        return of if tuple(p.name for p in of) == head.places else places

    async def fact(
        self, script: str, clause: Clause, places: Sequence[Place]
    ) -> tuple[str, tuple[Place, ...]]:
        """Return the name and the places that the model gives what a clause says."""
        begun = f"{script}# {clause.words}\nfact"
        written = await self.go_on(begun, fact_grammar(clause.words, places))
        read, _ = read_planning(written.removesuffix("#"))
        if read is None or not read.facts or not set(read.facts[-1].places) <= set(places):
            return clause.name, tuple(p for p in places if p.name in clause.places)
        return read.facts[-1].name, read.facts[-1].places


def _apart(name: str, places: Sequence[Place], known: Iterable[tuple[str, Sequence[Place]]]) -> str:
    """Return a name that no fact of other kinds bears."""
    kinds = [p.kind for p in places]
    taken = {n for n, of in known if [p.kind for p in of] != kinds}
    while name in taken:
        name = f"{name}_{kinds[0] if kinds else 'so'}"
    return name


def _inside(places: Sequence[Place]) -> str:
    return f"({', '.join(f'{p.name}: {p.kind}' for p in places)})" if places else ""


def _names(atom: str) -> set[str]:
    _, _, inside = atom.removesuffix(")").partition("(")
    return {name.strip() for name in inside.split(",") if name.strip()}


def _whole(script: str) -> bool:
    return not script.endswith("fact") or any(line.key == "goal" for line in keyed(script))


def _trimmed(script: str) -> str:
    """Return a script to its last line's end, without the keyword of the line to come next."""
    bare = script.removesuffix("action").removesuffix("start")
    return bare if bare.endswith("\n") else f"{bare}\n"
