"""A random model of two layers in a folder, with a tokenizer made on the spot, and rows for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, Qwen2Config

from optiwright.training.row_files import write_rows
from optiwright.training.rows import TrainingRow

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_SCRIPT = """```python
# decisions
loaves = integer(0, None)  # loaves
# totals
gain = {gain}*loaves  # gain
# objective: gain
maximize(gain)
# at most {most} loaves
require(loaves <= {most})
```"""


def write_tiny_base(folder: Path, hidden: int = 32, layers: int = 2) -> Path:
    """Write a random decoder of bytes that ends a turn with a token of its own."""
    import torch

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    words = {word: number for number, word in enumerate([*special, *letters])}
    tokenizer = Tokenizer(models.BPE(vocab=words, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(special)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    fast.chat_template = TEMPLATE
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=len(words), hidden_size=hidden, intermediate_size=2 * hidden,
        num_hidden_layers=layers, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=2048, eos_token_id=2, pad_token_id=0, bos_token_id=None,
    )  # fmt: skip
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


def tiny_rows(count: int = 12, **given: Any) -> list[TrainingRow]:
    """Return small true rows: how many loaves to bake."""
    made = []
    for n in range(count):
        gain, most = 2 + n, 30 + 7 * n
        made.append(
            TrainingRow(
                **{
                    "source": "generated",
                    "family": "loaves" if n % 3 else "more loaves",
                    "problem_class": "IP",
                    "text": f"A baker gains {gain} on a loaf and bakes at most {most} loaves.",
                    "script": _SCRIPT.format(gain=gain, most=most),
                    "sense": "maximize",
                    "optimum": float(gain * most),
                    "verified": True,
                    **given,
                }
            )
        )
    return made


def write_tuning(folder: Path, base: Path, rows: list[TrainingRow], **sections: Any) -> Path:
    """Write rows and a configuration of six steps on them."""
    write_rows(folder / "rows.jsonl", rows)
    told: dict[str, Any] = {
        "base": str(base),
        "adapter": {"rank": 4, "alpha": 8, "dropout": 0.1},
        "data": {"files": [str(folder / "rows.jsonl")], "max_length": 1024},
        "schedule": {"steps": 6, "accumulation": 2, "learning_rate": 0.01, "warmup": 0.2},
        "computing": {"precision": "fp32", "threads": 1},
        "saving": {"every": 2},
    }
    for name, fields in sections.items():
        told[name] = {**told[name], **fields} if isinstance(told.get(name), dict) else fields
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump(told))
    return path
