"""Checkpoints that are there whole or not at all.

One is written beside its place, each file is put to disk and summed, and only then does it get its
name: a kill at any moment leaves the one before. A sum that does not hold, from a disk that lost
something, has a checkpoint passed over.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optiwright.formulators.errors import UserError
from optiwright.training.whole_files import sha256_of, to_disk, write_whole

SUMS = "sums.json"
_PREFIX = "checkpoint-"
_STAGING = "writing-"


@dataclass(frozen=True)
class Found:
    """The newest whole checkpoint, and the broken ones that were passed over."""

    path: Path | None
    broken: tuple[Path, ...] = ()

    @property
    def step(self) -> int:
        """After how many steps it was written; 0 where there is none."""
        return step_of(self.path) if self.path else 0


def step_of(path: Path) -> int:
    """Return after how many steps a checkpoint was written; -1 if the folder is none."""
    number = path.name.removeprefix(_PREFIX)
    return int(number) if path.name.startswith(_PREFIX) and number.isdigit() else -1


def checkpoints_in(out: Path) -> list[Path]:
    """Return a run's checkpoints, whole or not, the oldest first."""
    return sorted((p for p in out.glob(f"{_PREFIX}*") if step_of(p) >= 0), key=step_of)


def checkpoint_of(out: Path, step: int) -> Path:
    """Return where the checkpoint of a step lies, if there is one."""
    return out / f"{_PREFIX}{step}"


def last_whole(out: Path) -> Found:
    """Find the newest checkpoint that is whole; what a kill left half-written is removed."""
    for left in out.glob(f"{_STAGING}*"):
        shutil.rmtree(left, ignore_errors=True)
    broken: list[Path] = []
    for path in reversed(checkpoints_in(out)):
        if is_whole(path):
            return Found(path, tuple(broken))
        broken.append(path)
    return Found(None, tuple(broken))


def is_whole(folder: Path) -> bool:
    """Return whether every file of a checkpoint is as it was written."""
    try:
        sums = json.loads((folder / SUMS).read_text())
        return all(sha256_of(folder / name) == digest for name, digest in sums.items())
    except (OSError, ValueError, AttributeError):
        return False


def seal(folder: Path) -> None:
    """Put a folder's files to disk and write their sums beside them."""
    sums = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        to_disk(path)
        sums[str(path.relative_to(folder))] = sha256_of(path)
    write_whole(folder / SUMS, json.dumps(sums, indent=1).encode())
    for each in [folder, *(p for p in folder.rglob("*") if p.is_dir())]:
        to_disk(each)


def drop_old(out: Path, keep: int, also: Iterable[int] = ()) -> None:
    """Remove all checkpoints but the newest `keep` and those of the steps in `also`."""
    kept = set(also)
    for path in checkpoints_in(out)[:-keep]:
        if step_of(path) not in kept:
            # Without its sums it is broken: a kill in the middle of the removal harms nothing.
            (path / SUMS).unlink(missing_ok=True)
            shutil.rmtree(path, ignore_errors=True)


class WholeCheckpoints:
    """A trainer of transformers whose checkpoints are whole; comes before it among the bases.

    `kept_beside` are steps whose checkpoints outlive the newest ones; `keep` says how many those
    are.
    """

    args: Any
    state: Any
    accelerator: Any
    keep: int = 2
    kept_beside: tuple[int, ...] = ()
    _staging: str | None = None

    def _get_output_dir(self, trial: Any) -> str:
        return self._staging or str(self.args.output_dir)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        out, step = Path(self.args.output_dir), self.state.global_step
        final, staging = checkpoint_of(out, step), out / f"{_STAGING}{step}"
        self._staging = str(staging)
        try:
            super()._save_checkpoint(model, trial)  # type: ignore[misc]
            self.accelerator.wait_for_everyone()
            if self.args.should_save:
                _settle(staging / final.name, final)
                drop_old(out, self.keep, self.kept_beside)
            self.accelerator.wait_for_everyone()
        except Exception as error:
            if not _is_of_the_disk(error):
                raise
            raise unwritten(error, out, step) from error
        finally:
            self._staging = None
            if self.args.should_save:
                shutil.rmtree(staging, ignore_errors=True)

    def keep_best(self, step: int) -> None:
        """Keep the checkpoint of a step, and of none before it that was kept as the best."""
        self.kept_beside = (step,)

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """Leave it out: a run has a card of its own."""


def unwritten(error: Exception, out: Path, step: int) -> UserError:
    """Return what to say when a checkpoint could not be written."""
    before = last_whole(out)
    safe = f"{before.path} is whole" if before.path else "none was written before"
    said = " ".join(str(error).split())[:160]
    with suppress(OSError):
        said += f"; {shutil.disk_usage(out).free / 1e9:.2f} GB are free there"
    return UserError(
        f"the checkpoint of step {step} could not be written ({said}); {safe}",
        where=str(out),
        remedy="Make room on the disk; the same command goes on from the last whole checkpoint.",
    )


def _is_of_the_disk(error: Exception) -> bool:
    """Tell a disk's error in whatever dress torch and safetensors give it."""
    words = ("PytorchStreamWriter", "iostream", "inline_container")
    written = any(word in str(error) for word in words)
    library = type(error).__module__.partition(".")[0]
    return isinstance(error, OSError) or written or "safetensors" in library


def _settle(written: Path, final: Path) -> None:
    seal(written)
    if final.exists():
        shutil.rmtree(final)
    written.rename(final)
    to_disk(final.parent)
