"""Who runs in the sandbox, what may protect, how much that is worth, and when it is too little."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


class Isolation(StrEnum):
    """What to do below the level that stops file writes and the network."""

    REQUIRED = "required"
    """Refuse, and say what is missing."""
    BEST_EFFORT = "best-effort"
    """Run, and warn."""


class Profile(StrEnum):
    """Whose code a job runs."""

    WRITTEN = "written"
    """A model's: all the confinement; its answer comes back as JSON."""
    COMPILED = "compiled"
    """Ours, on a compiled model: limits only; its answer may be pickled."""
    TOOL = "tool"
    """A trusted tool's, as a planner's or a user's simulator: it may start programs and processes,
    which end with it; everything else is as for WRITTEN."""


class Protection(StrEnum):
    """One thing that stands between a job and the machine."""

    LIMITS = "limits"
    """Time, memory, output, size of files; the whole group is killed at the end."""
    NO_PRIVILEGES = "no privileges"
    """No capabilities, and no way to gain any."""
    FILTER = "system call filter"
    """seccomp: no sockets, no signals to others, no fork and exec but for a TOOL."""
    LANDLOCK = "Landlock"
    """Reads the system and Python only, writes its own directory only."""
    NAMESPACES = "namespaces"
    """Users, processes, network, mounts and IPC of their own: no one else is there."""
    TMPFS = "private tmpfs"
    """The job's directory is a file system in memory with a size, gone with the job."""
    READ_ONLY = "read-only mounts"
    """Everything else that is mounted is read-only."""


class Level(StrEnum):
    """What the active protections add up to, from best to worst."""

    FULL = "full"
    """Everything in the table of docs/security.md is contained."""
    NO_QUOTA = "no disk quota"
    """Without namespaces: all but the amount of disk that a job's own directory may take."""
    PARTIAL = "partial"
    """Without Landlock: no network, no processes, no signals, but the user's files are open."""
    NONE = "none"
    """Limits at most: code that may do harm is not held back."""


STOPS_WRITES_AND_NETWORK = frozenset({Level.FULL, Level.NO_QUOTA})
_BASE = {Protection.LIMITS, Protection.NO_PRIVILEGES, Protection.FILTER}


def level_of(active: Collection[Protection | str]) -> Level:
    """Returns what these protections are worth together; total over all of their sets."""
    if not set(active) >= _BASE:
        return Level.NONE
    if Protection.LANDLOCK not in active:
        return Level.PARTIAL
    return Level.FULL if set(active) >= set(Protection) else Level.NO_QUOTA


def shortfall(active: Collection[Protection | str]) -> str:
    """Returns a sentence on what is missing for untrusted code, empty if nothing is."""
    level = level_of(active)
    if level in STOPS_WRITES_AND_NETWORK:
        return ""
    missing = ", ".join(name for name in Protection if name not in active)
    return (
        f"The isolation on this machine is `{level}` (missing: {missing}), "
        "which does not keep a program from the user's files"
        + (" or the network." if level is Level.NONE else ".")
    )


def refusal(active: Collection[Protection | str]) -> str:
    """Returns why a job under isolation "required" does not run, empty if it may."""
    sentence = shortfall(active)
    return sentence and (
        f"{sentence} Nothing was run, as the isolation `required` asks. Use Linux 5.13 or "
        "later with Landlock, as in the container of docs/security.md, or accept the risk by the "
        "isolation `best-effort`."
    )
