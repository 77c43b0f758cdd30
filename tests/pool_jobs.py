"""Functions that the tests of the pool have it run; imported in the pool's children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import numpy as np


def greet(name: str) -> str:
    """Prints by Python, by a child process and by descriptor, on both streams."""
    sys.stdout.write(f"hello {name}\n")
    subprocess.run(["/bin/echo", "from a child"], check=True)
    os.write(2, "grüße\n".encode())
    return name.upper()


def fail() -> NoReturn:
    """Raises."""
    raise ValueError("the third row is empty")


def unpicklable() -> object:
    """Returns what cannot be pickled."""
    return lambda: None


def leave(code: int) -> NoReturn:
    """Exits without a result."""
    os._exit(code)


def ignore_sigterm(marker: str) -> NoReturn:
    """Says who it is, with a child of its own, and loops for ever deaf to SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen(["/bin/sleep", "600"])
    with open(f"{marker}.part", "w", encoding="ascii") as file:
        file.write(f"{os.getpid()} {child.pid}")
    os.replace(f"{marker}.part", marker)
    while True:
        time.sleep(0.05)


def busy_in_c() -> int:
    """Spends minutes in one call that never returns to the interpreter."""
    return sum(range(10**12))


def allocate(mb: int) -> int:
    """Takes that much memory."""
    return len(bytearray(mb << 20))


def die(number: int) -> None:
    """Sends itself a signal."""
    os.kill(os.getpid(), number)


def flood() -> NoReturn:
    """Prints without end."""
    while True:
        os.write(1, b"x" * 4096)


def scribble() -> None:
    """Writes nonsense where its answer belongs."""
    os.write(3, (8).to_bytes(8, "big") + b"\xff" * 8)
    time.sleep(60)


def answer_and_linger() -> int:
    """Returns at once, but leaves a forked child that holds all its descriptors."""
    pid = os.fork()
    if pid == 0:
        time.sleep(600)
    return pid


def double(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Returns twice the array."""
    return array * 2


def span(seconds: float) -> tuple[float, float]:
    """Returns the system's clock before and after a nap."""
    start = time.monotonic()
    time.sleep(seconds)
    return start, time.monotonic()


def surroundings() -> dict[str, Any]:
    """Returns what the job sees: environment, descriptors, modules, threads of its parent."""
    with open(f"/proc/{os.getppid()}/status", encoding="ascii") as status:
        threads = next(line for line in status if line.startswith("Threads:"))
    listed = [int(name) for name in os.listdir("/proc/self/fd")]
    descriptors = sorted(fd for fd in listed if os.path.lexists(f"/proc/self/fd/{fd}"))
    return {
        "environment": dict(os.environ),
        "descriptors": descriptors,
        "warm": {"numpy", "scipy.sparse", "highspy"} <= set(sys.modules),
        "server_threads": int(threads.split()[1]),
        "server": os.getppid(),
    }
