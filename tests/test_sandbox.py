"""The sandbox: every attack is contained, honest programs work, and too little is refused."""

from __future__ import annotations

import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from optiwright.solver_tools.pool import Isolation, Outcome, Pool, Profile, Reason
from optiwright.solver_tools.sandbox_attacks import (
    ATTACKS,
    ESCAPED,
    FILES,
    NETWORK,
    PROCESSES,
    SECRETS,
    Attack,
)
from optiwright.solver_tools.sandbox_policy import Level, Protection, level_of, refusal, shortfall
from optiwright.solver_tools.sandbox_seccomp import Allowed, program
from optiwright.solver_tools.sandbox_trial import contained, met, surroundings, trial_pool, try_out
from tests import written_programs as programs
from tests.waiting import descendants, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tests look into /proc")
HERE = Path(__file__).parent
EXECUTE = "optiwright.solver_tools.written_run:execute"
NO_NAMESPACES = (Protection.NAMESPACES,)
AMOUNTS = {  # docs/security.md names them
    *("fill the disk with several files", "use up the file system's files"),
    "find a network interface",
}
NO_LANDLOCK = (Protection.LANDLOCK,)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with trial_pool() as pool:
        yield pool


@pytest.fixture(scope="module")
def lesser_pool() -> Iterator[Pool]:
    with trial_pool(without=NO_NAMESPACES) as pool:
        yield pool


@pytest.fixture(scope="module")
def library_pool() -> Iterator[Pool]:
    """Makes one whose server has two confined sides, which the tests of lifetimes do not expect."""
    with closing(Pool()) as pool:
        yield pool


def run(pool: Pool, source: str, limit: float = 60, **options: Any) -> Outcome:
    options = {"profile": Profile.WRITTEN} | options
    future = pool.submit("builtins:exec", source, {}, time_limit_s=limit, **options)
    return future.result(timeout=120)


def evaluate(pool: Pool, expression: str, **options: Any) -> Outcome:
    options = {"profile": Profile.WRITTEN} | options
    future = pool.submit("builtins:eval", expression, {}, time_limit_s=60, **options)
    return future.result(timeout=120)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def server_of(pool: Pool) -> int:
    pid = evaluate(pool, "__import__('os').getppid()", profile=Profile.COMPILED).value
    assert isinstance(pid, int)
    return pid


def confined_side(pool: Pool, *, inside: bool = True, spares: int = 2) -> tuple[int, list[int]]:
    """Waits until nothing runs; returns the process that forks confined jobs, and its spares."""
    assert evaluate(pool, "1").value == 1
    server, above = server_of(pool), 2 if inside else 1

    def only_spares_are_left() -> bool:
        pids = descendants(server)
        return len(pids) == above + spares and all(map(leads_a_session, pids[above:]))

    assert eventually(only_spares_are_left), descendants(server)
    pids = descendants(server)
    return pids[above - 1], pids[above:]


def leads_a_session(pid: int) -> bool:
    """Whether it is a child for a job, and no scout."""
    try:
        return os.getsid(pid) == pid
    except ProcessLookupError:
        return False


def is_at_rest(pid: int) -> bool:
    """Whether a process does nothing for a while, and has had time to do all that it does ahead."""
    before = Path(f"/proc/{pid}/stat").read_text().split()[9:15]  # faults and times
    time.sleep(0.2)
    return Path(f"/proc/{pid}/stat").read_text().split()[9:15] == before


def inner_pid(pid: int) -> int:
    """Returns a process's number in its own namespace."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("NSpid")).split()[-1])


# --- attacks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack_is_contained(pool: Pool, attack: Attack) -> None:
    held, outcome = try_out(pool, attack)
    assert held, met(outcome)
    assert level_of(outcome.protections) is Level.FULL
    assert evaluate(pool, "6 * 7").value == 42


@pytest.mark.parametrize(
    "attack", [attack for attack in ATTACKS if attack.bare], ids=lambda attack: attack.name
)
def test_the_same_attack_gets_through_where_nothing_confines_it(pool: Pool, attack: Attack) -> None:
    with surroundings() as around:
        assert ESCAPED in around.submit(pool, attack, Profile.COMPILED).output


# --- a trusted tool -------------------------------------------------------------------------------

OF_A_TOOL = {  # it may, or what it would harm is out of its sight
    *("fork", "fork by a bare system call", "daemon", "leave the session", "run a program"),
    *("run a shell", "list the processes", "read the environment of the server"),
    *("kill the server", "kill the caller", "kill everything"),
}


@pytest.mark.parametrize(
    "attack", [a for a in ATTACKS if a.name not in OF_A_TOOL], ids=lambda attack: attack.name
)
def test_a_tool_is_contained_in_all_but_programs(pool: Pool, attack: Attack) -> None:
    held, outcome = try_out(pool, attack, Profile.TOOL)
    met_a_limit = outcome.error.endswith(
        "BlockingIOError: [Errno 11] Resource temporarily unavailable"
    )
    assert held or (attack.name == "fork bomb" and met_a_limit), met(outcome)
    assert level_of(outcome.protections) is Level.FULL


@pytest.mark.parametrize("inside", [True, False])
def test_a_tool_starts_programs(pool: Pool, lesser_pool: Pool, inside: bool) -> None:
    source = """
import subprocess, sys
code = "import numpy; print(numpy.arange(3).sum())"
text = subprocess.check_output("sort < data.txt | tee sorted.txt", shell=True, text=True)
number = subprocess.check_output([sys.executable, "-c", code], text=True)
print(text.split(), open("sorted.txt").read() == text, number.strip())
"""
    outcome = run(
        pool if inside else lesser_pool, source, profile=Profile.TOOL, files={"data.txt": b"b\na\n"}
    )
    assert outcome.reason is Reason.FINISHED, outcome.error
    assert outcome.output == "['a', 'b'] True 3\n"


def test_a_tool_rules_its_own_processes_and_sees_no_others(pool: Pool) -> None:
    source = """
import os, signal, subprocess
child = subprocess.Popen(["sleep", "600"], start_new_session=True)
seen = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
os.kill(child.pid, signal.SIGTERM)
print(seen == [os.getpid(), child.pid], child.wait() == -signal.SIGTERM)
"""
    outcome = run(pool, source, profile=Profile.TOOL)
    assert (outcome.output, outcome.error) == ("True True\n", "")


@pytest.mark.parametrize(
    "program",
    [
        "open({outside!r} + '/secret').read()",
        "open({outside!r} + '/new', 'w')",
        "open('/etc/optiwright-attack', 'w')",
        "import socket; socket.socket()",
        "import os; os.kill({caller}, 9)",
        "import os; os.setresuid(1, 1, 1)",
        "import ctypes; libc = ctypes.CDLL(None); 1 / (libc.unshare(0x10000000) + 1)",
        "x = bytes(1 << 33)",
        "open('data.csv', 'w')",
    ],
)
@pytest.mark.parametrize("inside", [True, False])
def test_what_a_tool_starts_is_confined_too(
    pool: Pool, lesser_pool: Pool, program: str, inside: bool
) -> None:
    with surroundings() as around:
        code = program.format(outside=around.outside, caller=os.getpid())
        source = (
            f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}], check=True)"
        )
        attack = Attack("", f"{source}\nprint({ESCAPED!r})", "non-zero exit status")
        outcome = around.submit(pool if inside else lesser_pool, attack, Profile.TOOL)
        assert contained(attack, outcome), outcome
        assert around.untouched()


@pytest.mark.parametrize("inside", [True, False])
def test_what_a_tool_leaves_running_ends_with_it(
    pool: Pool, lesser_pool: Pool, inside: bool
) -> None:
    chosen = pool if inside else lesser_pool
    outcome = run(
        chosen, "import subprocess; subprocess.Popen(['sleep', '54321'])", profile=Profile.TOOL
    )
    assert outcome.reason is Reason.FINISHED, outcome.error
    daemon = textwrap.dedent("""
        import os
        if os.fork() == 0:
            try: os.setsid()
            except PermissionError: pass  # where no namespace holds it, it stays in its group
            os.execvp('sleep', ['sleep', '54321'])
    """)
    outcome = run(chosen, daemon, profile=Profile.TOOL)
    assert outcome.reason is Reason.FINISHED, outcome.error
    source = daemon + "\nwhile True: pass"
    assert run(chosen, source, profile=Profile.TOOL, limit=1).reason is Reason.TIMEOUT
    assert eventually(lambda: not any(command_has(pid, "54321") for pid in all_processes()))
    confined_side(chosen, inside=inside)  # nor are they left unreaped


def all_processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def command_has(pid: int, word: str) -> bool:
    try:
        return word in Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except (OSError, UnicodeDecodeError):
        return False


def test_what_a_tool_starts_has_no_capability_either(pool: Pool) -> None:
    source = "import subprocess; subprocess.run(['grep', '^Cap', '/proc/self/status'], check=True)"
    outcome = run(pool, source, profile=Profile.TOOL)
    sets = dict(line.split() for line in outcome.output.splitlines())
    assert len(sets) == 5, outcome
    assert set(sets.values()) == {"0" * 16}


def test_one_job_changes_nothing_for_the_next(pool: Pool) -> None:
    source = "import math, os; math.sqrt = None; os.environ['LEFT'] = '1'; open('left', 'w')"
    assert run(pool, source).reason is Reason.FINISHED
    code = "[os.listdir('.'), 'LEFT' in os.environ, math.sqrt(4)]"
    code = f"(lambda os, math: {code})(__import__('os'), __import__('math'))"
    assert evaluate(pool, code).value == [[], False, 2.0]


@pytest.mark.parametrize("profile", Profile)
def test_a_job_that_is_killed_takes_no_lock_with_it(pool: Pool, profile: Profile) -> None:
    """Pyomo holds one while it captures a solver's output."""
    lock = "import pyomo.common.dependencies as d\nlock = d.capture_output_lock\n"
    ended = run(pool, f"{lock}lock.acquire()\nwhile True: pass", limit=1, profile=profile)
    assert ended.reason is Reason.TIMEOUT
    freed = run(pool, f"{lock}print(lock.acquire(timeout=5))", profile=profile)
    assert freed.output == "True\n", freed.error


# --- honest programs ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*programs.LINEAR, *programs.NONLINEAR])
def test_every_library_solves_in_confinement(library_pool: Pool, name: str) -> None:
    source = {**programs.LINEAR, **programs.NONLINEAR}[name]
    free = library_pool.submit(EXECUTE, source, 40.0, time_limit_s=60)
    confined = library_pool.submit(EXECUTE, source, 40.0, time_limit_s=60, profile=Profile.WRITTEN)
    outcome, expected = confined.result(timeout=120), free.result(timeout=60).value
    assert outcome.reason is Reason.FINISHED, outcome.error
    assert outcome.value["error"] == ""
    assert outcome.value["status"] == expected["status"] != "unknown"
    assert outcome.value["objective"] == pytest.approx(expected["objective"], rel=1e-6)


def test_outcome_tells_what_happened(pool: Pool) -> None:
    outcome = run(pool, "print('here')\nraise ValueError('no such row')")
    assert (outcome.reason, outcome.value, outcome.output) == (Reason.ERROR, None, "here\n")
    assert outcome.error.splitlines()[-1] == "ValueError: no such row"
    assert 0 < outcome.seconds < 60
    assert outcome.peak_mb > 5
    assert outcome.protections == tuple(Protection)
    assert outcome.warning == ""


def test_files_are_there_to_read(pool: Pool) -> None:
    files = {"data.csv": "a,b\n1,ü\n".encode(), "big.bin": bytes(70 << 20)}
    code = "[open('data.csv', encoding='utf-8').read(), len(open('big.bin', 'rb').read())]"
    assert evaluate(pool, code, files=files).value == ["a,b\n1,ü\n", 70 << 20]


@pytest.mark.parametrize("name", ["../x", "/x", "", ".."])
def test_file_names_are_plain(pool: Pool, name: str) -> None:
    with pytest.raises(ValueError, match="plain file name"):
        evaluate(pool, "1", files={name: b""})


def test_a_compiled_job_has_no_files_and_only_limits(pool: Pool) -> None:
    with pytest.raises(ValueError, match="no directory of its own"):
        evaluate(pool, "1", files={"x": b""}, profile=Profile.COMPILED)
    outcome = evaluate(pool, "{1, 2}", profile=Profile.COMPILED)
    assert (outcome.value, outcome.protections) == ({1, 2}, (Protection.LIMITS,))


@pytest.mark.parametrize("value", ["{1, 2}", "float('nan')", "'\\ud800'"])
def test_only_json_comes_back(pool: Pool, value: str) -> None:
    outcome = evaluate(pool, value)
    assert (outcome.reason, outcome.value) == (Reason.ERROR, None)


@pytest.mark.parametrize("data", [b"1e999", b'"\\ud800"', b"[" * 100_000, b"1" * 10_000, b""])
def test_odd_json_is_an_error(pool: Pool, data: bytes) -> None:
    body = b'{"reason": "finished", "error": ""}'
    body = len(body).to_bytes(4, "big") + body + data
    source = (
        f"import os, time; os.write(3, {len(body).to_bytes(8, 'big') + body!r}); time.sleep(99)"
    )
    outcome = run(pool, source)
    assert outcome.reason is Reason.ERROR
    assert "could not be read" in outcome.error


def test_a_job_cannot_pass_for_one_that_was_refused(pool: Pool) -> None:
    body = b'{"reason": "refused", "error": ""}'
    body = len(body).to_bytes(4, "big") + body
    source = (
        f"import os, time; os.write(3, {len(body).to_bytes(8, 'big') + body!r}); time.sleep(99)"
    )
    assert run(pool, source).reason is Reason.ERROR


# --- policy ---------------------------------------------------------------------------------------


def test_levels_are_ordered_by_what_is_missing() -> None:
    everything = set(Protection)
    assert level_of(everything) is Level.FULL
    assert level_of(everything - {Protection.TMPFS, Protection.READ_ONLY}) is Level.NO_QUOTA
    assert level_of(everything - {Protection.LANDLOCK}) is Level.PARTIAL
    assert level_of(everything - {Protection.FILTER}) is Level.NONE
    assert shortfall(everything) == refusal(everything) == ""
    assert "or the network" in shortfall(())


def test_too_little_isolation_is_refused_and_named() -> None:
    with closing(Pool(without=NO_LANDLOCK)) as pool:
        refused = evaluate(pool, "1")
        assert refused.reason is Reason.REFUSED
        assert "`partial` (missing: Landlock)" in refused.error
        assert refused.protections == ()
        outcome = evaluate(pool, "1", isolation=Isolation.BEST_EFFORT)
        assert (outcome.reason, outcome.value) == (Reason.FINISHED, 1)
        assert "missing: Landlock" in outcome.warning
        assert Protection.LANDLOCK not in outcome.protections
        assert evaluate(pool, "1", profile=Profile.COMPILED).warning == ""


@pytest.mark.parametrize(
    "attack",
    [a for a in (*FILES, *SECRETS, *NETWORK, *PROCESSES) if a.name not in AMOUNTS],
    ids=lambda attack: attack.name,
)
def test_without_namespaces_all_but_the_amounts_is_still_shut(
    lesser_pool: Pool, attack: Attack
) -> None:
    held, outcome = try_out(lesser_pool, attack)
    assert held, met(outcome)
    assert level_of(outcome.protections) is Level.NO_QUOTA


def test_without_namespaces_a_jobs_directory_goes_with_it(lesser_pool: Pool) -> None:
    source = "import os\nos.mkdir('deep')\nopen('deep/file', 'w').write('x')\nprint(os.getcwd())"
    outcome = run(lesser_pool, source)
    assert outcome.reason is Reason.FINISHED
    place = Path(outcome.output.strip())
    assert place.name == "work"
    assert not place.parent.exists()


def test_without_namespaces_jobs_at_once_do_not_share_a_limit_on_threads(lesser_pool: Pool) -> None:
    source = textwrap.dedent("""
        import threading, time
        threading.stack_size(1 << 16)
        end = threading.Event()
        threads = [threading.Thread(target=end.wait) for _ in range(100)]
        for thread in threads: thread.start()
        time.sleep(2)
        end.set()
    """)
    futures = [
        lesser_pool.submit("builtins:exec", source, {}, time_limit_s=60, profile=Profile.WRITTEN)
        for _ in range(2)
    ]
    outcomes = [future.result(timeout=120) for future in futures]
    assert [outcome.error for outcome in outcomes] == ["", ""]


# --- lifetime -------------------------------------------------------------------------------------


def test_killed_confined_side_is_reported_and_replaced(pool: Pool) -> None:
    confined_side(pool)
    server = server_of(pool)
    before = descendants(server)
    lost = pool.submit("time:sleep", 600, time_limit_s=600, profile=Profile.WRITTEN)
    kept = pool.submit("time:sleep", 1, time_limit_s=600)
    assert eventually(lambda: len(descendants(server)) == len(before) + 2)
    inside = descendants(before[0])
    os.kill(before[0], signal.SIGKILL)
    assert lost.result(timeout=60).reason is Reason.KILLED
    assert kept.result(timeout=60).reason is Reason.FINISHED
    assert eventually(lambda: not any(map(alive, inside)))
    assert evaluate(pool, "2").value == 2


def test_kill_of_the_caller_ends_confined_jobs() -> None:
    script = textwrap.dedent("""
        import sys
        from optiwright.solver_tools.pool import Pool, Profile
        pool = Pool()
        pool.submit(
            "builtins:exec", "print('up')\\nwhile True: pass", {}, time_limit_s=600,
            profile=Profile.WRITTEN, on_output=lambda text: print(text, flush=True),
        ).result()
    """)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=HERE.parent
    ) as caller:
        assert caller.stdout is not None
        assert caller.stdout.readline() == "up\n"
        # The server, what waits outside, the confined side, the job, two spares.
        assert eventually(lambda: len(descendants(caller.pid)) == 6)
        pids = descendants(caller.pid)
        caller.kill()
    assert eventually(lambda: not any(map(alive, pids)))


def test_kill_of_the_server_ends_confined_jobs_and_costs_only_those(pool: Pool) -> None:
    server = server_of(pool)
    code = "print('up', flush=True)\nwhile True: pass"
    up = threading.Event()
    lost = pool.submit(
        "builtins:exec",
        code,
        {},
        time_limit_s=600,
        profile=Profile.WRITTEN,
        on_output=lambda text: up.set(),
    )
    assert up.wait(60)
    assert eventually(lambda: len(descendants(server)) == 5)
    pids = descendants(server)
    os.kill(server, signal.SIGKILL)
    assert lost.result(timeout=60).reason is Reason.KILLED
    assert eventually(lambda: not any(map(alive, pids)))
    assert evaluate(pool, "3").value == 3


@pytest.mark.parametrize("inside", [True, False])
def test_a_side_that_hears_nothing_ends_with_its_server(inside: bool) -> None:
    with closing(Pool(without=() if inside else NO_NAMESPACES)) as pool:
        side, spares = confined_side(pool, inside=inside)
        os.kill(side, signal.SIGSTOP)
        os.kill(server_of(pool), signal.SIGKILL)
        assert eventually(lambda: not any(map(alive, [side, *spares])))


def test_cancelling_ends_a_confined_job(pool: Pool) -> None:
    side, spares = confined_side(pool)
    future = pool.submit("time:sleep", 600, time_limit_s=600, profile=Profile.WRITTEN)
    assert eventually(lambda: len(descendants(side)) == len(spares) + 1)
    assert future.cancel()
    assert eventually(lambda: len(descendants(side)) == len(spares))
    assert eventually(lambda: not alive(spares[0]))


# --- children forked ahead of need ---------------------------------------------------------------


def test_a_job_finds_a_child_ready_and_none_serves_twice(pool: Pool) -> None:
    served = []
    for _ in range(3):
        _, spares = confined_side(pool)
        waiting = {inner_pid(pid) for pid in spares}
        served.append(evaluate(pool, "__import__('os').getpid()").value)
        assert served[-1] in waiting
    assert len(set(served)) == 3


def test_a_child_that_waited_is_as_fresh_as_a_new_one() -> None:
    code = (
        "(lambda os, sys: [sorted(os.environ.items()), os.getcwd(), os.listdir('.'), sys.path,"
        " sorted(os.listdir('/proc/self/fd')), len(os.listdir('/proc/self/task')),"
        " sorted(sys.modules), os.getpriority(os.PRIO_PROCESS, 0),"
        " [line for line in open('/proc/self/limits') if 'address' not in line],"
        " open('/proc/self/mounts').read()])"
        "(__import__('os'), __import__('sys'))"
    )
    with closing(Pool(1)) as pool:
        new = evaluate(pool, code)  # nobody waits yet
        waiting = inner_pid(spare_at_rest(pool))  # before it is ready, no job is given to it
        waited = evaluate(pool, f"[__import__('os').getpid(), {code}]").value
    assert new.reason is Reason.FINISHED, new.error
    assert waited == [waiting, new.value]
    assert new.value[4] == ["0", "1", "2", "3", "4"]  # the last by listing them


def spare_at_rest(pool: Pool) -> int:
    """Returns the one child that waits, once it has done all that it does ahead."""
    for _ in range(5):
        _, (spare,) = confined_side(pool, spares=1)
        try:
            assert eventually(partial(is_at_rest, spare))
            return spare
        except FileNotFoundError:
            pass  # it ended meanwhile, and another waits now
    pytest.fail("no child is left waiting")


def test_a_job_that_finds_a_child_ready_copies_less_memory() -> None:
    source = programs.PYOMO_LP.format(asked="gurobi")
    code = (
        "import resource\nfrom optiwright.solver_tools.written_run import execute\n"
        "def copied(): return resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        f"before = copied()\nstatus = execute({source!r}, 30.0)['status']\n"
        "print(status, copied() - before)"
    )
    with closing(Pool(1)) as pool:
        counts = []
        for _ in range(3):
            status, copied = run(pool, code).output.split()[-2:]
            assert status == "optimal"
            counts.append(int(copied))
            spare_at_rest(pool)
    assert counts[-1] < 0.2 * counts[0], counts


def test_a_killed_spare_costs_no_job(pool: Pool) -> None:
    side, _ = confined_side(pool)

    def none_is_left() -> bool:
        """Kills those that wait: one may still take the place of the last job's child."""
        for pid in descendants(side):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return descendants(side) == []

    assert eventually(none_is_left)  # reaped
    time.sleep(0.2)
    assert descendants(side) == []  # and not replaced in a loop
    for _ in range(20):
        assert evaluate(pool, "40 + 2").value == 42
        for pid in descendants(side):
            with suppress(ProcessLookupError):  # a job's child may just have ended
                os.kill(pid, signal.SIGKILL)
    assert len(confined_side(pool)[1]) == 2


@pytest.mark.alone
def test_a_waiting_pool_takes_no_time(pool: Pool) -> None:
    side, spares = confined_side(pool)

    def used() -> list[list[str]]:
        return [Path(f"/proc/{p}/stat").read_text().split()[13:15] for p in (side, *spares)]

    def idle_for_a_second() -> bool:
        before = used()
        time.sleep(1)
        return used() == before

    assert eventually(idle_for_a_second, 5)  # a spare that was just made may have to settle


@pytest.mark.parametrize("inside", [True, False])
def test_spares_end_with_their_server(inside: bool) -> None:
    with closing(Pool(without=() if inside else NO_NAMESPACES)) as pool:
        side, spares = confined_side(pool, inside=inside)
        os.kill(server_of(pool), signal.SIGKILL)
        assert eventually(lambda: not any(map(alive, [side, *spares])))
        side, spares = confined_side(pool, inside=inside)
        os.kill(side, signal.SIGKILL)
        assert eventually(lambda: not any(map(alive, spares)))
        side, spares = confined_side(pool, inside=inside)
    assert not any(map(alive, [side, *spares]))


@pytest.mark.slow
@pytest.mark.alone
def test_many_jobs_leave_nothing_behind(pool: Pool) -> None:
    server = server_of(pool)

    def traces() -> tuple[object, ...]:
        side, spares = confined_side(pool)
        files = [len(os.listdir(f"/proc/{pid}/fd")) for pid in (os.getpid(), server, side)]
        mounts = [Path(f"/proc/{pid}/mounts").read_text() for pid in ("self", side)]
        folders = (tempfile.gettempdir(), "/dev/shm")
        left = [n for f in folders for n in os.listdir(f) if n.startswith("optiwright-job")]
        return side, len(spares), files, mounts, left, Path("/proc/sysvipc/shm").read_text()

    before = traces()
    memory = _resident_mb(before[0])
    sources = ["1", "1/0", "__import__('os')._exit(3)", "open('x', 'wb').write(bytes(99999))"]
    for _ in range(10):
        futures = [
            pool.submit("builtins:eval", source, {}, time_limit_s=20, profile=Profile.WRITTEN)
            for source in sources * 50
        ]
        reasons = [future.result(timeout=120).reason for future in futures]
        assert reasons == [Reason.FINISHED, Reason.ERROR, Reason.ERROR, Reason.FINISHED] * 50
    assert traces() == before
    assert _resident_mb(before[0]) < memory + 20


def _resident_mb(pid: object) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


_PIECES = (
    "x = [",
    "def f(): return f()\nf()",
    "print('y' * 2_000_000)",
    "import os; os.write(3, b'junk')",
    "import os; os.close(3)",
    "import os; os.close(1); os.close(2)",
    "import sys; sys.exit(3)",
    "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
    "import os; os.abort()",
    "import os, signal; os.kill(0, signal.SIGSTOP)",
    "while True: pass",
    "raise KeyboardInterrupt",
    "import threading; threading.Thread(target=print, args=('t',)).start()",
    "bytes(1 << 40)",
    "import threading; [threading.Thread(target=lambda: 1 / 0).start() for _ in range(9)]",
    "import ctypes; ctypes.string_at(0)",
    "import sys; sys.stdout = None",
    "x = 1",
    "print(x)",
    "import builtins; del builtins.print",
    "import sys; sys.setrecursionlimit(10**9)",
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)",
    "raise SystemExit('\\ud800')",
    "import os; os.write(3, (5).to_bytes(8, 'big') + b'12345')",
    "class E(BaseException): pass\nraise E",
    "import atexit; atexit.register(lambda: 1 / 0)",
    "import sys; sys.modules.clear()",
    "\0",
    "é = '\\0'",
)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_no_program_costs_the_server_or_raises_in_the_caller(pool: Pool, seed: int) -> None:
    draw = random.Random(seed)
    server = server_of(pool)
    futures = []
    for i in range(100):
        source = "\n".join(draw.choices(_PIECES, k=draw.randint(1, 5)))
        target, args = (EXECUTE, (source, 1.0)) if i % 2 else ("builtins:exec", (source, {}))
        futures.append(pool.submit(target, *args, time_limit_s=0.5, profile=Profile.WRITTEN))
    reasons = {future.result(timeout=120).reason for future in futures}
    assert reasons >= {Reason.FINISHED, Reason.ERROR, Reason.TIMEOUT, Reason.OUTPUT_LIMIT}
    assert Reason.REFUSED not in reasons
    assert evaluate(pool, "__import__('os').getppid()", profile=Profile.COMPILED).value == server
    assert evaluate(pool, "6 * 7").value == 42


# --- the filter -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("machine", "refused"),
    [
        ("x86_64", {41, 57, 59, 101, 165, 272, 321, 425}),
        ("aarch64", {198, 221, 117, 40, 97, 280, 425}),
    ],
)
def test_the_filter_of_either_machine(machine: str, refused: set[int]) -> None:
    """Interpreted: who runs the tests has only one of them."""
    code = program(machine, 7, Allowed(metadata=True))
    assert all(_verdict(code, machine, number) == 1 for number in refused)
    clone = {"x86_64": 56, "aarch64": 220}[machine]
    assert _verdict(code, machine, clone, 17) == 1
    assert _verdict(code, machine, clone, 0x3D0F00) == 0
    assert _verdict(code, machine, 435) == 38
    assert _verdict(code, machine, 0x40000029) == 38
    kill = {"x86_64": 62, "aarch64": 129}[machine]
    assert [_verdict(code, machine, kill, pid) for pid in (0, 7, 1, 2**32 - 1)] == [0, 0, 1, 1]
    chmod = {"x86_64": 90, "aarch64": 53}[machine]
    assert _verdict(code, machine, chmod) == 0
    assert _verdict(program(machine, 7, Allowed()), machine, chmod) == 1
    of_a_tool = program(machine, 7, Allowed(programs=True))
    execute, leave = {"x86_64": (59, 112), "aarch64": (221, 157)}[machine]
    assert [_verdict(of_a_tool, machine, number) for number in (execute, leave)] == [0, 1]
    assert [_verdict(of_a_tool, machine, clone, flags) for flags in (17, 0x10000011)] == [0, 1]
    assert [_verdict(of_a_tool, machine, kill, pid) for pid in (7, 1)] == [0, 1]
    assert all(_verdict(of_a_tool, machine, number) == 1 for number in refused - {57, 59, 221})
    alone = program(machine, 7, Allowed(programs=True, processes=True))
    assert [_verdict(alone, machine, *call) for call in ((leave,), (kill, 1))] == [0, 0]
    read = {"x86_64": 0, "aarch64": 63}[machine]
    assert _verdict(code, machine, read) == 0
    assert _verdict(code, "other", read) == "kill"


def _verdict(code: bytes, machine: str, number: int, first: int = 0) -> int | str:
    """Runs a filter on a system call; returns the error's number, 0 if it is allowed."""
    audit = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}.get(machine, 1)
    data = struct.pack("=IIQ6Q", number, audit, 0, first, 0, 0, 0, 0, 0)
    held, at = 0, 0
    while True:
        operation, yes, no, k = struct.unpack_from("HBBI", code, 8 * at)
        at += 1
        if operation == 0x20:
            (held,) = struct.unpack_from("=I", data, k)
        elif operation == 0x06:
            if k == 0x80000000:
                return "kill"
            return 0 if k == 0x7FFF0000 else k & 0xFFFF
        else:
            holds = {0x15: held == k, 0x25: held > k, 0x45: bool(held & k)}[operation]
            at += yes if holds else no


def test_contained_needs_the_expected_end() -> None:
    attack = Attack("x", "", "denied")
    assert contained(attack, Outcome(Reason.ERROR, error="denied"))
    assert not contained(attack, Outcome(Reason.ERROR, error="a slip"))
    assert not contained(attack, Outcome(Reason.ERROR, error="denied", output=ESCAPED))
    assert not contained(attack, Outcome(Reason.KILLED, error="denied"))


def test_the_documented_run_contained_every_attack() -> None:
    text = (HERE.parent / "docs" / "security.md").read_text(encoding="utf-8")
    for attack in ATTACKS:
        assert f"| {attack.name.replace('`', chr(39))} | contained |" in text
