"""The first of LLaMoCo's two phases (arXiv 2403.01131): prompts of one optimizer lie together.

An adapter learns that the embeddings of problems whose best optimizer is the same are near and
others far (InfoNCE over a batch); supervised tuning then starts from it. Imports torch: call
`tuning_trouble.require_libraries` first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from trl import SFTConfig as TrlConfig
from trl import SFTTrainer

from optiwright.formulators.errors import UserError
from optiwright.training.base_models import find_base, load_tokenizer, load_tuned
from optiwright.training.checkpoints import WholeCheckpoints
from optiwright.training.instructions import Task, prompt_of
from optiwright.training.rows import TrainingRow
from optiwright.training.tuning_card import RunCard, close_run
from optiwright.training.tuning_config import SftConfig
from optiwright.training.tuning_rows import IGNORED, Encoded, Example, choose_rows, rendered
from optiwright.training.tuning_run import opened, trainer_arguments
from optiwright.training.tuning_trouble import NotANumber, Say, say_nothing, told
from optiwright.training.tuning_watch import Stop, settle_torch, train_watched

TEMPERATURE = 0.1
_LEAST_BATCH = 4


def contrast(
    config: SftConfig, out: Path, more: Sequence[Path] = (), say: Say = say_nothing
) -> RunCard | None:
    """Train an adapter on which prompts have the same best optimizer; goes on where it was ended.

    Args:
        config: that of the supervised tuning after it; its `data.tasks` do not count here.
        out: the run's folder.
        more: files of rows beside the configuration's.
        say: told what is being done.

    Returns:
        The run's card; None where it was asked to stop before its end.

    Raises:
        UserError: something given cannot be used, or training cannot go on; nothing saved is lost.
    """
    _check(config)
    chosen = choose_rows(config, more)
    optimizers = _optimizers(chosen.rows)
    with opened(out, config, chosen.files) as run, told(config, out):
        settle_torch(config)
        base = find_base(config.base, say)
        tokenizer = load_tokenizer(base)
        encoded = _encode(chosen.rows, optimizers, config, tokenizer)
        named = ", ".join(optimizers)
        for line in (*chosen.lines(), *encoded.lines(config), f"of {named}", *run.lines()):
            say(line)
        model, adapter = load_tuned(base, config)
        trainer = _Trainer(
            model=model,
            args=TrlConfig(
                **trainer_arguments(config, run),
                max_length=config.data.max_length,
                dataset_kwargs={"skip_prepare_dataset": True},
            ),
            train_dataset=Dataset.from_dict(encoded.columns()),
            processing_class=tokenizer,
            peft_config=adapter,
        )
        trainer.model_accepts_loss_kwargs = False  # a batch's loss is its mean, not a token's share
        with Stop().heeding() as stop:
            if not train_watched(trainer, run, stop, config, chosen, tokenizer):
                return None
        return close_run(run, config, chosen, encoded)


def info_nce(embeddings: Any, labels: Any, temperature: float = TEMPERATURE) -> Any:
    """Return the loss by which embeddings of one label are near: each against the whole batch.

    Args:
        embeddings: one a row, (rows, size).
        labels: one a row, (rows,).
        temperature: by which cosines are divided.

    Returns:
        The mean over the rows that have another of their label; 0 where none has.
    """
    unit = torch.nn.functional.normalize(embeddings.float(), dim=1)
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    alike = (labels[:, None] == labels[None, :]) & ~itself
    cosines = (unit @ unit.T / temperature).masked_fill(itself, float("-inf"))
    shares = cosines.log_softmax(dim=1).masked_fill(~alike, 0.0).sum(dim=1)
    counts = alike.sum(dim=1)
    has = counts > 0
    if not bool(has.any()):
        return 0.0 * unit.sum()
    return -(shares[has] / counts[has]).mean()


class _Trainer(WholeCheckpoints, SFTTrainer):  # type: ignore[misc]
    """TRL's trainer with another loss; an example's labels are its optimizer at each token."""

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Return InfoNCE over the mean last hidden states of the problems within the prompts."""
        kept = {k: v for k, v in inputs.items() if k != "labels"}
        states = model(
            **kept, output_hidden_states=True, logits_to_keep=1, use_cache=False
        ).hidden_states[-1]
        mask = (inputs["labels"] != IGNORED)[:, :, None].to(states.dtype)
        pooled = (states * mask).sum(dim=1) / mask.sum(dim=1)
        loss = info_nce(pooled, inputs["labels"].max(dim=1).values)
        if not bool(torch.isfinite(loss.detach())):
            raise NotANumber("the loss", self.state.global_step + 1)
        return loss


def _check(config: SftConfig) -> None:
    if config.schedule.batch < _LEAST_BATCH:
        raise UserError(
            "prompts are held against each other within a batch",
            where=f"`schedule.batch`: {config.schedule.batch}",
            remedy=f"Set it to {_LEAST_BATCH} or more.",
        )
    if config.accuracy.every or config.computing.packing:
        raise UserError(
            "this phase learns no replies",
            where="`accuracy.every`, `computing.packing`",
            remedy="Set them to 0 and false.",
        )


def _optimizers(rows: Sequence[TrainingRow]) -> list[str]:
    names = sorted({row.optimizer for row in rows if row.optimizer})
    if len(names) < 2:
        raise UserError(
            f"the rows have {len(names)} optimizers, so that there is nothing to tell apart",
            where="`data.files`",
            remedy="Make rows with `optiwright data optimizer-rows`.",
        )
    return names


def _encode(
    rows: Sequence[TrainingRow], optimizers: list[str], config: SftConfig, tokenizer: Any
) -> Encoded:
    """Return the prompts in token ids, their optimizer's number as the label of the problem's."""
    examples, too_long = [], []
    for row in (row for row in rows if row.optimizer):
        text = rendered(prompt_of(row, Task.QUESTION_TO_OPTIMIZER), tokenizer)
        told = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ids, first = tuple(told["input_ids"]), text.index(row.text)
        own, last = optimizers.index(row.optimizer), first + len(row.text)
        if len(ids) > config.data.max_length:
            too_long.append((row.id, len(ids)))
        else:
            # What all prompts have in common would make all of them alike.
            places = (begin for begin, _ in told["offset_mapping"])
            labels = tuple(own if first <= place < last else IGNORED for place in places)
            examples.append(Example(row.id, ids, labels))
    if not examples:
        raise UserError(
            f"every prompt has more than {config.data.max_length:,} tokens",
            where="`data.max_length`",
            remedy="Set it higher.",
        )
    return Encoded(tuple(examples), tuple(too_long))
