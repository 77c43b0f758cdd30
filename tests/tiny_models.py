"""Random language models of a few thousand weights, made on the spot, and their greedy text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFWriter, get_tensor_name_map
from gguf.constants import MODEL_ARCH
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig, LlamaConfig, Qwen2Config

from optiwright.agent.llm import Message
from optiwright.training.ggml_types import quantized

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TOKENS = (*CONTROL, "Ċ", "Ġ", *map(chr, range(33, 127)), "Ġt", "th")
PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
_ARCH = {"qwen2": MODEL_ARCH.QWEN2, "llama": MODEL_ARCH.LLAMA}


def write_base(path: Path, kind: str = "qwen2", hidden: int = 64, *, packed: bool = False) -> Path:
    """Write a random model of two layers as GGUF; `packed`: its matrices as Q4_K."""
    torch.manual_seed(len(kind))
    config = (Qwen2Config if kind == "qwen2" else LlamaConfig)(
        vocab_size=len(TOKENS), hidden_size=hidden, intermediate_size=2 * hidden,
        num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        max_position_embeddings=32_768, initializer_range=0.15, tie_word_embeddings=False,
        bos_token_id=0, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_config(config)
    writer = GGUFWriter(path, kind)
    writer.add_block_count(2)
    writer.add_context_length(32_768)
    writer.add_embedding_length(hidden)
    writer.add_feed_forward_length(2 * hidden)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(10_000.0)
    writer.add_rope_dimension_count(hidden // 4)
    writer.add_vocab_size(len(TOKENS))
    writer.add_file_type(15 if packed else 0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(list(TOKENS))
    writer.add_token_types([3 if token in CONTROL else 1 for token in TOKENS])
    writer.add_token_merges(["Ġ t", "t h"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)
    names = get_tensor_name_map(_ARCH[kind], 2)
    for name, weights in model.state_dict().items():
        array = weights.float().numpy()
        if kind == "llama" and name.endswith(("q_proj.weight", "k_proj.weight")):
            heads = 4 if "q_proj" in name else 2
            array = array.reshape(heads, 2, -1, hidden).swapaxes(1, 2).reshape(array.shape)
        place = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if packed and array.ndim == 2:
            stored = GGMLQuantizationType.Q4_K
            writer.add_tensor(
                place, quantized(np.ascontiguousarray(array), stored), raw_dtype=stored
            )
        else:
            writer.add_tensor(place, np.ascontiguousarray(array))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def loaded(gguf: Path) -> Any:
    """Return a GGUF's model, as a trainer loads it."""
    return AutoModelForCausalLM.from_pretrained(
        str(gguf.parent),
        gguf_file=gguf.name,
        dtype=torch.float32,
        quantization_config=GgufConfig(gguf_file=gguf.name, dequantize=True),
    )


def tokenizer_of(gguf: Path) -> Any:
    return AutoTokenizer.from_pretrained(str(gguf.parent), gguf_file=gguf.name)


def adapted(gguf: Path, run: Path, **given: Any) -> Any:
    """Return a model with a random adapter that changes much, and save the adapter as a run."""
    torch.manual_seed(1)
    settings = {"lora_alpha": 8, "target_modules": PROJECTIONS, "task_type": "CAUSAL_LM", **given}
    model = get_peft_model(loaded(gguf), LoraConfig(r=4, **settings))
    for name, weights in model.named_parameters():
        if "lora_B" in name:
            weights.data = 0.3 * torch.randn_like(weights)
    model.save_pretrained(str(run))
    card = {"base": str(gguf), "rows": 2}
    (run / "card.json").write_text(json.dumps(card))
    return model


def greedy(model: Any, tokenizer: Any, messages: tuple[Message, ...], n: int) -> str:
    """Return what transformers says to messages, the likeliest token each time."""
    asked = tokenizer.apply_chat_template(
        [m.model_dump() for m in messages],
        add_generation_prompt=True,
        return_tensors="pt",
        return_dict=True,
    )
    with torch.no_grad():
        made = model.generate(**asked, max_new_tokens=n, do_sample=False)
    return str(tokenizer.decode(made[0, asked["input_ids"].shape[1] :], skip_special_tokens=True))
