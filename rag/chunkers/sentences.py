"""Cut into runs of whole sentences."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rag.chunkers.base import Chunk, require
from rag.chunkers.blocks import Block, sections
from rag.chunkers.boundaries import LINES, PROSE, WORDS, pieces, sentence_spans


@dataclass(frozen=True)
class SentenceChunker:
    """Join up to `sentences` sentences under one heading while they fit `limit` characters.

    Neighbours share up to `overlap` sentences, fewer where the limit leaves no room. A row of
    a table and a listing count as sentences; a sentence longer than the limit is cut.
    """

    sentences: int = 5
    limit: int = 1000
    overlap: int = 1

    def __post_init__(self) -> None:
        sensible = self.limit > 0 and 0 <= self.overlap < self.sentences
        require(sensible, f"sentences: limit > 0 and 0 <= overlap < sentences, not {self.version}")

    @property
    def version(self) -> str:
        """Name the method and its settings."""
        return f"sentences-1({self.sentences},{self.limit},{self.overlap})"

    def chunk(self, text: str) -> list[Chunk]:
        """Return the chunks of a text in order."""
        chunks = []
        for path, body in sections(text):
            spans = [span for block in body for span in block_sentences(text, block, self.limit)]
            for first, last in self._runs(spans):
                start, end = spans[first][0], spans[last][1]
                chunks.append(Chunk(start, end, text[start:end], path))
        return chunks

    def _runs(self, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        first = 0
        while first < len(spans):
            last = first
            while last + 1 < min(first + self.sentences, len(spans)) and self._fits(spans, first, last + 1):
                last += 1
            yield first, last
            following = last + 1
            first = following if following == len(spans) else max(following - self.overlap, first + 1)
            while first < following and not self._fits(spans, first, following):
                first += 1

    def _fits(self, spans: list[tuple[int, int]], first: int, last: int) -> bool:
        return spans[last][1] - spans[first][0] <= self.limit


def block_sentences(text: str, block: Block, limit: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences of a block, none longer than `limit` characters.

    Of a table these are its rows; a listing is one, or its lines where it is longer.
    """
    if block.kind == "code":
        yield from pieces(text, block.start, block.end, limit, limit // 2, (LINES, WORDS))
    elif block.kind == "table":
        start = block.start
        while start < block.end:
            end = text.find("\n", start, block.end)
            end = block.end if end < 0 else end
            yield from pieces(text, start, end, limit, limit // 2)
            start = end + 1
    else:
        for start, end in sentence_spans(text, block.start, block.end):
            yield from pieces(text, start, end, limit, limit // 2, PROSE)
