"""Cut where the subject changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rag.chunkers.base import Chunk, require
from rag.chunkers.blocks import sections
from rag.chunkers.sentences import block_sentences

if TYPE_CHECKING:
    from rag.embedders.base import Embedder

_Span = tuple[int, int]


@dataclass(frozen=True)
class SemanticChunker:
    """Cut between sentences whose surroundings are least alike.

    Each gap is scored by the cosine of the mean vectors of the `window` sentences before and
    after it; a chunk ends where the score is among the lowest `percentile` per cent of the
    document and the chunk has `least` characters, and in any case before `limit` characters and
    at a heading. Comparing blocks around each gap is Hearst (1997), TextTiling; embeddings and a
    percentile are Kamradt (2023), 5 Levels of Text Splitting, level 4. Every sentence is
    embedded once, so the speed is that of the embedder.
    """

    embedder: Embedder
    percentile: float = 20.0
    window: int = 3
    least: int = 200
    limit: int = 1200

    def __post_init__(self) -> None:
        sensible = 0 <= self.percentile <= 100 and self.window > 0 and 0 <= self.least < self.limit
        given = f"percentile={self.percentile}, window={self.window}, least={self.least}, limit={self.limit}"
        require(sensible, f"semantic: 0 <= percentile <= 100, window > 0, 0 <= least < limit, not {given}")

    @property
    def version(self) -> str:
        """Name the method, its settings and the embedder."""
        settings = f"{self.percentile:g},{self.window},{self.least},{self.limit}"
        return f"semantic-1({settings},{self.embedder.fingerprint})"

    def chunk(self, text: str) -> list[Chunk]:
        """Return the chunks of a text in order."""
        found = [
            (path, [span for block in body for span in block_sentences(text, block, self.limit)])
            for path, body in sections(text)
        ]
        spans = [span for _, some in found for span in some]
        if not spans:
            return []
        vectors = self.embedder.embed_passages([text[start:end] for start, end in spans])
        scores, at = [], 0
        for _, some in found:
            scores.append(self._scores(vectors[at : at + len(some)]))
            at += len(some)
        gaps = np.concatenate(scores)
        threshold = float(np.percentile(gaps, self.percentile)) if len(gaps) else -1.0
        return [
            Chunk(start, end, text[start:end], path)
            for (path, some), score in zip(found, scores, strict=True)
            for start, end in self._runs(some, score <= threshold)
        ]

    def _scores(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the likeness across each gap between n sentences, an array (n - 1,)."""
        gaps = range(1, len(vectors))
        before = [vectors[max(0, gap - self.window) : gap].mean(axis=0) for gap in gaps]
        after = [vectors[gap : gap + self.window].mean(axis=0) for gap in gaps]
        cosines = [
            float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b))) for a, b in zip(before, after, strict=True)
        ]
        # Rounded, so that the last bits, which depend on the batch, move no cut.
        return np.array([round(cosine, 4) for cosine in cosines], np.float64)

    def _runs(self, spans: list[_Span], changes: NDArray[np.bool_]) -> Iterator[_Span]:
        start, end = spans[0]
        for (next_start, next_end), change in zip(spans[1:], changes, strict=True):
            if next_end - start > self.limit or (change and end - start >= self.least):
                yield start, end
                start = next_start
            end = next_end
        yield start, end
