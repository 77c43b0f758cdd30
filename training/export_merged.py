"""The merged model as a folder of safetensors, which `vllm serve` and transformers take."""

from __future__ import annotations

import warnings
from pathlib import Path

from optiwright.formulators.errors import UserError
from optiwright.training.base_models import Base, read_model, read_tokenizer


def write_folder(adapter: Path, base: Base, folder: Path) -> None:
    """Write base and adapter as one model, in bfloat16, with the tokenizer.

    Args:
        adapter: the folder that PEFT has written.
        base: where the model lies that was tuned.
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
        model, tokenizer = read_model(base, torch.float32), read_tokenizer(base)
        try:
            merged = PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
        except (RuntimeError, ValueError) as error:
            raise UserError(
                f"the adapter is none for this base: {' '.join(str(error).split())[:300]}",
                where=base.name,
                remedy="Name the model that was tuned, with `--base`.",
            ) from None
        merged.to(torch.bfloat16).save_pretrained(str(folder))
        tokenizer.save_pretrained(str(folder))
