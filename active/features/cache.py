"""Compute rows once: those of keys known before come from the disk."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from active.arrays import FloatArray, IntArray, as_matrix
from active.errors import ActiveError, InvalidFeaturesError
from active.features.files import KEY_BYTES, FeatureFile

LARGE_VALUES = 50_000_000
"""Tables of so many numbers or more (400 MB as float64) are kept as float16 memory maps."""

BLOCK_ROWS = 4096
FORMAT = "features-1"

Make = Callable[[IntArray], ArrayLike]
"""Compute the rows of some positions of the keys asked for: (k,) to (k, d)."""


def feature_fingerprint(embedder: str, **settings: Any) -> str:
    """Return a name of how rows are made: the embedding model's fingerprint and the settings of the features.

    Equal names mean equal rows for equal pairs. Settings are what JSON can write.
    """
    return f"{FORMAT}|{embedder}|{json.dumps(settings, sort_keys=True, ensure_ascii=False)}"


class FeatureCache:
    """Keep the rows of one fingerprint in one file of a folder.

    Rows come back as a float64 array, or, from `large_values` numbers on, as a float16 memory map. Another
    fingerprint has another file, so a changed embedding model never meets the old one's rows. A damaged file
    is made anew.
    """

    def __init__(self, folder: Path, fingerprint: str, large_values: int = LARGE_VALUES) -> None:
        self.fingerprint = fingerprint
        self.path = folder / f"{hashlib.sha256(fingerprint.encode()).hexdigest()[:24]}.safetensors"
        self._large_values = large_values

    def rows(self, keys: Sequence[str], make: Make, width: int) -> FloatArray:
        """Return the rows of the keys, (n, width), in their order; `make` is asked for unknown ones only.

        The file then holds just these keys. Raises InvalidFeaturesError where `make` returns bad rows.
        """
        dtype = np.float16 if len(keys) * width >= self._large_values else np.float64
        names = _digests(keys)
        known = self._known(width, np.dtype(dtype))
        if known is None or not np.array_equal(known.keys, names):
            blocks = self._blocks(names, known, make, width)
            known = FeatureFile.write(
                self.path,
                blocks,
                count=len(names),
                width=width,
                fingerprint=self.fingerprint,
                keys=names,
                dtype=dtype,
            )
        return known.rows if dtype == np.float16 else np.array(known.rows)

    def _known(self, width: int, dtype: np.dtype[Any]) -> FeatureFile | None:
        """Return the file where it can serve: whole, of that width, and no less precise than wanted."""
        try:
            known = FeatureFile.open(self.path, self.fingerprint)
        except ActiveError:
            return None
        precise = known.rows.dtype.itemsize >= dtype.itemsize
        return known if precise and known.rows.shape[1] == width else None

    def _blocks(
        self, names: NDArray[np.uint8], known: FeatureFile | None, make: Make, width: int
    ) -> Iterator[FloatArray]:
        places = {} if known is None else {key.tobytes(): row for row, key in enumerate(known.keys)}
        for start in range(0, len(names), BLOCK_ROWS):
            found = np.array([places.get(key.tobytes(), -1) for key in names[start : start + BLOCK_ROWS]])
            block = np.empty((len(found), width))
            if known is not None:
                block[found >= 0] = known.rows[found[found >= 0]]
            missing = np.flatnonzero(found < 0)
            if len(missing):
                made = as_matrix(make(start + missing), "features", width)
                if len(made) != len(missing):
                    raise InvalidFeaturesError(
                        f"{len(made)} rows made for {len(missing)} keys: make one each"
                    )
                block[missing] = made
            yield block


def _digests(keys: Sequence[str]) -> NDArray[np.uint8]:
    joined = b"".join(hashlib.blake2b(key.encode(), digest_size=KEY_BYTES).digest() for key in keys)
    return np.frombuffer(joined, dtype=np.uint8).reshape(len(keys), KEY_BYTES)
