"""A parameter, or one entry of it, found by what a user types: `budget`, `demand[cafe2]`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from optiwright.formulators.errors import FormulationError, UserError
from optiwright.formulators.expressions import names_in
from optiwright.formulators.instance import ground
from optiwright.formulators.model import Change, Derived, Entry, Formulation, Index, Parameter
from optiwright.formulators.parser import parse_expression
from optiwright.formulators.phrases import label

_NEAREST = 3
_LISTED = 12


@dataclass(frozen=True)
class Place:
    """A parameter as a whole, or one entry of it, with the values that it has."""

    parameter: Parameter
    values: Mapping[Index, float]
    """Of each entry in question; a scalar has the one index `()`."""
    whole: bool
    """Whether all of the parameter is meant."""

    @property
    def name(self) -> str:
        """As a user types it."""
        return self.parameter.name if self.whole else label(self.parameter.name, self.index)

    @property
    def index(self) -> Index:
        """Of a single entry; `()` for a whole."""
        return () if self.whole else next(iter(self.values))

    @property
    def single(self) -> bool:
        """Whether it is one number."""
        return len(self.values) == 1

    @property
    def value(self) -> float:
        """Of a single entry."""
        (value,) = self.values.values()
        return value

    def set_to(self, value: float) -> Change:
        """Return the change that gives every entry this value."""
        entries = tuple(Entry(index=index, value=value) for index in self.values)
        return Change(parameter=self.parameter.name, entries=entries)

    def scaled(self, factor: float) -> Change:
        """Return the change that multiplies every entry."""
        entries = tuple(Entry(index=i, value=v * factor) for i, v in self.values.items())
        return Change(parameter=self.parameter.name, entries=entries)


def find_place(formulation: Formulation, wanted: str) -> Place:
    """Return the parameter or entry of that name.

    Raises:
        UserError: naming the nearest ones, or why this one cannot be changed.
    """
    name, bracket, inside = wanted.strip().partition("[")
    found = next((p for p in formulation.parameters if p.name == name.strip()), None)
    if found is None:
        raise _unknown(formulation, name.strip())
    if isinstance(found.data, Derived):
        raise UserError(
            f"`{found.name}` is computed, as `{found.data.expression}`",
            where="parameter",
            remedy=f"Change what it is computed from: {_sources(formulation, found.data)}.",
        )
    values = _values(formulation, found.name)
    if not bracket:
        return Place(found, values, whole=True)
    at = {_plain(", ".join(map(str, index))): index for index in values}
    key = _plain(inside.strip().removesuffix("]"))
    if key not in at or not found.over:
        raise _no_entry(found, key, list(at))
    return Place(found, {at[key]: values[at[key]]}, whole=False)


def changeable(formulation: Formulation) -> list[Place]:
    """Return every parameter that is given and not computed, each as a whole."""
    given = (p for p in formulation.parameters if not isinstance(p.data, Derived))
    return [Place(p, _values(formulation, p.name), whole=True) for p in given]


def entries_of(place: Place) -> list[Place]:
    """Return a parameter's entries one by one; a scalar is its own."""
    if not place.parameter.over:
        return [place]
    return [Place(place.parameter, {i: v}, whole=False) for i, v in place.values.items()]


def nearest(wanted: str, known: list[str]) -> str:
    """Return which of the known names the wanted one resembles, or the first few, in words."""
    lowered = {name.lower(): name for name in known}
    close = get_close_matches(wanted.lower(), list(lowered), n=_NEAREST, cutoff=0.5)
    close = close or [low for low in lowered if wanted and wanted.lower() in low][:_NEAREST]
    if close:
        return f"Did you mean {' or '.join(f'`{lowered[c]}`' for c in close)}?"
    shown = ", ".join(f"`{name}`" for name in known[:_LISTED])
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    return f"There are {shown}{more}." if known else "There are none."


def _unknown(formulation: Formulation, name: str) -> UserError:
    known = [p.name for p in formulation.parameters if not isinstance(p.data, Derived)]
    return UserError(
        f"there is no parameter `{name}`", where="parameter", remedy=nearest(name, known)
    )


def _no_entry(parameter: Parameter, key: str, known: list[str]) -> UserError:
    if not parameter.over:
        return UserError(
            f"`{parameter.name}` is a single number and has no entry `{key}`",
            where="parameter",
            remedy=f"Write `{parameter.name}`.",
        )
    return UserError(
        f"`{parameter.name}` has no entry `{key}`", where="parameter", remedy=nearest(key, known)
    )


def _sources(formulation: Formulation, data: Derived) -> str:
    used = names_in(parse_expression(data.expression)) & {p.name for p in formulation.parameters}
    return ", ".join(f"`{name}`" for name in sorted(used)) or "its expression"


def _values(formulation: Formulation, name: str) -> Mapping[Index, float]:
    try:
        return dict(ground(formulation).parameter(name))
    except FormulationError as error:
        raise UserError(str(error), where=f"parameter `{name}`") from None


def _plain(text: str) -> str:
    """Return an index as it is compared: no quotes, one space after each comma."""
    parts = (part.strip().strip("'\"") for part in text.split(","))
    return ", ".join(parts)
