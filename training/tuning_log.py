"""What a run writes as it goes: a line a step, and the curve of its losses."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel, ConfigDict

from optiwright.agent import svg
from optiwright.evaluation.lines import append_line, open_lines, read_lines
from optiwright.training.whole_files import write_whole

LOG, CURVE = "log.jsonl", "loss.svg"
_WIDTH, _HEIGHT = 720, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 56.0, 34.0, 262.0


class Line(BaseModel):
    """One step, or one look at how much the model solves."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    step: int
    loss: float | None = None
    reward: float | None = None
    """Of GRPO's completions, their mean."""
    learning_rate: float | None = None
    gradient: float | None = None
    """Its norm."""
    tokens: int | None = None
    """Seen since the start."""
    seconds: float | None = None
    """Of training since the start, over all its sittings."""
    right: int | None = None
    asked: int | None = None
    """Of the fixed small set: how many were solved, of how many."""


class RunLog:
    """A run's file of lines; those after the step that a run goes on from are dropped.

    Args:
        out: the run's folder.
        step: that it goes on from.
        writing: whether this process writes it; several read it.
    """

    def __init__(self, out: Path, step: int, writing: bool = True) -> None:
        self._out = out
        self.lines = [line for line in read_log(out) if line.step <= step]
        self._file: int | None = None
        if writing:
            lines = "".join(f"{line.model_dump_json()}\n" for line in self.lines)
            write_whole(out / LOG, lines.encode())
            self._file = open_lines(out / LOG)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._file is not None:
            os.close(self._file)

    def add(self, line: Line) -> None:
        """Write a line down."""
        self.lines.append(line)
        if self._file is not None:
            append_line(self._file, line)

    @property
    def best(self) -> Line | None:
        """The look at which most was solved, the latest of several."""
        looks = [line for line in self.lines if line.right is not None]
        return max(looks, key=lambda line: (line.right or 0, line.step), default=None)

    @property
    def seconds(self) -> float:
        """Of training up to the last line."""
        return max((line.seconds or 0.0 for line in self.lines), default=0.0)

    def draw(self) -> None:
        """Write the curve."""
        write_whole(self._out / CURVE, loss_curve(self.lines).encode())


def read_log(out: Path) -> list[Line]:
    """Return a run's lines, none where there is no log yet."""
    path = out / LOG
    return list(read_lines(path, Line, "line of a training log")) if path.is_file() else []


def loss_curve(lines: Iterable[Line]) -> str:
    """Return an SVG of the loss by step, and of how much was solved, where it was looked at."""
    lines = list(lines)
    losses = [(line.step, line.loss) for line in lines if line.loss is not None]
    looks = [(line.step, 100 * (line.right or 0) / line.asked) for line in lines if line.asked]
    if not losses:
        return svg.document("Loss", _WIDTH, _HEIGHT, [])
    last = max(step for step, _ in losses)
    low, high = min(0.0, *(v for _, v in losses)), max(v for _, v in losses) or 1.0
    parts = [*_axes(last, low, high)]
    parts.append(_path([(s, _place(v, low, high)) for s, v in losses], last, "var(--line)", 1))
    smooth = _smoothed([v for _, v in losses])
    steps = [s for s, _ in losses]
    drawn = [(s, _place(v, low, high)) for s, v in zip(steps, smooth, strict=True)]
    parts.append(_path(drawn, last, "var(--main)", 2))
    if looks:
        drawn = [(s, _place(v, 0, 100)) for s, v in looks]
        parts.append(_path(drawn, last, "var(--other)", 2))
        for step, share in looks:
            x, y = _across(step, last), _place(share, 0, 100)
            dot = f'circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="var(--other)"'
            parts.append(svg.titled(dot, f"step {step}: {share:.0f}% solved"))
        for share in (0, 50, 100):
            y = _place(share, 0, 100) + 4
            parts.append(svg.text(_WIDTH - _RIGHT + 6, y, f"{share}%"))
    title = "Loss by step" + (", and the part that is solved (dots)" if looks else "")
    return svg.document(title, _WIDTH, _HEIGHT, parts)


def _axes(last: int, low: float, high: float) -> Iterable[str]:
    for value in svg.ticks(low, high):
        y = _place(value, low, high)
        right = _WIDTH - _RIGHT
        yield f'<path d="M{_LEFT:.0f} {y:.1f}H{right:.0f}" stroke="var(--line)" fill="none"/>'
        yield svg.text(_LEFT - 6, y + 4, f"{value:g}", "end")
    for mark in svg.marks_across((0, last), _LEFT, _WIDTH - _RIGHT, _WIDTH):
        yield svg.text(mark.middle, _BOTTOM + 20, mark.label, "middle")


def _smoothed(values: Sequence[float]) -> list[float]:
    """Return running means over a tenth of the steps."""
    weight = 1 / max(1, len(values) // 10)
    smooth = []
    mean = values[0]
    for value in values:
        mean = mean + weight * (value - mean) if math.isfinite(value) else mean
        smooth.append(mean)
    return smooth


def _path(points: Sequence[tuple[int, float]], last: int, colour: str, width: int) -> str:
    places = "L".join(f"{_across(step, last):.1f} {y:.1f}" for step, y in points)
    return f'<path d="M{places}" stroke="{colour}" stroke-width="{width}" fill="none"/>'


def _across(step: int, last: int) -> float:
    return _LEFT + (_WIDTH - _RIGHT - _LEFT) * step / max(1, last)


def _place(value: float, low: float, high: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * (value - low) / ((high - low) or 1.0)
