"""What lies beside a model that was tuned here: what it is made of and how it is asked."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from optiwright.agent.model_files import file_sha256
from optiwright.agent.places import tuned_dir
from optiwright.agent.prompting import TUNED_PROMPT
from optiwright.formulators.errors import UserError
from optiwright.formulators.field_faults import faults_in
from optiwright.formulators.wire import Form

CARD = "optiwright.json"
ADAPTER_MARK = b"adapter.type"
TUNED_MARK = b"optiwright.prompt"
"""Metadata keys of GGUF files: of every adapter, and of every model that is exported here."""
_HEAD_BYTES = 4096
_SHIPPED = Path(__file__).parent / "tuned_models"
_AGAIN = "Export it again with `optiwright train export`."


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Base(_Plain):
    """The model that was tuned."""

    name: str
    """A catalogue name, hf:owner/repo/file.gguf, or a path: what `--model` takes; for a merged
    model without a GGUF a folder or a name on the hub."""
    sha256: str
    """Of its GGUF; "" where it has none."""
    licence: str = ""


class TunedCard(_Plain):
    """An exported model's card, `optiwright.json` in its folder."""

    schema_version: Literal[1] = 1
    name: str
    kind: Literal["adapter", "merged"]
    gguf: str = ""
    """The file that the embedded runtime loads; "" where the folder is for other servers."""
    files: dict[str, str] = Field(min_length=1)
    """Every file of the folder to its SHA-256."""
    base: Base
    adapter_sha256: str
    """Of the trained weights, `adapter_model.safetensors`."""
    prompt: str
    """The prompt that it was tuned with; the agent asks for formulations with it."""
    form: Form
    licence: str = ""
    run: dict[str, Any] = Field(default_factory=dict)
    """What the training run's own card says: data, settings, seeds, losses."""
    created: datetime
    version: str
    """Of Optiwright."""


class Tuned(_Plain):
    """A folder with a card, and the card."""

    folder: Path
    card: TunedCard

    @property
    def label(self) -> str:
        """The name in records; another training is another name."""
        return f"{self.card.name}-{self.card.adapter_sha256[:8]}"

    @property
    def named(self) -> str:
        """What `--model` takes: the name where it comes with the package, else the folder."""
        return self.card.name if self.folder.parent == _SHIPPED.resolve() else str(self.folder)

    @property
    def small(self) -> bool:
        """Whether it is asked as small models are: in the flat form, drafts made afresh."""
        return self.card.form is Form.FLAT

    @property
    def size(self) -> int:
        """Bytes of its files."""
        files = (self.folder / name for name in self.card.files)
        return sum(path.stat().st_size for path in files if path.is_file())

    def gguf(self) -> Path:
        """Return the file to load, checked against the card.

        Raises:
            UserError: there is none, or it is not the one that was exported.
        """
        if not self.card.gguf:
            raise UserError(
                "that folder holds no GGUF, which the embedded runtime needs",
                where=str(self.folder),
                remedy="Export it with `--adapter` or `--merged --quantize q8_0`, or serve it: "
                f"`vllm serve {self.folder}`.",
            )
        path = self.folder / self.card.gguf
        found = file_sha256(path) if path.is_file() else "no file"
        expected = self.card.files.get(self.card.gguf, "")
        if found != expected:
            raise UserError(
                f"the exported model is damaged: `{CARD}` says SHA-256 {expected[:16]}..., found "
                f"{found[:16]}",
                where=str(path),
                remedy=_AGAIN,
            )
        return path


def shipped_models() -> list[str]:
    """Return the names of the tuned models that come with the package, as `--model` takes them."""
    return sorted(card.parent.name for card in _SHIPPED.glob(f"*/{CARD}"))


def tuned_at(model: str) -> Tuned | None:
    """Return the tuned model of a name or path; None where it is none.

    Args:
        model: one that comes with the package, a folder, or a GGUF in it.

    Raises:
        UserError: its card is missing or cannot be read.
    """
    if model in shipped_models():
        return _read(_SHIPPED / model)
    given = os.path.expanduser(model)
    path = Path(given)
    if os.path.isdir(given):  # unlike Path's, false for a name that can be no path
        return _read(path) if (path / CARD).is_file() else None
    if path.suffix != ".gguf" or not os.path.isfile(given):
        return None
    if (path.parent / CARD).is_file():
        tuned = _read(path.parent)
        if tuned.card.gguf == path.name:
            return tuned
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    if ADAPTER_MARK in head or TUNED_MARK in head:
        kind = "an adapter" if ADAPTER_MARK in head else "a tuned model"
        raise UserError(
            f"that file is {kind}, and no `{CARD}` beside it says what it was made of",
            where=str(path),
            remedy=f"Put its card beside it. {_AGAIN}",
        )
    return None


def tuned_models() -> list[Tuned]:
    """Return the tuned models of the package and of the user's data folder, but damaged ones."""
    found = []
    for card in [*sorted(_SHIPPED.glob(f"*/{CARD}")), *sorted(tuned_dir().glob(f"*/{CARD}"))]:
        with suppress(UserError):
            found.append(_read(card.parent))
    return found


def _read(folder: Path) -> Tuned:
    file = folder / CARD
    try:
        card = TunedCard.model_validate_json(file.read_bytes())
    except OSError as error:
        raise UserError(f"the card cannot be read: {error.strerror}", where=str(file)) from None
    except ValidationError as error:
        raise UserError(
            f"the card of the tuned model is damaged: {faults_in(error.errors())}",
            where=str(file),
            remedy=_AGAIN,
        ) from None
    if card.prompt != TUNED_PROMPT.get(card.form):
        raise UserError(
            f"the model was tuned with the prompt {card.prompt!r} for the form `{card.form}`, "
            "which this version of Optiwright does not have",
            where=str(file),
            remedy=f"Use Optiwright {card.version}.",
        )
    return Tuned(folder=folder.resolve(), card=card)
