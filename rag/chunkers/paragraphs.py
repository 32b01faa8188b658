"""Cut along headings and paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.chunkers.base import Chunk

# A fenced listing, a Markdown heading, or lines up to one of these or to an empty line.
_BLOCK = re.compile(
    r"^```(?s:.*?)(?:^```[^\n]*|\Z)|^#{1,6}[ \t][^\n]*|\S[^\n]*(?:\n(?![ \t]*\n|```|#{1,6}[ \t])[^\n]+)*",
    re.MULTILINE,
)
_LONGEST_HEADING = 300  # characters; a longer line is prose, or made to keep the patterns busy
_MARKDOWN_HEADING = re.compile(r"(#{1,6})[ \t]+(.+?)[ \t]*#*")
# Plain-text headings, as in the Python reference: a line underlined by one repeated sign.
_UNDERLINED_HEADING = re.compile(r"(\S[^\n]*)\n([*=~^\"-])\2{2,}[ \t]*")
_UNDERLINE_LEVELS = '*=-~^"'
_SPLIT_POINTS = (re.compile(r"\n"), re.compile(r"(?<=[.!?…;:])\s+"), re.compile(r"\s+"))


@dataclass(frozen=True)
class ParagraphChunker:
    """Join whole paragraphs under one heading up to `target` characters.

    A paragraph longer than `limit` is split at a line, a sentence or a word, in this order
    of preference. A heading is never the end of a chunk: it opens the next one.
    """

    target: int = 520
    limit: int = 760

    @property
    def version(self) -> str:
        """Name the method and its settings."""
        return f"paragraphs-1({self.target},{self.limit})"

    def chunk(self, text: str) -> list[Chunk]:
        """Return the chunks of a text in order."""
        path: dict[int, str] = {}
        chunks: list[Chunk] = []
        spans: list[tuple[int, int]] = []
        for start, end in _blocks(text):
            heading = _heading(text, start, end)
            if heading:
                _close(text, spans, path, chunks)
                level, title = heading
                path = {depth: name for depth, name in path.items() if depth < level} | {level: title}
                continue
            for piece in self._pieces(text, start, end):
                if spans and piece[1] - spans[0][0] > self.target:
                    _close(text, spans, path, chunks)
                spans.append(piece)
        _close(text, spans, path, chunks)
        return chunks or [Chunk(start, end, text[start:end], ()) for start, end in _blocks(text)]

    def _pieces(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        while end - start > self.limit:
            cut = _cut(text, start, start + self.limit, least=start + self.target // 2)
            yield start, cut
            start = cut
            while start < end and text[start].isspace():
                start += 1
        if start < end:
            yield start, end


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    for match in _BLOCK.finditer(text):
        yield match.start(), match.start() + len(match.group().rstrip())


def _heading(text: str, start: int, end: int) -> tuple[int, str] | None:
    indented = start > 0 and text[start - 1] != "\n"
    if indented or end - start > _LONGEST_HEADING:
        return None
    block = text[start:end]
    if found := _MARKDOWN_HEADING.fullmatch(block):
        return len(found.group(1)), found.group(2)
    if found := _UNDERLINED_HEADING.fullmatch(block):
        return 1 + _UNDERLINE_LEVELS.index(found.group(2)), found.group(1).strip()
    return None


def _close(text: str, spans: list[tuple[int, int]], path: dict[int, str], chunks: list[Chunk]) -> None:
    if spans:
        start, end = spans[0][0], spans[-1][1]
        chunks.append(Chunk(start, end, text[start:end], tuple(path[depth] for depth in sorted(path))))
        spans.clear()


def _cut(text: str, start: int, limit: int, least: int) -> int:
    """Return the last good place to cut between `least` and `limit`."""
    for pattern in _SPLIT_POINTS:
        cuts = [match.start() for match in pattern.finditer(text, start, limit) if match.start() >= least]
        if cuts:
            return cuts[-1]
    return limit
