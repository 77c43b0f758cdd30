"""Problems of how many of each: things with measures, of which some are limited and one is best.

The commonest of all: vans and trucks that carry crates and burn fuel, doses of two medicines,
servings of foods. A family describes trades; structure and numbers are drawn here.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Sequence
from dataclasses import dataclass

from optiwright.formulators.phrases import capitalised, listing
from optiwright.training.conditions import Mix, Wording
from optiwright.training.round_numbers import down, up
from optiwright.training.speech import Quantity
from optiwright.training.story import Story
from optiwright.training.story_parts import Column
from optiwright.training.things import Thing, slug, things


@dataclass(frozen=True)
class Measure:
    """What each thing gives or takes some of."""

    name: str
    """Its head in a table; of its total too."""
    unit: str
    """Plural unit; "$" for money, "" for none."""
    says: tuple[str, ...]
    """What a sentence says of a thing, with `{}`: "burns {} of fuel"."""
    limits: tuple[str, ...]
    """What the text demands of the total, with `{}`; of a good measure a need, else a stock."""
    best: str
    """What is best: "least fuel"."""
    goal: str
    """What is made large or small: "the fuel burnt"."""
    meaning: str
    """Of the total, such as "litres of fuel"."""
    low: float
    high: float
    step: float = 1
    good: bool = False
    """Whether more is better."""
    even: float = 0.5
    """How much of it follows a thing's size: 0 not at all, 1 in proportion."""

    @property
    def key(self) -> str:
        """Its name in expressions."""
        return slug(self.name)


@dataclass(frozen=True)
class Trade:
    """Who chooses how many of what."""

    scene: str
    """A sentence, with `{}` for the things, listed."""
    things: str
    """Names with sizes: `van:1, truck:3`; the size scales the measures."""
    words: Wording
    measures: tuple[Measure, ...]
    how_many: str
    """The question's beginning: "How many trips of each kind should be made"; `{}` may list."""
    kind: str = "thing"
    """The corner of a table."""
    plan: tuple[int, int] = (3, 25)
    """How many of each there are in the plan that the problem is drawn around."""
    count_goal: str = ""
    """What the count is called when it is to be least: "the number of trips"; "" if never."""
    aside: tuple[str, ...] = ()
    """Sentences that play no part."""


def choose(s: Story, trade: Trade, most: int = 4, integer: bool = True) -> None:
    """Fill a story with a choice of how many of each, of two to `most` things."""
    pairs = [part.strip().split(":") for part in trade.things.split(",")]
    chosen = s.some(pairs, 2, s.pick(2, 2, 2, 3, most))
    goods = things(name for name, _ in chosen)
    sizes = {g: float(size) for g, (_, size) in zip(goods, chosen, strict=True)}
    measures = _drawn_measures(s, trade)
    plan: dict[Thing, float] = {
        g: max(1, round(s.step(*trade.plan) / max(1, sizes[g] / 2))) for g in goods
    }
    factor = s.pick(2, 2, 3) if integer and s.chance(0.08) else 0
    if factor:
        plan[goods[0]] = factor * plan[goods[1]]
    goal = _goal(s, trade, measures)
    s.set("Kinds", goods, f"kinds of {trade.words.noun}")
    s.decide("count", lambda g: f"{_subject(trade, g)} {trade.words.done}", over="k in Kinds",
             kind="integer" if integer else "continuous", flat=lambda g: g.one,
             unit=trade.words.unit or trade.words.noun)  # fmt: skip
    values = _undominated(s, measures, sizes)
    for m in measures:
        s.table(f"{m.key}_of", "Kinds", values[m], m.meaning)
        s.total(m.key, f"sum({m.key}_of[k]*count[k] for k in Kinds)", m.meaning)
    s.scene = trade.scene.format(listing(g.plural for g in goods))
    columns = [Column(m.name, s.pick(*m.says), list(values[m].values()))
               for m in measures]  # fmt: skip
    opener = s.pick("Each {}", "One {}", "{a}", "Each {}")
    s.rows(trade.kind, goods, columns,
           lambda g: opener.format(g.one, a=capitalised(g.a)))  # fmt: skip
    mix = Mix(s, "count", "Kinds", plan, trade.words)
    limited = [m for m in measures if m is not goal]
    for m in limited:
        _limit(s, m, sum(values[m][g].value * plan[g] for g in goods))
    strong = len(limited)
    if factor:
        mix.exact(goods[0], goods[1], factor)
        strong += 1
    mix.some(
        1 if strong < 3 else 0,
        3 - min(strong, 2),
        but=[*(["sum"] if goal is None else []), *(["ratio", "order"] if factor else [])],
    )
    if goal is None:
        s.aim("minimize", mix.whole(), f"fewest {trade.words.noun}")
    else:
        s.aim("maximize" if goal.good else "minimize", goal.key, goal.best)
    _question(s, trade, goal)
    s.ask(lambda g: f"{_subject(trade, g)} {trade.words.done}", "count[k]", "k in Kinds")
    s.ask(goal.goal if goal else trade.count_goal, "objective")
    s.distract(*trade.aside)


def _drawn_measures(s: Story, trade: Trade) -> list[Measure]:
    """Return some of the measures, in their order: a good one at least, and a bad one mostly."""
    good = [m for m in trade.measures if m.good]
    bad = [m for m in trade.measures if not m.good]
    kept = [*s.some(good, 1, s.pick(1, 1, 2, 3)), *s.some(bad, 1, s.pick(1, 2, 2, 3))]
    return [m for m in trade.measures if m in kept]


def _goal(s: Story, trade: Trade, measures: Sequence[Measure]) -> Measure | None:
    """Return what is to be best; None for the count."""
    if trade.count_goal and s.chance(0.3):
        return None
    good = [m for m in measures if m.good]
    return s.pick(s.pick(*good), s.pick(*(m for m in measures if not m.good)))


def _undominated(
    s: Story, measures: Sequence[Measure], sizes: dict[Thing, float]
) -> dict[Measure, dict[Thing, Quantity]]:
    """Return values by which, if that is possible, no thing is better than another in all."""
    for _ in range(20):
        values = {m: _values(s, m, sizes) for m in measures}
        worth = [[(1 if m.good else -1) * values[m][g].value for m in measures] for g in sizes]
        if not any(all(map(operator.ge, a, b)) for a, b in itertools.permutations(worth, 2)):
            break
    return values


def _values(s: Story, m: Measure, sizes: dict[Thing, float]) -> dict[Thing, Quantity]:
    made: dict[Thing, Quantity] = {}
    for g, size in sizes.items():
        raw = s.step(m.low, m.high, m.step) * (1 + m.even * (size - 1))
        grain = m.step if raw < 40 * m.step else m.step * s.pick(1, 5, 10)
        value = round(max(1, round(raw / grain)) * grain, 6)
        made[g] = _quantity(s, m, value)
    return made


def _quantity(s: Story, m: Measure, value: float) -> Quantity:
    if m.unit == "$":
        return s.speech.money(value)
    if m.unit in ("minutes", "grams", "kg", "mg", "ml", "units", "litres", "hours", "kWh"):
        return s.speech.amount(value, m.unit)
    return s.speech.count(value, m.unit)


def _limit(s: Story, m: Measure, planned: float) -> None:
    """Demand of a total what the plan fulfils."""
    value = down(s, planned) if m.good else up(s, planned)
    size = 60 if m.unit == "minutes" else 500
    if m.unit in ("minutes", "grams", "mg", "ml") and value > 4 * size and s.chance(0.6):
        value = max(1, value // size) * size if m.good else -(-value // size) * size
        if m.good and value > planned:
            value = down(s, planned)
    if m.unit == "$":
        limit = s.speech.money(value)
    elif m.unit:
        limit = s.speech.stock(value, m.unit, s.draw)
    else:
        limit = s.speech.plain(value)
    name = f"{'needed' if m.good else 'available'}_{m.key}"
    s.number(name, limit, f"{'least' if m.good else 'most'} {m.meaning}")
    s.rule(f"limit_{m.key}", f"{m.key} {'>=' if m.good else '<='} {name}",
           *(words.format(limit) for words in m.limits))  # fmt: skip


def _subject(trade: Trade, thing: Thing) -> str:
    return f"{trade.words.unit} of {thing.plural}" if trade.words.unit else thing.plural


def _question(s: Story, trade: Trade, goal: Measure | None) -> None:
    good = goal is not None and goal.good
    what = goal.goal if goal else trade.count_goal
    best = goal.best if goal else f"fewest {trade.words.noun}"
    most, verb = ("large", "maximize") if good else ("small", "minimize")
    s.question = s.pick(
        f"{trade.how_many} to {verb} {what}?",
        f"{trade.how_many} so that {what} is as {most} as possible?",
        f"{trade.how_many} if {what} is to be as {most} as possible?",
        f"{trade.how_many} for the {best}?",
        f"Choose the numbers that {verb} {what}",
        f"{verb.capitalize()} {what}",
    )
