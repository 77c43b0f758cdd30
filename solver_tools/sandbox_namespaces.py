"""Namespaces: the server's own, entered once, and the few that a confined job adds to them.

The confined server's (users, processes, network, mounts, IPC) keep all its jobs from seeing anyone
else's processes and from having a network at all. It is the first process of its own process
namespace, so whatever ends it ends every job, detached or not. A job's (users, mounts, IPC) give it
a file system in memory of its own, everything else read-only, and a count of threads that no other
job shares.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from optiwright.solver_tools import sandbox_kernel as kernel

if TYPE_CHECKING:
    from collections.abc import Callable

PLACE = "/dev/shm"
"""Where a job's own file system is mounted: there on every Linux, and no Python lies under it."""
TMPFS_BYTES = 64 << 20
TMPFS_FILES = 10_000
_SERVER = (
    kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWNS
    | kernel.CLONE_NEWIPC
)
_JOB = kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC
_SHADOW_USER = 1_909_613_000


def works(step: Callable[[], object]) -> bool:
    """Returns whether `step` succeeds, tried in a child that ends with it."""
    pid = os.fork()
    if pid == 0:
        code = 1
        with suppress(OSError):
            step()
            code = 0
        os._exit(code)
    return os.waitpid(pid, 0)[1] == 0


def take_shadow_user() -> None:
    """Gives root a real user that is nobody: the kernel exempts root from limits on threads.

    The effective user, by which files are judged, stays. A container's root that may not is not
    the machine's root, and so not exempt.
    """
    if os.geteuid() == 0:
        with suppress(OSError):
            os.setresuid(_SHADOW_USER, 0, 0)


def can_enter() -> bool:
    """Returns whether this process may have namespaces of its own."""
    return works(_leave_the_machine)


def enter() -> None:
    """Goes on as the first process in new namespaces; the caller must have a single thread."""
    _leave_the_machine()
    _be_first()


def _be_first() -> None:
    """Goes on as the first process of a process namespace that was just made.

    What is left outside waits, holds no descriptor, and ends with the same code. Killing it kills
    the inside, and the inside's end everything in there.
    """
    inner = os.fork()
    if inner:
        os.closerange(0, os.sysconf("SC_OPEN_MAX"))
        _mirror(inner)
    kernel.die_with_parent(signal.SIGKILL)
    with suppress(OSError):  # a container may hide parts of /proc; Landlock hides the rest
        kernel.mount_proc()


def _leave_the_machine() -> None:
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(_SERVER, "namespaces")
    kernel.map_to_itself(user, group)
    kernel.keep_mounts_to_oneself()


def enter_for_job(*, processes: bool = False) -> None:
    """Gives the calling child an empty file system at `PLACE` and nothing else to write to.

    Args:
        processes: it goes on as the first process of a namespace of its own, so that all that it
            starts is seen by it only and ends with it.

    Raises:
        OSError: the kernel refuses a part; the process is of no use then.
    """
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(_JOB | (kernel.CLONE_NEWPID if processes else 0), "a job's namespaces")
    kernel.map_to_itself(user, group)
    kernel.keep_mounts_to_oneself()
    if processes:
        _be_first()
    kernel.make_mounts_read_only()
    kernel.mount_tmpfs(PLACE, TMPFS_BYTES, TMPFS_FILES)


def make_room(size: int) -> None:
    """Lets the job's file system hold `size` bytes beyond what the job itself may write."""
    if size:
        kernel.mount_tmpfs(PLACE, TMPFS_BYTES + size, TMPFS_FILES, again=True)


def _mirror(child: int) -> NoReturn:
    """Waits for the child and ends as it did."""
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code < 0:
        with suppress(OSError):  # SIGKILL has no handler to take away
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)
