"""Tensors of GGUF files to numbers and back.

What the `gguf` package cannot write, the types of Q4_K_M among it, the embedded runtime's own
library does.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from optiwright.formulators.errors import UserError

if TYPE_CHECKING:
    from gguf import GGMLQuantizationType, ReaderTensor


def dequantized(tensor: ReaderTensor) -> NDArray[np.float32]:
    """Return a tensor's numbers, rows by columns."""
    from gguf.quants import dequantize

    return np.asarray(dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)


def quantized_shape(
    tensor: ReaderTensor, stored: GGMLQuantizationType
) -> tuple[tuple[int, ...], np.dtype[Any], int]:
    """Return shape, element type and bytes of a tensor's data once it is of the type `stored`."""
    from gguf.quants import quant_shape_to_byte_shape

    if stored == tensor.tensor_type:
        return tensor.data.shape, tensor.data.dtype, tensor.data.nbytes
    shape = tuple(int(n) for n in reversed(tensor.shape))
    if stored.name == "F16":
        return shape, np.dtype(np.float16), 2 * int(np.prod(shape))
    in_bytes = quant_shape_to_byte_shape(shape, stored)
    return in_bytes, np.dtype(np.uint8), int(np.prod(in_bytes))


def quantized(weights: NDArray[np.float32], stored: GGMLQuantizationType) -> NDArray[Any]:
    """Return numbers, rows by columns, in a type of GGUF.

    Raises:
        UserError: the type needs the embedded runtime, which is not installed.
    """
    from gguf.quants import quantize

    try:
        return np.asarray(quantize(weights, stored))
    except NotImplementedError:
        return _by_runtime(weights, stored)


def _by_runtime(weights: NDArray[np.float32], stored: GGMLQuantizationType) -> NDArray[Any]:
    from gguf.quants import quant_shape_to_byte_shape

    try:
        from xllamacpp import xllamacpp
    except ImportError:
        raise UserError(
            f"the type {stored.name} needs the package `xllamacpp`, which is not installed",
            remedy='Run `pip install "optiwright[local]"`, or take `--quantize q8_0`.',
        ) from None
    library = ctypes.CDLL(xllamacpp.__file__)
    library.ggml_quantize_chunk.restype = ctypes.c_size_t
    # ggml.h: type, from, to, first element, rows, elements a row, importance (none).
    library.ggml_quantize_chunk.argtypes = [
        ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p,
        ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p,
    ]  # fmt: skip
    source = np.ascontiguousarray(weights, dtype=np.float32)
    target = np.empty(quant_shape_to_byte_shape(source.shape, stored), dtype=np.uint8)
    rows, columns = source.reshape(-1, source.shape[-1]).shape
    written = library.ggml_quantize_chunk(
        int(stored), source.ctypes.data, target.ctypes.data, 0, rows, columns, None
    )
    assert written == target.nbytes
    return target
