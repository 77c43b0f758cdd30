"""From files of rows to what a trainer is fed: chosen, held against benchmarks, in token ids.

A prompt is what the base's own chat template makes of the agent's messages, as the server that
serves the tuned model applies it, and is tokenized by itself, as there. The completion follows with
the end of the turn behind it, which so is learned.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optiwright.agent.llm import Message
from optiwright.formulators.errors import UserError
from optiwright.training.deduplicating import refuse_contaminated
from optiwright.training.instructions import Instruction, instructions
from optiwright.training.row_files import read_rows
from optiwright.training.rows import TrainingRow
from optiwright.training.tuning_config import TuningConfig
from optiwright.training.whole_files import sha256_of

_SHOWN = 5
IGNORED = -100
"""The label of a token that is not learned."""


@dataclass(frozen=True)
class DataFile:
    """A file that rows came from."""

    path: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class Chosen:
    """The rows to learn from and the fixed set to look at, which have none in common."""

    rows: tuple[TrainingRow, ...]
    looked_at: tuple[TrainingRow, ...]
    files: tuple[DataFile, ...]
    kept_aside: int
    """Rows of split `test`, left out."""
    unchecked: tuple[str, ...]
    """Benchmarks that are not on this machine: nothing was held against them."""

    def lines(self) -> Iterator[str]:
        """Yield what a user should know of the choice."""
        yield f"{len(self.rows):,} rows to learn from, {len(self.looked_at):,} to look at"
        if self.kept_aside:
            yield f"{self.kept_aside:,} rows of split `test` are left out"
        if self.unchecked:
            yield "not on this machine, so not held against the rows: " + ", ".join(self.unchecked)


@dataclass(frozen=True)
class Example:
    """An instruction in token ids, and the same with what is not learned taken out."""

    row: str
    ids: tuple[int, ...]
    labels: tuple[int, ...]


@dataclass(frozen=True)
class Encoded:
    """What a trainer is fed, and what was too long for it."""

    examples: tuple[Example, ...]
    too_long: tuple[tuple[str, int], ...]
    """Row and its tokens."""

    @property
    def tokens(self) -> int:
        """Of all examples together."""
        return sum(len(e.ids) for e in self.examples)

    def columns(self) -> dict[str, list[list[int]]]:
        """Return ids and labels as TRL's trainer takes them, an example an entry."""
        return {
            "input_ids": [list(e.ids) for e in self.examples],
            "labels": [list(e.labels) for e in self.examples],
        }

    def lines(self, config: TuningConfig) -> Iterator[str]:
        """Yield what a user should know: how much there is, and what is left out."""
        count = len(self.examples)
        yield f"{count:,} examples of {self.tokens / count:,.0f} tokens on average"
        if self.too_long:
            shown = ", ".join(f"{row} ({tokens:,})" for row, tokens in self.too_long[:_SHOWN])
            more = f" and {len(self.too_long) - _SHOWN:,} more" * (len(self.too_long) > _SHOWN)
            yield (
                f"{len(self.too_long):,} rows have more than {config.data.max_length:,} tokens "
                f"and are left out: {shown}{more}"
            )


def choose_rows(config: TuningConfig, more: Sequence[Path] = ()) -> Chosen:
    """Read a configuration's files and choose what is learned and what is looked at.

    Args:
        config: its `data` and `accuracy`.
        more: files of rows beside its own.

    Raises:
        UserError: if there is no file, a row of it is none, none is left, or one repeats a
            benchmark's problem.
    """
    files = (*config.data.files, *more)
    if not files:
        raise UserError(
            "no rows are given to learn from",
            where="`data.files`",
            remedy="Name files there, or give --rows FILE.",
        )
    read = [(path, list(read_rows(path))) for path in files]
    every = [row for _, rows in read for row in rows]
    rows, looked_at = parted(every, config)
    if not rows:
        raise UserError("no row is left to train on", where=", ".join(map(str, files)))
    return Chosen(
        rows=tuple(rows),
        looked_at=looked_at,
        files=tuple(DataFile(str(p), sha256_of(p), len(r)) for p, r in read),
        kept_aside=sum(row.split == "test" for row in every),
        unchecked=refuse_contaminated(rows),
    )


def parted(
    every: Iterable[TrainingRow], config: TuningConfig
) -> tuple[list[TrainingRow], tuple[TrainingRow, ...]]:
    """Return the rows to learn from, and those to look at; rows kept for testing are neither.

    Raises:
        UserError: if a file of rows to look at cannot be read.
    """
    rows = list({row.id: row for row in every if row.split != "test"}.values())
    looked_at = _looked_at(config, rows)
    apart = {row.id for row in looked_at}
    return _drawn([row for row in rows if row.id not in apart], config), looked_at


def encode(rows: Iterable[TrainingRow], config: TuningConfig, tokenizer: Any) -> Encoded:
    """Return the instructions of rows in token ids; those that are too long are named, not cut.

    Raises:
        UserError: if no row has what the tasks ask for, or all are too long.
    """
    data, examples, too_long = config.data, [], []
    for instruction in instructions(rows, data.tasks):
        example = encode_one(instruction, tokenizer, config.computing.completion_only)
        if len(example.ids) > data.max_length:
            too_long.append((example.row, len(example.ids)))
        else:
            examples.append(example)
    if not examples:
        longest = f"; the longest has {max(n for _, n in too_long)} tokens" if too_long else ""
        raise UserError(
            f"no row has both sides of {', '.join(data.tasks)} within {data.max_length} tokens"
            f"{longest}",
            where="`data`",
            remedy="Choose other tasks, or a larger `data.max_length`.",
        )
    return Encoded(tuple(examples), tuple(too_long))


def encode_one(instruction: Instruction, tokenizer: Any, completion_only: bool = True) -> Example:
    """Return an instruction in token ids.

    Raises:
        UserError: if the base's template changes the completion on its way.
    """
    prompt = rendered(instruction.prompt, tokenizer)
    reply = {"role": "assistant", "content": instruction.completion}
    told = [*(message.model_dump() for message in instruction.prompt), reply]
    whole = tokenizer.apply_chat_template(told, tokenize=False)
    if not whole.startswith(prompt + instruction.completion):
        raise UserError(
            "the chat template of the base does not hand a reply on as it is",
            where=f"row {instruction.row}",
            remedy="Take another base, or one with its maker's template.",
        )
    first = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    second = tokenizer(instruction.completion, add_special_tokens=False)["input_ids"]
    ids = [*first, *second, tokenizer.eos_token_id]
    masked = len(first) if completion_only else 0
    return Example(instruction.row, tuple(ids), (IGNORED,) * masked + tuple(ids[masked:]))


def rendered(prompt: Sequence[Message], tokenizer: Any) -> str:
    """Return the text that a server makes of a prompt by the base's template."""
    told = [message.model_dump() for message in prompt]
    return str(tokenizer.apply_chat_template(told, tokenize=False, add_generation_prompt=True))


def _looked_at(config: TuningConfig, rows: list[TrainingRow]) -> tuple[TrainingRow, ...]:
    look = config.accuracy
    if not look.every:
        return ()
    known = rows if not look.files else [r for path in look.files for r in read_rows(path)]
    fit = [row for row in known if row.optimum is not None]
    most = look.rows if look.files else min(look.rows, len(rows) // 4)
    return tuple(sorted(fit, key=lambda row: _rank(row, config.schedule.seed))[:most])


def _drawn(rows: list[TrainingRow], config: TuningConfig) -> list[TrainingRow]:
    data = config.data
    ranked = sorted(rows, key=lambda row: _rank(row, config.schedule.seed))
    if data.most_each is not None:
        ranked = list(_not_too_many(ranked, data.most_each))
    kept = {row.id for row in ranked[: data.most]}
    return [row for row in rows if row.id in kept]


def _not_too_many(rows: Iterable[TrainingRow], most: int) -> Iterator[TrainingRow]:
    """Yield rows, of each optimizer so many at most: T5's example-proportional mixing."""
    counted = Counter[str]()
    for row in rows:
        counted[row.optimizer] += 1
        if counted[row.optimizer] <= most:
            yield row


def _rank(row: TrainingRow, seed: int) -> str:
    """Return a row's place in a draw, the same in whatever order the files have it."""
    return hashlib.sha256(f"{seed} {row.id}".encode()).hexdigest()
