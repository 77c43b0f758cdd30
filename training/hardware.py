"""What a run computes on: cores, memory, GPUs.

torch is imported where it is needed, never with this module.
"""

from __future__ import annotations

import os
import platform
import resource


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def memory_gb() -> float:
    """Return the memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def hardware() -> str:
    """Return what is computed on, in words."""
    import torch

    if torch.cuda.is_available():
        count = torch.cuda.device_count()
        return f"{count} x {torch.cuda.get_device_name(0)}"
    cores = usable_cores()
    return f"{cores} core{'s' * (cores != 1)}, {platform.machine()}"


def peak_memory_gb() -> float:
    """Return the most memory that this process had: of the GPU where there is one."""
    import torch

    if torch.cuda.is_available():
        return float(torch.cuda.max_memory_allocated()) / 1e9
    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9
