"""Scouts: children that run a few programs of ours and tell the server what it can do ahead.

The first finds out whether the programs can be rehearsed (`pool_rehearsal`) without harm, the
second, when they have been, which pages of memory a job's process then still has to copy, and which
to find. That hardly depends on the job.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from optiwright.solver_tools.pool_memory import areas
from optiwright.solver_tools.pool_orphans import forget_orphans
from optiwright.solver_tools.pool_pages import Ranges
from optiwright.solver_tools.pool_rehearsal import PROGRAMS, perform
from optiwright.solver_tools.sandbox_kernel import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    _Numbers = np.ndarray[Any, np.dtype[np.int64]]

_LIMIT_S = 20
_CHUNK = 1 << 20
_OWN = (1 << 63) | (1 << 56)  # in /proc/self/pagemap: present, and mapped by nobody else
_OF_A_FILE = (1 << 63) | (1 << 61)


class Scout:
    """A child that does a task and says what it found, as JSON; nothing where that fails.

    Raises:
        OSError: the system has no process or descriptor left.
    """

    def __init__(self, task: Callable[[], Any]) -> None:
        self.fd, end = os.pipe()
        """Where it says what it found."""
        self._said = b""
        try:
            self.pid = os.fork()
        except OSError:
            os.close(self.fd)
            os.close(end)
            raise
        if self.pid == 0:
            _do(task, end)
        os.close(end)

    def hear(self) -> bool:
        """Reads what it says when there is something; returns whether that was all."""
        data = os.read(self.fd, _CHUNK)
        self._said += data
        return not data

    def end(self) -> Any:
        """Ends it, whether it has said all or not; returns what it said, None for nothing."""
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return json.loads(self._said) if self._said else None


def _do(task: Callable[[], Any], end: int) -> NoReturn:
    try:
        forget_orphans()
        if sys.platform == "linux":
            die_with_parent(signal.SIGKILL)
        signal.alarm(_LIMIT_S)
        _write_all(end, json.dumps(task()).encode())
    finally:
        os._exit(0)


def find_pages() -> list[tuple[Ranges, Ranges]]:
    """Runs each program in a child; returns the pages that were copied there, and those found.

    First of them those of several programs, then those of one.
    """
    copied, found = (_counted(sets) for sets in zip(*map(_pages_of, PROGRAMS), strict=True))
    return list(zip(copied, found, strict=True))


def _counted(sets: Sequence[_Numbers]) -> tuple[Ranges, Ranges]:
    """Returns the pages that are in several of the sets, and those in one."""
    pages, count = np.unique(np.concatenate(sets), return_counts=True)
    return _ranges(pages[count > 1]), _ranges(pages[count == 1])


def _pages_of(source: str) -> list[_Numbers]:
    """Returns the numbers of the pages that a program has copied, and of those it has found."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        _do(lambda: _run_and_look(source), writer)
    os.close(writer)
    with open(reader, "rb") as file:
        said = json.load(file)
    os.waitpid(pid, 0)
    return [np.array(numbers, dtype=np.int64) for numbers in said]


def _run_and_look(source: str) -> list[list[int]]:
    mapped = list(areas())
    perform(source)
    kinds = ((("rw-p",), _OWN), (("r-xp", "r--p"), _OF_A_FILE))
    return [
        _marked([area[:2] for area in mapped if area[2] in rights], marks)
        for rights, marks in kinds
    ]


def _marked(places: Sequence[tuple[int, int]], marks: int) -> list[int]:
    """Returns the numbers of the pages in these places whose entries bear the marks."""
    size, numbers = mmap.PAGESIZE, list[int]()
    with open("/proc/self/pagemap", "rb") as file:
        for start, end in places:
            file.seek(start // size * 8)
            entries = np.frombuffer(file.read((end - start) // size * 8), dtype=np.uint64)
            bear = (entries & np.uint64(marks)) == np.uint64(marks)
            numbers += (np.flatnonzero(bear) + start // size).tolist()
    return numbers


def _ranges(pages: _Numbers) -> Ranges:
    """Returns sorted numbers of pages as ranges, adjacent ones together."""
    runs = np.split(pages, np.flatnonzero(np.diff(pages) > 1) + 1) if len(pages) else []
    return [(int(run[0]) * mmap.PAGESIZE, len(run) * mmap.PAGESIZE) for run in runs]


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
