"""Changes of parameters: new values for all or some of their entries."""

from __future__ import annotations

import math
from collections.abc import Sequence

from optiwright.formulators.changes import (
    EACH,
    SUMMED,
    Add,
    DataChange,
    Scale,
    SetEntries,
    SetTo,
)
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.instance import ground
from optiwright.formulators.model import (
    Bound,
    Derived,
    Entry,
    Formulation,
    Given,
    Index,
    Parameter,
)
from optiwright.formulators.parser import names_of
from optiwright.formulators.picking import (
    arities_of,
    condition_of,
    named_clause,
    picked,
    unknown,
)
from optiwright.formulators.source import number_text

_NOISE = 1e-9
"""How far above a whole number a product may lie by rounding alone."""


def with_new_data(formulation: Formulation, change: DataChange, where: str) -> Formulation:
    """Return a formulation with a parameter's values changed.

    Raises:
        FormulationError: if there is no such parameter or entry, its values lie in a data table,
            or a new value is not finite.
    """
    names = [p.name for p in formulation.parameters]
    if change.parameter not in names:
        raise unknown(where, "parameter", change.parameter, names)
    if SUMMED in change.at:
        raise FormulationError(
            f"entries of a parameter cannot be summed (`{SUMMED}`)",
            where=where,
            remedy=f'Use "{EACH}" for each element.',
        )
    at = names.index(change.parameter)
    old = formulation.parameters[at]
    match old.data:
        case Given():
            new = _given(formulation, old, old.data, change, where)
        case Derived():
            new = _derived(formulation, old, old.data, change, where)
        case Bound():
            new = _bound(formulation, old, old.data, change, where)
    parameters = (*formulation.parameters[:at], new, *formulation.parameters[at + 1 :])
    return formulation.model_copy(update={"parameters": parameters})


def with_entries(formulation: Formulation, change: SetEntries, where: str) -> Formulation:
    """Return a formulation with single entries of a parameter set, all at once.

    Raises:
        FormulationError: if there is no such parameter or entry, one is given twice, or its values
            are worked out from others.
    """
    names = [p.name for p in formulation.parameters]
    if change.parameter not in names:
        raise unknown(where, "parameter", change.parameter, names)
    at = names.index(change.parameter)
    old = formulation.parameters[at]
    if isinstance(old.data, Derived):
        raise FormulationError(
            f"`{old.name}` is worked out from other numbers",
            where=where,
            remedy=f"Change those: {old.data.expression}.",
        )
    domain = ground(formulation).domain(old.name)
    known, new = set(domain), {e.index: e for e in change.entries}
    for index in new:
        if index not in known:
            picked(where, old.name, domain, index)  # says what comes nearest
    if len(new) < len(change.entries):
        raise FormulationError(f"an entry of `{old.name}` is given twice", where=where)
    held = old.data.entries if isinstance(old.data, Given) else old.data.changed
    entries = tuple(({e.index: e for e in held} | new).values())
    field = "entries" if isinstance(old.data, Given) else "changed"
    part = old.model_copy(update={"data": old.data.model_copy(update={field: entries})})
    parameters = (*formulation.parameters[:at], part, *formulation.parameters[at + 1 :])
    return formulation.model_copy(update={"parameters": parameters})


def changed_value(value: float, change: DataChange, where: str) -> float:
    """Return what becomes of a value; noise of the multiplication is rounded off.

    Raises:
        FormulationError: if it is too large for a number.
    """
    match change:
        case SetTo(value=new):
            return new
        case Scale(factor=factor, whole=whole):
            new = _clean(value * factor, where)
            return float(math.ceil(new - _NOISE)) if whole else new
        case Add(amount=amount):
            return _clean(value + amount, where)


def _clean(value: float, where: str) -> float:
    if not math.isfinite(value):
        raise FormulationError("a new value is too large", where=where, remedy="Give less.")
    return float(f"{value:.13g}")


def _given(
    formulation: Formulation, old: Parameter, data: Given, change: DataChange, where: str
) -> Parameter:
    domain = ground(formulation).domain(old.name)
    found = picked(where, old.name, domain, change.at)
    whole = len(found) == len(domain)
    if whole and data.default is not None and not change.at:
        kept = {e.index for e in data.entries}
        found = [index for index in found if index in kept]
        new_default: float | None = changed_value(data.default, change, where)
    else:
        new_default = data.default
    entries = _entries(data, set(found), found, change, where)
    return old.model_copy(update={"data": Given(entries=entries, default=new_default)})


def _bound(
    formulation: Formulation, old: Parameter, data: Bound, change: DataChange, where: str
) -> Parameter:
    values = ground(formulation).parameter(old.name)
    changed = {e.index: e for e in data.changed}
    for index in picked(where, old.name, list(values), change.at):
        changed[index] = Entry(index=index, value=changed_value(values[index], change, where))
    return old.model_copy(
        update={"data": data.model_copy(update={"changed": tuple(changed.values())})}
    )


def _entries(
    data: Given, chosen: set[Index], order: Sequence[Index], change: DataChange, where: str
) -> tuple[Entry, ...]:
    kept = {e.index for e in data.entries}
    entries = [
        Entry(index=e.index, value=changed_value(e.value, change, where))
        if e.index in chosen
        else e
        for e in data.entries
    ]
    for index in order:
        if index not in kept and data.default is not None:
            entries.append(Entry(index=index, value=changed_value(data.default, change, where)))
    return tuple(entries)


def _derived(
    formulation: Formulation, old: Parameter, data: Derived, change: DataChange, where: str
) -> Parameter:
    """Change the expression: as a whole, or where a condition holds."""
    instance = ground(formulation)
    domain = instance.domain(old.name)
    found = picked(where, old.name, domain, change.at)
    new = _expression(old.name, data.expression, change, where)
    clause = named_clause(formulation, old.over, arities_of(instance, old.over))
    condition = condition_of(clause.targets, change.at)
    if condition and len(found) < len(domain):
        new = f"{new} if {condition} else {data.expression}"
        return old.model_copy(update={"over": clause.over, "data": Derived(expression=new)})
    return old.model_copy(update={"data": Derived(expression=new)})


def _expression(name: str, expression: str, change: DataChange, where: str) -> str:
    match change:
        case SetTo(value=value):
            return number_text(value)
        case Scale(whole=True):
            sources = ", ".join(f"`{n}`" for n in sorted(names_of(expression)))
            raise FormulationError(
                f"`{name}` is worked out from other data ({sources}) and cannot be rounded",
                where=where,
                remedy="Change those, or leave out `whole`.",
            )
        case Scale(factor=factor):
            return f"{number_text(factor)} * ({expression})"
        case Add(amount=amount):
            return f"({expression}) + {number_text(amount)}"
