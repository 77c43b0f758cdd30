"""What a run tells while it goes on, and how it is interrupted and taken up again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import optiwright
from optiwright.agent.errors import ProviderError
from optiwright.agent.events import Event, RunFailed, RunFinished, StepFinished
from optiwright.agent.llm import Reply, Request
from optiwright.agent.record import RunRecord
from optiwright.agent.recorder import read_events
from optiwright.agent.result import Result
from optiwright.formulators.errors import UserError
from optiwright.testing import ScriptedModel
from tests.agent_runs import (
    UNKNOWN,
    dropped,
    record_of,
    run,
)
from tests.waiting import eventually
from tests.wire_samples import (
    BAKERY,
    flat_constraint,
    flat_reply,
    flat_variable,
    goal,
)


def test_events_stream_in_order_and_replay() -> None:
    model = ScriptedModel([UNKNOWN, flat_reply()])
    streamed = list(optiwright.stream(BAKERY, model=model, form="flat", route="compiled"))
    assert [e.seq for e in streamed] == list(range(len(streamed)))
    assert len({e.run_id for e in streamed}) == 1
    assert isinstance(streamed[-1], RunFinished)
    replayed = list(read_events(Path(streamed[-1].result.record)))
    assert replayed == streamed
    finished = [(e.step, e.attempt, e.ok) for e in streamed if isinstance(e, StepFinished)]
    assert finished[:4] == [
        ("formulate", 1, True), ("check", 1, False), ("repair", 2, True), ("check", 2, True)
    ]  # fmt: skip


def test_a_stream_ends_with_the_failure_and_raises_it() -> None:
    seen: list[Event] = []
    with pytest.raises(ProviderError):
        for event in optiwright.stream(BAKERY, model=ScriptedModel([dropped()])):
            seen.append(event)
    assert isinstance(seen[-1], RunFailed)


def test_a_line_cut_off_by_a_crash_ends_the_replay() -> None:
    result, _ = run([flat_reply()])
    path = Path(result.record) / "events.jsonl"
    whole = list(read_events(path.parent))
    path.write_text(path.read_text("utf-8")[:-20], "utf-8")
    assert list(read_events(path.parent)) == whole[:-1]


def test_a_folder_without_a_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no run is recorded there"):
        list(read_events(tmp_path))


class Stalling(ScriptedModel):
    """Starts to answer and never ends."""

    def __init__(self) -> None:
        super().__init__([])
        self.cancelled = threading.Event()

    async def complete(
        self, request: Request, on_text: Callable[[str], None] | None = None
    ) -> Reply:
        if on_text is not None:
            on_text("half a")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        raise AssertionError("nobody interrupted it")


def wait_for(folder: str) -> RunRecord:
    """The record once the run's end is written in it."""
    assert eventually(lambda: record_of(folder).error is not None), "the run's end is not written"
    return record_of(folder)


def until_asked(events: Iterator[Event]) -> str:
    """Follow a run until the model is asked; returns the record's folder."""
    folder = ""
    for event in events:
        folder = event.record if event.kind == "run_started" else folder
        if event.kind == "step_started":
            return folder
    raise AssertionError("the model was never asked")


def test_closing_a_stream_stops_the_run() -> None:
    model = Stalling()
    events = optiwright.stream(BAKERY, model=model, form="flat")
    folder = until_asked(events)
    events.close()  # type: ignore[attr-defined]
    assert model.cancelled.wait(5)
    record = wait_for(folder)
    assert record.error is not None and record.error.kind == "Interrupted"
    assert record.result is None and record.text == BAKERY
    assert (Path(folder) / "events.jsonl").read_text("utf-8").endswith("\n")


def test_asolve_runs_beside_the_callers_loop() -> None:
    async def together() -> tuple[Result, int]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        clock = asyncio.create_task(tick())
        model = ScriptedModel([flat_reply()])
        result = await optiwright.asolve(BAKERY, model=model, form="flat", route="compiled")
        clock.cancel()
        return result, ticks

    result, ticks = asyncio.run(together())
    assert result.objective == pytest.approx(160)
    assert ticks > 0


def test_solve_works_inside_a_running_loop() -> None:
    async def as_in_a_notebook() -> Result:
        return run([flat_reply()])[0]

    assert asyncio.run(as_in_a_notebook()).objective == pytest.approx(160)


def test_cancelling_asolve_stops_the_run() -> None:
    model = Stalling()

    async def impatient() -> None:
        async with asyncio.timeout(0.5):
            await optiwright.asolve(BAKERY, model=model, form="flat")

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())
    assert model.cancelled.wait(5)


def test_five_threads_do_not_mix() -> None:
    def one(k: int) -> tuple[Result, list[Event]]:
        events: list[Event] = []
        reply = flat_reply(
            objective=goal("maximize", f"{k}*bread", "total profit"),
            constraints=[flat_constraint("most", f"bread <= {10 * k}")],
            variables=[flat_variable("bread")],
        )
        text = f"A loaf earns {k} euros and at most {10 * k} are sold."
        return run([reply], text=text, on_event=events.append)[0], events

    with ThreadPoolExecutor(5) as threads:
        done = list(threads.map(one, range(2, 7)))
    assert [r.objective for r, _ in done] == [10.0 * k * k for k in range(2, 7)]
    for result, events in done:
        assert {e.run_id for e in events} == {result.run_id}
        assert [e.seq for e in events] == list(range(len(events)))
    assert len({r.record for r, _ in done}) == 5
