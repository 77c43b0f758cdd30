"""Which language model to use, from the arguments, the environment, or by default."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from optiwright.agent.errors import ProviderError
from optiwright.agent.llm import LanguageModel
from optiwright.agent.model_catalogue import CATALOGUE, DEFAULT_MODEL
from optiwright.agent.model_files import PullProgress, file_sha256, list_models, pull
from optiwright.agent.pacing import PacedModel, Turn
from optiwright.agent.places import reply_cache_file
from optiwright.agent.reply_cache import CachedModel, reply_cache_wanted
from optiwright.agent.tuned_card import CARD, shipped_models, tuned_at
from optiwright.formulators.errors import UserError

if TYPE_CHECKING:
    from optiwright.agent.embedded import EmbeddedModel
    from optiwright.agent.tuned import AdaptedModel

OnStatus = Callable[[str], None]
HUB = "hf:"


def choose_model(
    model: str | None = None,
    base_url: str | None = None,
    api_key: str | None = None,
    *,
    cache: bool = True,
    turn: Turn | None = None,
    on_status: OnStatus | None = None,
) -> LanguageModel:
    """The language model that the arguments, else the environment, else the default name.

    Args:
        model: a catalogue name, that of a tuned model which comes with the package, a path that
            ends in `.gguf`, the folder of a model that was tuned here, `hf:owner/repo/file.gguf`,
            or the name of a model served at `base_url` (of a tuned one: the path of its folder,
            whose card says how it is asked); else `OPTIWRIGHT_MODEL`; else what the server at the
            base URL serves, or the embedded default where there is neither URL nor key.
        base_url: an OpenAI-compatible server; else `OPENAI_BASE_URL`; else OpenAI's.
        api_key: its key; else `OPENAI_API_KEY`.
        cache: remember replies, unless `OPTIWRIGHT_REPLY_CACHE=off`.
        turn: awaited before each call that no remembered reply answers.
        on_status: told what is happening while a model is fetched or started.

    A catalogue model that is not on this machine yet is pulled now. A base URL in the environment
    does not catch the name of an embedded model; one given as an argument does.

    Raises:
        UserError: no such model, no key, no runtime, several models to choose from.
    """
    chosen, identity = _chosen(model, base_url, api_key, on_status or (lambda text: None))
    if turn is not None:
        chosen = PacedModel(chosen, turn)
    if not (cache and reply_cache_wanted()):
        return chosen
    return CachedModel(chosen, reply_cache_file(), identity)


def _chosen(
    model: str | None, base_url: str | None, api_key: str | None, status: OnStatus
) -> tuple[LanguageModel, str]:
    """The model, and its identity in the reply cache."""
    model = model or os.environ.get("OPTIWRIGHT_MODEL") or None
    if base_url is None and model is not None and _is_embedded(model):
        return _embedded(model, status)
    base_url = base_url or os.environ.get("OPENAI_BASE_URL") or None
    api_key = _usable_key(api_key or os.environ.get("OPENAI_API_KEY") or None)
    if base_url is None and api_key is None:
        if model is not None:
            raise _not_served(model)
        return _embedded(DEFAULT_MODEL, status)
    return _served(model, base_url, api_key)


def identity_of(model: LanguageModel) -> str:
    """Return what tells a chosen model from others of its name.

    The hash of its file and the runtime's version where it is the embedded one, else its name.
    """
    here = _here(model)
    return model.name if here is None else here.identity


def runs_here(model: LanguageModel) -> bool:
    """Whether a chosen model is the embedded one, whose tokens cost nothing."""
    return _here(model) is not None


def _here(model: LanguageModel) -> EmbeddedModel | AdaptedModel | None:
    """The embedded model behind a chosen one; None if it is served."""
    from optiwright.agent.embedded import EmbeddedModel
    from optiwright.agent.tuned import AdaptedModel

    while isinstance(model, CachedModel | PacedModel):
        model = model.asked
    return model if isinstance(model, EmbeddedModel | AdaptedModel) else None


def _is_embedded(model: str) -> bool:
    named = model in CATALOGUE or model.endswith(".gguf") or model.startswith(HUB)
    named = named or model in shipped_models()
    # Unlike Path's, false for a name that can be no path.
    return named or os.path.isfile(os.path.join(os.path.expanduser(model), CARD))


def _usable_key(key: str | None) -> str | None:
    # An HTTP library's complaint about a bad header would print the key.
    key = key.strip() if key else None
    if key and not (key.isascii() and key.isprintable()):
        raise UserError(
            "the API key has characters that no key has",
            remedy="Copy it again into OPENAI_API_KEY.",
        )
    return key or None


def _not_served(model: str) -> UserError:
    if os.path.isdir(os.path.expanduser(model)):
        return UserError(
            f"the folder holds no `{CARD}`, the card of a model that was tuned here",
            where=model,
            remedy="Name a folder that `optiwright train export` has made, or the .gguf in it.",
        )
    return UserError(
        f"{model!r} is no embedded model, and there is neither a key nor a base URL to ask for it",
        remedy="Set OPENAI_API_KEY or --base-url, or take one of "
        f"{', '.join([*CATALOGUE, *shipped_models()])}, a path to a .gguf file, or "
        "hf:owner/repo/file.gguf.",
    )


def _served(
    model: str | None, base_url: str | None, api_key: str | None
) -> tuple[LanguageModel, str]:
    from optiwright.agent.openai_client import OpenAIModel

    if base_url is not None and not base_url.startswith(("http://", "https://")):
        raise UserError(
            f"the base URL {base_url!r} is no http(s) address",
            remedy="Give one such as http://127.0.0.1:8000/v1.",
        )
    if model is None:
        model = _only_served(base_url, api_key)
    tuned = tuned_at(model)
    if tuned is None:
        return OpenAIModel(model, base_url, api_key), model
    asked = OpenAIModel(
        model,
        base_url,
        api_key,
        shown_as=tuned.label,
        small=tuned.small,
        tuned=tuned.card.prompt,
    )
    return asked, f"{model} {tuned.card.adapter_sha256}"


def _only_served(base_url: str | None, api_key: str | None) -> str:
    """The one model at a server that no name was given for."""
    from optiwright.agent.openai_client import served_models

    if base_url is None:
        raise UserError(
            "a key is set (OPENAI_API_KEY), but no model is named",
            remedy="Name one with --model or OPTIWRIGHT_MODEL; "
            f"`--model {DEFAULT_MODEL}` is the embedded one.",
        )
    try:
        names = served_models(base_url, api_key)
    except ProviderError as error:
        raise UserError(
            f"no model is named, and {error.what}",
            remedy=error.remedy or "Name a model with --model or OPTIWRIGHT_MODEL.",
        ) from error
    if len(names) != 1:
        there = f"{len(names)} models: {', '.join(sorted(names)[:20])}" if names else "no model"
        raise UserError(
            f"no model is named, and the server has {there}",
            remedy="Name one with --model or OPTIWRIGHT_MODEL.",
        )
    return names[0]


def _embedded(model: str, status: OnStatus) -> tuple[LanguageModel, str]:
    from optiwright.agent.embedded import EmbeddedModel, runtime_version
    from optiwright.agent.tuned import open_tuned

    runtime_version()  # before a gigabyte is fetched for nothing
    tuned = tuned_at(model)
    if tuned is not None:
        return open_tuned(tuned, lambda base: model_file(base, status), status)
    path, sha256 = model_file(model, status)
    name = model if model in CATALOGUE else path.stem
    embedded = EmbeddedModel(path, sha256, name, status)
    return embedded, embedded.identity


def model_file(model: str, status: OnStatus) -> tuple[Path, str]:
    """The GGUF of an embedded model's name, fetched where it is missing, and its SHA-256.

    Raises:
        UserError: there is none, or it cannot be fetched.
    """
    if model in CATALOGUE:
        return _pulled(model, status), CATALOGUE[model].sha256
    path = _from_hub(model) if model.startswith(HUB) else Path(model).expanduser()
    if not path.is_file():
        raise UserError(f"there is no model file {str(path)!r}", remedy="Check the path.")
    return path, file_sha256(path)


def _pulled(model: str, status: OnStatus) -> Path:
    entry = next(entry for entry in list_models() if entry.model.name == model)
    if entry.path is not None:
        return entry.path
    status(f"fetching the model {model} ({entry.model.size / 1e9:.1f} GB, once)")

    told: set[tuple[str, int]] = set()

    def report(progress: PullProgress) -> None:
        tenth = progress.done * 10 // progress.total
        phase = progress.step.rstrip("0123456789 of")
        if (phase, tenth) not in told:
            told.add((phase, tenth))
            status(f"{model}: {progress.step} ({tenth * 10}%)")

    return pull(model, on_progress=report)


def _from_hub(model: str) -> Path:
    owner, _, rest = model.removeprefix(HUB).partition("/")
    repository, _, file = rest.partition("/")
    if not (owner and repository and file.endswith(".gguf")):
        raise UserError(
            f"{model!r} does not name a file on the hub",
            remedy="Write hf:owner/repo/file.gguf.",
        )
    try:
        hub = importlib.import_module("huggingface_hub")
        failures = importlib.import_module("huggingface_hub.errors")
    except ImportError:
        raise UserError(
            "a model from the hub needs the package `huggingface_hub`, which is not installed",
            remedy="Run `pip install huggingface_hub`.",
        ) from None
    try:
        return Path(hub.hf_hub_download(f"{owner}/{repository}", file))
    except (failures.HfHubHTTPError, failures.LocalEntryNotFoundError, OSError) as error:
        raise UserError(
            f"{model!r} could not be fetched: {str(error).splitlines()[0]}",
            remedy="Check the name and the connection, or give the path of a file.",
        ) from error
