"""Runs that ask in batches: in this process, or in children that are killed at random moments."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from optiwright.agent.loop import wait
from optiwright.agent.openai_client import OpenAIModel
from optiwright.evaluation import sent_batches
from optiwright.evaluation.batching import Batched, batches_of, run_batched
from optiwright.evaluation.frames import Row
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.records import RunFolder
from optiwright.evaluation.runner import Work
from tests.evaluations import ASKING, problem, settings_of

COUNT = 12
TWELVE = [problem(i, str(i)) for i in range(COUNT)]
ONCE = replace(ASKING, one_shot=True)


def run_in_batches(
    root: Path,
    base_url: str,
    problems: list[Problem] = TWELVE,
    say: Callable[[str], None] = lambda text: None,
) -> list[tuple[Row, bool]]:
    """Rows of a run, each with whether an earlier run had made it."""
    rows: list[tuple[Row, bool]] = []
    settings = settings_of(problems)

    async def run() -> None:
        model = OpenAIModel("m", base_url, "sk-test")
        work = Batched(Work(ONCE, model, settings, owned=True), batches_of(model))
        try:
            with RunFolder(root, settings) as folder:
                keep = lambda row, before: rows.append((row, before))  # noqa: E731
                await run_batched(problems, work, folder, 3, keep, say)
        finally:
            await work.aclose()

    wait(run())
    return rows


def killed_and_resumed(root: Path, base_url: str, kills: int, seed: int) -> int:
    """Run in forked children that are killed at random moments; return how many were.

    To be called in a process without threads of its own, since it forks.
    """
    sent_batches.FIRST_PAUSE_S = sent_batches.LONGEST_PAUSE_S = 0.02
    draws = random.Random(seed)
    killed = 0
    for turn in range(kills + 1):
        child = os.fork()
        if child == 0:
            run_in_batches(root, base_url)
            os._exit(0)
        if turn < kills:
            time.sleep(draws.uniform(0.0, 0.2))
            os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        killed += status == signal.SIGKILL
        if turn == kills:
            assert status == 0, status
    return killed


if __name__ == "__main__":
    folder, address, number, start = sys.argv[1:]
    sys.stdout.write(f"{killed_and_resumed(Path(folder), address, int(number), int(start))}\n")
