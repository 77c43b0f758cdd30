"""What the evaluation harness itself costs a problem, and what it keeps in memory, by run length.

usage: python benchmarks/evaluation_cost.py [--sizes 100 1000 10000] [--jobs 4]

Synthetic problems, a scripted model, one fresh process a size. The method takes the model's word,
so that all the time is the harness's: reading, drawing, scoring, the record's line, progress.
Processor time says what it costs; the wall clock has the disk and other work on the machine in it.
Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from optiwright.agent.llm import LanguageModel, Message, Request
from optiwright.agent.record import Call
from optiwright.agent.result import Result, Status
from optiwright.evaluation.api import Choices, prepare, run_prepared
from optiwright.evaluation.baselines import METHODS
from optiwright.evaluation.methods import Method, Outcome, new_record
from optiwright.evaluation.problems import Problem
from optiwright.evaluation.records import EvaluationSettings
from optiwright.evaluation.tally import Tally
from optiwright.testing import ScriptedModel


async def taking_its_word(
    problem: Problem, model: LanguageModel, settings: EvaluationSettings
) -> Outcome:
    """Answer with the number that the model says."""
    record = new_record(problem.text)
    request = Request(messages=(Message(role="user", content=problem.text),))
    reply = await model.complete(request)
    call = Call(step="ask", attempt=1, request=request, reply=reply)
    result = Result(
        run_id=record.run_id, text=problem.text, status=Status.OPTIMAL, objective=float(reply.text)
    )
    return Outcome(record.model_copy(update={"calls": (call,), "result": result}))


def synthetic(count: int, path: Path) -> None:
    """Write `count` problems; each answer is twice a number of the text."""
    with path.open("w") as file:
        for i in range(1, count + 1):
            text = f"A stall sells jars at 2 euros each and has {i} jars. How much can it earn?"
            row = {"text": text, "answer": 2 * i, "type": f"kind {i % 4}", "id": i}
            file.write(json.dumps(row) + "\n")


def twice(request: Request) -> str:
    """Play the model: twice the number of jars."""
    return str(2 * int(request.messages[-1].content.split(" has ")[1].split()[0]))


def one(size: int, jobs: int) -> dict[str, float]:
    """Run one size in this process; seconds a problem, and peak memory in MB."""
    METHODS["word"] = Method("word", "takes the model's word", (), taking_its_word)
    with tempfile.TemporaryDirectory() as folder:
        synthetic(size, Path(folder) / "made.jsonl")
        choices = Choices(
            model=ScriptedModel(twice), method="word", jobs=jobs, out=Path(folder) / "out"
        )
        started, clock = time.process_time(), time.perf_counter()
        prepared = prepare(str(Path(folder) / "made.jsonl"), choices)
        tally = Tally(prepared.total)
        run_prepared(prepared, tally.add)
        cpu, wall = time.process_time() - started, time.perf_counter() - clock
        started = time.process_time()
        run_prepared(prepared, Tally(prepared.total).add)
        resumed = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    right = tally.scores["strict"].right
    return {
        "cpu": cpu / size,
        "wall": wall / size,
        "resumed": resumed / size,
        "peak": peak,
        "right": right / size,
    }


def main() -> None:
    """Run every size in a process of its own and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 1000, 10_000])
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one, options.jobs)))
        return
    print(
        "| problems | cpu, ms a problem | wall, ms | resuming, cpu ms a record | peak MB | right |"
    )
    print("|---|---|---|---|---|---|")
    for size in options.sizes:
        command = [sys.executable, __file__, "--one", str(size), "--jobs", str(options.jobs)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        cells = (*(1000 * found[k] for k in ("cpu", "wall", "resumed")), found["peak"])
        shown = " | ".join(f"{value:.2f}" for value in cells)
        print(f"| {size} | {shown} | {100 * found['right']:.0f}% |", flush=True)


if __name__ == "__main__":
    main()
