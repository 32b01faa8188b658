"""Define what a reranker is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Reranker(Protocol):
    """Score texts against a query, reading both; slower and sharper than a search."""

    @property
    def fingerprint(self) -> str:
        """Identify the weights."""
        ...

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return a score (n,) for each text, higher is better; only differences mean anything."""
        ...
