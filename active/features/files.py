"""Keep rows of features on the disk, to be read as a memory map.

A file is in the format of safetensors: a header in JSON, then the numbers. So other programs read it, nothing
is unpickled, and a file cut short is noticed by its length. The header names the fingerprint of what made the
rows; rows of another embedding model are refused.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from active.arrays import FloatArray, as_matrix
from active.errors import ChangedEmbeddingsError, DamagedFeaturesError, InvalidFeaturesError

KEY_BYTES = 16
_KINDS = {"F16": np.float16, "F32": np.float32, "F64": np.float64}
_HEADER_LIMIT = 1 << 20


@dataclass(frozen=True, eq=False)
class FeatureFile:
    """Hold the rows of one file.

    rows: (n, d) as a read-only memory map of float16, float32 or float64, for `Pool`; keys: (n, 16) bytes
    that name the rows, zeros where none were given; fingerprint: of what made the rows.
    """

    path: Path
    rows: FloatArray
    keys: NDArray[np.uint8]
    fingerprint: str

    @classmethod
    def open(cls, path: Path, fingerprint: str) -> "FeatureFile":
        """Map the rows of a file.

        Raises DamagedFeaturesError for a file that is missing, cut short or none of ours,
        ChangedEmbeddingsError for rows of another fingerprint.
        """
        header, start = _read_header(path)
        found = header.get("__metadata__", {}).get("fingerprint", "")
        if found != fingerprint:
            raise ChangedEmbeddingsError(str(path), found, fingerprint)
        tensors = {name: _map(path, header, name, start) for name in ("features", "keys")}
        return cls(path, tensors["features"], tensors["keys"], found)

    @classmethod
    def write(
        cls,
        path: Path,
        blocks: Iterable[ArrayLike],
        *,
        count: int,
        width: int,
        fingerprint: str,
        keys: NDArray[np.uint8] | None = None,
        dtype: DTypeLike = np.float16,
    ) -> "FeatureFile":
        """Write `count` rows, given in blocks, and map them.

        The file appears under its name only when it is whole; a failure leaves what was there before.
        Raises InvalidFeaturesError for NaN, infinity, numbers that the type cannot hold, or other than
        `count` rows of `width`.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        names = np.zeros((count, KEY_BYTES), np.uint8) if keys is None else keys
        try:
            with part.open("wb") as file:
                file.write(_header(count, width, np.dtype(dtype), fingerprint))
                written = sum(_write_block(file, block, width, np.dtype(dtype)) for block in blocks)
                if written != count or names.shape != (count, KEY_BYTES):
                    raise InvalidFeaturesError(f"{path}: {written} rows, {len(names)} keys; wanted {count}")
                file.write(np.ascontiguousarray(names).data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return cls.open(path, fingerprint)


def _write_block(file: BinaryIO, block: ArrayLike, width: int, dtype: np.dtype[Any]) -> int:
    rows = as_matrix(block, "features", width)
    with np.errstate(over="ignore"):
        narrow = np.ascontiguousarray(rows.astype(dtype))
    if not np.isfinite(narrow).all():
        raise InvalidFeaturesError(f"features up to {np.abs(rows).max():.3g} exceed {dtype}: scale them down")
    file.write(narrow.data)
    return len(rows)


def _header(count: int, width: int, dtype: np.dtype[Any], fingerprint: str) -> bytes:
    kind = next(name for name, known in _KINDS.items() if np.dtype(known) == dtype)
    end = count * width * dtype.itemsize
    header = {
        "__metadata__": {"fingerprint": fingerprint},
        "features": {"dtype": kind, "shape": [count, width], "data_offsets": [0, end]},
        "keys": {
            "dtype": "U8",
            "shape": [count, KEY_BYTES],
            "data_offsets": [end, end + count * KEY_BYTES],
        },
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 64)  # numbers begin at an even address
    return len(text).to_bytes(8, "little") + text


def _read_header(path: Path) -> tuple[dict[str, Any], int]:
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(min(length, _HEADER_LIMIT)))
        end = max(entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
        size = path.stat().st_size
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedFeaturesError(str(path), f"no readable feature file ({error})") from error
    if size != 8 + length + end:
        raise DamagedFeaturesError(str(path), f"{size} bytes of {8 + length + end}")
    return header, 8 + length


def _map(path: Path, header: dict[str, Any], name: str, start: int) -> Any:
    try:
        entry = header[name]
        kind = np.uint8 if name == "keys" else _KINDS[entry["dtype"]]
        shape = tuple(entry["shape"])
        if 0 in shape:
            return np.empty(shape, dtype=kind)
        return np.memmap(path, dtype=kind, mode="r", offset=start + entry["data_offsets"][0], shape=shape)
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedFeaturesError(str(path), f"no table {name} ({error})") from error
