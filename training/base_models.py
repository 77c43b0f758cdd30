"""The model that is tuned: found by name, its shape, its tokenizer and its weights.

torch and transformers are imported where they are needed, never with this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optiwright.agent.choose_model import model_file
from optiwright.agent.model_catalogue import CATALOGUE
from optiwright.formulators.errors import UserError
from optiwright.training.tuning_config import (
    PROJECTIONS,
    GrpoConfig,
    KtoConfig,
    SftConfig,
    TuningConfig,
)
from optiwright.training.tuning_trouble import Say, say_nothing


@dataclass(frozen=True)
class Base:
    """Where a base lies: a folder or hub name, and the file in it where it is a GGUF."""

    name: str
    place: str
    gguf: str | None = None

    @property
    def given(self) -> dict[str, str]:
        """How transformers is told of it, beside its place."""
        return {"gguf_file": self.gguf} if self.gguf else {}


@dataclass(frozen=True)
class Shape:
    """A decoder's sizes."""

    layers: int
    hidden: int
    inner: int
    """Of the feed-forward part."""
    heads: int
    kv_heads: int
    vocabulary: int
    tied: bool
    """One matrix serves as embedding and as head."""

    @property
    def head(self) -> int:
        """Length of one attention head."""
        return self.hidden // self.heads

    def projection(self, name: str) -> tuple[int, int]:
        """Return a projection's sizes, in and out; (0, 0) for one that this decoder lacks."""
        kv = self.kv_heads * self.head
        sizes = {
            "q_proj": (self.hidden, self.hidden),
            "k_proj": (self.hidden, kv),
            "v_proj": (self.hidden, kv),
            "o_proj": (self.hidden, self.hidden),
            "gate_proj": (self.hidden, self.inner),
            "up_proj": (self.hidden, self.inner),
            "down_proj": (self.inner, self.hidden),
        }
        return sizes.get(name, (0, 0))

    @property
    def parameters(self) -> int:
        """All weights, norms and biases left out."""
        layer = sum(a * b for a, b in map(self.projection, PROJECTIONS))
        return self.layers * layer + self.vocabulary * self.hidden * (1 if self.tied else 2)


KNOWN_SHAPES = {
    "qwen2.5-coder-0.5b": Shape(24, 896, 4864, 14, 2, 151_936, False),
    "qwen2.5-coder-1.5b": Shape(28, 1536, 8960, 12, 2, 151_936, False),
    "smollm2-135m": Shape(30, 576, 1536, 9, 3, 49_152, True),
    "Qwen/Qwen2.5-Coder-7B-Instruct": Shape(28, 3584, 18_944, 28, 4, 152_064, False),
    "Qwen/Qwen2.5-Coder-14B-Instruct": Shape(48, 5120, 13_824, 40, 8, 152_064, False),
}
"""So that a plan can be made before a model is fetched. The GGUFs have the head a second time."""


def find_base(name: str, say: Say = say_nothing) -> Base:
    """Find a base: a catalogue name, a .gguf file, a folder, or else a name on the hub.

    A model of the catalogue that is not on this machine yet is pulled now, which `say` is told.

    Raises:
        UserError: if a catalogue's model cannot be pulled, or a file is not there, or a folder is
            no model's.
    """
    if name in CATALOGUE:
        path, _ = model_file(name, say)
        return of_gguf(name, path)
    path = Path(name).expanduser()
    if name.endswith(".gguf"):
        if not path.is_file():
            raise UserError(f"there is no file {name!r}", where="`base`")
        return of_gguf(name, path)
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise UserError(
                "that folder holds no model: it has no config.json",
                where=str(path),
                remedy="Give a model's folder, with config.json, the tokenizer and the weights.",
            )
        return Base(name, str(path))
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise UserError(
            f"there is no model {name!r}",
            where="`base`",
            remedy=f"Give one of {', '.join(CATALOGUE)}, a .gguf file, a model's folder, or a "
            "name on the hub such as Qwen/Qwen2.5-Coder-7B-Instruct.",
        )
    return Base(name, name)


def of_gguf(name: str, path: Path) -> Base:
    """Return the base that a GGUF file holds."""
    return Base(name, str(path.parent), path.name)


def shape_of(name: str) -> Shape:
    """Return a base's sizes; known ones need neither file nor network.

    Raises:
        UserError: if it cannot be had.
    """
    if name in KNOWN_SHAPES:
        return KNOWN_SHAPES[name]
    from transformers import AutoConfig

    base = find_base(name)
    try:
        c = AutoConfig.from_pretrained(base.place, **base.given)
    except (OSError, ValueError) as error:
        raise _unreadable(base, error) from None
    return Shape(
        c.num_hidden_layers,
        c.hidden_size,
        c.intermediate_size,
        c.num_attention_heads,
        c.num_key_value_heads,
        c.vocab_size,
        c.tie_word_embeddings,
    )


def read_tokenizer(base: Base) -> Any:
    """Return a base's tokenizer as it is.

    Raises:
        UserError: if it cannot be read.
    """
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(base.place, **base.given)
    except (OSError, ValueError) as error:
        raise _unreadable(base, error) from None


def read_model(base: Base, dtype: Any, **settings: Any) -> Any:
    """Return a base's weights; those of a GGUF are unpacked.

    Args:
        base: where they lie.
        dtype: of torch.
        settings: more that transformers is told.

    Raises:
        UserError: if they cannot be read.
    """
    from transformers import AutoModelForCausalLM, GgufConfig

    packed = {}
    if base.gguf:
        packed["quantization_config"] = GgufConfig(gguf_file=base.gguf, dequantize=True)
    told = {**base.given, **packed, **settings}
    try:
        return AutoModelForCausalLM.from_pretrained(base.place, dtype=dtype, **told)
    except (OSError, ValueError) as error:
        raise _unreadable(base, error) from None


def load_tokenizer(base: Base) -> Any:
    """Return the base's tokenizer; it has a chat template, an end and a filler.

    Raises:
        UserError: if it cannot be read, or has no chat template.
    """
    tokenizer = read_tokenizer(base)
    if not tokenizer.chat_template or tokenizer.eos_token_id is None:
        raise UserError(
            f"the tokenizer of {base.name!r} has no chat template or no end-of-turn token",
            where="`base`",
            remedy="Take an instruction-tuned model.",
        )
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(base: Base, config: TuningConfig) -> Any:
    """Return the base's weights: in bf16 under an adapter, in full precision to train them all.

    Raises:
        UserError: if they cannot be read.
    """
    import torch

    bf16 = config.computing.precision == "bf16" and config.adapter.method != "full"
    settings: dict[str, Any] = {}
    if config.adapter.method == "qlora":
        from transformers import BitsAndBytesConfig

        settings["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
    model = read_model(base, torch.bfloat16 if bf16 else torch.float32, **settings)
    model.config.use_cache = False
    return model


def load_tuned(base: Base, config: SftConfig | KtoConfig | GrpoConfig) -> tuple[Any, Any]:
    """Return the base, with the adapter to start from if one is named, and what PEFT is told.

    Raises:
        UserError: if weights or adapter cannot be read.
    """
    model, start = load_model(base, config), config.adapter_from
    if start is None:
        return model, adapter_of(config)
    from peft import PeftModel

    if not (start / "adapter_config.json").is_file():
        raise UserError(
            "there is no adapter to start from",
            where=f"`adapter_from`: {start}",
            remedy="Give the folder `adapter` of a run, such as one of `optiwright train sft`.",
        )
    try:
        return PeftModel.from_pretrained(model, str(start), is_trainable=True), None
    except (OSError, ValueError, RuntimeError) as error:
        said = " ".join(str(error).split())[:300]
        raise UserError(
            f"the adapter does not fit the base {base.name!r}: {said}", where=str(start)
        ) from None


def adapter_of(config: TuningConfig) -> Any:
    """Return what PEFT is told; None where all weights are trained."""
    from peft import LoraConfig

    a = config.adapter
    if a.method == "full":
        return None
    return LoraConfig(
        r=a.rank,
        lora_alpha=a.alpha,
        lora_dropout=a.dropout,
        target_modules=list(a.targets),
        task_type="CAUSAL_LM",
    )


def _unreadable(base: Base, error: Exception) -> UserError:
    said = " ".join(str(error).split())[:300]
    return UserError(
        f"the model {base.name!r} cannot be read: {said}",
        where=base.place,
        remedy="A name on the hub needs the network; a folder needs config.json, the tokenizer "
        "and the weights.",
    )
