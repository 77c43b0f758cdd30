"""Two tasks of LLMFP that nobody publishes as files: task allocation and warehouse, made by seed.

After the description in its paper (arXiv 2410.12112): three robots that are good at different kinds
of work share pieces of work so that the last one is done early; a robot does tasks in a given order
at stations of its choice and drives as little as it can. The sentences and the numbers are ours.
Labels are exact: every split is tried, every way is compared (Bellman's recursion).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np

from optiwright.evaluation.problems import Label, Problem

ALLOCATION = "task-allocation"
WAREHOUSE = "warehouse"
MADE = (ALLOCATION, WAREHOUSE)
COUNT = 50
"""Problems of each."""
_SEED = 20241012
_ROBOTS = ("Alba", "Brio", "Corvo")
_WORK = ("welding", "painting", "packing")


@dataclass(frozen=True)
class Allocation:
    """Pieces of work by kind, and minutes a piece by robot and kind."""

    pieces: tuple[int, ...]
    minutes: tuple[tuple[int, ...], ...]

    def text(self) -> str:
        """Return the task in words."""
        lines = [
            f"A workshop has three robots, {', '.join(_ROBOTS[:2])} and {_ROBOTS[2]}, that are "
            "good at different work. They work at the same time; each does one piece after the "
            "other, and whoever begins a piece also finishes it. Minutes that a robot takes for "
            "one piece:",
            "",
            f"| robot | {' | '.join(_WORK)} |",
            "|---|---|---|---|",
        ]
        for robot, row in zip(_ROBOTS, self.minutes, strict=True):
            lines.append(f"| {robot} | {' | '.join(map(str, row))} |")
        orders = [f"{n} pieces of {w}" for n, w in zip(self.pieces, _WORK, strict=True)]
        lines += [
            "",
            f"To be done: {', '.join(orders[:2])} and {orders[2]}. All is finished when the last "
            "robot stops. How many pieces of each kind should each robot do so that all is "
            "finished as early as possible, and after how many minutes is it?",
        ]
        return "\n".join(lines)

    def least(self) -> int:
        """Return the earliest end, in minutes: the best of all splits of all kinds."""
        minutes = np.array(self.minutes)
        loads = np.zeros((1, len(minutes)), dtype=int)
        for kind, count in enumerate(self.pieces):
            added = np.array(list(_splits(count, len(minutes)))) * minutes[:, kind]
            loads = (loads[:, None, :] + added).reshape(-1, len(minutes))
        return int(loads.max(axis=1).min())


@dataclass(frozen=True)
class Warehouse:
    """Stations by task, distances between stations, of which the last is the start, and an order.

    Attributes:
        distances: in metres, symmetric; a row a place.
    """

    stations: tuple[tuple[int, ...], ...]
    distances: tuple[tuple[int, ...], ...]
    order: tuple[int, ...]

    def text(self) -> str:
        """Return the task in words."""
        places = [*(f"S{k}" for k in range(len(self.distances) - 1)), "start"]
        lines = [
            "A robot in a warehouse does tasks one after the other, in the order that is given. "
            "Each task is done at one station of those that can do it; one may be used several "
            "times, and who stays where he is drives nothing. The robot begins at the start and "
            "goes back there when the last task is done. Stations that can do a task:",
            "",
        ]
        lines += [
            f"- task {name}: {', '.join(places[s] for s in can)}"
            for name, can in zip("ABCDEFGHIJ", self.stations, strict=False)
        ]
        lines += ["", "Distances in metres:", "", f"| | {' | '.join(places)} |"]
        lines.append("|---" * (len(places) + 1) + "|")
        for place, row in zip(places, self.distances, strict=True):
            lines.append(f"| {place} | {' | '.join(map(str, row))} |")
        order = ", ".join("ABCDEFGHIJ"[task] for task in self.order)
        lines += [
            "",
            f"The tasks are, in this order: {order}. At which station should each be done so that "
            "the whole way is as short as possible, and how long is it?",
        ]
        return "\n".join(lines)

    def least(self) -> int:
        """Return the length of the shortest way, in metres, by Bellman's recursion."""
        start = len(self.distances) - 1
        ways = {start: 0}
        for task in self.order:
            ways = {
                station: min(way + self.distances[place][station] for place, way in ways.items())
                for station in self.stations[task]
            }
        return min(way + self.distances[place][start] for place, way in ways.items())


def made_problems(benchmark: str) -> Iterator[Problem]:
    """Yield the problems of both tasks, always the same ones."""
    for number in range(COUNT):
        for task, made in ((ALLOCATION, allocation(number)), (WAREHOUSE, warehouse(number))):
            yield Problem(
                id=f"{benchmark}-{task}-{number}",
                benchmark=benchmark,
                kind=task,
                text=made.text(),
                label=Label(accepted=(str(made.least()),)),
            )


def allocation(number: int) -> Allocation:
    """Return one of the task allocations: 2 to 9 pieces a kind, 15 to 90 minutes a piece."""
    random = Random(f"{ALLOCATION} {_SEED} {number}")
    minutes = tuple(tuple(random.randint(15, 90) for _ in _WORK) for _ in _ROBOTS)
    return Allocation(tuple(random.randint(2, 9) for _ in _WORK), minutes)


def warehouse(number: int) -> Warehouse:
    """Return one of the warehouses: 7 stations and the start on a grid, 6 tasks, 3 to 7 to do."""
    random = Random(f"{WAREHOUSE} {_SEED} {number}")
    spots = random.sample(list(itertools.product(range(0, 60, 5), range(0, 40, 5))), 8)
    distances = tuple(tuple(abs(a - c) + abs(b - d) for c, d in spots) for a, b in spots)
    stations = tuple(tuple(sorted(random.sample(range(7), random.randint(2, 4)))) for _ in range(6))
    order = tuple(random.randrange(6) for _ in range(random.randint(3, 7)))
    return Warehouse(stations, distances, order)


def _splits(count: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Yield the ways to share `count` equal pieces out."""
    for bars in itertools.combinations(range(count + parts - 1), parts - 1):
        edges = (-1, *bars, count + parts - 1)
        yield tuple(b - a - 1 for a, b in itertools.pairwise(edges))
