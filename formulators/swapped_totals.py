"""Totals that have each other's numbers: what a ray does to the skin beside what it does to a lump.

A small model at times writes two totals in another order than it names them; the text's words
around the numbers say which total they belong to.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from optiwright.formulators.decided import linear_form
from optiwright.formulators.model import Definition, Formulation
from optiwright.formulators.text_numbers import TextNumber, stated_once
from optiwright.formulators.wording import clause_of, stems

_FEWEST = 3


def swapped_totals(formulation: Formulation, text: str) -> Iterator[tuple[Definition, Definition]]:
    """Yield pairs of totals whose numbers stand with each other's words in the text.

    Only numbers that the text states once are looked at, in their own clauses; none of them with
    its own total's words: three at least, one of either total.

    Args:
        formulation: a lifted flat one.
        text: the problem in words.
    """
    stated = {value: number for value, number in stated_once(text).items() if value != 1}
    decided = stems(" ".join(f"{v.name} {v.description}" for v in formulation.variables))
    numbers = {
        d.name: [stated[c] for n, c in form.items() if n and c in stated]
        for d in formulation.definitions
        if not d.over and (form := linear_form(formulation, d.name)) and len(form) >= 2
    }
    totals = [d for d in formulation.definitions if numbers.get(d.name)]
    said = {d.name: stems(f"{d.name} {d.description}".replace("_", " ")) - decided for d in totals}
    for one, other in combinations(totals, 2):
        apart = said[one.name] - said[other.name], said[other.name] - said[one.name]
        if len(numbers[one.name]) + len(numbers[other.name]) < _FEWEST or not all(apart):
            continue
        if _all_of(text, numbers[one.name], apart[1], apart[0]) and _all_of(
            text, numbers[other.name], apart[0], apart[1]
        ):
            yield one, other


def _all_of(text: str, numbers: list[TextNumber], words: set[str], others: set[str]) -> bool:
    """Tell whether each number's clause has some of these words and none of the others."""
    clauses = [stems(clause_of(text, number)) for number in numbers]
    return all(clause & words and not clause & others for clause in clauses)
