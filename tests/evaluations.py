"""Shared by the tests of evaluations: problems of our own, a method that asks, a killed run."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import LanguageModel, Message, Request
from optiwright.agent.loop import wait
from optiwright.agent.record import Call
from optiwright.agent.result import ErrorNote, Result, Status
from optiwright.evaluation.frames import Row
from optiwright.evaluation.methods import Method, Outcome, new_record, outage_of
from optiwright.evaluation.problems import Label, Problem, Quantity
from optiwright.evaluation.records import (
    EvaluationRecord,
    EvaluationSettings,
    RunFolder,
    problems_hash,
)
from optiwright.evaluation.runner import Answering, Work, run_problems
from optiwright.solver_tools.sandbox_policy import Isolation
from optiwright.testing import ScriptedModel

Optiwright: TypeAlias = Callable[..., tuple[int, str, str]]
"""The fixture `optiwright_`: runs a command line, returns exit code, output and complaints."""


def problem(number: int, answer: str = "1", **given: Any) -> Problem:
    """A problem whose text holds its number, for the scripted model to answer."""
    usual: dict[str, Any] = {
        "id": f"made-{number}",
        "benchmark": "made",
        "kind": "even" if number % 2 == 0 else "odd",
        "text": f"What is the best value of problem {number}?",
        "label": Label(accepted=(answer,)),
    }
    return Problem(**usual | given)


def named(objective_at: int | None, **values: str) -> Label:
    """A label that asks for quantities by name."""
    quantities = tuple(Quantity(name=name, value=value) for name, value in values.items())
    accepted = () if objective_at is None else (quantities[objective_at].value,)
    return Label(accepted=accepted, quantities=quantities, objective_at=objective_at)


async def asking(problem: Problem, model: LanguageModel, settings: EvaluationSettings) -> Outcome:
    """Takes the model's word for the objective: no solver, so that only the harness is tested."""
    record = new_record(problem.text)
    request = Request(messages=(Message(role="user", content=problem.text),))
    try:
        reply = await model.complete(request)
    except ProviderError as error:
        failed = record.model_copy(update={"error": ErrorNote.of(error)})
        return Outcome(failed, outage_of(error))
    call = Call(step="ask", attempt=1, request=request, reply=reply)
    result = Result(
        run_id=record.run_id,
        text=problem.text,
        status=Status.OPTIMAL,
        objective=float(reply.text),
    )
    return Outcome(record.model_copy(update={"calls": (call,), "result": result}))


ASKING = Method("asking", "takes the model's word", (), asking)


def settings_of(problems: list[Problem], **given: Any) -> EvaluationSettings:
    """Settings of an evaluation with the scripted model."""
    usual: dict[str, Any] = {
        "benchmark": "made", "n": None, "draw": "plain", "seed": 0,
        "problems": problems_hash(problems), "method": "asking", "model": "scripted",
        "effort": "quick", "route": None, "form": None, "isolation": Isolation.REQUIRED,
        "solver": None, "time_limit_s": 60.0, "samples": 1, "rounds": 0, "votes": 0,
        "quantities": False, "prompts": {}, "version": "0",
    }  # fmt: skip
    return EvaluationSettings(**usual | given)


def run_made(
    root: Path,
    problems: list[Problem],
    model: LanguageModel,
    *,
    jobs: int = 1,
    method: Method = ASKING,
    engine: Callable[[Work], Answering] | None = None,
    on_row: Callable[[Row, bool], None] = lambda row, before: None,
    **given: Any,
) -> list[tuple[Row, bool]]:
    """Rows of a run, each with whether an earlier run had made it."""
    rows: list[tuple[Row, bool]] = []
    settings = settings_of(problems, **given)
    work = Work(method, model, settings)

    def keep(row: Row, before: bool) -> None:
        rows.append((row, before))
        on_row(row, before)

    async def run() -> None:
        with RunFolder(root, settings) as folder:
            await run_problems(problems, engine(work) if engine else work, folder, jobs, keep)

    wait(run())
    return rows


def essence(record: EvaluationRecord) -> dict[str, Any]:
    """A record without what no two runs share: identity and time."""
    content = record.model_dump(mode="json")
    del content["seconds"]
    for field in ("run_id", "started"):
        del content["run"][field]
    result: dict[str, Any] | None = content["run"]["result"]
    if result is not None:
        del result["run_id"], result["usage"]
    return content


def slow_number(request: Request) -> str:
    """Answers with the problem's number, after a moment in which a kill may fall."""
    time.sleep(0.003)
    return request.messages[-1].content.split()[-1].rstrip("?")


def killed_and_resumed(root: Path, kills: int, count: int, seed: int) -> int:
    """Run in forked children that are killed at random moments; return how many were killed.

    What a killed child had written must stand at the head of the file in the end. To be called
    in a process without threads of its own, since it forks.
    """
    draws = random.Random(seed)
    problems = [problem(i, str(i)) for i in range(count)]
    file = root / settings_of(problems).folder / "records.jsonl"
    killed, written = 0, []
    for target in sorted(draws.sample(range(1, count), kills)):
        child, told = _child_that_tells(root, problems)
        for _ in range(target):
            os.read(told, 1)
        os.close(told)
        time.sleep(draws.uniform(0, 0.01))  # a kill is to fall anywhere within a record's time
        os.kill(child, signal.SIGKILL)
        killed += os.waitpid(child, 0)[1] == signal.SIGKILL
        written.append(file.read_bytes().rpartition(b"\n")[0])
    child, told = _child_that_tells(root, problems)
    while os.read(told, 100):
        pass
    os.waitpid(child, 0)
    whole = file.read_bytes()
    assert all(whole.startswith(before) for before in written)
    return killed


def _child_that_tells(root: Path, problems: list[Problem]) -> tuple[int, int]:
    """Fork a run; return its process and a pipe that gets a byte for every record there is."""
    told, telling = os.pipe()
    child = os.fork()
    if child == 0:
        tell = partial(_tell, telling)
        run_made(root, problems, ScriptedModel(slow_number), jobs=3, on_row=tell)
        os._exit(0)
    os.close(telling)
    return child, told


def _tell(pipe: int, row: Row, before: bool) -> None:
    with suppress(BrokenPipeError):  # the parent has read as many as it wanted
        os.write(pipe, b".")


if __name__ == "__main__":
    sys.stdout.write(f"{killed_and_resumed(Path(sys.argv[1]), 10, 60, int(sys.argv[2]))}\n")
