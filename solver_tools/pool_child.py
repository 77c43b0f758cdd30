"""What happens in the forked child of one job: set up, confine, call, answer, exit.

The child may use all that its server has imported, and nothing else of the server's.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import pickle
import signal
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, NoReturn

from optiwright.solver_tools.pool_protocol import (
    ANSWER_PREFIX,
    SEALED,
    Answer,
    Job,
    Reason,
    encode,
    pack,
)
from optiwright.solver_tools.sandbox_confine import confine, limit_memory
from optiwright.solver_tools.sandbox_policy import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optiwright.solver_tools.sandbox_means import Means

_ANSWER_FD = 3
_TRACEBACK_LINES = 12
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Post:
    """Where a child works: its ends of the pipes, and what confines it if that is asked for."""

    answer_fd: int
    output_fd: int
    means: Means
    place: str
    """An empty directory of the job's, if the machine cannot give it a file system of its own."""


def run_job(
    job: Job, arguments: memoryview, files: Mapping[str, memoryview], post: Post
) -> NoReturn:
    """Runs in the forked child: sets it up, calls the function, writes the answer, exits."""
    code = 1
    try:
        _settle_in(post)
        if job.profile is Profile.WRITTEN:
            confine(post.means, post.place, files, job.memory_mb)
        else:
            limit_memory(job.memory_mb)
        _write_all(_ANSWER_FD, SEALED)
        answer = pack(*_call(job, arguments))
        _flush_output()
        for part in (ANSWER_PREFIX.pack(sum(map(len, answer))), *answer):
            _write_all(_ANSWER_FD, part)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)  # nothing of the server's loop may run here


def _settle_in(post: Post) -> None:
    """A session of its own, output to the server, no descriptor of the server's left open."""
    os.setsid()
    if sys.platform == "linux":
        # Safe here though not for the server: the parent's only thread ends with the parent.
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.dup2(post.output_fd, 1)
    os.dup2(post.output_fd, 2)
    os.dup2(post.answer_fd, _ANSWER_FD, inheritable=False)
    os.closerange(_ANSWER_FD + 1, os.sysconf("SC_OPEN_MAX"))


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
