"""A trained Hugging Face folder into GGUF, for fast engines. Tensors are read and written one by one."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from gguf import (
    GGML_QUANT_SIZES,
    MODEL_ARCH,
    GGMLQuantizationType,
    GGUFReader,
    GGUFValueType,
    GGUFWriter,
    LlamaFileType,
    get_tensor_name_map,
)
from gguf.quants import quantize
from numpy.typing import NDArray
from safetensors import safe_open

from training.errors import ModelError

Precision = Literal["F16", "Q8_0"]
_FILE_TYPES = {"F16": LlamaFileType.MOSTLY_F16, "Q8_0": LlamaFileType.MOSTLY_Q8_0}
_SET_BY_US = {"general.architecture", "general.file_type", "general.quantization_version"}
_TIED_HEAD = "output.weight"


@dataclass(frozen=True)
class _Tensor:
    """Locate a tensor: its GGUF name and how it is stored there, its file and its Hugging Face name."""

    name: str
    kind: GGMLQuantizationType
    shape: tuple[int, ...]
    file: Path
    key: str

    @property
    def stored_bytes(self) -> int:
        """Give the size in the GGUF file."""
        block, size = GGML_QUANT_SIZES[self.kind]
        return math.prod(self.shape) // int(block) * int(size)


def export_gguf(folder: Path, base_gguf: Path, target: Path, precision: Precision = "F16") -> Path:
    """Write the weights of `folder` (adapters merged) with the tokenizer and settings of `base_gguf`.

    Norms stay float32. The file appears whole or not at all. Raises ModelError where the base is not a llama
    GGUF or the weights do not fit it.
    """
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ModelError(f"{folder}: no safetensors weights to export")
    base = _open_base(base_gguf)
    tensors = list(_plan(files, base, GGMLQuantizationType[precision]))
    _check_fit(folder, base, tensors)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(target.name + ".tmp")
    writer = GGUFWriter(draft, "llama")
    _copy_settings(base, writer)
    writer.add_file_type(_FILE_TYPES[precision])
    for tensor in tensors:
        writer.add_tensor_info(
            tensor.name, tensor.shape, np.dtype(np.float32), tensor.stored_bytes, raw_dtype=tensor.kind
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for tensor in tensors:
        writer.write_tensor_data(quantize(_weights(tensor, base), tensor.kind))
    writer.close()
    return draft.replace(target)


def _open_base(base_gguf: Path) -> GGUFReader:
    try:
        base = GGUFReader(base_gguf)
    except (OSError, ValueError, IndexError) as error:
        raise ModelError(f"{base_gguf}: cannot be read as GGUF: {' '.join(str(error).split())}") from error
    if (architecture := _setting(base, "general.architecture")) != "llama":
        raise ModelError(f"{base_gguf}: architecture {architecture}; only llama can be exported")
    return base


def _setting(base: GGUFReader, name: str) -> Any:
    return base.fields[name].contents()


def _copy_settings(base: GGUFReader, writer: GGUFWriter) -> None:
    for name, field in base.fields.items():
        if name.startswith("GGUF.") or name in _SET_BY_US:
            continue
        inner = field.types[-1] if field.types[0] == GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), field.types[0], sub_type=inner)


def _plan(files: Sequence[Path], base: GGUFReader, matrices: GGMLQuantizationType) -> Iterator[_Tensor]:
    names = get_tensor_name_map(MODEL_ARCH.LLAMA, _setting(base, "llama.block_count"))
    has_head = any(tensor.name == _TIED_HEAD for tensor in base.tensors)
    for file in files:
        with safe_open(file, framework="numpy") as weights:
            for key in weights.keys():  # noqa: SIM118 - not a mapping
                name = names.get_name(key, try_suffixes=(".weight", ".bias"))
                if name is None:
                    raise ModelError(f"{file}: GGUF has no place for {key}; merge adapters before exporting")
                if name == _TIED_HEAD and not has_head:
                    continue
                shape = tuple(weights.get_slice(key).get_shape())
                yield _Tensor(
                    name, matrices if len(shape) > 1 else GGMLQuantizationType.F32, shape, file, key
                )


def _check_fit(folder: Path, base: GGUFReader, tensors: list[_Tensor]) -> None:
    wanted = {tensor.name: tuple(int(size) for size in reversed(tensor.shape)) for tensor in base.tensors}
    given = {tensor.name: tensor.shape for tensor in tensors}
    if wanted != given:
        different = sorted(
            name for name in wanted.keys() | given.keys() if wanted.get(name) != given.get(name)
        )
        raise ModelError(
            f"{folder}: not tuned from this GGUF: {len(different)} tensors differ, such as {different[0]}"
        )


def _weights(tensor: _Tensor, base: GGUFReader) -> NDArray[np.float32]:
    with safe_open(tensor.file, framework="numpy") as weights:
        values: NDArray[np.float32] = weights.get_tensor(tensor.key).astype(np.float32)
    if tensor.name.endswith(("attn_q.weight", "attn_k.weight")):
        kind = "head_count" if "attn_q" in tensor.name else "head_count_kv"
        return _interleave_rotary(values, _setting(base, f"llama.attention.{kind}"))
    return values


def _interleave_rotary(values: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Order rotary pairs as GGUF does: Hugging Face keeps the halves apart, GGUF interleaves them."""
    rows, columns = values.shape
    halves = values.reshape(heads, 2, rows // heads // 2, columns)
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(rows, columns))
