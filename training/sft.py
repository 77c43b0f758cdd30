"""Supervised tuning: a model learns the completions of rows, by TRL's trainer and PEFT.

Imports torch: call `tuning_trouble.require_libraries` first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from trl import SFTConfig as TrlConfig
from trl import SFTTrainer

from optiwright.training.base_models import find_base, load_tokenizer, load_tuned
from optiwright.training.checkpoints import WholeCheckpoints
from optiwright.training.tuning_card import RunCard, close_run
from optiwright.training.tuning_config import SftConfig
from optiwright.training.tuning_rows import IGNORED, choose_rows, encode
from optiwright.training.tuning_run import Run, opened, trainer_arguments
from optiwright.training.tuning_trouble import NotANumber, Say, say_nothing, told
from optiwright.training.tuning_watch import Stop, settle_torch, train_watched


def sft(
    config: SftConfig, out: Path, more: Sequence[Path] = (), say: Say = say_nothing
) -> RunCard | None:
    """Tune a base on rows; the same call goes on where an earlier one was stopped or killed.

    Args:
        config: what to do.
        out: the run's folder.
        more: files of rows beside the configuration's.
        say: told what is being done.

    Returns:
        The run's card; None where it was asked to stop before its end.

    Raises:
        UserError: something given cannot be used, or training cannot go on; nothing saved is lost.
    """
    chosen = choose_rows(config, more)
    with opened(out, config, chosen.files) as run, told(config, out):
        settle_torch(config)
        base = find_base(config.base, say)
        tokenizer = load_tokenizer(base)
        encoded = encode(chosen.rows, config, tokenizer)
        for line in (*chosen.lines(), *encoded.lines(config), *run.lines()):
            say(line)
        model, adapter = load_tuned(base, config)
        trainer = _Trainer(
            model=model,
            args=_arguments(config, run),
            train_dataset=Dataset.from_dict(encoded.columns()),
            processing_class=tokenizer,
            peft_config=adapter,
        )
        with Stop().heeding() as stop:
            if not train_watched(trainer, run, stop, config, chosen, tokenizer):
                return None
        return close_run(run, config, chosen, encoded)


class _Trainer(WholeCheckpoints, SFTTrainer):  # type: ignore[misc]
    """TRL's trainer with whole checkpoints, no step on a broken loss, and less work on a CPU."""

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """Return the loss of a batch, summed over what is learned and divided by its count."""
        if self.model.device.type == "cpu":
            loss = _completion_loss(model, inputs, num_items_in_batch)
        else:
            loss = super().compute_loss(model, inputs, False, num_items_in_batch)
        if not bool(torch.isfinite(loss.detach())):
            raise NotANumber("the loss", self.state.global_step + 1)
        return loss


def _completion_loss(model: Any, inputs: dict[str, Any], count: Any) -> Any:
    """Return the loss from the logits of those places alone that are learned.

    On a CPU TRL projects every place of the prompt, too, on a vocabulary of 152,000.
    """
    labels = inputs["labels"][:, 1:]
    places = (labels != IGNORED).any(dim=0).nonzero().flatten()
    kept = {k: v for k, v in inputs.items() if k != "labels"}
    logits = model(**kept, logits_to_keep=places, use_cache=False).logits
    wanted = labels[:, places]
    total = torch.nn.functional.cross_entropy(
        logits.flatten(0, 1).float(), wanted.flatten(), ignore_index=IGNORED, reduction="sum"
    )
    return total / (count if count is not None else (wanted != IGNORED).sum())


def _arguments(config: SftConfig, run: Run) -> Any:
    packing = config.computing.packing
    return TrlConfig(
        **trainer_arguments(config, run),
        max_length=config.data.max_length,
        packing=packing,
        # A GPU computes the filler of a batch too: rows of like length go together.
        train_sampling_strategy=(
            "group_by_length" if config.computing.gpus and not packing else "random"
        ),
        dataset_kwargs=None if packing else {"skip_prepare_dataset": True},
    )
