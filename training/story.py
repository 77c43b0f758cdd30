"""A drawn problem, as a family fills it from top to bottom.

Expressions are in the language of the indexed form (`optiwright.formulators.parser`); the flat
script, the indexed form and the text are all made from the one story, so that they cannot drift
apart.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from optiwright.training.speech import Quantity, Speech
from optiwright.training.story_parts import (
    AskPart,
    Column,
    DataPart,
    DecisionPart,
    Element,
    GoalPart,
    GridPiece,
    Key,
    Kind,
    Piece,
    RowsPiece,
    RulePart,
    SaidPiece,
    Sense,
    SetPart,
    TotalPart,
    Words,
)
from optiwright.training.things import Thing

T = TypeVar("T")


@dataclass
class Story:
    """A problem as a family draws it."""

    draw: random.Random
    speech: Speech
    sets: list[SetPart] = field(default_factory=list)
    data: list[DataPart] = field(default_factory=list)
    decisions: list[DecisionPart] = field(default_factory=list)
    totals: list[TotalPart] = field(default_factory=list)
    rules: list[RulePart] = field(default_factory=list)
    asks: list[AskPart] = field(default_factory=list)
    goal: GoalPart | None = None
    scene: str = ""
    question: str = ""
    facts: list[Piece] = field(default_factory=list)
    limits: list[SaidPiece] = field(default_factory=list)
    distractors: list[str] = field(default_factory=list)

    # --- drawing ----------------------------------------------------------------------------------

    def pick(self, *options: T) -> T:
        """Return one of the options."""
        return self.draw.choice(options)

    def some(self, options: Sequence[T], low: int, high: int | None = None) -> list[T]:
        """Return `low` to `high` different ones of the options, in random order."""
        high = low if high is None else high
        return self.draw.sample(list(options), self.draw.randint(low, min(high, len(options))))

    def chance(self, probability: float) -> bool:
        """Whether something happens that does so with this probability."""
        return self.draw.random() < probability

    def step(self, low: float, high: float, step: float = 1) -> float:
        """Return a number from `low` to `high`, both included, in steps from `low`."""
        count = round((high - low) / step)
        return round(low + self.draw.randint(0, count) * step, 9)

    # --- the formulation --------------------------------------------------------------------------

    def set(self, name: str, elements: Sequence[Element | Key], meaning: str) -> None:
        """Add a set; an ordered range of integers is told as such in the indexed form."""
        self.sets.append(SetPart(name, meaning, tuple(elements)))

    def number(self, name: str, value: Quantity, meaning: str, unit: str = "") -> Quantity:
        """Add a single number, and return it."""
        self.data.append(DataPart(name, meaning, (), {(): value}, unit))
        return value

    def table(
        self,
        name: str,
        over: str,
        values: Mapping[Any, Quantity],
        meaning: str,
        unit: str = "",
    ) -> None:
        """Add numbers over sets, such as `"Plants, Markets"`, with a value for every element."""
        keyed = {k if isinstance(k, tuple) else (k,): v for k, v in values.items()}
        self.data.append(DataPart(name, meaning, tuple(over.split(", ")), keyed, unit))

    def decide(
        self,
        name: str,
        meaning: Words,
        *,
        over: str = "",
        kind: Kind = "continuous",
        lower: str | None = "0",
        upper: str | None = None,
        flat: Callable[..., str] | None = None,
        unit: str = "",
    ) -> None:
        """Add a decision; `over` is an index clause such as `p in Products`."""
        self.decisions.append(DecisionPart(name, meaning, over, kind, lower, upper, flat, unit))

    def total(
        self,
        name: str,
        expression: str,
        meaning: Words,
        *,
        over: str = "",
        flat: Callable[..., str] | None = None,
        carried: bool = False,
    ) -> None:
        """Add a named quantity over the decisions: a resource, a cost, what arrives somewhere.

        One that is `carried` from period to period, such as a stock, may name itself at `prev(t)`.
        """
        self.totals.append(TotalPart(name, meaning, over, expression, flat, carried))

    def aim(self, sense: Sense, expression: str, meaning: str, unit: str = "") -> None:
        """Say what is to be best; `meaning` such as "greatest profit" is the script's comment."""
        self.goal = GoalPart(sense, expression, meaning, unit)

    def rule(
        self,
        name: str,
        relation: str,
        *say: str,
        over: str = "",
        comment: Words = "",
        meaning: str = "",
    ) -> None:
        """Add a requirement.

        Args:
            name: of the constraint.
            relation: a comparison over decisions, totals and data.
            say: how the text may state it; one is drawn. None where the facts have said it.
            over: the index clause that it holds for.
            comment: the script's comment, from the index's elements; by default what is said.
            meaning: of the constraint in the indexed form; by default the comment or what is said.
        """
        said = self.pick(*say) if say else ""
        if said:
            self.limits.append(SaidPiece(said))
        words = comment or said
        if not words:
            raise ValueError(f"the rule {name!r} has neither words nor a comment")
        shown = meaning or said or (words if isinstance(words, str) else name.replace("_", " "))
        self.rules.append(RulePart(name, relation, over, words, shown))

    def state(self, *say: str) -> str:
        """Add one of some wordings to the requirements that the text states, and return it.

        For a rule over an index, each of whose requirements has a sentence of its own.
        """
        said = self.pick(*say)
        self.limits.append(SaidPiece(said))
        return said

    def ask(self, meaning: Words, expression: str, over: str = "") -> None:
        """Add a quantity that the question asks for."""
        self.asks.append(AskPart(meaning, expression, over))

    # --- the telling ------------------------------------------------------------------------------

    def rows(
        self,
        corner: str,
        rows: Sequence[Thing],
        columns: Sequence[Column],
        subject: Callable[[Thing], str] | None = None,
    ) -> None:
        """Add facts about each of some things."""
        begin = subject or (lambda thing: f"Each {thing}")
        self.facts.append(RowsPiece(corner, rows, columns, begin))

    def grid(
        self,
        corner: str,
        rows: Sequence[Thing],
        columns: Sequence[Thing],
        values: Mapping[tuple[Thing, Thing], Quantity],
        *,
        title: str,
        say: Callable[[Thing, str], str],
        part: Callable[[Quantity, Thing], str],
    ) -> None:
        """Add a number for each pair."""
        self.facts.append(GridPiece(corner, rows, columns, values, title, say, part))

    def fact(self, *say: str) -> None:
        """Add a sentence of data; one of the wordings is drawn."""
        self.facts.append(SaidPiece(self.pick(*say)))

    def distract(self, *sentences: str) -> None:
        """Add sentences with numbers or facts that play no part; a voice takes some or none."""
        self.distractors.extend(sentences)
