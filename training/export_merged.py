"""The merged model as a folder of safetensors, which `vllm serve` and transformers take."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from optiwright.agent.choose_model import model_file
from optiwright.agent.model_catalogue import CATALOGUE
from optiwright.formulators.errors import UserError


def write_folder(adapter: Path, base: str, folder: Path) -> None:
    """Write base and adapter as one model, in bfloat16, with the tokenizer.

    Args:
        adapter: the folder that PEFT has written.
        base: a catalogue name, a .gguf file, a folder, or a name on the hub.
        folder: an empty folder.

    Raises:
        UserError: the base cannot be read, or the adapter does not go with it.
    """
    import torch
    from peft import PeftModel
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of transformers about itself
        model, tokenizer = _loaded(base)
        try:
            merged = PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
        except (RuntimeError, ValueError) as error:
            raise UserError(
                f"the adapter is none for this base: {' '.join(str(error).split())[:300]}",
                where=base,
                remedy="Name the model that was tuned, with `--base`.",
            ) from None
        merged.to(torch.bfloat16).save_pretrained(str(folder))
        tokenizer.save_pretrained(str(folder))


def is_gguf(base: str) -> bool:
    """Whether a base's name is that of a GGUF."""
    return base in CATALOGUE or base.endswith(".gguf")


def _loaded(base: str) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    place, given, packed = base, {}, {}
    if is_gguf(base):
        path, _ = model_file(base, lambda text: None)
        place, given = str(path.parent), {"gguf_file": path.name}
        packed = {"quantization_config": GgufConfig(gguf_file=path.name, dequantize=True)}
    try:
        model = AutoModelForCausalLM.from_pretrained(place, dtype=torch.float32, **given, **packed)
        return model, AutoTokenizer.from_pretrained(place, **given)
    except (OSError, ValueError) as error:
        raise UserError(
            f"the base cannot be read: {' '.join(str(error).split())[:300]}",
            where=base,
            remedy="Give a catalogue name, a .gguf file, a model's folder or a name on the hub "
            "with `--base`.",
        ) from None
