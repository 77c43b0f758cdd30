"""What was trained, made ready to serve: an adapter or a merged model, in a folder with a card."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, TypeAlias

from optiwright.agent.choose_model import model_file
from optiwright.agent.model_catalogue import CATALOGUE
from optiwright.agent.places import tuned_dir
from optiwright.agent.prompting import TUNED_PROMPT
from optiwright.agent.tuned_card import CARD, Base, Tuned, TunedCard, tuned_at
from optiwright.formulators.errors import UserError
from optiwright.formulators.wire import Form
from optiwright.training.base_models import find_base, of_gguf
from optiwright.training.export_adapter import Adapter, find_adapter, read_adapter
from optiwright.training.export_gguf import Quantization, open_base, write_adapter, write_merged
from optiwright.training.export_merged import write_folder
from optiwright.training.instructions import Task
from optiwright.training.tuning_card import CARD as RUN_CARD
from optiwright.training.tuning_trouble import Say, require_packages, say_nothing
from optiwright.training.whole_files import sha256_of, to_disk

Kind: TypeAlias = Literal["adapter", "merged"]
_NEEDED = ("gguf", "peft", "safetensors", "torch", "transformers")
_FORMS = {Task.QUESTION_TO_SCRIPT: Form.FLAT, Task.QUESTION_TO_INDEXED: Form.INDEXED}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def export(
    run: Path,
    out: Path | None = None,
    kind: Kind = "adapter",
    quantize: Quantization | None = None,
    base: str | None = None,
    say: Say = say_nothing,
) -> Tuned:
    """Export a run's adapter, for itself or merged into its base.

    Args:
        run: a run's folder, or that of one of its checkpoints.
        out: the folder to make; default: below the user's data, by the run's name and the kind.
        kind: `adapter` is an adapter's GGUF, `merged` a whole model.
        quantize: makes a merged model a GGUF of that type; None a folder of safetensors.
        base: what was tuned, where the run does not say or the GGUF is another file: a catalogue
            name, a .gguf file, hf:owner/repo/file.gguf; for safetensors a folder or hub name too.
        say: told what is happening.

    The folder is there whole or not at all.

    Raises:
        UserError: something is missing or does not fit, the folder is taken, or the disk is full.
    """
    require_packages("exporting", _NEEDED)
    if quantize is not None and kind == "adapter":
        raise UserError("an adapter is not quantized", remedy="Add `--merged`, or leave it out.")
    adapter = read_adapter(find_adapter(run))
    facts = _run_facts(run)
    base, form = base or _base_of(facts, adapter), _form_of(facts, run)
    suffix = kind if quantize is None else f"{kind}-{quantize}"
    out = (out or tuned_dir() / f"{run.resolve().name}-{suffix}").expanduser().absolute()
    with _whole(out) as folder:
        gguf, source = _write(adapter, kind, quantize, base, TUNED_PROMPT[form], folder, say)
        card = TunedCard(
            name=out.name,
            kind=kind,
            gguf=gguf,
            files={str(p.relative_to(folder)): sha256_of(p) for p in _files(folder)},
            base=source,
            adapter_sha256=adapter.sha256,
            prompt=TUNED_PROMPT[form],
            form=form,
            licence=source.licence,
            run=facts,
            created=datetime.now(UTC),
            version=version("optiwright"),
        )
        (folder / CARD).write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    made = tuned_at(str(out))
    assert made is not None
    return made


def _write(
    adapter: Adapter,
    kind: Kind,
    quantize: Quantization | None,
    base: str,
    prompt: str,
    folder: Path,
    say: Say,
) -> tuple[str, Base]:
    """Write the files of an export; returns its GGUF's name and what is known of the base."""
    gguf, sha256 = model_file(base, say) if _is_gguf(base) else (None, "")
    source = _source(base, sha256)
    if kind == "merged" and quantize is None:
        say(f"merging the adapter into {base}")
        found = find_base(base) if gguf is None else of_gguf(base, gguf)
        write_folder(adapter.folder, found, folder)
        return "", source
    if gguf is None:
        raise UserError(
            f"a GGUF is made from the base's own, and {base!r} is none",
            where="--base",
            remedy="Name the GGUF of the model that was tuned: a catalogue name, a .gguf file, or "
            "hf:owner/repo/file.gguf.",
        )
    opened = open_base(gguf)
    if quantize is None:
        write_adapter(adapter, opened, prompt, folder / "adapter.gguf")
        return "adapter.gguf", source
    say(f"merging the adapter into {base}, as {quantize}")
    name = f"model-{quantize}.gguf"
    write_merged(adapter, opened, prompt, quantize, folder / name)
    return name, source


def _is_gguf(base: str) -> bool:
    return base in CATALOGUE or base.endswith(".gguf")


def _source(base: str, sha256: str) -> Base:
    known = CATALOGUE.get(base)
    path = Path(base).expanduser()
    name = str(path.resolve()) if known is None and path.exists() else base
    return Base(name=name, sha256=sha256, licence=known.licence if known else "")


def _base_of(facts: dict[str, Any], adapter: Adapter) -> str:
    """Return the base that the run's card names, else the one that PEFT noted."""
    named = facts.get("base") or facts.get("config", {}).get("base")
    if isinstance(named, str):
        return named
    # A base that was read from a GGUF is noted as the folder of that file, which is no name.
    folder = Path(adapter.base)
    if adapter.base and (not folder.is_dir() or (folder / "config.json").is_file()):
        return adapter.base
    raise UserError(
        "the run does not say which model it tuned",
        where=str(adapter.folder),
        remedy=f"Name it with `--base`: one of {', '.join(CATALOGUE)}, or a .gguf file.",
    )


def _form_of(facts: dict[str, Any], run: Path) -> Form:
    """Return the form that a run was tuned to write; the flat one where its card names no task."""
    tasks = facts.get("config", {}).get("data", {}).get("tasks") or [Task.QUESTION_TO_SCRIPT]
    for task, form in _FORMS.items():
        if task in tasks:
            return form
    raise UserError(
        f"the run was tuned to {', '.join(tasks)}, which the agent never asks of a tuned model",
        where=str(run),
        remedy=f"Train with one of {', '.join(_FORMS)} among `data.tasks`.",
    )


def _run_facts(run: Path) -> dict[str, Any]:
    """Return the card of the training run; empty where there is none, as for a checkpoint."""
    for file in (run / RUN_CARD, run.parent / RUN_CARD):
        try:
            facts = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(facts, dict):
            return facts
    return {}


# --- whole or not at all --------------------------------------------------------------------------


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """Give a folder to fill, which becomes `out` once all is in it."""
    if out.exists():
        raise UserError(
            "that folder is there already", where=str(out), remedy="Name another with `--out`."
        )
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _clear_away(out)
        folder = out.with_name(f".{out.name}.{os.getpid()}.unfinished")
        folder.mkdir()
    except OSError as error:
        raise UserError(f"the folder cannot be made: {error.strerror}", where=str(out)) from None
    try:
        yield folder
        for path in _files(folder):
            to_disk(path)
        os.rename(folder, out)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise _full(out) from None
    except Exception as error:
        # The libraries that write tensors wrap the operating system's word.
        if any(os.strerror(code) in str(error) for code in _FULL):
            raise _full(out) from None
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _full(out: Path) -> UserError:
    free = shutil.disk_usage(out.parent).free
    return UserError(
        f"the disk is full: {free / 1e9:.2f} GB are left, and nothing of the export was kept",
        where=str(out.parent),
        remedy="Free some space, or name a folder on a larger disk with `--out`.",
    )


def _clear_away(out: Path) -> None:
    """Remove what exports that were killed have left of `out`."""
    for left in out.parent.glob(f".{out.name}.*.unfinished"):
        owner = left.name.split(".")[-2]
        if owner.isdigit() and not Path("/proc", owner).exists():
            shutil.rmtree(left, ignore_errors=True)


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())
