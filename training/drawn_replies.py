"""A model's own replies, labelled by what they come to when they are run: what KTO learns from.

torch is imported where it is needed, never with this module.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from optiwright.evaluation.lines import append_line, open_lines, read_lines
from optiwright.training.instructions import Task, can_be_asked, completion_of, prompt_of
from optiwright.training.preferences import LabelledReply
from optiwright.training.rewards import Answered, Judge, Reward, can_be_rewarded
from optiwright.training.rows import TrainingRow
from optiwright.training.tuning_rows import rendered


class Draws(BaseModel):
    """How replies are drawn; kept with them, since others are drawn otherwise."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    each: int
    """Replies to a row and a task."""
    max_tokens: int
    temperature: float
    seed: int


class Drawn(BaseModel):
    """The replies to one row by one task, as they are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    row: str
    task: Task
    draws: Draws
    replies: tuple[LabelledReply, ...]


@dataclass(frozen=True)
class Writer:
    """A causal model of transformers and its tokenizer, which has a chat template."""

    model: Any
    tokenizer: Any


def drawn_replies(
    writer: Writer,
    rows: Iterable[TrainingRow],
    tasks: Sequence[Task],
    draws: Draws,
    kept: Path,
    judge: Judge | None = None,
    on_row: Callable[[int, int, int], None] | None = None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> list[Drawn] | None:
    """Have a model reply to rows, run its replies, and label them by their rewards.

    What is drawn for a row depends on the model, the draws' settings and the row alone, and is kept
    at once: a run that was ended goes on where it was, to the same replies.

    Args:
        writer: the model.
        rows: those without an optimum are left out: nothing could be held against it.
        tasks: those whose replies cannot be run are left out.
        draws: how many, how long, how warm.
        kept: the file in which they are kept, JSON lines.
        judge: who rewards them; None for one over the process's own pool.
        on_row: called after each row and task with how many are done, how many there are, and how
            many of its replies were right.
        is_stopped: asked before each; what was drawn until then is kept.

    Returns:
        The replies by row and task; None where it was stopped.

    Raises:
        UserError: if the kept file is none, or programs cannot be run here.
    """
    judge = judge or Judge()
    before = {}
    if kept.is_file():
        lines = read_lines(kept, Drawn, "row of drawn replies")
        before = {(d.row, d.task): d for d in lines if d.draws == draws}
    asked = [
        (row, task)
        for row in rows
        for task in tasks
        if can_be_asked(row, task) and can_be_rewarded(row, task)
    ]
    found: list[Drawn] = []
    file = open_lines(kept)
    try:
        for done, (row, task) in enumerate(asked, start=1):
            if is_stopped():
                return None
            drawn = before.get((row.id, task))
            if drawn is None:
                texts = write(writer, row, task, draws)
                replies = _labelled(row, task, texts, judge)
                drawn = Drawn(row=row.id, task=task, draws=draws, replies=tuple(replies))
                append_line(file, drawn)
            found.append(drawn)
            if on_row is not None:
                on_row(done, len(asked), sum(reply.label for reply in drawn.replies))
    finally:
        os.close(file)
    return found


def with_own(drawn: Iterable[Drawn], rows: Iterable[TrainingRow]) -> list[LabelledReply]:
    """Return all replies, and the row's own where none of those to it was right.

    A model that fails would else be told only what not to write.
    """
    by_id = {row.id: row for row in rows}
    replies: list[LabelledReply] = []
    for each in drawn:
        replies += each.replies
        own = completion_of(by_id[each.row], each.task)
        if own and not any(reply.label for reply in each.replies):
            replies.append(
                LabelledReply(
                    task=each.task,
                    prompt=prompt_of(by_id[each.row], each.task),
                    completion=own,
                    label=True,
                    why="the row's own",
                    origin=f"row {each.row}",
                )
            )
    return replies


def write(writer: Writer, row: TrainingRow, task: Task, draws: Draws) -> list[str]:
    """Return a model's replies to one row, drawn by a seed of their own."""
    import torch

    model, tokenizer = writer.model, writer.tokenizer
    text = rendered(prompt_of(row, task), tokenizer)
    prompt = tokenizer(text, add_special_tokens=False, return_tensors="pt").to(model.device)
    key = f"{draws.seed} {row.id} {task}".encode()
    model.eval()
    with torch.random.fork_rng():
        torch.manual_seed(int.from_bytes(hashlib.sha256(key).digest()[:7]))
        written = model.generate(
            **prompt,
            do_sample=True,
            temperature=draws.temperature,
            top_k=0,
            top_p=1.0,
            max_new_tokens=draws.max_tokens,
            num_return_sequences=draws.each,
            pad_token_id=tokenizer.pad_token_id,
            use_cache=True,
        )
    start = prompt["input_ids"].shape[1]
    texts: list[str] = tokenizer.batch_decode(written[:, start:], skip_special_tokens=True)
    return texts


def _labelled(
    row: TrainingRow, task: Task, texts: Sequence[str], judge: Judge
) -> list[LabelledReply]:
    rewards = asyncio.run(judge.rewards(Answered(row, task, text) for text in texts))
    prompt = prompt_of(row, task)
    return [
        LabelledReply(
            task=task,
            prompt=prompt,
            completion=text,
            label=reward.right,
            why=_why(reward),
            origin=f"row {row.id}, draw {place}",
        )
        for place, (text, reward) in enumerate(zip(texts, rewards, strict=True))
        if reward is not None and text.strip()
    ]


def _why(reward: Reward) -> str:
    return f"reward {reward.value:.3f}" + (f": {reward.fault[:160]}" if reward.fault else "")
