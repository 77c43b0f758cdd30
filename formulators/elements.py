"""Sets and elements that expressions name, over index frames, and the errors that say where.

This is the half of evaluation that yields elements; `optiwright.formulators.values` adds numbers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

import numpy as np

from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import (
    ORDER_FUNCTIONS,
    Call,
    Generator,
    Item,
    Label,
    Name,
    Node,
)
from optiwright.formulators.frames import Frame, Member
from optiwright.formulators.indices import (
    MAX_INTEGER,
    MISSING,
    Domain,
    FamilySet,
    Floats,
    IndexSet,
    Labels,
)
from optiwright.formulators.lookup import Codes

SymbolKind: TypeAlias = Literal["set", "parameter", "variable", "definition"]

_STEP_WORD = {"prev": "predecessor", "next": "successor"}


class Symbols(Protocol):
    """What the names of a formulation stand for."""

    labels: Labels

    def kind(self, name: str) -> SymbolKind | None: ...
    def index_set(self, name: str) -> IndexSet | FamilySet: ...
    def data(self, name: str) -> tuple[Domain, Floats]: ...


class ElementReader(ABC):
    """Reads the sets and elements that the expressions of one place in a formulation name.

    Args:
        symbols: what names stand for.
        title: the place, such as "constraint `supply`".
        source: the text of the expression, quoted in errors.
        whole: quote all of it, since the nodes' spans do not refer to it (an index clause).
    """

    def __init__(self, symbols: Symbols, title: str, source: str, *, whole: bool = False) -> None:
        self.symbols = symbols
        self.title = title
        self.source = source
        self.whole = whole

    # --- errors -----------------------------------------------------------------------------------

    def fail(
        self,
        node: Node | Generator,
        what: str,
        remedy: str = "",
        *,
        frame: Frame | None = None,
        row: int = 0,
    ) -> FormulationError:
        """Make the error for a node, at a row of a frame where it matters."""
        part = "" if self.whole else self.source[node.span.start : node.span.stop].strip()
        excerpt = _shorten(part or self.source)
        at = self.describe(frame, row) if frame is not None else ""
        place = f"{self.title} at {at}" if at else self.title
        return FormulationError(what, where=f"{place}: `{excerpt}`", remedy=remedy)

    def describe(self, frame: Frame, row: int) -> str:
        """Return a row of a frame in words, as in "i = 'a', t = 3"."""
        element = self.symbols.labels.element
        return ", ".join(
            f"{name} = {element(int(column[row]))!r}"
            for name, column in frame.codes.items()
            if not name.startswith("_")
        ) or ", ".join(repr(element(int(column[row]))) for column in frame.codes.values())

    def is_symbol(self, name: str) -> bool:
        """Whether a name is declared in the formulation."""
        return self.symbols.kind(name) is not None

    # --- sets and elements ------------------------------------------------------------------------

    def set_at(self, node: Name | Item, frame: Frame) -> IndexSet | Member:
        """Return the set that a domain names; for an indexed one with the member at each row."""
        if self.symbols.kind(node.name) != "set":
            raise self.fail(node, f"`{node.name}` is no set", "Declare the set, or use its name.")
        found = self.symbols.index_set(node.name)
        if isinstance(node, Name) and isinstance(found, IndexSet):
            return found
        if isinstance(node, Item) and isinstance(found, FamilySet):
            return found, self.locate(node, found.over, frame)
        if isinstance(found, FamilySet):
            raise self.fail(node, f"`{node.name}` is an indexed set", f"Write `{node.name}[i]`.")
        raise self.fail(node, f"`{node.name}` is no indexed set", f"Write `{node.name}`.")

    def locate(self, item: Item, domain: Domain, frame: Frame) -> Codes:
        """Return the positions in a symbol's domain of the indices that an item names.

        Raises:
            FormulationError: if their number is wrong or one lies outside the domain.
        """
        if len(item.indices) != domain.arity:
            raise self.fail(
                item, f"`{item.name}` takes {domain.arity} indices, not {len(item.indices)}"
            )
        columns = [self.element(index, frame) for index in item.indices]
        found = domain.find(columns, frame.size)
        if found.size and found.min() < 0:
            row = int(np.argmax(found < 0))
            raise self._outside(item, domain, columns, frame, row)
        return found

    def _outside(
        self, item: Item, domain: Domain, columns: Sequence[Codes], frame: Frame, row: int
    ) -> FormulationError:
        known = [column[row] != MISSING for column in columns]
        named = [
            self.symbols.labels.element(int(column[row])) if there else "(unknown)"
            for column, there in zip(columns, known, strict=True)
        ]
        over = f" over {', '.join(f'`{s.name}`' for s in domain.sets)}" if domain.sets else ""
        shown = repr(named[0]) if len(named) == 1 else repr(tuple(named))
        return self.fail(
            item,
            f"{shown} is no index of `{item.name}`{over}",
            "Restrict the indices with `if`, or add the missing element.",
            frame=frame,
            row=row,
        )

    def element(self, node: Node, frame: Frame) -> Codes:
        """Return the element that an index expression names at each row, shape (size,)."""
        match node:
            case Name(name=name) if name in frame.codes:
                return frame.codes[name]
            case Name(name=name) if not self.is_symbol(name):
                raise self.fail(
                    node, f"`{name}` is no index here", f'Quote an element: `"{name}"`.'
                )
            case Label(value=value):
                return np.full(frame.size, self.symbols.labels.code(value), dtype=np.int64)
            case Call(function=function) if function in ORDER_FUNCTIONS:
                return self._step(node, frame)
        number = np.broadcast_to(self.number(node, frame), frame.size)
        rounded = np.rint(number)
        wrong = (np.abs(number - rounded) > 1e-9) | (np.abs(number) > MAX_INTEGER)
        if wrong.any():
            row = int(np.argmax(wrong))
            raise self.fail(
                node,
                f"{number[row]:g} is no integer up to 2**53, so no index",
                frame=frame,
                row=row,
            )
        return rounded.astype(np.int64)

    def _step(self, node: Call, frame: Frame) -> Codes:
        argument = node.arguments[0]
        if node.function in {"first", "last"}:
            return self._end(node, argument, frame)
        codes = self.element(argument, frame)
        source = self._order_of(node, frame)
        ordered: IndexSet | FamilySet
        if isinstance(source, IndexSet):
            ordered = source
            at = source.find((codes,))
            start: Codes = np.zeros(frame.size, dtype=np.int64)
            stop: Codes = np.full(frame.size, source.size, dtype=np.int64)
        else:
            ordered, owner = source
            at = ordered.find(owner, (codes,))
            start = ordered.start[owner]
            stop = start + ordered.count[owner]
        moved = at + (1 if node.function == "next" else -1)
        wrong = (at < 0) | (moved < start) | (moved >= stop)
        if wrong.any():
            row = int(np.argmax(wrong))
            shown = self.symbols.labels.element(int(codes[row]))
            where = "is not in" if at[row] < 0 else f"has no {_STEP_WORD[node.function]} in"
            raise self.fail(
                node,
                f"{shown!r} {where} `{ordered.name}`",
                "Leave the end out with `if`, or write a constraint of its own for it.",
                frame=frame,
                row=row,
            )
        return ordered.columns[0][moved]

    def _end(self, node: Call, argument: Node, frame: Frame) -> Codes:
        if not isinstance(argument, Name | Item):
            raise self.fail(node, f"`{node.function}` takes a set")
        source = self._plain(node, self.set_at(argument, frame))
        if isinstance(source, IndexSet):
            start: Codes = np.zeros(frame.size, dtype=np.int64)
            count: Codes = np.full(frame.size, source.size, dtype=np.int64)
            elements = source.columns[0]
        else:
            family, owner = source
            start, count, elements = family.start[owner], family.count[owner], family.columns[0]
        if (count == 0).any():
            row = int(np.argmax(count == 0))
            raise self.fail(node, "the set is empty", frame=frame, row=row)
        return elements[start if node.function == "first" else start + count - 1]

    def _order_of(self, node: Call, frame: Frame) -> IndexSet | Member:
        if len(node.arguments) == 2:
            named = node.arguments[1]
            if not isinstance(named, Name | Item):
                raise self.fail(node, f"the second argument of `{node.function}` is a set")
            return self._plain(node, self.set_at(named, frame))
        argument = node.arguments[0]
        if isinstance(argument, Call) and argument.function in {"prev", "next"}:
            return self._order_of(argument, frame)
        if not isinstance(argument, Name) or argument.name not in frame.steps:
            raise self.fail(
                node,
                f"`{node.function}` does not know the set to step in",
                f"Name it: `{node.function}(t, T)`.",
            )
        source = frame.steps[argument.name]
        return source if isinstance(source, IndexSet) else (source, frame.owners[argument.name])

    def _plain(self, node: Node, source: IndexSet | Member) -> IndexSet | Member:
        arity = source.arity if isinstance(source, IndexSet) else source[0].arity
        if arity != 1:
            raise self.fail(node, "stepping needs a set of single elements, not of tuples")
        return source

    @abstractmethod
    def number(self, node: Node, frame: Frame) -> Floats:
        """Return the value of a data expression; an integer one names an element."""


def _shorten(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."
