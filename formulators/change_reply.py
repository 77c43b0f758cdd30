"""A model's reply of changes: its lines one by one, and those of something new put together."""

from __future__ import annotations

from collections.abc import Sequence

from optiwright.formulators.asked_numbers import AskedNumber
from optiwright.formulators.change_script import LineReader
from optiwright.formulators.changes import (
    GOAL,
    AddDecision,
    AddElement,
    Changes,
    SetTo,
    Term,
    TypedChange,
)
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.model import Element, Formulation
from optiwright.formulators.named_places import places_of
from optiwright.formulators.newcomers import (
    Counted,
    Declared,
    Placed,
    placed_right,
    read_newcomer,
    refuse_strange,
    with_newcomers,
)
from optiwright.formulators.picking import unknown

NONE = "none"
"""What is written where a question changes nothing that the formulation knows."""


def read_changes(
    reply: str, formulation: Formulation, numbers: Sequence[AskedNumber], question: str = ""
) -> Changes:
    """Return the changes that a reply's lines stand for; none for `none`.

    Args:
        reply: what the model wrote.
        formulation: what is to be changed.
        numbers: the question's numbers.
        question: whose words alone name what is new.

    Raises:
        FormulationError: naming the line, what was found there and what was expected.
    """
    lines = [line.strip().strip("`").strip() for line in reply.splitlines()]
    lines = [line.rstrip(".;") for line in lines if line and not line.startswith(("#", "python"))]
    if not lines:
        raise FormulationError("the reply is empty", where="the reply", remedy="Write a line.")
    if [line.lower() for line in lines] == [NONE]:
        return ()
    names = places_of(formulation)
    told = [(f"line {k}", line, read_newcomer(line)) for k, line in enumerate(lines, 1)]
    placed = [(where, placed_right(new, formulation, names, where))
              for where, _, new in told if isinstance(new, Placed)]  # fmt: skip
    declared = [(where, new) for where, _, new in told if isinstance(new, Declared)]
    newcomers: list[tuple[str, Placed | Declared]] = [*placed, *declared]
    for where, newcomer in newcomers:
        refuse_strange(newcomer, question, where)
    longer = with_newcomers(names, [p for _, p in placed], [d for _, d in declared])
    reader = LineReader(formulation, longer, numbers)
    changes = [
        change for where, line, new in told if new is None for change in reader.line(line, where)
    ]
    entries, others = _entries_of(changes, [p.element for _, p in placed])
    known = {d.name for _, d in declared}
    terms = [(new.name, _term(reader, new, known, where))
             for where, _, new in told if isinstance(new, Counted)]  # fmt: skip
    return (
        *(AddElement(set_name=p.set_name, element=p.element, entries=tuple(entries[p.element]))
          for _, p in placed),
        *(_decision(reader, d, [t for name, t in terms if name == d.name], where)
          for where, d in declared),
        *others,
    )  # fmt: skip


def _entries_of(
    changes: Sequence[TypedChange], elements: Sequence[Element]
) -> tuple[dict[Element, list[SetTo]], list[TypedChange]]:
    """Return the values that are of new elements, each with the last one it names, and the rest."""
    entries: dict[Element, list[SetTo]] = {e: [] for e in elements}
    others: list[TypedChange] = []
    for change in changes:
        named = [e for e in elements if isinstance(change, SetTo) and e in change.at]
        if isinstance(change, SetTo) and named:
            entries[named[-1]].append(change)
        else:
            others.append(change)
    return entries, others


def _term(reader: LineReader, counted: Counted, declared: set[str], where: str) -> Term:
    """Return a new decision's part in a total, a limit or the goal."""
    name = counted.target.partition("[")[0].strip()
    value = counted.sign * (reader.number(counted.number, where).ratio if counted.number else 1.0)
    if counted.name not in declared:
        raise FormulationError(
            f"`{counted.name}` is nothing new", where=where,
            remedy=f"Say what it is first: `{counted.name} = integer(0, None)`.",
        )  # fmt: skip
    totals = {n.name for n in reader.names if n.total}
    limits = {n.name for n in reader.names if n.kind == "constraint"}
    if name == GOAL and name not in totals | limits:
        return Term(place=GOAL, coefficient=value)
    if name not in totals | limits:
        raise unknown(where, "total or limit", name, [*sorted(totals | limits), GOAL])
    kind = "decision" if name in totals else "constraint"
    place, at = reader.target(counted.target, kind, where)
    return Term(place=place, at=at, coefficient=value)


def _decision(reader: LineReader, new: Declared, terms: Sequence[Term], where: str) -> AddDecision:
    """Return a new decision with its bounds and what it counts in."""
    if not terms:
        raise FormulationError(
            f"`{new.name}` counts in nothing", where=where,
            remedy=f"Add it to what it takes or earns: `TOTAL += N*{new.name}`.",
        )  # fmt: skip
    return AddDecision(
        name=new.name,
        domain=new.domain,
        lower=_bound(reader, new.lower or "0", where),
        upper=_bound(reader, new.upper, where),
        description=new.description,
        terms=tuple(terms),
    )


def _bound(reader: LineReader, text: str, where: str) -> float | None:
    if text in {"", "None"}:
        return None
    return 0.0 if text == "0" else reader.number(text, where).ratio
