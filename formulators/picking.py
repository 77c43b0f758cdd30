"""Which indices of a symbol or constraint a change concerns: checked names, picks, conditions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import count

from optiwright.formulators.changes import EACH, SUMMED, At, Others, Pick
from optiwright.formulators.errors import FormulationError
from optiwright.formulators.expressions import Generator
from optiwright.formulators.instance import Instance
from optiwright.formulators.model import Element, Formulation, Index
from optiwright.formulators.parser import parse_over
from optiwright.formulators.source import SourceWriter, number_text, quoted

_LETTERS = "ijklmnpqrst"
_SHOWN = 8
_WRITER = SourceWriter()


@dataclass(frozen=True)
class Clause:
    """An index clause whose every position has a name that expressions can mention.

    Attributes:
        generators: in order, bare sets with targets of their own.
        targets: a name for each position of an index.
    """

    generators: tuple[Generator, ...]
    targets: tuple[str, ...]

    @property
    def over(self) -> str:
        """The clause as text."""
        return ", ".join(_WRITER.clause(g).removeprefix("for ") for g in self.generators)

    def summed(self, body: str, condition: str) -> str:
        """Return the sum of a body over the indices that meet a condition."""
        clauses = " ".join(_WRITER.clause(g) for g in self.generators)
        return f"sum({body} {clauses}{f' if {condition}' if condition else ''})"

    def where(self, condition: str) -> str:
        """Return the clause as text, narrowed by a condition."""
        return f"{self.over} if {condition}" if condition else self.over


def named_clause(formulation: Formulation, over: str, arities: Sequence[int]) -> Clause:
    """Return an index clause with every position named.

    Args:
        formulation: whose names the new ones must not be.
        over: the clause.
        arities: how many positions each generator binds.
    """
    generators = parse_over(over)
    taken = {t for g in generators for t in g.targets} | symbol_names(formulation)
    letters = (f"{letter}{k or ''}" for k in count() for letter in _LETTERS)
    fresh = (name for name in letters if name not in taken)
    named = []
    for generator, arity in zip(generators, arities, strict=True):
        bare = len(generator.targets) == 1 and generator.targets[0].startswith("_")
        targets = tuple(next(fresh) for _ in range(arity)) if bare else generator.targets
        named.append(Generator(targets, generator.domain, generator.conditions, generator.span))
    return Clause(tuple(named), tuple(t for g in named for t in g.targets))


def arities_of(instance: Instance, over: str) -> list[int]:
    """Return how many positions each generator of a clause binds."""
    found = (instance.index_set(g.domain.name) for g in parse_over(over))
    return [part.arity for part in found]


def symbol_text(name: str, targets: Sequence[str]) -> str:
    """Return a symbol with its indices, as an expression has it."""
    return f"{name}[{', '.join(targets)}]" if targets else name


def element_text(element: Element) -> str:
    """Return an element as an expression has it."""
    return quoted(element) if isinstance(element, str) else number_text(float(element))


def condition_of(targets: Sequence[str], at: At) -> str:
    """Return the condition under which indices are picked; empty where all are."""
    parts = []
    for target, pick in zip(targets, at, strict=bool(at)):
        if isinstance(pick, Others):
            parts.append(f"{target} != {element_text(pick.other_than)}")
        elif pick not in {EACH, SUMMED}:
            parts.append(f"{target} == {element_text(pick)}")
    return " and ".join(parts)


def is_picked(index: Index, at: At) -> bool:
    """Whether an index is among those picked."""
    return not at or all(map(_fits, index, at))


def _fits(element: Element, pick: Pick) -> bool:
    if isinstance(pick, Others):
        return element != pick.other_than
    return pick in {EACH, SUMMED} or pick == element


def picked(where: str, name: str, domain: Sequence[Index], at: At) -> list[Index]:
    """Return the indices of a domain that are picked.

    Raises:
        FormulationError: if there are too many or too few picks, an element is unknown at its
            position, or no index has all of them; with the nearest names.
    """
    if not at:
        return list(domain)
    arity = len(domain[0]) if domain else 0
    if len(at) != arity:
        takes = f"takes {arity} {'index' if arity == 1 else 'indices'}" if arity else "has no index"
        raise FormulationError(
            f"`{name}` {takes}, and {len(at)} {'is' if len(at) == 1 else 'are'} given",
            where=where,
            remedy=f'Give one for each position; "{EACH}" stands for each element.'
            if arity
            else "Leave them out.",
        )
    for position, pick in enumerate(at):
        _known(where, name, [index[position] for index in domain], pick)
    found = [index for index in domain if is_picked(index, at)]
    if not found:
        raise FormulationError(
            f"`{name}` has no entry at {shown_at(at)}",
            where=where,
            remedy=f"It has, for instance, {_some([shown_at(i) for i in domain])}.",
        )
    return found


def _known(where: str, name: str, elements: Sequence[Element], pick: Pick) -> None:
    element = pick.other_than if isinstance(pick, Others) else pick
    if element in elements or (not isinstance(pick, Others) and pick in {EACH, SUMMED}):
        return
    known = list(dict.fromkeys(map(str, elements)))
    near = nearest(str(element), known)
    remedy = f"Did you mean `{near}`?" if near else f"It has {_some(known)}."
    raise FormulationError(f"`{name}` has no element {element!r} there", where=where, remedy=remedy)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is most like another, case aside; empty where none is."""
    lowered = {k.lower(): k for k in known}
    found = get_close_matches(name.lower(), list(lowered), 1)
    return lowered[found[0]] if found else ""


def unknown(where: str, what: str, name: str, known: Iterable[str]) -> FormulationError:
    """Return the error for a name that is not declared, with the nearest one."""
    names = list(known)
    near = nearest(name, names)
    there = f"There {'is' if len(names) == 1 else 'are'} {_some(names)}." if names else ""
    return FormulationError(
        f"there is no {what} `{name}`",
        where=where,
        remedy=f"Did you mean `{near}`?" if near else there,
    )


def shown_at(at: At | Index) -> str:
    """Return picks or an index as people write them: `[A, *]`."""
    parts = [f"not {p.other_than}" if isinstance(p, Others) else str(p) for p in at]
    return f"[{', '.join(parts)}]" if parts else ""


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{n}`" for n in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def symbol_names(formulation: Formulation) -> set[str]:
    """Return the names of all sets, parameters, variables and definitions."""
    return {
        *(s.name for s in formulation.sets),
        *(p.name for p in formulation.parameters),
        *(v.name for v in formulation.variables),
        *(d.name for d in formulation.definitions),
    }


def alike(element: Element, elements: Iterable[Element | Index]) -> Element:
    """Return an element as the others of its set are: a number where all of them are."""
    there = list(elements)
    if isinstance(element, str) and there and all(isinstance(e, int) for e in there):
        return int(element) if element.lstrip("-").isdecimal() else element
    return element
