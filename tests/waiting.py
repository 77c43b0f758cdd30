"""Other processes: those below one, and waiting for what they bring about and tell nobody of."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path


def eventually(condition: Callable[[], object], seconds: float = 30) -> bool:
    """Whether a condition comes true within so many seconds; asked a hundred times a second."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def descendants(pid: int) -> list[int]:
    """Returns the processes below one, parents before their children; Linux."""
    try:
        tasks = [task / "children" for task in Path(f"/proc/{pid}/task").iterdir()]
        own = [int(word) for task in tasks for word in task.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [*own, *(deeper for child in own for deeper in descendants(child))]
