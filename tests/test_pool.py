"""The worker pool: what each way of ending a job comes back as, and that nothing stays behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import CancelledError, wait
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from optiwright.solver_tools.pool import Outcome, Pool, Reason, default_pool
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tests look into /proc")
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with closing(Pool(import_paths=[str(HERE)])) as pool:
        pool.warm()
        yield pool


def run(pool: Pool, job: str, *args: Any, limit: float = 20, memory_mb: int = 4096) -> Outcome:
    future = pool.submit(f"pool_jobs:{job}", *args, time_limit_s=limit, memory_mb=memory_mb)
    return future.result(timeout=30)


def children() -> list[int]:
    return [int(pid) for task in Path("/proc/self/task").iterdir() for pid in _children(task)]


def _children(task: Path) -> list[str]:
    return (task / "children").read_text().split()


def alive(pid: int) -> bool:
    """Whether there is such a process, a zombie that its parent has yet to collect aside."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def pids_in(marker: Path) -> list[int]:
    assert eventually(marker.exists)
    return [int(word) for word in marker.read_text().split()]


def test_finished_job_returns_value_and_all_output(pool: Pool) -> None:
    heard: list[str] = []
    future = pool.submit("pool_jobs:greet", "ada", time_limit_s=20, on_output=heard.append)
    outcome = future.result(timeout=30)
    assert (outcome.reason, outcome.value, outcome.error) == (Reason.FINISHED, "ADA", "")
    assert outcome.output == "hello ada\nfrom a child\ngrüße\n" == "".join(heard)
    assert outcome.seconds < 5
    assert outcome.peak_mb > 5


def test_output_arrives_while_the_job_runs(pool: Pool) -> None:
    came = threading.Event()
    code = "import time\nprint('first')\ntime.sleep(600)"
    future = pool.submit(
        "builtins:exec", code, {}, time_limit_s=60, on_output=lambda text: came.set()
    )
    assert came.wait(10)
    assert not future.done()
    assert future.cancel()


def test_failing_listener_costs_nothing_but_itself(
    pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    outcome = pool.submit(
        "pool_jobs:greet", "ada", time_limit_s=20, on_output=lambda text: [][0]
    ).result(timeout=30)
    assert outcome.value == "ADA"
    assert "IndexError" in caplog.text


def test_exception_is_an_error_with_the_last_traceback_lines(pool: Pool) -> None:
    outcome = run(pool, "fail")
    assert (outcome.reason, outcome.value) == (Reason.ERROR, None)
    assert outcome.error.splitlines()[-1] == "ValueError: the third row is empty"
    assert "pool_jobs.py" in outcome.error


@pytest.mark.parametrize(
    ("job", "args", "error"),
    [
        ("unpicklable", (), "pickle"),
        ("leave", (3,), "exited with code 3"),
        ("leave", (0,), "exited with code 0"),
        ("no_such_function", (), "AttributeError"),
        ("scribble", (), "could not be read"),
    ],
)
def test_job_without_a_proper_result_is_an_error(
    pool: Pool, job: str, args: tuple[int, ...], error: str
) -> None:
    outcome = run(pool, job, *args)
    assert outcome.reason is Reason.ERROR
    assert error in outcome.error


def test_time_limit_ends_a_loop_that_ignores_sigterm(pool: Pool, tmp_path: Path) -> None:
    marker = tmp_path / "pids"
    outcome = run(pool, "ignore_sigterm", str(marker), limit=1)
    assert outcome.reason is Reason.TIMEOUT
    assert outcome.seconds == pytest.approx(1, abs=0.5)
    # The kernel may still be taking apart what was killed.
    assert eventually(lambda: not any(alive(pid) for pid in pids_in(marker)))


def test_time_limit_ends_a_loop_in_c(pool: Pool) -> None:
    outcome = run(pool, "busy_in_c", limit=0.5)
    assert outcome.reason is Reason.TIMEOUT
    assert "0.5 s" in outcome.error


def test_memory_limit_is_beyond_the_servers_own(pool: Pool) -> None:
    assert run(pool, "allocate", 150, memory_mb=200).value == 150 << 20
    outcome = run(pool, "allocate", 250, memory_mb=200)
    assert outcome.reason is Reason.MEMORY
    assert "200 MB" in outcome.error


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_signal_is_killed_and_the_next_job_works(pool: Pool, number: signal.Signals) -> None:
    outcome = run(pool, "die", int(number))
    assert outcome.reason is Reason.KILLED
    assert f"signal {int(number)} ({signal.strsignal(number)})" in outcome.error
    assert run(pool, "allocate", 1).reason is Reason.FINISHED


def test_output_flood_is_cut_and_killed(pool: Pool) -> None:
    outcome = run(pool, "flood")
    assert outcome.reason is Reason.OUTPUT_LIMIT
    assert len(outcome.output) == 1_000_000


def test_result_beyond_the_memory_limit_is_refused_unread(pool: Pool) -> None:
    code = "import os; os.write(3, (1 << 60).to_bytes(8, 'big') + bytes(64))"
    outcome = pool.submit("builtins:exec", code, {}, time_limit_s=20, memory_mb=64).result(30)
    assert outcome.reason is Reason.OUTPUT_LIMIT


def test_cancelling_the_awaiting_task_kills_the_job(pool: Pool, tmp_path: Path) -> None:
    marker = tmp_path / "pids"

    async def scenario() -> None:
        task = asyncio.create_task(
            pool.run("pool_jobs:ignore_sigterm", str(marker), time_limit_s=600)
        )
        await asyncio.to_thread(pids_in, marker)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert eventually(lambda: not any(alive(pid) for pid in pids_in(marker)))
    assert run(pool, "allocate", 1).reason is Reason.FINISHED


def test_awaited_output_comes_in_the_event_loop(pool: Pool) -> None:
    heard: list[tuple[str, int]] = []

    async def scenario() -> Outcome:
        return await pool.run(
            "pool_jobs:greet",
            "ada",
            time_limit_s=20,
            on_output=lambda text: heard.append((text, threading.get_ident())),
        )

    assert asyncio.run(scenario()).output == "".join(text for text, _ in heard)
    assert {thread for _, thread in heard} == {threading.get_ident()}


def test_two_jobs_run_at_once_and_a_third_waits_its_time_limit_too(pool: Pool) -> None:
    futures = [pool.submit("pool_jobs:span", 0.6, time_limit_s=1.1) for _ in range(3)]
    outcomes = [future.result(timeout=30) for future in futures]
    assert [outcome.reason for outcome in outcomes] == [Reason.FINISHED] * 3
    first, second, third = sorted(outcome.value for outcome in outcomes)
    assert second[0] < first[1]
    assert third[0] >= min(first[1], second[1])


def test_cancelled_job_in_the_queue_never_runs(pool: Pool, tmp_path: Path) -> None:
    running = [pool.submit("pool_jobs:span", 0.5, time_limit_s=20) for _ in range(2)]
    queued = pool.submit("pool_jobs:ignore_sigterm", str(tmp_path / "pids"), time_limit_s=20)
    assert queued.cancel()
    with pytest.raises(CancelledError):
        queued.result(timeout=1)
    assert not wait([*running, queued], timeout=20).not_done
    assert run(pool, "allocate", 1).reason is Reason.FINISHED
    assert not (tmp_path / "pids").exists()


def test_large_arrays_go_there_and_back(pool: Pool) -> None:
    array = np.arange(50 * (1 << 20) // 8, dtype=np.float64)
    futures = [pool.submit("pool_jobs:double", array, time_limit_s=20) for _ in range(2)]
    for future in futures:
        assert np.array_equal(future.result(timeout=30).value, array * 2)


def test_job_sees_no_secret_and_no_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "planted-secret")
    with closing(Pool(import_paths=[str(HERE)])) as pool:
        seen = run(pool, "surroundings").value
    assert "planted-secret" not in str(seen["environment"])
    assert not {"OPENAI_API_KEY", "HOME", "USER"} & set(seen["environment"])
    assert seen["descriptors"] == [0, 1, 2, 3]
    assert seen["warm"]
    assert seen["server_threads"] == 1


def test_lingering_child_of_a_finished_job_is_killed(pool: Pool) -> None:
    outcome = run(pool, "answer_and_linger")
    assert outcome.reason is Reason.FINISHED
    assert eventually(lambda: not alive(outcome.value))


def test_killed_server_is_reported_and_replaced(pool: Pool, tmp_path: Path) -> None:
    server = run(pool, "surroundings").value["server"]
    marker = tmp_path / "pids"
    inflight = [
        pool.submit("pool_jobs:ignore_sigterm", str(marker), time_limit_s=600),
        pool.submit("pool_jobs:span", 600, time_limit_s=600),
    ]
    queued = pool.submit("pool_jobs:allocate", 1, time_limit_s=20)
    job, child = pids_in(marker)
    os.kill(server, signal.SIGKILL)
    for future in inflight:
        outcome = future.result(timeout=5)
        assert outcome.reason is Reason.KILLED
        assert "server ended (signal 9)" in outcome.error
    assert queued.result(timeout=30).reason is Reason.FINISHED
    assert run(pool, "surroundings").value["server"] != server
    assert eventually(lambda: not alive(job))
    os.kill(child, signal.SIGKILL)  # a job's own children outlive a server that is killed


def test_server_that_cannot_start_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with closing(Pool()) as pool:
        outcome = pool.submit("math:sqrt", 4.0, time_limit_s=20).result(timeout=30)
        assert outcome.reason is Reason.REFUSED
        assert "exit code 1" in outcome.error
        monkeypatch.setattr(sys, "executable", "/nonexistent/python")
        outcome = pool.submit("math:sqrt", 4.0, time_limit_s=20).result(timeout=30)
        assert outcome.reason is Reason.REFUSED
        assert "could not be started: [Errno 2]" in outcome.error


def test_close_stops_what_runs_and_refuses_what_comes(tmp_path: Path) -> None:
    pool = Pool(workers=1, import_paths=[str(HERE)])
    marker = tmp_path / "pids"
    running = pool.submit("pool_jobs:ignore_sigterm", str(marker), time_limit_s=600)
    waiting = pool.submit("pool_jobs:allocate", 1, time_limit_s=600)
    pids = pids_in(marker)
    pool.close()
    assert running.result(timeout=1).reason is Reason.STOPPED
    assert waiting.result(timeout=1).reason is Reason.STOPPED
    assert not any(alive(pid) for pid in pids)
    late = pool.submit("math:sqrt", 4.0, time_limit_s=20).result(timeout=1)
    assert late.reason is Reason.REFUSED


def test_kill_of_the_caller_leaves_no_process(tmp_path: Path) -> None:
    marker = tmp_path / "pids"
    script = textwrap.dedent(f"""
        from optiwright.solver_tools.pool import Pool
        pool = Pool(import_paths=[{str(HERE)!r}])
        server = pool.submit("pool_jobs:surroundings", time_limit_s=60).result().value["server"]
        print(server, flush=True)
        pool.submit("pool_jobs:ignore_sigterm", {str(marker)!r}, time_limit_s=600).result()
    """)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=HERE.parent
    ) as caller:
        assert caller.stdout is not None
        server = int(caller.stdout.readline())
        pids = [server, *pids_in(marker)]
        assert all(map(alive, pids))
        caller.kill()
    assert eventually(lambda: not any(map(alive, pids)))


def test_many_jobs_leave_nothing_behind(pool: Pool) -> None:
    server = run(pool, "surroundings").value["server"]

    def traces() -> tuple[int, int, int, list[str]]:
        return (
            len(os.listdir("/proc/self/fd")),
            len(os.listdir(f"/proc/{server}/fd")),
            len(children()),
            _children(Path(f"/proc/{server}/task/{server}")),
        )

    before = traces()
    assert before[3] == []
    jobs = ["math:sqrt", "pool_jobs:leave", "pool_jobs:die", "pool_jobs:fail_to_import"]
    wait([pool.submit(jobs[i % 4], 4, time_limit_s=20) for i in range(200)], timeout=60)
    assert traces() == before


def test_forked_caller_gets_a_server_of_its_own_and_keeps_none_alive() -> None:
    with closing(Pool(import_paths=[str(HERE)])) as pool:
        server = run(pool, "surroundings").value["server"]
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            other = run(pool, "surroundings").value["server"]
            os.write(writer, str(other).encode())
            pool.close()
            time.sleep(600)
            os._exit(0)
        other = int(os.read(reader, 20))
        assert other != server
        assert run(pool, "surroundings").value["server"] == server
        start = time.monotonic()
    try:
        assert time.monotonic() - start < 5  # the copy's end of the socket keeps nothing alive
        assert not alive(server)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(reader)
        os.close(writer)


def test_default_pool_is_one_and_closed_at_exit() -> None:
    assert default_pool() is default_pool()
    script = textwrap.dedent("""
        from optiwright.solver_tools.pool import default_pool
        future = default_pool().submit("time:sleep", 600, time_limit_s=600, on_output=print)
        print(default_pool().submit("os:getppid", time_limit_s=60).result().value)
    """)
    caller = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=HERE.parent,
        timeout=60,
        check=True,
    )
    assert caller.stderr == ""
    assert eventually(lambda: not alive(int(caller.stdout)))
