"""Names of a written program's variables: taken apart, and found where a library knows none."""

from __future__ import annotations

import re
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from optiwright.solver_tools.written_faults import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optiwright.solver_tools.written_result import Variable

_INDEXED = re.compile(r"\s*([^\[\]()]+?)\s*[\[(](.+)[\])]\s*", re.DOTALL)
_DEPTH = 3


def split_name(name: str, number: int) -> tuple[str, tuple[str | int, ...]]:
    """Returns a name without the index that stands in it in brackets, and that index.

    Args:
        name: such as `x[1,2]`, `x(a, b)` or `x`.
        number: the variable's place, for one without a name.
    """
    if not name:
        return "x", (number,)
    matched = _INDEXED.fullmatch(name)
    if matched is None:
        return name, ()
    return matched[1], tuple(_part(part) for part in matched[2].split(","))


def _part(text: str) -> str | int:
    bare = text.strip().strip("'\"()")
    return int(bare) if re.fullmatch(r"-?\d{1,18}", bare) else bare


def plain_index(index: Any) -> tuple[str | int, ...]:
    """Returns an index of a container as a tuple of texts and integers."""
    parts = () if index is None else index if isinstance(index, tuple) else (index,)
    whole = [isinstance(part, Integral) and not isinstance(part, bool) for part in parts]
    return tuple(
        int(part) if is_whole else clean(str(part))
        for part, is_whole in zip(parts, whole, strict=True)
    )


def renamed(
    variables: Sequence[Variable], source: Sequence[Any] | None, namespace: Mapping[str, Any]
) -> tuple[Variable, ...]:
    """Returns the variables by the names that the program's own variables give them.

    One that has no name anywhere stays as the library numbers it. Arguments as in `named`.
    """
    found = named(variables, source, namespace)
    return tuple(new or old for new, old in zip(found, variables, strict=True))


def named(
    variables: Sequence[Variable], source: Sequence[Any] | None, namespace: Mapping[str, Any]
) -> list[Variable | None]:
    """Returns the variables that have a name, None for those that are only numbered.

    Args:
        variables: as the library names them.
        source: the library's objects, one a variable and in the same order; for a column of HiGHS
            the pair of its solver's identity and its number; None for one that has its name. None
            as a whole where all have.
        namespace: the program's globals; containers in it are searched too.
    """
    if source is None:
        return list(variables)
    known: dict[Any, tuple[str, tuple[str | int, ...]]] = {}
    for name, value in namespace.items():
        if not name.startswith("_"):
            for item, index in _items(value, (), _DEPTH):
                known.setdefault(_identity(item), (name, index))
    found: list[Variable | None] = []
    for variable, item in zip(variables, source, strict=False):
        name, index = ("", ()) if item is None else known.get(_identity(item), ("", ()))
        inner = () if isinstance(item, tuple) else variable.index
        update = {"name": name, "index": (*index, *inner)}
        bare = variable if item is None else None
        found.append(variable.model_copy(update=update) if name else bare)
    return found


def _identity(item: Any) -> Any:
    if isinstance(item, tuple):
        return item
    if type(item).__name__ != "highs_var":
        return id(item)
    try:
        return id(item.highs.getLp.__self__), item.index  # `highs` itself is a weak proxy
    except ReferenceError:
        return id(item)


def _items(
    value: Any, index: tuple[str | int, ...], depth: int
) -> Iterator[tuple[Any, tuple[str | int, ...]]]:
    if depth and isinstance(value, dict):
        for key, item in value.items():
            yield from _items(item, (*index, *plain_index(key)), depth - 1)
    elif depth and isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from _items(item, (*index, place), depth - 1)
    elif depth and isinstance(value, np.ndarray) and value.dtype == object:
        for spot, item in np.ndenumerate(value):
            yield from _items(item, (*index, *spot), depth - 1)
    else:
        yield value, index
