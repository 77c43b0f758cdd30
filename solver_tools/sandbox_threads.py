"""How many threads and processes a confined job may start, whoever its user is.

The kernel's limit holds for all threads of a user together. Where a job has a user namespace of its
own they are counted alone; elsewhere other jobs and the user's other programs count too, some of
which nobody else sees (those in containers). So there the kernel is asked where its count stands,
by trying, and the job may go a good deal beyond that, since others may start threads meanwhile.

What it guards: that a job takes all the threads that the machine or its user has. What it does not,
without a user namespace: that they are `ALONE`, as it may have `SHARED`, and as many more as others
end meanwhile. Root is exempt while it has capabilities: `limit` comes after they are dropped, and
after the change of user in `sandbox_namespaces.take_shadow_user`.
"""

from __future__ import annotations

import resource
import threading

ALONE = 128
"""Threads and processes of a job that is counted apart from all others."""
SHARED = 512
"""The same beyond those that its user has already, where all are counted together."""
_FIRST_TRY = 64


def limit(*, alone: bool) -> None:
    """Limits the calling process, which has one thread; `alone` says how it is counted."""
    hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    most = 1 << 30 if hard == resource.RLIM_INFINITY else hard
    wanted = min(most, ALONE if alone else _least_that_lets_one_start(most) + SHARED - 1)
    resource.setrlimit(resource.RLIMIT_NPROC, (wanted, wanted))


def _least_that_lets_one_start(most: int) -> int:
    """Returns the least limit under which a thread can be started, or `most` if none is."""
    low, high = 0, _FIRST_TRY
    while high < most and not _lets_one_start(high):
        low, high = high, 2 * high
    high = min(high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _lets_one_start(middle) else (middle, high)
    return high


def _lets_one_start(soft: int) -> bool:
    resource.setrlimit(resource.RLIMIT_NPROC, (soft, resource.getrlimit(resource.RLIMIT_NPROC)[1]))
    thread = threading.Thread(target=int)
    try:
        thread.start()
    except RuntimeError:
        return False
    thread.join()
    return True
