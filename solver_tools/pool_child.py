"""What happens in the forked child of one job: set up, confine, call, answer, exit.

The child may use all that its server has imported, and nothing else of the server's. It may be
forked before there is a job for it (`pool_spares`); then it has itself ready and waits.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import pickle
import signal
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, NoReturn

from optiwright.solver_tools.pool_orphans import forget_orphans
from optiwright.solver_tools.pool_protocol import (
    ANSWER_PREFIX,
    SEALED,
    Answer,
    Job,
    Reason,
    encode,
    pack,
    read_job,
)
from optiwright.solver_tools.sandbox_confine import Prepared, limit_memory, prepare
from optiwright.solver_tools.sandbox_policy import Profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from optiwright.solver_tools.sandbox_means import Means

_ANSWER_FD = 3
FREE_FD = 10
"""The first descriptor that no child puts anything of its own at."""
_PATIENCE_S = 60.0
_TRACEBACK_LINES = 12
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Post:
    """Where a child works: who forked it, its ends of the pipes, what is to confine it."""

    parent: int
    answer_fd: int
    output_fd: int
    means: Means
    waiting_fds: tuple[int, ...] = ()
    """What it needs until its job is there; from `FREE_FD` on."""


def serve_job(post: Post, profile: Profile, job: Callable[[], tuple[str, bytearray]]) -> NoReturn:
    """Runs in the forked child: sets it up, calls the function, writes the answer, exits.

    Args:
        post: where it works.
        profile: whose code the job is.
        job: waits for the job; returns an empty directory for it (which matters where it can have
            no file system of its own) and the body of its frame.
    """
    code = 1
    try:
        _settle_in(post)
        ours = profile is Profile.COMPILED
        prepared = None if ours else prepare(post.means, profile)
        _obey(prepared, *job())
        if profile is Profile.WRITTEN:
            _rest()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)  # nothing of the server's loop may run here


def _settle_in(post: Post) -> None:
    """A session of its own, output to the server, no descriptor of the server's left open."""
    os.setsid()
    forget_orphans()
    if sys.platform == "linux":
        # Safe here though not for the server: the parent's only thread ends with the parent.
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != post.parent:  # it ended before it was to take this child with it
        os._exit(1)
    os.dup2(post.output_fd, 1)
    os.dup2(post.output_fd, 2)
    os.dup2(post.answer_fd, _ANSWER_FD, inheritable=False)
    kept = sorted({_ANSWER_FD, *post.waiting_fds, os.sysconf("SC_OPEN_MAX")})
    for low, high in pairwise(kept):
        os.closerange(low + 1, high)


def _obey(prepared: Prepared | None, place: str, body: bytearray) -> None:
    """Does the job and writes its answer."""
    job, arguments, files = read_job(body)
    if prepared is None:
        limit_memory(job.memory_mb)
    else:
        prepared.confine(place, files, job.memory_mb)
    _write_all(_ANSWER_FD, SEALED)
    answer = pack(*_call(job, arguments))
    _flush_output()
    for part in (ANSWER_PREFIX.pack(sum(map(len, answer))), *answer):
        _write_all(_ANSWER_FD, part)


def _rest() -> NoReturn:
    """Waits for the server, which has the answer, to look at this process and kill it."""
    while True:
        time.sleep(_PATIENCE_S)


def _call(job: Job, arguments: memoryview) -> tuple[Answer, bytes]:
    try:
        module, _, name = job.function.partition(":")
        function = attrgetter(name)(importlib.import_module(module))
        value = encode(function(*pickle.loads(arguments)), job.encoding)
    except MemoryError:
        return Answer(Reason.MEMORY, f"The job needed more than its {job.memory_mb} MB."), b""
    except BaseException:  # SystemExit too: whatever the job raises is data
        lines = traceback.format_exc().rstrip().splitlines()[-_TRACEBACK_LINES:]
        return Answer(Reason.ERROR, "\n".join(lines)), b""
    return Answer(Reason.FINISHED), value


def _flush_output() -> None:
    with suppress(OSError, ValueError):  # the job may have closed them
        sys.stdout.flush()
        sys.stderr.flush()
    _libc.fflush(None)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
