"""The pages of memory that a job's process will have to copy, found once and copied ahead of need.

A forked child shares its server's memory until it writes there, and Python writes wherever it looks
(it counts references). A small job spends half of its time on the copies. Which pages those are
hardly depends on the job, so a scout, a child that runs a few programs of ours, finds them;
children that wait for a job then copy them while they wait. Nothing in the pages changes by that.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import mmap
import os
import select
import signal
import sys
from typing import NoReturn

import numpy as np

from optiwright.solver_tools.pool_orphans import forget_orphans
from optiwright.solver_tools.sandbox_kernel import die_with_parent

Pages = tuple[tuple[int, int], ...]
"""Addresses, each with a length in bytes."""
_MADV_POPULATE_WRITE = 23  # Linux 5.14
_SCOUT_LIMIT_S = 60
_AT_ONCE = 50
_EXCLUSIVE = (1 << 63) | (1 << 56)  # in /proc/self/pagemap: present, and mapped by nobody else
_libc = ctypes.CDLL(None)
_PROGRAMS = (
    """
m = pyo.ConcreteModel()
m.make = pyo.Var(["chairs", "tables"], within=pyo.NonNegativeReals)
m.wood = pyo.Constraint(expr=m.make["chairs"] + 3 * m.make["tables"] <= 12)
m.gain = pyo.Objective(expr=2 * m.make["chairs"] + 5 * m.make["tables"], sense=pyo.maximize)
pyo.SolverFactory("appsi_highs").solve(m)
report(objective=pyo.value(m.gain))
""",
    """
x = cp.Variable(2, nonneg=True)
cp.Problem(cp.Maximize(2 * x[0] + 5 * x[1]), [x[0] + 3 * x[1] <= 12]).solve()
""",
    """
h = highspy.Highs()
x = [h.addVariable(lb=0) for _ in range(2)]
h.addConstr(x[0] + 3 * x[1] <= 12)
h.maximize(2 * x[0] + 5 * x[1])
""",
)


class Scout:
    """The child that finds the pages.

    Raises:
        OSError: the system has no process or descriptor left.
    """

    def __init__(self) -> None:
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
            _scout(end)
        os.close(end)

    def hear(self) -> Pages | None:
        """Reads what it says when there is something; returns the pages when that is all."""
        if data := os.read(self.fd, 1 << 20):
            self._said += data
            return None
        self.end()
        return tuple((start, size) for start, size in json.loads(self._said or b"[]"))

    def end(self) -> None:
        """Ends it, whether it has said all or not."""
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def copy_pages(pages: Pages, until_fd: int) -> None:
    """Makes the calling process the owner of its server's pages; older kernels refuse, and may.

    Stops when something comes on `until_fd`: a job that is there copies no more than it needs.
    """
    waiting = select.poll()
    waiting.register(until_fd, select.POLLIN)
    for number, (start, size) in enumerate(pages):
        if number % _AT_ONCE == 0 and waiting.poll(0):
            return
        _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), _MADV_POPULATE_WRITE)


def _scout(end: int) -> NoReturn:
    """Runs the programs and says which pages had to be copied."""
    try:
        forget_orphans()
        if sys.platform == "linux":
            die_with_parent(signal.SIGKILL)
        signal.alarm(_SCOUT_LIMIT_S)
        areas = _private_areas()
        _run_programs()
        said = json.dumps([page for area in areas for page in _copied_in(*area)]).encode()
        while said:
            said = said[os.write(end, said) :]
    finally:
        os._exit(0)


def _run_programs() -> None:
    from optiwright.solver_tools.written_run import execute  # what only children need

    with contextlib.redirect_stdout(io.StringIO()):
        for source in _PROGRAMS:
            execute(source, _SCOUT_LIMIT_S)


def _private_areas() -> list[tuple[int, int]]:
    areas = []
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        for addresses, rights, *_ in map(str.split, maps):
            if rights == "rw-p":
                start, end = (int(address, 16) for address in addresses.split("-"))
                areas.append((start, end))
    return areas


def _copied_in(start: int, end: int) -> list[tuple[int, int]]:
    """Returns the pages of an area that are this process's own, adjacent ones together."""
    size = mmap.PAGESIZE
    with open("/proc/self/pagemap", "rb") as file:
        file.seek(start // size * 8)
        entries = np.frombuffer(file.read((end - start) // size * 8), dtype=np.uint64)
    own = np.flatnonzero((entries & np.uint64(_EXCLUSIVE)) == np.uint64(_EXCLUSIVE))
    if not len(own):
        return []
    runs = np.split(own, np.flatnonzero(np.diff(own) > 1) + 1)
    return [(start + int(run[0]) * size, len(run) * size) for run in runs]
