"""GGUF files of what was trained: the adapter for itself, or the base with it worked in.

Both are made from the base's own GGUF: it has the names, the sizes and the tokenizer, and whatever
the adapter leaves alone is copied byte for byte. The form of an adapter is llama.cpp's
(convert_lora_to_gguf.py): `NAME.lora_a`, `NAME.lora_b`, and the keys below.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from optiwright.agent.tuned_card import ADAPTER_MARK, TUNED_MARK
from optiwright.formulators.errors import UserError
from optiwright.training.export_adapter import Adapter, Pair
from optiwright.training.ggml_types import dequantized, quantized, quantized_shape

if TYPE_CHECKING:
    from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, ReaderTensor

Quantization: TypeAlias = Literal["q8_0", "q4_k_m"]
_TURNED = {"llama": ("attn_q", "attn_k"), "qwen2": (), "qwen3": ()}
"""Architectures that are known, and the projections whose rows llama.cpp has in another order."""
_Q8_0, _Q4_K_M = 7, 15
"""llama.cpp's `general.file_type`."""


@dataclass(frozen=True)
class BaseFile:
    """A base's GGUF, open."""

    path: Path
    reader: GGUFReader
    architecture: str

    def number(self, key: str) -> int:
        """Return a number of its metadata, below the architecture's name."""
        field = self.reader.get_field(f"{self.architecture}.{key}")
        assert field is not None
        return int(field.contents())

    @property
    def file_type(self) -> int:
        """How most of its tensors are stored; -1 where it does not say."""
        field = self.reader.get_field("general.file_type")
        return -1 if field is None else int(field.contents())


def open_base(path: Path) -> BaseFile:
    """Open a base's GGUF.

    Raises:
        UserError: it is none, or of an architecture that is not known here.
    """
    from gguf import GGUFReader

    try:
        reader = GGUFReader(path)
        field = reader.get_field("general.architecture")
        architecture = str(field.contents()) if field is not None else ""
    except (OSError, ValueError, IndexError) as error:
        raise UserError(f"the base is no GGUF that can be read: {error}", where=str(path)) from None
    if architecture not in _TURNED:
        raise UserError(
            f"a model of the architecture {architecture!r} cannot be exported as GGUF",
            where=str(path),
            remedy=f"Known are {', '.join(_TURNED)}; others: `--merged` and `vllm serve`.",
        )
    return BaseFile(path, reader, architecture)


def fitted(adapter: Adapter, base: BaseFile) -> dict[str, Pair]:
    """Return the adapter's pairs by the base's names of tensors, rows in the base's order.

    Raises:
        UserError: the adapter is not one for this base.
    """
    from gguf import MODEL_ARCH, MODEL_ARCH_NAMES, get_tensor_name_map

    kind = next(a for a in MODEL_ARCH if MODEL_ARCH_NAMES.get(a) == base.architecture)
    names = get_tensor_name_map(kind, base.number("block_count"))
    shapes = {t.name: tuple(int(n) for n in t.shape) for t in base.reader.tensors}
    pairs: dict[str, Pair] = {}
    for module, pair in adapter.pairs.items():
        place = f"{names.get_name(module) or module}.weight"
        have, need = (pair.down.shape[1], pair.up.shape[0]), shapes.get(place)
        if have != need:
            found = f"one of {need[0]} to {need[1]}" if need else "no such matrix"
            raise UserError(
                f"the adapter is none for this base: `{module}` maps {have[0]} to {have[1]} "
                f"numbers, and the base has {found}",
                where=str(base.path),
                remedy="Name the GGUF of the model that was tuned, with `--base`.",
            )
        pairs[place] = Pair(pair.down, _in_order(pair.up, place, base))
    return pairs


def _in_order(up: NDArray[np.float32], place: str, base: BaseFile) -> NDArray[np.float32]:
    """Return rows as llama.cpp has them: halves of a head interleaved for its rotation."""
    projection = place.split(".")[-2]
    if projection not in _TURNED[base.architecture]:
        return up
    keys = projection == "attn_k"
    heads = base.number("attention.head_count_kv" if keys else "attention.head_count")
    halves = up.reshape(heads, 2, up.shape[0] // heads // 2, up.shape[1])
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(up.shape))


def write_adapter(adapter: Adapter, base: BaseFile, prompt: str, path: Path) -> None:
    """Write the adapter as GGUF, in half precision; raises UserError as `fitted` does."""
    from gguf import GGUFWriter

    pairs = fitted(adapter, base)
    writer = GGUFWriter(path, base.architecture)
    writer.add_type("adapter")
    writer.add_string(ADAPTER_MARK.decode(), "lora")
    writer.add_string(TUNED_MARK.decode(), prompt)
    # llama.cpp scales by alpha over rank.
    writer.add_float32("adapter.lora.alpha", adapter.scale * adapter.rank)
    for name, pair in pairs.items():
        writer.add_tensor(f"{name}.lora_a", pair.down.astype(np.float16))
        writer.add_tensor(f"{name}.lora_b", pair.up.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_merged(
    adapter: Adapter, base: BaseFile, prompt: str, quantization: Quantization, path: Path
) -> None:
    """Write the base with the adapter worked in, as GGUF.

    `q8_0` stores what was tuned, and what the base has in 16 bits or more, in eight bits.
    `q4_k_m` stores each tensor in the base's own type, so the base must be of that kind.

    Raises:
        UserError: as `fitted` does, or the base is of another kind.
    """
    from gguf import GGUFWriter

    if quantization == "q4_k_m" and base.file_type != _Q4_K_M:
        raise UserError(
            "q4_k_m keeps the types of the base's tensors, and this base is not of that kind",
            where=str(base.path),
            remedy="Take `--quantize q8_0`, or name a base in Q4_K_M with `--base`.",
        )
    pairs = fitted(adapter, base)
    writer = GGUFWriter(path, base.architecture)
    writer.add_string(TUNED_MARK.decode(), prompt)
    kept = {} if quantization == "q4_k_m" else {"general.file_type": _Q8_0}
    _copy_metadata(base.reader, writer, kept)
    for tensor in base.reader.tensors:
        stored = _stored(tensor, quantization, tuned=tensor.name in pairs)
        shape, kind, size = quantized_shape(tensor, stored)
        writer.add_tensor_info(tensor.name, shape, kind, size, stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for tensor in base.reader.tensors:
        stored = _stored(tensor, quantization, tuned=tensor.name in pairs)
        writer.write_tensor_data(_data(tensor, stored, pairs.get(tensor.name), adapter.scale))
    writer.close()


def _data(
    tensor: ReaderTensor, stored: GGMLQuantizationType, pair: Pair | None, scale: float
) -> NDArray[Any]:
    if pair is None and stored == tensor.tensor_type:
        return np.asarray(tensor.data)
    weights = dequantized(tensor)
    if pair is not None:
        weights = weights + np.float32(scale) * (pair.up @ pair.down)
    return quantized(weights, stored)


def _stored(
    tensor: ReaderTensor, quantization: Quantization, *, tuned: bool
) -> GGMLQuantizationType:
    """Return the type in which a tensor is stored."""
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    wide = tensor.tensor_type.name in ("F32", "F16", "BF16") and len(tensor.shape) > 1
    if quantization == "q4_k_m" or not (tuned or wide):
        return tensor.tensor_type
    block, _ = GGML_QUANT_SIZES[GGMLQuantizationType.Q8_0]
    fits = int(tensor.shape[0]) % block == 0
    return GGMLQuantizationType.Q8_0 if fits else GGMLQuantizationType.F16


def _copy_metadata(reader: GGUFReader, writer: GGUFWriter, other: dict[str, int]) -> None:
    from gguf import GGUFValueType

    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue  # the writer's own
        kind = field.types[0]
        inner = field.types[-1] if kind == GGUFValueType.ARRAY else None
        value = other.get(field.name, field.contents())
        writer.add_key_value(field.name, value, kind, sub_type=inner)
