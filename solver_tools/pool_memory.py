"""How the server's memory lies, so that a fork of it costs less.

A fork passes memory on page by page, and a child copies each page that it writes. Two things make
both dearer than they need be. glibc's `malloc` fills the holes that imports left between blocks,
and so a child writes on another page for nearly every block that it takes: filled ahead, it takes
fresh memory instead. And 512 pages that lie in one huge page are passed on at once, until the child
writes there: the kernel gathers them when asked (Linux 6.1).

Neither changes what the memory holds, and where the system lacks either, nothing is done.
"""

from __future__ import annotations

import ctypes
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HUGE = 2 << 20
_MADV_COLLAPSE = 25  # Linux 6.1
_BLOCKS = (*(1 << power for power in range(16, 10, -1)), *range(1024, 16, -16))
"""Sizes of blocks in bytes, down to the smallest."""
_MOST_BLOCKS = 200_000
_libc = ctypes.CDLL(None)


class _Mallinfo(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


def areas() -> Iterator[tuple[int, int, str, str]]:
    """Yields start, end, rights and file (empty for none) of all that this process has mapped."""
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        for line in maps:
            addresses, rights, _, _, _, *name = line.split(maxsplit=5)
            start, end = (int(address, 16) for address in addresses.split("-"))
            yield start, end, rights, "".join(name).strip()


def fill_holes() -> None:
    """Takes every block that `malloc` has free between others, for good; glibc alone (2.33)."""
    if sys.platform != "linux" or not hasattr(_libc, "mallinfo2"):
        return
    malloc, free, sbrk, mallinfo = _libc.malloc, _libc.free, _libc.sbrk, _libc.mallinfo2
    malloc.restype = sbrk.restype = ctypes.c_void_p
    malloc.argtypes, free.argtypes = (ctypes.c_size_t,), (ctypes.c_void_p,)
    mallinfo.restype = _Mallinfo
    top = sbrk(0) - mallinfo().keepcost
    left = _MOST_BLOCKS
    for size in _BLOCKS:
        while (block := malloc(size)) and block < top and left:
            left -= 1
        free(block)  # the first that fills no hole


def gather_pages() -> None:
    """Has the kernel lay the process's own memory in huge pages, where it can."""
    if sys.platform != "linux":
        return
    for start, end, rights, name in list(areas()):
        if rights == "rw-p" and name in ("", "[heap]"):
            for place in range(-(-start // _HUGE) * _HUGE, end // _HUGE * _HUGE, _HUGE):
                _libc.madvise(ctypes.c_void_p(place), ctypes.c_size_t(_HUGE), _MADV_COLLAPSE)
