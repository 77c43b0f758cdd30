"""Names that a small model declares in the singular and uses in the plural, or the other way."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from optiwright.formulators.model import Formulation
from optiwright.formulators.number_checks import expressions_in
from optiwright.formulators.parser import names_of

_ENDINGS = frozenset({"s", "es"})
_SHORTEST = 3


def misspelt_names(formulation: Formulation) -> Iterator[tuple[str, str]]:
    """Yield each name that is declared nowhere, with the one declared name that it can only be.

    That one has the same words but for an ending (`minibuses_diesel` for `minibus_diesel`) or an
    underscore. Where two do, or the expression has it beside the other, the name stays.

    Args:
        formulation: one without sets: an index is declared nowhere.
    """
    if formulation.sets:
        return
    parts = (formulation.parameters, formulation.variables, formulation.definitions)
    declared = {part.name for group in parts for part in group}
    used = [names_of(source) for _, source in expressions_in(formulation)]
    for name in sorted({n for names in used for n in names} - declared):
        meant = [other for other in sorted(declared) if _is_alike(name, other)]
        together = any(name in names and meant[0] in names for names in used) if meant else False
        if len(meant) == 1 and not together:
            yield name, meant[0]


def _is_alike(name: str, other: str) -> bool:
    if name.replace("_", "").lower() == other.replace("_", "").lower():
        return True
    words = zip_longest(name.lower().split("_"), other.lower().split("_"), fillvalue="")
    return all(first == second or _is_ending(first, second) for first, second in words)


def _is_ending(first: str, second: str) -> bool:
    short, long = sorted((first, second), key=len)
    rest = long.removeprefix(short)
    return len(short) >= _SHORTEST and rest in _ENDINGS
