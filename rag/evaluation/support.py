"""Tell whether passages support a sentence, without a language model.

Others ask an entailment model (ALCE: TRUE; Gao et al., 2023). Here a sentence is supported when
every number in it stands in the passages, and either nearly all its content words do or one
sentence of the passages is as near as a restatement. That sees copies, paraphrases and wrong
figures in both languages; it does not see a negation turned round, as entailment would.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rag.content import content_terms, numbers, written_numbers
from rag.embedders import Embedder
from rag.language import sentences

MIN_COSINE = 0.88  # of e5, between a sentence and the nearest sentence of the passages
MIN_OVERLAP = 0.8  # share of the sentence's content words that stand in the passages


class Support:
    """Judge support with an embedder; every text is embedded once."""

    def __init__(
        self, embedder: Embedder, min_cosine: float = MIN_COSINE, min_overlap: float = MIN_OVERLAP
    ) -> None:
        self._embedder = embedder
        self._min_cosine, self._min_overlap = min_cosine, min_overlap
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def read(self, stated: Iterable[str], passages: Iterable[str]) -> None:
        """Embed, in one go, the sentences to be judged and those of the passages."""
        wanted = set(stated)
        for passage in set(passages):
            wanted.update(_parts(passage))
        missing = sorted(wanted - self._vectors.keys())
        if missing:
            self._vectors |= dict(zip(missing, self._embedder.embed_passages(missing), strict=True))

    def holds(self, sentence: str, passages: Sequence[str]) -> bool:
        """Tell whether the passages, taken together, support a sentence; both were read before."""
        if not passages:
            return False
        joined = "\n".join(passages)
        if not numbers(sentence) <= numbers(joined) | written_numbers(joined):
            return False
        return self._overlap(sentence, joined) >= self._min_overlap or (
            self._cosine(sentence, passages) >= self._min_cosine
        )

    @staticmethod
    def _overlap(sentence: str, joined: str) -> float:
        wanted = _content(sentence)
        return len(wanted & _content(joined)) / len(wanted) if wanted else 0.0

    def _cosine(self, sentence: str, passages: Sequence[str]) -> float:
        parts = [part for passage in passages for part in _parts(passage)]
        if not parts:
            return -1.0
        sources = np.stack([self._vectors[part] for part in parts])
        return float((sources @ self._vectors[sentence]).max())


@lru_cache(maxsize=4096)
def _content(text: str) -> frozenset[str]:
    return frozenset(content_terms(text))


@lru_cache(maxsize=4096)
def _parts(passage: str) -> tuple[str, ...]:
    return tuple(sentences(" ".join(passage.split())))
