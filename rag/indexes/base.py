"""Define what an index is: derived from the corpus, found by chunk id, rebuilt at will."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Hit(NamedTuple):
    """Name a chunk and how well it fits, higher is better."""

    chunk_id: int
    score: float


class VectorIndex(Protocol):
    """Find the nearest vectors by cosine."""

    def search(self, vectors: NDArray[np.float32], count: int) -> list[list[Hit]]:
        """Return at most `count` hits for each of the unit vectors (n, dimension), best first."""
        ...


class LexicalIndex(Protocol):
    """Find chunks by their words."""

    def search(self, queries: Sequence[str], count: int) -> list[list[Hit]]:
        """Return at most `count` hits for each query, best first."""
        ...
