"""Define what an embedder is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Turn texts into unit vectors, so that a dot product is a cosine."""

    @property
    def fingerprint(self) -> str:
        """Identify the weights and settings; equal fingerprints give equal vectors."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array (n, dimension) for questions."""
        ...

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return an array (n, dimension) for texts that are searched."""
        ...
