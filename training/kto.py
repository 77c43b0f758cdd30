"""Kahneman-Tversky tuning (arXiv 2402.01306): replies with a thumb up or down, by TRL and PEFT.

The replies come from files (`preferences.py`) or are the model's own, drawn on rows and labelled by
running them (`drawn_replies.py`). Imports torch: call `tuning_trouble.require_libraries` first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, disable_progress_bars
from trl import KTOConfig as TrlConfig
from trl import KTOTrainer

from optiwright.formulators.errors import UserError
from optiwright.training.base_models import find_base, load_tokenizer, load_tuned
from optiwright.training.checkpoints import WholeCheckpoints
from optiwright.training.deduplicating import refuse_contaminated
from optiwright.training.drawn_replies import Draws, Writer, drawn_replies, with_own
from optiwright.training.instructions import Instruction
from optiwright.training.preferences import LabelledReply, read_labelled, write_labelled
from optiwright.training.rewards import Judge
from optiwright.training.rows import TrainingRow
from optiwright.training.tuning_card import RunCard, close_run
from optiwright.training.tuning_config import KtoConfig
from optiwright.training.tuning_rows import (
    Chosen,
    DataFile,
    Encoded,
    choose_rows,
    encode_one,
)
from optiwright.training.tuning_run import Run, opened, trainer_arguments
from optiwright.training.tuning_trouble import NotANumber, Say, say_nothing, told
from optiwright.training.tuning_watch import Stop, settle_torch, train_watched
from optiwright.training.whole_files import sha256_of

DRAWN, REPLIES = "drawn.jsonl", "replies.jsonl"
"""In the run's folder: what was drawn, row by row, and all labelled replies that came of it."""


def kto(
    config: KtoConfig,
    out: Path,
    more: Sequence[Path] = (),
    say: Say = say_nothing,
    judge: Judge | None = None,
    replies: Sequence[Path] = (),
) -> RunCard | None:
    """Tune a base on labelled replies; the same call goes on where an earlier one was ended.

    Args:
        config: what to do.
        out: the run's folder.
        more: files of rows beside the configuration's.
        say: told what is being done.
        judge: who labels drawn replies; None for one over the process's own pool.
        replies: files of labelled replies beside the configuration's.

    Returns:
        The run's card; None where it was asked to stop before its end.

    Raises:
        UserError: something given cannot be used, or training cannot go on; nothing saved is lost.
    """
    chosen, given = _chosen(config, more, (*config.replies, *replies))
    # Which files they are the run's folder knows by their sums, wherever they lie.
    begun = config.model_copy(update={"replies": ()})
    with (
        opened(out, begun, chosen.files) as run,
        told(config, out),
        Stop().heeding() as stop,
    ):
        settle_torch(config)
        disable_progress_bars()
        base = find_base(config.base, say)
        tokenizer = load_tokenizer(base)
        for line in (*chosen.lines(), *run.lines()):
            say(line)
        model, peft = load_tuned(base, config)
        drawn = _drawn(config, Writer(model, tokenizer), chosen, run, stop, say, judge)
        if drawn is None:
            return None
        labelled = [*given, *drawn]
        encoded = _encoded(labelled, config, tokenizer)
        for line in encoded.lines(config):
            say(line)
        dataset = _dataset(labelled, encoded, config)
        trainer = _Trainer(
            model=model,
            args=_arguments(config, run, dataset["label"]),
            train_dataset=dataset,
            processing_class=tokenizer,
            peft_config=peft,
        )
        if not train_watched(trainer, run, stop, config, chosen, tokenizer):
            return None
        return close_run(run, config, chosen, encoded)


class _Trainer(WholeCheckpoints, KTOTrainer):  # type: ignore[misc]
    """TRL's trainer with whole checkpoints and no step on a broken loss."""

    def compute_loss(self, *given: Any, **named: Any) -> Any:
        """Return a batch's loss, and its metrics where they are asked for."""
        found = super().compute_loss(*given, **named)
        loss = found[0] if isinstance(found, tuple) else found
        if not bool(torch.isfinite(loss.detach()).all()):
            raise NotANumber("the loss", self.state.global_step + 1)
        return found


# --- replies --------------------------------------------------------------------------------------


def _chosen(
    config: KtoConfig, more: Sequence[Path], named: Sequence[Path]
) -> tuple[Chosen, list[LabelledReply]]:
    """Read the rows and the labelled replies; both are held against the benchmarks."""
    drawing = bool(config.drawn.each and (config.data.files or more))
    if not named and not drawing:
        raise UserError(
            "no replies are given to learn from, and no rows to draw some on",
            where="`replies`, `drawn.each` and `data.files`",
            remedy="Name files of labelled replies by --replies, or rows by --rows with "
            "`drawn.each` of 1 or more.",
        )
    given = [(path, list(read_labelled(path))) for path in named]
    replies = [reply for _, found in given for reply in found]
    unchecked = refuse_contaminated([_as_row(reply) for reply in replies]) if replies else ()
    files = tuple(DataFile(str(p), sha256_of(p), len(found)) for p, found in given)
    if not drawing:
        return Chosen((), (), files, 0, unchecked), replies
    chosen = choose_rows(config, more)
    return (
        Chosen(
            chosen.rows,
            chosen.looked_at,
            (*chosen.files, *files),
            chosen.kept_aside,
            tuple(dict.fromkeys((*chosen.unchecked, *unchecked))),
        ),
        replies,
    )


def _as_row(reply: LabelledReply) -> TrainingRow:
    text = "\n".join(m.content for m in reply.prompt if m.role == "user")
    return TrainingRow(source="record", family=reply.origin, problem_class="", text=text or "-")


def _drawn(
    config: KtoConfig,
    writer: Writer,
    chosen: Chosen,
    run: Run,
    stop: Stop,
    say: Say,
    judge: Judge | None,
) -> list[LabelledReply] | None:
    """Return the model's own replies to the rows; None where it was asked to stop."""
    d = config.drawn
    if not d.each or not chosen.rows:
        return []
    draws = Draws(
        each=d.each, max_tokens=d.max_tokens, temperature=d.temperature, seed=config.schedule.seed
    )
    on_row = _telling(say)
    if config.computing.gpus and config.adapter.method != "qlora":
        writer.model.to("cuda")
    drawn = drawn_replies(
        writer,
        chosen.rows,
        config.data.tasks,
        draws,
        run.out / DRAWN,
        judge or Judge(),
        on_row,
        lambda: stop.wished,
    )
    if drawn is None:
        return None
    replies = with_own(drawn, chosen.rows) if d.own else [r for each in drawn for r in each.replies]
    write_labelled(run.out / REPLIES, replies)
    up = sum(reply.label for reply in replies)
    say(f"{len(replies):,} replies of the model's own and the rows', {up:,} with a thumb up")
    return replies


def _telling(say: Say) -> Callable[[int, int, int], None]:
    right = 0

    def on_row(done: int, count: int, found: int) -> None:
        nonlocal right
        right += found
        if done % max(1, count // 10) == 0 or done == count:
            say(f"replies drawn to {done:,} of {count:,} rows, {right:,} right")

    return on_row


# --- what the trainer is fed ----------------------------------------------------------------------


def _encoded(replies: Sequence[LabelledReply], config: KtoConfig, tokenizer: Any) -> Encoded:
    """Return the replies in token ids; those that are too long are named, not cut.

    Raises:
        UserError: if too few are left, or all have the same label.
    """
    examples, too_long = [], []
    for place, reply in enumerate(replies):
        given = Instruction(
            row=str(place), task=reply.task, prompt=reply.prompt, completion=reply.completion
        )
        example = encode_one(given, tokenizer)
        if len(example.ids) > config.data.max_length:
            too_long.append((reply.origin, len(example.ids)))
        else:
            examples.append(example)
    left = [replies[int(example.row)] for example in examples]
    up = sum(reply.label for reply in left)
    if up in {0, len(left)} or len(left) < config.schedule.batch:
        which = "up" if up else "down"
        one_kind = f", all with a thumb {which}" if left and up in {0, len(left)} else ""
        raise UserError(
            f"there are {len(left)} labelled replies of at most {config.data.max_length} tokens"
            f"{one_kind}",
            where="`replies` and `drawn`",
            remedy=f"KTO needs both kinds, and at least the {config.schedule.batch} of a batch: "
            "name files of replies, set `drawn.each`, or raise `data.max_length`.",
        )
    return Encoded(tuple(examples), tuple(too_long))


def _dataset(replies: Sequence[LabelledReply], encoded: Encoded, config: KtoConfig) -> Any:
    """Return the replies in an order of their own: TRL goes through them as they stand."""
    kept = [replies[int(example.row)] for example in encoded.examples]
    return Dataset.from_list(
        [
            {
                "prompt": [message.model_dump() for message in reply.prompt],
                "completion": [{"role": "assistant", "content": reply.completion}],
                "label": reply.label,
            }
            for reply in sorted(kept, key=lambda reply: _rank(reply, config.schedule.seed))
        ]
    )


def _rank(reply: LabelledReply, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {reply.model_dump_json()}".encode()).digest()


def _arguments(config: KtoConfig, run: Run, labels: Sequence[bool]) -> Any:
    p, up = config.preference, sum(labels)
    balanced = p.undesirable_weight * (len(labels) - up) / up
    return TrlConfig(
        **trainer_arguments(config, run),
        max_length=config.data.max_length,
        beta=p.beta,
        desirable_weight=p.desirable_weight or balanced,
        undesirable_weight=p.undesirable_weight,
        dataloader_drop_last=True,  # a last batch of one reply has nothing to be compared with
    )
