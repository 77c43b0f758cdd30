"""Group relative policy optimization (arXiv 2402.03300): completions are tried out and rewarded.

To each prompt several completions are written, by transformers on a CPU, by vLLM on a GPU where the
configuration says so, and what they are worth is the harness's scorer on what they come to
(`rewards.py`). Imports torch: call `tuning_trouble.require_libraries` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from trl import GRPOConfig as TrlConfig
from trl import GRPOTrainer

from optiwright.formulators.errors import UserError
from optiwright.solver_tools.pool import Pool
from optiwright.training.base_models import find_base, load_tokenizer, load_tuned
from optiwright.training.checkpoints import WholeCheckpoints
from optiwright.training.hardware import usable_cores
from optiwright.training.instructions import Task, can_be_asked, prompt_of
from optiwright.training.rewards import REWARDED, Judge, can_be_rewarded
from optiwright.training.rows import TrainingRow
from optiwright.training.trl_rewards import trl_reward
from optiwright.training.tuning_card import RunCard, close_run
from optiwright.training.tuning_config import GrpoConfig
from optiwright.training.tuning_rows import (
    IGNORED,
    Encoded,
    Example,
    choose_rows,
    rendered,
)
from optiwright.training.tuning_run import Run, opened, trainer_arguments
from optiwright.training.tuning_trouble import NotANumber, Say, say_nothing, told
from optiwright.training.tuning_watch import Stop, settle_torch, train_watched


def grpo(
    config: GrpoConfig,
    out: Path,
    more: Sequence[Path] = (),
    say: Say = say_nothing,
    judge: Judge | None = None,
) -> RunCard | None:
    """Tune a base by what its completions come to; the same call goes on where one was ended.

    Args:
        config: what to do.
        out: the run's folder.
        more: files of rows beside the configuration's.
        say: told what is being done.
        judge: who rewards completions; None for one over a pool of as many workers as cores.

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
        asked, encoded = _asked(chosen.rows, config, tokenizer)
        for line in (*chosen.lines(), *encoded.lines(config), *run.lines()):
            say(line)
        model, peft = load_tuned(base, config)
        trainer = _Trainer(
            model=model,
            reward_funcs=[
                trl_reward(judge or Judge(Pool(max(2, usable_cores())), config.rollouts.seconds))
            ],
            args=_arguments(config, run),
            train_dataset=_dataset(asked),
            processing_class=tokenizer,
            peft_config=peft,
        )
        with Stop().heeding() as stop:
            if not train_watched(trainer, run, stop, config, chosen, tokenizer):
                return None
        return close_run(run, config, chosen, encoded)


class _Trainer(WholeCheckpoints, GRPOTrainer):  # type: ignore[misc]
    """TRL's trainer with whole checkpoints and no step on a broken loss."""

    def compute_loss(self, *given: Any, **named: Any) -> Any:
        """Return the loss of a batch of completions."""
        loss = super().compute_loss(*given, **named)
        if not bool(torch.isfinite(loss.detach()).all()):
            raise NotANumber("the loss", self.state.global_step + 1)
        return loss


def _asked(
    rows: Iterable[TrainingRow], config: GrpoConfig, tokenizer: Any
) -> tuple[list[tuple[TrainingRow, Task]], Encoded]:
    """Return the rows and tasks whose completions can be rewarded, and their prompts' token ids.

    Raises:
        UserError: if there is none, or all prompts are too long.
    """
    asked, examples, too_long = [], [], []
    for row in rows:
        for task in config.data.tasks:
            if not (can_be_asked(row, task) and can_be_rewarded(row, task)):
                continue
            prompt = prompt_of(row, task)
            ids = tokenizer(rendered(prompt, tokenizer), add_special_tokens=False)["input_ids"]
            if len(ids) > config.data.max_length:
                too_long.append((row.id, len(ids)))
                continue
            asked.append((row, task))
            examples.append(Example(row.id, tuple(ids), (IGNORED,) * len(ids)))
    if not asked:
        raise UserError(
            f"no row has an optimum and a prompt of at most {config.data.max_length} tokens for "
            f"{', '.join(config.data.tasks)}",
            where="`data`",
            remedy=f"Give rows with known answers, one of the tasks {', '.join(REWARDED)}, or a "
            "larger `data.max_length`.",
        )
    return asked, Encoded(tuple(examples), tuple(too_long))


def _dataset(asked: Sequence[tuple[TrainingRow, Task]]) -> Any:
    return Dataset.from_list(
        [
            {
                "prompt": [message.model_dump() for message in prompt_of(row, task)],
                "row": row.model_dump_json(),
                "task": str(task),
            }
            for row, task in asked
        ]
    )


def _arguments(config: GrpoConfig, run: Run) -> Any:
    r = config.rollouts
    told = trainer_arguments(config, run)
    # TRL counts the tokens of prompts and completions itself.
    told["include_num_input_tokens_seen"] = "no"
    vllm = {} if r.vllm == "none" else {"use_vllm": True, "vllm_mode": r.vllm}
    return TrlConfig(
        **told,
        **vllm,
        num_generations=r.completions,
        max_completion_length=r.max_tokens,
        temperature=r.temperature,
        beta=r.beta,
    )
