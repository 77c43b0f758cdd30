"""What watches a trainer: progress and log, a stop on request, no step with a broken gradient.

Imports transformers: for trainers alone.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from transformers import PrinterCallback, TrainerCallback
from transformers.utils.logging import disable_progress_bar

from optiwright.evaluation.tally import shown_time
from optiwright.training.hardware import usable_cores
from optiwright.training.solving_accuracy import SolvingAccuracy
from optiwright.training.tuning_config import TuningConfig
from optiwright.training.tuning_log import Line, RunLog
from optiwright.training.tuning_rows import Chosen
from optiwright.training.tuning_run import Run
from optiwright.training.tuning_trouble import NotANumber


def settle_torch(config: TuningConfig) -> None:
    """Let torch use the cores that a configuration names, else those that the process may use.

    Kernels that are known to be wrong are left aside, and the libraries' own words.
    """
    torch.set_num_threads(config.computing.threads or usable_cores())
    # On an H100 or H200 the gradients of cuDNN's attention under a mask of padding are no numbers
    # at some lengths (pytorch issue 196678, met here with torch 2.11); the other kernels' are.
    torch.backends.cuda.enable_cudnn_sdp(False)
    # transformers' own bars tell nothing that a run's progress does not.
    disable_progress_bar()
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers|trl")
    # PEFT looks for a configuration beside a base that is one GGUF file.
    warnings.filterwarnings("ignore", message="Could not find a config file", module="peft")


class Stop:
    """A wish to stop, from Ctrl-C or SIGTERM: the step is finished and saved first."""

    def __init__(self) -> None:
        self.wished = False

    @contextmanager
    def heeding(self) -> Iterator[Stop]:
        """Heed the signals; a second one of them ends at once, as it would without this."""
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        before = {s: signal.signal(s, self._wish) for s in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _wish(self, number: int, _: FrameType | None) -> None:
        self.wished = True
        signal.signal(number, signal.default_int_handler)
        sys.stderr.write("\nstopping after this step; what is learned is saved (again: at once)\n")


def train_watched(
    trainer: Any, run: Run, stop: Stop, config: TuningConfig, chosen: Chosen, tokenizer: Any
) -> bool:
    """Train, from the run's last checkpoint on; return whether the end was reached."""
    trainer.keep = config.saving.keep
    looked = SolvingAccuracy(chosen.looked_at, config, tokenizer) if chosen.looked_at else None
    look = (lambda: looked.of(trainer.model)) if looked else None
    watch = Watch(run.log, stop, look, config.accuracy.every)
    watch.on_best = trainer.keep_best
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(watch)
    trainer.train(resume_from_checkpoint=run.resumed)
    return bool(trainer.state.global_step >= trainer.state.max_steps)


class Watch(TrainerCallback):  # type: ignore[misc]
    """Writes the log, shows progress, stops on request, refuses a broken gradient.

    Args:
        log: the run's log.
        stop: the wish to stop.
        look: what returns how many of the fixed set the model solves, and of how many; None for
            never.
        every: steps between two looks.
    """

    def __init__(
        self,
        log: RunLog,
        stop: Stop,
        look: Callable[[], tuple[int, int]] | None = None,
        every: int = 0,
    ) -> None:
        self._log, self._stop, self._look, self._every = log, stop, look, every
        self._shown = _Shown()
        self._before = log.seconds
        self._began = time.monotonic()
        self._tokens = 0
        self.on_best: Callable[[int], None] = lambda step: None

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start the clock."""
        self._began = time.monotonic()
        self._tokens = int(state.num_input_tokens_seen)
        self._shown.start(state.global_step, state.max_steps)
        if self._look is not None and state.global_step == 0 and self._log.best is None:
            self._take_look(0)

    def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Refuse a gradient that is no number."""
        for parameter in kwargs["model"].parameters():
            gradient = parameter.grad
            if gradient is not None and not bool(torch.isfinite(gradient).all()):
                raise NotANumber("a gradient", state.global_step + 1)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Look how much is solved, before the checkpoint that this step may get."""
        last = state.global_step >= state.max_steps
        due = self._every and (state.global_step % self._every == 0 or last)
        if self._look is not None and due:
            self._take_look(state.global_step)
            control.should_save = True
        if self._stop.wished:
            control.should_save = True
            control.should_training_stop = True

    def on_log(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Write a step down and show it."""
        logs = kwargs.get("logs") or {}
        if "loss" not in logs or not state.is_world_process_zero:
            return
        spent = time.monotonic() - self._began
        line = Line(
            step=state.global_step,
            loss=logs["loss"],
            reward=logs.get("reward"),
            learning_rate=logs.get("learning_rate"),
            gradient=logs.get("grad_norm"),
            tokens=int(state.num_input_tokens_seen) or None,
            seconds=round(self._before + spent, 3),
        )
        self._log.add(line)
        rate = (int(state.num_input_tokens_seen) - self._tokens) / spent if spent else 0.0
        self._shown.step(line, rate, spent)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Take the bar away."""
        self._shown.stop()

    def _take_look(self, step: int) -> None:
        if self._look is None:
            return
        right, asked = self._look()
        self._log.add(Line(step=step, right=right, asked=asked))
        self._shown.say(f"step {step}: {right} of {asked} solved")
        best = self._log.best
        if best is not None:
            self.on_best(best.step)


class _Shown:
    """A bar on a terminal, else a plain line now and then."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._bar: Progress | None = None
        self._first = self._last = 0
        self._told = 0.0

    def start(self, first: int, last: int) -> None:
        self._first, self._last = first, last
        if self._console.is_terminal:
            columns = (BarColumn(24), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=self._console)
            self._task = self._bar.add_task("", total=last, completed=first)
            self._bar.start()

    def step(self, line: Line, rate: float, spent: float) -> None:
        done = line.step - self._first
        left = spent / done * (self._last - line.step) if done else 0.0
        words = f"step {line.step} of {self._last}  loss {line.loss:.4f}"
        words += f"  reward {line.reward:.3f}" if line.reward is not None else ""
        words += f"  {rate:,.0f} tokens/s" if rate else ""
        words += f"  {shown_time(left)} left"
        if self._bar is not None:
            self._bar.update(self._task, completed=line.step, description=words)
        elif time.monotonic() - self._told > 10 or line.step in {self._first + 1, self._last}:
            self._told = time.monotonic()
            self._console.print(words)

    def say(self, words: str) -> None:
        self._console.print(words)

    def stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
