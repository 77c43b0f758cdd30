"""Made-up places, people and labels, and amounts that are split, for families to draw from."""

from __future__ import annotations

from collections.abc import Sequence

from optiwright.training.story import Story
from optiwright.training.story_parts import Kind
from optiwright.training.things import Thing

TOWNS = (
    "Arnvik",
    "Brosna",
    "Caldmere",
    "Dunmoor",
    "Elstow",
    "Fernley",
    "Garrow",
    "Haltby",
    "Ivermouth",
    "Jorsund",
    "Kelmar",
    "Lindow",
    "Marwick",
    "Norby",
    "Orrin",
    "Pelbury",
    "Quarley",
    "Rossett",
    "Skelby",
    "Tarvin",
    "Ulrome",
    "Vardal",
    "Wexcombe",
    "Yarrowby",
    "Zelham",
    "Ashdown",
    "Birkfell",
    "Corvale",
    "Dorrit",
    "Eastmarsh",
    "Glenrae",
    "Hollin",
)
PEOPLE = (
    "Alma", "Bruno", "Clea", "Dario", "Elin", "Farid", "Greta", "Hugo", "Ilse", "Joris", "Kaja",
    "Leif", "Mila", "Nadia", "Oskar", "Petra", "Quinn", "Rafi", "Selma", "Timo", "Ulla", "Vito",
    "Wanda", "Yusuf", "Zora",
)  # fmt: skip
_DIVISIBLE = {"tonnes", "litres", "megalitres", "cubic metres", "MW"}


def places(
    s: Story, noun: str, count: int, taken: Sequence[Thing] = (), *, towns: float = 0.55
) -> list[Thing]:
    """Return places: towns (with this probability), or the noun with letters or numbers."""
    if s.chance(towns):
        return [Thing(t) for t in s.some([t for t in TOWNS if Thing(t) not in taken], count)]
    return marked(s, noun, count)


def marked(s: Story, noun: str, count: int) -> list[Thing]:
    """Return things of one kind that letters or numbers tell apart: "van A" and "van B"."""
    marks = "ABCDEFGH" if s.chance(0.5) else "12345678"
    return [Thing(f"{noun} {mark}") for mark in marks[:count]]


def people(s: Story, count: int) -> list[Thing]:
    """Return persons, by their first names."""
    return [Thing(name) for name in s.some(PEOPLE, count)]


def counted(count: int, thing: Thing) -> str:
    """Return "two depots": a small number of things in words."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return f"{words[count]} {thing.one if count == 1 else thing.plural}"


def kind_of(unit: str) -> Kind:
    """Return how an amount in this unit is decided: tonnes can be divided, crates cannot."""
    return "continuous" if unit in _DIVISIBLE else "integer"


def split(s: Story, total: float, count: int, step: float) -> list[float]:
    """Return `count` multiples of `step`, some perhaps zero, that sum to `total`."""
    weights = [s.draw.random() * (s.draw.random() > 0.25) + 1e-9 for _ in range(count)]
    parts = [int(total / step * w / sum(weights)) * step for w in weights]
    parts[s.draw.randrange(count)] += round(total - sum(parts), 9)
    return [round(p, 9) for p in parts]


def roomy(s: Story, needed: float, step: float, low: float = 1.0, high: float = 1.3) -> float:
    """Return a limit of `low` to `high` times what is needed, rounded up to whole steps."""
    wanted = needed * (low + (high - low) * s.draw.random())
    return round(max(1, -int(-wanted // step)) * step, 9)
