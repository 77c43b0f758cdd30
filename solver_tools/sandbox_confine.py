"""How the forked child of a job that is not our own code is confined.

`prepare` does what needs no knowledge of the job, which is most of the work; `Prepared.confine`
puts the job's files there and shuts every door. A step that fails raises, and then nothing is run:
what the server promised (`Means.protections`) holds, or the job is refused.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optiwright.solver_tools import sandbox_kernel as kernel
from optiwright.solver_tools import (
    sandbox_landlock,
    sandbox_namespaces,
    sandbox_seccomp,
    sandbox_threads,
)
from optiwright.solver_tools.sandbox_policy import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optiwright.solver_tools.sandbox_means import Means

_MIB = 1 << 20
_FILE_BYTES = sandbox_namespaces.TMPFS_BYTES
_DESCRIPTORS = 256


@dataclass(frozen=True)
class Prepared:
    """A child with everything at hand that will confine it; it can still do as it likes."""

    means: Means
    rules: int
    """Landlock's, in a descriptor; -1 if there are none."""
    filter: bytes
    store: str
    """Where its files will lie, if it has a file system of its own and works there already."""

    def confine(self, place: str, files: Mapping[str, memoryview], memory_mb: int) -> None:
        """Gives the job its files and gives up everything else, for good.

        Args:
            place: an empty directory of the job's, where it has no file system of its own.
            files: what the job finds in its working directory, to read.
            memory_mb: address space, MiB, beyond what this process takes already.

        Raises:
            OSError: a protection that was found to work does not.
        """
        if self.means.mounts:
            sandbox_namespaces.make_room(sum(map(len, files.values())))
        _lay_out(files, self.store or _move_to(place, self.means, self.rules))
        _lower(resource.RLIMIT_FSIZE, _FILE_BYTES)  # which the files given may exceed
        limit_memory(memory_mb)
        if sys.platform == "linux":
            self._shut()

    def _shut(self) -> None:
        """Shuts the doors; each step is the last that the ones behind it leave possible."""
        if self.means.landlock:
            sandbox_landlock.restrict(self.rules)
        kernel.drop_capabilities()
        sandbox_threads.limit(alone=self.means.mounts)
        kernel.die_with_parent(signal.SIGKILL)  # again: the change of credentials undid it
        if self.means.filter:
            sandbox_seccomp.install(self.filter)


def prepare(means: Means, profile: Profile) -> Prepared:
    """Has the calling child ready to be confined.

    Raises:
        OSError: a protection that was found to work does not.
    """
    tool = profile is Profile.TOOL
    alone = tool and means.processes
    if means.mounts:
        sandbox_namespaces.enter_for_job(processes=alone)
        kernel.die_with_parent(signal.SIGKILL)  # again: the change of credentials undid it
    # Under a /proc of its own there is nothing but what the job itself has started.
    sees_only_itself = alone and os.readlink("/proc/self") == str(os.getpid())
    readable = (*means.readable, "/proc") if sees_only_itself else means.readable
    rules = sandbox_landlock.make_rules(means.landlock, readable) if means.landlock else -1
    code = b""
    if means.filter:
        allowed = sandbox_seccomp.Allowed(means.mounts, programs=tool, processes=alone)
        code = sandbox_seccomp.program(kernel.MACHINE, os.getpid(), allowed)
    store = _move_to(sandbox_namespaces.PLACE, means, rules) if means.mounts else ""
    _lower(resource.RLIMIT_NOFILE, _DESCRIPTORS)
    _lower(resource.RLIMIT_MEMLOCK, 0)
    if sys.platform == "linux":
        kernel.set_no_new_privileges()
        kernel.drop_ways_to_privileges()
    return Prepared(means, rules, code, store)


def limit_memory(memory_mb: int) -> None:
    """Limits the address space to so much beyond what the server's copy takes already."""
    _lower(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        with open("/proc/self/statm", "rb", buffering=0) as statm:
            own = int(statm.read().split()[0]) * resource.getpagesize()
        _lower(resource.RLIMIT_AS, own + memory_mb * _MIB)


def _move_to(place: str, means: Means, rules: int) -> str:
    """Goes to a working directory, and makes one beside it for files, out of reach of writing.

    Returns the latter.
    """
    work, store = os.path.join(place, "work"), os.path.join(place, "files")
    os.mkdir(work, 0o700)
    os.mkdir(store, 0o700)
    os.chdir(work)
    for name in ("HOME", "TMPDIR", "PWD"):  # one by one: `update` asks what a mapping is, 1 ms
        os.environ[name] = work
    tempfile.tempdir = None  # found anew, here
    if means.landlock:
        sandbox_landlock.open_own(means.landlock, rules, readable=store, own=work)
    return store


def _lay_out(files: Mapping[str, memoryview], store: str) -> None:
    """Puts files into the store, and links to them into the working directory."""
    for name, data in files.items():
        path = os.path.join(store, name)
        with open(path, "wb") as file:
            file.write(data)
        os.chmod(path, 0o400)
        os.symlink(path, name)


def _lower(what: int, limit: int) -> None:
    hard = resource.getrlimit(what)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(what, (limit, limit))
