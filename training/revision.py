"""Which code it was: the package's version, and the commit where it lies in a checkout."""

from __future__ import annotations

import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]


def code_revision() -> str:
    """Return such as `optiwright 0.1.0, commit 1a2b3c4d5e6f`, with `+ changes` if there are any."""
    try:
        named = f"optiwright {version('optiwright')}"
    except PackageNotFoundError:
        named = "optiwright"
    if not (_ROOT / ".git").exists():
        return named
    commit = _git("rev-parse", "--short=12", "HEAD")
    if not commit:
        return named
    changed = " + changes" if _git("status", "--porcelain", "--untracked-files=no") else ""
    return f"{named}, commit {commit}{changed}"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(_ROOT), *arguments],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
