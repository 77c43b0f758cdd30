"""Where files lie: models, replies and server files in the cache, records in the data folder."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APP = "optiwright"


def cache_dir() -> Path:
    """The folder of what can be had again; `OPTIWRIGHT_CACHE_DIR` overrides it."""
    given = os.environ.get("OPTIWRIGHT_CACHE_DIR")
    return Path(given) if given else Path(platformdirs.user_cache_dir(APP, appauthor=False))


def data_dir() -> Path:
    """The folder of sessions and records; `OPTIWRIGHT_DATA_DIR` overrides it."""
    given = os.environ.get("OPTIWRIGHT_DATA_DIR")
    return Path(given) if given else Path(platformdirs.user_data_dir(APP, appauthor=False))


def model_dir() -> Path:
    """The folder of model files; `OPTIWRIGHT_MODEL_DIR` overrides it."""
    given = os.environ.get("OPTIWRIGHT_MODEL_DIR")
    return Path(given) if given else cache_dir() / "models"


def reply_cache_file() -> Path:
    """The SQLite file of remembered replies."""
    return cache_dir() / "replies.sqlite"


def model_server_dir() -> Path:
    """The folder of the embedded model's server: lock, state, log and saved prefixes."""
    return cache_dir() / "model-server"


def sessions_dir() -> Path:
    """The folder of sessions and their checkpoints."""
    return data_dir() / "sessions"


def records_dir() -> Path:
    """The folder of run records."""
    return data_dir() / "runs"


def tuned_dir() -> Path:
    """The folder of models that were tuned here, where no other was named."""
    return data_dir() / "tuned"


def private_dir(path: Path) -> Path:
    """Make the folder `path`, where it is missing, for this user alone; returns it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    return path
