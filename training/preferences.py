"""Replies with a label, right or wrong: what KTO (arXiv 2402.01306) is fed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from optiwright.agent.llm import Message
from optiwright.evaluation.lines import fields_of, read_lines, say_cut_off
from optiwright.formulators.errors import UserError
from optiwright.training.instructions import Task
from optiwright.training.whole_files import write_whole


class LabelledReply(BaseModel):
    """What a model answered to one of the instruction tasks, and whether that was right."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    task: Task
    prompt: tuple[Message, ...] = Field(min_length=1)
    """As a tuned model is asked, whatever the longer prompt was that this reply came from."""
    completion: str = Field(min_length=1)
    label: bool
    why: str
    """What the label rests on, such as `strict: 1750` or `thumb down`."""
    origin: str
    """The evaluation's folder and the problem, or the record that was judged."""


def write_labelled(path: Path, replies: Iterable[LabelledReply]) -> None:
    """Write a whole file of JSON lines in place of one that is there.

    Raises:
        UserError: if it cannot be written; an earlier file is then as it was.
    """
    lines = "".join(reply.model_dump_json() + "\n" for reply in replies)
    try:
        write_whole(path, lines.encode())
    except OSError as error:
        raise UserError(
            f"the labelled replies cannot be written: {error.strerror}",
            where=str(path),
            remedy="Name another file, or make room.",
        ) from None


def read_labelled(path: Path) -> Iterator[LabelledReply]:
    """Yield a file's labelled replies.

    Raises:
        UserError: if there is no such file, or a line of it is none.
    """
    if not path.is_file():
        raise UserError("there is no such file", where=str(path), remedy="Check the path.")
    if path.suffix == ".parquet" or {"text", "source"} <= fields_of(path):
        raise UserError(
            "these are rows, not labelled replies",
            where=str(path),
            remedy="Give them as `--rows`; the model's own replies to them are drawn and labelled.",
        )
    yield from read_lines(path, LabelledReply, "labelled reply", say_cut_off)
