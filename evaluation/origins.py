"""How a run's problems and model were named, so that a report can show a command to copy.

None of it is a setting of the run: the same problems under another path are the same run.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from optiwright.agent.choose_model import HUB
from optiwright.agent.errors import shown_address
from optiwright.evaluation.catalogue import is_known, prescribed_folder
from optiwright.evaluation.problems import Plain

ORIGIN = "origin.json"


class Origin(Plain):
    """What a command names: paths are absolute, so that it can be run from anywhere."""

    benchmark: str
    """A benchmark's name, or the path of a file or folder of the user's own."""
    data: str | None = None
    """The folder of the benchmarks' files, where one is prescribed."""
    model: str | None = None
    """The file of an embedded model of the user's own; others are called by their name."""
    base_url: str | None = None
    """The server's address, where one was given; without user, password and query."""


def origin_of(benchmark: str, data: Path | None, model: str | None, base_url: str | None) -> Origin:
    """Return how an evaluation's arguments are said again from any folder."""
    known = is_known(benchmark)
    folder = prescribed_folder(data) if known else None
    return Origin(
        benchmark=benchmark if known else str(Path(benchmark).resolve()),
        data=str(folder.resolve()) if folder is not None else None,
        model=_model_file(model or os.environ.get("OPTIWRIGHT_MODEL", "")),
        base_url=shown_address(base_url) if base_url else None,
    )


def _model_file(model: str) -> str | None:
    if model.startswith(HUB):
        return model
    return str(Path(model).expanduser().resolve()) if model.endswith(".gguf") else None


def read_origin(folder: Path) -> Origin | None:
    """Return how a run was last named; None for a run that did not keep it."""
    try:
        return Origin.model_validate_json((folder / ORIGIN).read_bytes())
    except (OSError, ValidationError):
        return None
