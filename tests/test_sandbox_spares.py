"""What a confined job finds done ahead: nothing of it shows, and it is there when it is needed."""

from __future__ import annotations

import importlib.util
import mmap
import os
import select
import signal
import sys
import textwrap
import threading
import time
from contextlib import closing
from ctypes import CDLL, addressof, c_char, c_size_t, c_ubyte, c_void_p
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from optiwright.solver_tools import pool_pages, pool_scout
from optiwright.solver_tools.pool import Outcome, Pool, Profile, Reason
from optiwright.solver_tools.pool_pages import Pages
from optiwright.solver_tools.pool_protocol import Shelf
from optiwright.solver_tools.pool_scout import Scout
from optiwright.solver_tools.pool_warmth import shelf_of
from optiwright.solver_tools.sandbox_policy import Level, Protection, level_of
from tests.waiting import descendants, eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the tests look into /proc"),
    pytest.mark.alone,  # which wait for processes to come and to rest
]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with closing(Pool(1)) as pool:
        yield pool


def run(pool: Pool, source: str, limit: float = 60, **options: Any) -> Outcome:
    options = {"profile": Profile.WRITTEN} | options
    future = pool.submit("builtins:exec", source, {}, time_limit_s=limit, **options)
    return future.result(timeout=120)


def spare_of(pool: Pool) -> int:
    """Returns the process that waits for the next job, when it is ready."""
    assert run(pool, "").reason is Reason.FINISHED
    found: list[int] = []

    def waits() -> bool:
        found[:] = [pid for pid in descendants(server_of(pool)) if is_spare(pid)]
        return len(found) == 1

    assert eventually(waits)
    return found[0]


def server_of(pool: Pool) -> int:
    outcome = pool.submit("os:getppid", time_limit_s=60).result(timeout=120)
    assert isinstance(outcome.value, int)
    return outcome.value


def is_spare(pid: int) -> bool:
    """Whether a process leads a session and sleeps until a pipe says something."""
    try:
        reads = Path(f"/proc/{pid}/syscall").read_text().split()[:1] == ["0"]
        return os.getsid(pid) == pid and reads
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False


# --- the time limit, the stop, the threads --------------------------------------------------------


def test_waiting_for_a_job_is_not_counted_as_its_time(pool: Pool) -> None:
    waiting = spare_of(pool)
    time.sleep(1.2)
    assert is_spare(waiting)
    outcome = run(pool, "import time; time.sleep(0.2)", limit=1)
    assert outcome.reason is Reason.FINISHED, outcome.error
    assert 0.2 <= outcome.seconds < 1


def test_threads_that_the_user_has_already_are_not_the_jobs() -> None:
    source = textwrap.dedent("""
        import threading, time
        threading.stack_size(1 << 16)
        end = threading.Event()
        threads = [threading.Thread(target=end.wait) for _ in range(400)]
        for thread in threads: thread.start()
        print('up', flush=True)
        time.sleep(SECONDS)
        end.set()
    """)
    up = threading.Event()
    with closing(Pool(2, without=(Protection.NAMESPACES,))) as pool:
        first = pool.submit(
            "builtins:exec",
            source.replace("SECONDS", "600"),
            {},
            time_limit_s=600,
            profile=Profile.WRITTEN,
            on_output=lambda text: up.set(),
        )
        assert up.wait(60)
        second = run(pool, source.replace("SECONDS", "0"))
        assert (second.reason, second.output) == (Reason.FINISHED, "up\n"), second.error
        assert first.cancel()


# --- libraries that few programs use --------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        *(("import pandas", True), ("pd.Series([1])", True), ("from ortools.sat import x", True)),
        *(("spd = pdf = 1", False), ("import cvxpy", False)),
    ],
)
def test_rare_libraries_are_known_by_name(source: str, expected: bool) -> None:
    found = shelf_of("builtins:exec", source.encode())
    assert found is (Shelf.RARE if expected else Shelf.COMMON)


def test_who_names_a_rare_library_finds_it_imported_and_nobody_else_does(pool: Pool) -> None:
    names = "('pan' + 'das', 'or' + 'tools.sat.python.cp_model', 'cvxpy')"
    source = f"import sys\nprint([name in sys.modules for name in {names}])"
    assert run(pool, source).output == "[False, False, True]\n"
    assert run(pool, f"{source}  # pandas").output == "[True, True, True]\n"
    assert run(pool, source).output == "[False, False, True]\n"


def test_what_looks_for_plans_finds_its_libraries_imported_and_nobody_else_does(
    pool: Pool,
) -> None:
    def has(module: str, function: str) -> Outcome:
        return pool.submit(function, module, time_limit_s=60, profile=Profile.TOOL).result()

    looks = "optiwright.solver_tools.planning:importlib.sys.modules.__contains__"
    for module in ("unified_planning.engines", "ortools.sat.python.cp_model"):
        outcome = has(module, looks)
        installed = importlib.util.find_spec(module.partition(".")[0]) is not None
        assert outcome.value is installed, outcome.error
        assert level_of(outcome.protections) is Level.FULL
    assert has("unified_planning.engines", "sys:modules.__contains__").value is False


def test_a_library_that_starts_threads_is_there_but_not_before_a_job_asks(pool: Pool) -> None:
    source = """import os, sys
import pandas
print('pyarrow' in sys.modules, len(os.listdir('/proc/self/task')))"""
    assert run(pool, source).output == "False 1\n"
    if importlib.util.find_spec("pyarrow") is not None:
        asked = "import pandas, pyarrow\nprint(pyarrow.array([1, 2]).to_pylist())"
        assert run(pool, asked).output == "[1, 2]\n"


def test_jobs_of_either_side_are_stopped(pool: Pool) -> None:
    for word in ("", "ortools"):
        up = threading.Event()
        source = f"print('up', flush=True)\nwhile True: pass  # {word}"
        future = pool.submit(
            "builtins:exec",
            source,
            {},
            time_limit_s=600,
            profile=Profile.WRITTEN,
            on_output=lambda text, up=up: up.set(),  # type: ignore[misc]
        )
        assert up.wait(60)
        assert future.cancel()
    assert run(pool, "print('next')").output == "next\n"  # the one worker is free again


# --- the rehearsal --------------------------------------------------------------------------------


def test_nothing_of_the_rehearsal_shows() -> None:
    source = textwrap.dedent("""
        import linecache, sys, threading
        import cvxpy
        print(cvxpy.Variable().name(), threading.active_count())
        print(sorted(name for name in linecache.cache if 'program' in name))
        print(sorted(name for name in sys.modules if name.startswith(('highspy', 'cvxpy'))))
    """)
    with closing(Pool(1)) as pool:
        fresh = run(pool, source)
        spare_of(pool)
        rehearsed = run(pool, source)
    assert fresh.reason is Reason.FINISHED, fresh.error
    assert rehearsed.output == fresh.output


def test_a_program_chooses_the_solvers_threads_after_the_rehearsal(pool: Pool) -> None:
    """HiGHS has one scheduler a process, and refuses another number of threads than it has."""
    spare_of(pool)
    source = textwrap.dedent("""
        import highspy
        for threads in (THREADS,):
            h = highspy.Highs()
            h.setOptionValue("output_flag", False)
            h.setOptionValue("threads", threads)
            x = h.addVariable(lb=0, ub=4)
            print(h.maximize(x), h.getInfo().objective_function_value)
    """)
    for threads in ("1", "3"):
        spare_of(pool)
        outcome = run(pool, source.replace("THREADS", threads), limit=20)
        assert outcome.output == "HighsStatus.kOk 4.0\n", outcome


_COPIED = """
import resource
from optiwright.solver_tools.written_run import execute
def copied(): return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
before = copied()
status = execute('''
x = cp.Variable(3, nonneg=True)
limits = [x[0] + x[1] + 2 * x[2] <= 4, 2 * x[0] + 3 * x[2] <= 5]
cp.Problem(cp.Maximize(3 * x[0] + 2 * x[1] + 4 * x[2]), limits).solve()
''', 30.0)['status']
print(status, copied() - before)
"""


def test_a_job_that_finds_no_spare_has_the_rehearsal_behind_it() -> None:
    with closing(Pool(1)) as pool:
        status, first = run(pool, _COPIED).output.split()
        assert status == "optimal"
        os.kill(spare_of(pool), signal.SIGKILL)
        status, second = run(pool, _COPIED).output.split()
        assert status == "optimal"
    assert int(second) < 0.9 * int(first)


def test_the_server_leaves_no_holes_for_children_to_fill(pool: Pool) -> None:
    source = textwrap.dedent("""
        import ctypes
        names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
        class Info(ctypes.Structure): _fields_ = [(n, ctypes.c_size_t) for n in names.split()]
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallinfo2"):
            libc.mallinfo2.restype = Info
            info = libc.mallinfo2()
            print(info.fordblks - info.keepcost)
    """)
    outcome = run(pool, source, profile=Profile.COMPILED)
    assert int(outcome.output or 0) < 200_000


def test_a_scout_that_fails_or_hangs_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_scout, "_LIMIT_S", 1)

    def said(task: Callable[[], object]) -> object:
        scout = Scout(task)
        assert select.select([scout.fd], [], [], 20)[0]
        while not scout.hear():
            pass
        return scout.end()

    assert said(lambda: [1, 2]) == [1, 2]
    assert said(lambda: 1 / 0) is None
    assert said(lambda: time.sleep(60)) is None


# --- pages ----------------------------------------------------------------------------------------


def private(pages: int) -> mmap.mmap:
    return mmap.mmap(-1, pages * mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def resident(area: mmap.mmap) -> int:
    """Counts the pages of an area that are there."""
    start = addressof(c_char.from_buffer(area))
    pages = len(area) // mmap.PAGESIZE
    marks = (c_ubyte * pages)()
    assert CDLL(None).mincore(c_void_p(start), c_size_t(len(area)), marks) == 0
    return sum(mark & 1 for mark in marks)


def spread(area: mmap.mmap) -> list[tuple[int, int]]:
    """Returns every other page of an area, which makes as many ranges."""
    start, step = addressof(c_char.from_buffer(area)), 2 * mmap.PAGESIZE
    return [(start + at, mmap.PAGESIZE) for at in range(0, len(area), step)]


def test_all_pages_are_fetched_while_no_job_comes() -> None:
    area = private(400)
    ranges = spread(area)
    reader, writer = os.pipe()
    Pages([(ranges[:100], []), (ranges[100:], [])]).fetch(reader)
    assert resident(area) == 200
    os.close(reader)
    os.close(writer)


def test_a_job_that_comes_waits_for_no_more_pages() -> None:
    area = private(40_000)
    reader, writer = os.pipe()

    def come() -> None:
        assert eventually(lambda: resident(area))
        os.write(writer, b"x")

    job = threading.Thread(target=come)
    job.start()
    Pages([(spread(area), [])]).fetch(reader)
    job.join()
    assert 0 < resident(area) < 20_000
    Pages([(spread(area), [])]).fetch(reader)
    assert resident(area) < 20_000
    os.close(reader)
    os.close(writer)


def test_a_process_that_the_kernel_does_not_help_fetches_range_by_range(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on Linux before 6.14, which knows no such name of a process."""
    monkeypatch.setattr(pool_pages, "_SELF", -1)
    area = private(400)
    reader, writer = os.pipe()
    Pages([(spread(area), [])]).fetch(reader)
    assert resident(area) == 200
    os.close(reader)
    os.close(writer)
