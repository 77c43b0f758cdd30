"""The card of a run: what it was made of, with what, how it went."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from optiwright.evaluation.tally import shown_time
from optiwright.training.hardware import hardware, peak_memory_gb
from optiwright.training.revision import code_revision
from optiwright.training.tuning_config import TuningConfig
from optiwright.training.tuning_log import CURVE, LOG, RunLog
from optiwright.training.tuning_rows import Chosen, DataFile, Encoded
from optiwright.training.tuning_run import Run, is_main_process, keep_learned
from optiwright.training.whole_files import write_whole

CARD = "card.json"
_LIBRARIES = ("torch", "transformers", "trl", "peft", "accelerate")


class Look(BaseModel):
    """How much of the fixed set was solved after a step."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: int
    right: int
    asked: int


class RunCard(BaseModel):
    """All that is needed to judge a run, and to do it again."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    schema_version: int = 1
    trainer: str
    base: str
    config: dict[str, Any]
    files: tuple[DataFile, ...]
    rows: int
    """Learned from."""
    families: dict[str, int]
    examples: int
    example_tokens: int
    too_long: tuple[str, ...]
    """Rows that were left out since they have too many tokens."""
    kept_aside: int
    unchecked_benchmarks: tuple[str, ...]
    """Against which the rows were not held, since they are not on this machine."""
    revision: str
    """Version and commit of the code."""
    versions: dict[str, str]
    hardware: str
    peak_memory_gb: float
    steps: int
    seconds: float
    """Of training, looks included."""
    tokens: int | None
    first_loss: float | None
    last_loss: float | None
    """Mean of the last tenth of the steps."""
    looks: tuple[Look, ...]
    kept_step: int
    """The step whose weights were kept."""


def close_run(run: Run, config: TuningConfig, chosen: Chosen, encoded: Encoded) -> RunCard:
    """Keep what a run has learned, draw its curve and write its card, by the first process."""
    if not is_main_process():
        return _card_of(config, chosen, encoded, run.log, 0)
    card = _card_of(config, chosen, encoded, run.log, keep_learned(run, config))
    run.log.draw()
    _write(card, run.out)
    return card


def _card_of(
    config: TuningConfig,
    chosen: Chosen,
    encoded: Encoded,
    log: RunLog,
    kept_step: int,
) -> RunCard:
    """Return the card of a run that has come to its end."""
    losses = [line.loss for line in log.lines if line.loss is not None]
    tail = losses[-max(1, len(losses) // 10) :]
    looks = [line for line in log.lines if line.right is not None and line.asked is not None]
    return RunCard(
        trainer=config.trainer,
        base=config.base,
        config=config.model_dump(mode="json"),
        files=chosen.files,
        rows=len(chosen.rows),
        families=dict(Counter(row.family for row in chosen.rows).most_common()),
        examples=len(encoded.examples),
        example_tokens=encoded.tokens,
        too_long=tuple(row for row, _ in encoded.too_long),
        kept_aside=chosen.kept_aside,
        unchecked_benchmarks=chosen.unchecked,
        revision=code_revision(),
        versions={name: _version(name) for name in _LIBRARIES},
        hardware=hardware(),
        peak_memory_gb=round(peak_memory_gb(), 3),
        steps=max((line.step for line in log.lines), default=0),
        seconds=log.seconds,
        tokens=max((line.tokens or 0 for line in log.lines), default=0) or None,
        first_loss=losses[0] if losses else None,
        last_loss=sum(tail) / len(tail) if tail else None,
        looks=tuple(Look(step=v.step, right=v.right or 0, asked=v.asked or 0) for v in looks),
        kept_step=kept_step,
    )


def _write(card: RunCard, out: Path) -> None:
    """Write a card as JSON and as Markdown."""
    write_whole(out / "card.md", card_text(card).encode())
    write_whole(out / CARD, (card.model_dump_json(indent=1) + "\n").encode())


def card_text(card: RunCard) -> str:
    """Return a card in Markdown."""
    adapter, schedule = card.config["adapter"], card.config["schedule"]
    lines = [
        f"# {card.trainer.upper()} of {card.base}",
        "",
        f"- What is trained: {adapter['method']}"
        + ("" if adapter["method"] == "full" else f", rank {adapter['rank']}"),
        f"- Rows: {card.rows:,} ({card.examples:,} examples, {card.example_tokens:,} tokens); "
        f"left out: {len(card.too_long):,} too long, {card.kept_aside:,} kept aside for testing",
        f"- Steps: {card.steps:,} of {schedule['batch'] * schedule['accumulation']} rows each; "
        f"weights kept: those of step {card.kept_step:,}",
        f"- Learning rate: {schedule['learning_rate']:g}, {schedule['decay']}; "
        f"seed {schedule['seed']}",
        f"- Time: {shown_time(card.seconds)}; memory: {card.peak_memory_gb:.1f} GB; "
        f"on {card.hardware}",
        f"- Code: {card.revision}; "
        + ", ".join(f"{name} {number}" for name, number in card.versions.items()),
    ]
    if card.first_loss is not None and card.last_loss is not None:
        lines.append(f"- Loss: {card.first_loss:.4f} at first, {card.last_loss:.4f} at last")
    if card.looks:
        solved = ", ".join(f"{v.right}/{v.asked} at step {v.step}" for v in card.looks)
        lines.append(f"- Solved of the fixed set: {solved}")
    if card.unchecked_benchmarks:
        names = ", ".join(card.unchecked_benchmarks)
        lines.append(f"- Not on this machine, so not held against the rows: {names}")
    lines += ["", "| file | rows | SHA-256 |", "|---|---|---|"]
    lines += [f"| {f.path} | {f.rows:,} | `{f.sha256}` |" for f in card.files]
    lines += ["", "| family | rows |", "|---|---|"]
    lines += [f"| {name} | {count:,} |" for name, count in card.families.items()]
    lines += ["", f"Each step is in `{LOG}`, the curve in `{CURVE}`, all settings in `{CARD}`."]
    return "\n".join(lines) + "\n"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
