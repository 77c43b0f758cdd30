"""What this machine has to confine a job with: found by trying, when the confined server starts."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from optiwright.solver_tools import sandbox_landlock, sandbox_namespaces, sandbox_paths
from optiwright.solver_tools.sandbox_kernel import KNOWN_MACHINES, MACHINE, set_no_new_privileges
from optiwright.solver_tools.sandbox_policy import Protection
from optiwright.solver_tools.sandbox_seccomp import Allowed, install, program

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True)
class Means:
    """What was found to work; a job for which any of it then fails does not run."""

    namespaces: bool = False
    mounts: bool = False
    """A job can have a tmpfs of its own and everything else read-only."""
    processes: bool = False
    """A job can be alone with the processes that it starts."""
    landlock: int = 0
    """The kernel's version of it; 0 for none."""
    filter: bool = False
    readable: tuple[str, ...] = ()
    """Paths that a job may read beyond the system's own."""

    @property
    def protections(self) -> tuple[Protection, ...]:
        """What protects from a job that a language model wrote."""
        confined = sys.platform == "linux"
        active = {
            Protection.LIMITS: True,
            Protection.NO_PRIVILEGES: confined,
            Protection.FILTER: self.filter,
            Protection.LANDLOCK: bool(self.landlock),
            Protection.NAMESPACES: self.namespaces,
            Protection.TMPFS: self.mounts,
            Protection.READ_ONLY: self.mounts,
        }
        return tuple(name for name, holds in active.items() if holds)


def find_means(without: Collection[str]) -> Means:
    """Enters namespaces of its own if it may, and tries what else there is.

    Args:
        without: protections to do without, as on a machine that lacks them.
    """
    readable = tuple(sandbox_paths.python_paths())
    if sys.platform != "linux":
        return Means(readable=readable)
    sandbox_namespaces.take_shadow_user()
    namespaces = Protection.NAMESPACES not in without and sandbox_namespaces.can_enter()
    if namespaces:
        sandbox_namespaces.enter()
    mounts = namespaces and Protection.TMPFS not in without
    enter_for_job = sandbox_namespaces.enter_for_job
    return Means(
        namespaces=namespaces,
        mounts=mounts and sandbox_namespaces.works(enter_for_job),
        processes=mounts and sandbox_namespaces.works(partial(enter_for_job, processes=True)),
        landlock=_landlock() if Protection.LANDLOCK not in without else 0,
        filter=Protection.FILTER not in without and _filter(),
        readable=readable,
    )


def _landlock() -> int:
    if not sandbox_namespaces.works(sandbox_landlock.version):
        return 0
    known = sandbox_landlock.version()

    def restrict() -> None:
        set_no_new_privileges()
        sandbox_landlock.restrict(sandbox_landlock.make_rules(known, []))

    return known if sandbox_namespaces.works(restrict) else 0


def _filter() -> bool:
    def restrict() -> None:
        set_no_new_privileges()
        install(program(MACHINE, os.getpid(), Allowed()))

    return MACHINE in KNOWN_MACHINES and sandbox_namespaces.works(restrict)
