"""What of the code decides an evaluation's outcome, as one hash."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

_PACKAGE = Path(str(files("optiwright")))
_ROOMS = ("agent", "evaluation", "formulators", "prompts", "solver_tools")
_KINDS = (".py", ".md")


@cache
def code_hash() -> str:
    """Return the SHA-256 of the sources and prompts that answer problems and score answers.

    The package's version stays the same from commit to commit; this does not.
    """
    whole = hashlib.sha256()
    for room in _ROOMS:
        for path in sorted((_PACKAGE / room).rglob("*")):
            if path.suffix in _KINDS and path.is_file():
                whole.update(f"{room}/{path.relative_to(_PACKAGE / room)}\0".encode())
                whole.update(path.read_bytes())
    return whole.hexdigest()
