"""Share the vectors of sentences between attribution and verification: each text is embedded once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.embedders import Embedder
from rag.language import sentences

MIN_SUPPORT = 0.88  # cosine of e5 between a sentence and the nearest sentence of a passage


class SentenceVectors:
    """Embed sentences on demand, all that are missing in one go."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, NDArray[np.float32]] = {}

    def of(self, texts: Collection[str]) -> Mapping[str, NDArray[np.float32]]:
        """Return a mapping that holds a unit vector for each of the texts."""
        missing = sorted(set(texts) - self._known.keys())
        if missing:
            self._known.update(zip(missing, self._embedder.embed_passages(missing), strict=True))
        return self._known


def passage_sentences(passages: Sequence[str]) -> list[tuple[int, str]]:
    """Return the sentences of numbered passages with the numbers, from 1."""
    return [
        (number, part)
        for number, passage in enumerate(passages, start=1)
        for part in sentences(" ".join(passage.split()))
    ]
