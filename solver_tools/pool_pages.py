"""The pages of memory that a job's process will need, fetched ahead of need.

A forked child shares its server's memory until it writes there, and Python writes wherever it looks
(it counts references); of the libraries' code it has nothing before it runs it. A small job spends
half of its time on copying the one and finding the other. A scout tells which pages those are
(`pool_scout`); children that wait for a job fetch them while they wait. Nothing in the pages
changes by that.
"""

from __future__ import annotations

import ctypes
import select
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Ranges = list[tuple[int, int]]
"""Addresses, each with a length in bytes."""
_FIND, _COPY = 22, 23  # MADV_POPULATE_READ and _WRITE, Linux 5.14; older kernels refuse, and may
_PROCESS_MADVISE, _SELF = 440, -10_001  # for these two, and by that name, Linux 6.14
_AT_ONCE = 64
_PATIENCE_MS = 20
_RANGE = struct.Struct("QQ")
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class _Request:
    """A few ranges, and what the kernel is to do for them."""

    advice: int
    ranges: tuple[tuple[int, int], ...]
    packed: bytes

    def make(self) -> None:
        """Makes it for the calling process: by one call, or one a range."""
        count = ctypes.c_size_t(len(self.ranges))
        call = (ctypes.c_long(_PROCESS_MADVISE), ctypes.c_int(_SELF), self.packed, count)
        if _libc.syscall(*call, ctypes.c_int(self.advice), ctypes.c_uint(0)) < 0:
            for start, size in self.ranges:
                _libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(size), self.advice)


class Pages:
    """What to fetch, in turns: pages to copy and pages to find, each.

    The first turn is taken at once, another when no job has come for a moment.
    """

    def __init__(self, turns: Sequence[tuple[Ranges, Ranges]]) -> None:
        self._turns = tuple(
            (*_requests(_FIND, found), *_requests(_COPY, copied)) for copied, found in turns
        )

    def fetch(self, until_fd: int) -> None:
        """Fetches them for the calling process; stops when something comes on `until_fd`.

        A job that is there fetches no more than it needs.
        """
        waiting = select.poll()
        waiting.register(until_fd, select.POLLIN)
        for turn, requests in enumerate(self._turns):
            if waiting.poll(_PATIENCE_MS if turn else 0):
                return
            for request in requests:
                request.make()
                if waiting.poll(0):
                    return


def _requests(advice: int, ranges: Ranges) -> Iterator[_Request]:
    for first in range(0, len(ranges), _AT_ONCE):
        some = tuple(ranges[first : first + _AT_ONCE])
        yield _Request(advice, some, b"".join(_RANGE.pack(*each) for each in some))
