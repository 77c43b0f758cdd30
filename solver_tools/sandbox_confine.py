"""How the forked child of a job that a language model wrote is confined.

A step that fails raises, and then nothing is run: what the server promised (`Means.protections`)
holds, or the job is refused.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import tempfile
from typing import TYPE_CHECKING

from optiwright.solver_tools import sandbox_kernel as kernel
from optiwright.solver_tools import sandbox_landlock, sandbox_namespaces, sandbox_seccomp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optiwright.solver_tools.sandbox_means import Means

_MIB = 1 << 20
_FILE_BYTES = sandbox_namespaces.TMPFS_BYTES
_DESCRIPTORS = 256
_THREADS = 128


def confine(means: Means, place: str, files: Mapping[str, memoryview], memory_mb: int) -> None:
    """Goes to the job's own directory and gives up everything else, for good.

    Args:
        means: what this machine has.
        place: an empty directory of the job's, where it cannot have a file system of its own.
        files: what the job finds in its working directory, to read.
        memory_mb: address space, MiB, beyond what this process takes already.

    Raises:
        OSError: a protection that was found to work does not.
    """
    if means.mounts:
        sandbox_namespaces.enter_for_job()
        sandbox_namespaces.make_room(sum(map(len, files.values())))
        place = sandbox_namespaces.PLACE
    work = _furnish(place, files)
    _limit(means, memory_mb)
    if sys.platform == "linux":
        _shut(means, work)


def limit_memory(memory_mb: int) -> None:
    """Limits the address space to so much beyond what the server's copy takes already."""
    _lower(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as statm:
            own = int(statm.read().split()[0]) * resource.getpagesize()
        _lower(resource.RLIMIT_AS, own + memory_mb * _MIB)


def _furnish(place: str, files: Mapping[str, memoryview]) -> str:
    """Makes the working directory; the files lie beside it, out of reach of writing."""
    work, store = os.path.join(place, "work"), os.path.join(place, "files")
    os.mkdir(work, 0o700)
    os.mkdir(store, 0o700)
    for name, data in files.items():
        path = os.path.join(store, name)
        with open(path, "wb") as file:
            file.write(data)
        os.chmod(path, 0o400)
        os.symlink(path, os.path.join(work, name))
    os.chdir(work)
    os.environ.update(HOME=work, TMPDIR=work, PWD=work)
    tempfile.tempdir = None  # found anew, here
    return work


def _limit(means: Means, memory_mb: int) -> None:
    limit_memory(memory_mb)
    _lower(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    _lower(resource.RLIMIT_FSIZE, _FILE_BYTES)
    _lower(resource.RLIMIT_MEMLOCK, 0)
    if means.mounts or os.getuid() != os.geteuid():  # else all that the user runs would count
        _lower(resource.RLIMIT_NPROC, _THREADS)


def _lower(what: int, limit: int) -> None:
    hard = resource.getrlimit(what)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(what, (limit, limit))


def _shut(means: Means, work: str) -> None:
    """Shuts the doors; each step is the last that the ones behind it leave possible."""
    kernel.die_with_parent(signal.SIGKILL)  # again: the change of credentials may have undone it
    kernel.set_no_new_privileges()
    if means.landlock:
        store = os.path.join(os.path.dirname(work), "files")
        sandbox_landlock.restrict(means.landlock, [*means.readable, store], work)
    kernel.drop_capabilities()
    if means.filter:
        sandbox_seccomp.install(metadata=means.mounts)
