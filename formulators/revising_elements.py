"""One more element of a set, with the data that it needs."""

from __future__ import annotations

from collections.abc import Iterator

from optiwright.formulators.changes import SUMMED, AddElement, SetTo
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.instance import Instance
from optiwright.formulators.model import (
    Bound,
    Element,
    Entry,
    Formulation,
    FromTable,
    Given,
    Listed,
    Parameter,
    Range,
    SetDef,
)
from optiwright.formulators.parser import parse_over
from optiwright.formulators.picking import alike, picked, shown_at, unknown
from optiwright.formulators.source import number_text
from optiwright.formulators.tables import tables_of

_SHOWN = 6
_IN_THE_FILE = "Add a row to its file, and say `use this file instead`."


def with_element(formulation: Formulation, change: AddElement, where: str) -> Formulation:
    """Return a formulation with an element added to the end of a set, and its data.

    Raises:
        FormulationError: if there is no such set, it has the element or takes none that is
            written in, an entry is not about it, or a parameter lacks a value for it.
    """
    names = [s.name for s in formulation.sets]
    if change.set_name not in names:
        raise unknown(where, "set", change.set_name, names)
    at = names.index(change.set_name)
    new, element = _extended(formulation.sets[at], change.element, where)
    _refuse_tables(formulation, change.set_name, element, where)
    before = _bare(formulation)
    longer = formulation.model_copy(
        update={"sets": (*formulation.sets[:at], new, *formulation.sets[at + 1 :])}
    )
    instance = _bare(longer)
    for entry in change.entries:
        longer = _with_entry(longer, instance, entry, element, where)
    lacking = [place for p in longer.parameters for place in _lacking(p, before, instance)]
    if lacking:
        more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
        have = "has" if len(lacking) == 1 else "have"
        raise FormulationError(
            f"{', '.join(lacking[:_SHOWN])}{more} {have} no value",
            where=where,
            remedy=f"Say what {'it is' if have == 'has' else 'they are'} for {element!r}.",
        )
    return longer


def _refuse_tables(formulation: Formulation, set_name: str, element: Element, where: str) -> None:
    """Raise where a table has the numbers: a row that is not there cannot be made up here."""
    for part in formulation.parameters:
        data = part.data
        if not isinstance(data, Bound) or data.default is not None or not part.over:
            continue
        if any(g.domain.name == set_name for g in parse_over(part.over)):
            raise FormulationError(
                f"`{part.name}` is taken from the table `{data.table}`, which has no row for "
                f"{element!r}",
                where=where,
                remedy=_IN_THE_FILE,
            )


def _bare(formulation: Formulation) -> Instance:
    """Return an instance whose data are not checked: entries of a new element may still lack."""
    return Instance(formulation, tables_of(formulation), ())


def _extended(part: SetDef, element: Element, where: str) -> tuple[SetDef, Element]:
    """Return a set with an element more, and the element as the set has such."""
    match part.data:
        case Listed(elements=elements) if not any(isinstance(e, tuple) for e in elements):
            element = alike(element, elements)
            if element in elements:
                raise FormulationError(
                    f"`{part.name}` has {element!r} already", where=where,
                    remedy="Change its data instead.",
                )  # fmt: skip
            data: Listed | Range = Listed(elements=(*elements, element))
        case Range(start=start, stop=stop, step=step):
            element = _next(part.name, stop, step, element, where)
            data = Range(start=start, stop=number_text(float(element)), step=step)
        case FromTable(table=table):
            raise FormulationError(
                f"the elements of `{part.name}` come from the table `{table}`", where=where,
                remedy=_IN_THE_FILE,
            )  # fmt: skip
        case _:
            raise FormulationError(
                f"the elements of `{part.name}` are combinations of others", where=where,
                remedy="Add to a set of single elements, or state the problem anew.",
            )  # fmt: skip
    return part.model_copy(update={"data": data}), element


def _next(name: str, stop: str, step: int, element: Element, where: str) -> int:
    """Return the number that follows a range's last one, which alone may be added."""
    if not stop.strip().lstrip("-").isdecimal():
        raise FormulationError(
            f"`{name}` counts up to `{stop}`", where=where, remedy=f"Set `{stop}` instead."
        )
    following = int(stop) + step
    if str(element) != str(following):
        raise FormulationError(
            f"`{name}` counts up to {stop}, so that {element!r} cannot follow",
            where=where,
            remedy=f"Add {following}.",
        )
    return following


def _with_entry(
    formulation: Formulation, instance: Instance, entry: SetTo, element: Element, where: str
) -> Formulation:
    names = [p.name for p in formulation.parameters]
    if entry.parameter not in names:
        raise unknown(where, "parameter", entry.parameter, names)
    at = names.index(entry.parameter)
    old = formulation.parameters[at]
    if element not in entry.at or SUMMED in entry.at:
        raise FormulationError(
            f"`{old.name}{shown_at(entry.at)}` is no entry of {element!r}",
            where=where,
            remedy="Give the new element at its position.",
        )
    if not isinstance(old.data, Given):
        source = "a table" if isinstance(old.data, Bound) else "other data"
        raise FormulationError(
            f"`{old.name}` is taken from {source}, so that it has no value of its own for "
            f"{element!r}",
            where=where,
            remedy="Change what it is taken from.",
        )
    values = {e.index: e for e in old.data.entries}
    for index in picked(where, old.name, instance.domain(old.name), entry.at):
        values[index] = Entry(index=index, value=entry.value)
    data = old.data.model_copy(update={"entries": tuple(values.values())})
    new = old.model_copy(update={"data": data})
    return formulation.model_copy(
        update={
            "parameters": (*formulation.parameters[:at], new, *formulation.parameters[at + 1 :])
        }
    )


def _lacking(part: Parameter, before: Instance, after: Instance) -> Iterator[str]:
    """Yield the entries that the longer set asks for and nothing gives."""
    if not isinstance(part.data, Given) or part.data.default is not None or not part.over:
        return
    known = {e.index for e in part.data.entries} | set(before.domain(part.name))
    for index in after.domain(part.name):
        if index not in known:
            yield f"`{part.name}{shown_at(index)}`"
