"""Cut along headings and paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rag.chunkers.base import Chunk, require
from rag.chunkers.blocks import Block, sections
from rag.chunkers.boundaries import LINES, PROSE, WORDS, pieces

_LISTING = (re.compile(r"\n(?=[ \t]*\n)"), LINES, WORDS)
_CELLS = (re.compile(r"(?=\|)"), WORDS)
_LONGEST_HEADER = 200  # characters of a table's header that still help in a title path
_LONGEST_ROW = 4  # limits; a longer row is nobody's table and is cut between its cells


class _Piece(NamedTuple):
    start: int
    end: int
    header: str  # the header row of the table that this piece goes on with, or nothing


@dataclass(frozen=True)
class ParagraphChunker:
    """Join whole paragraphs under one heading up to `target` characters.

    A paragraph longer than `limit` is split at a line, a sentence or a word, in this order
    of preference. A heading is never the end of a chunk: it opens the next one.

    A listing stays whole up to `limit`, a row of a table up to four limits: of all that is cut
    here, only a chunk that is one row may be longer than `limit`. A long table is cut between
    rows; the header row is the last title of each further piece, because offsets must be true.
    """

    target: int = 520
    limit: int = 760

    def __post_init__(self) -> None:
        require(0 < self.target <= self.limit, f"paragraphs: 0 < target <= limit, not {self.version}")

    @property
    def version(self) -> str:
        """Name the method and its settings."""
        return f"paragraphs-2({self.target},{self.limit})"

    def chunk(self, text: str) -> list[Chunk]:
        """Return the chunks of a text in order."""
        chunks: list[Chunk] = []
        for path, body in sections(text):
            gathered: list[_Piece] = []
            for piece in (piece for block in body for piece in self._pieces(text, block)):
                if gathered and (piece.end - gathered[0].start > self.target or piece.header):
                    chunks.append(_close(text, gathered, path))
                gathered.append(piece)
            chunks.append(_close(text, gathered, path))
        return chunks

    def _pieces(self, text: str, block: Block) -> Iterator[_Piece]:
        if block.kind == "table" and block.end - block.start > self.limit:
            yield from self._rows(text, block)
            return
        patterns = _LISTING if block.kind == "code" else PROSE
        for start, end in pieces(text, block.start, block.end, self.limit, self.target // 2, patterns):
            yield _Piece(start, end, "")

    def _rows(self, text: str, table: Block) -> Iterator[_Piece]:
        """Yield runs of whole rows, as many as the limit holds, or one row that is longer."""
        header, start = "", table.start
        while start < table.end:
            end = self._end_of_rows(text, start, table.end)
            if end - start > self.limit * _LONGEST_ROW:
                cells = pieces(text, start, end, self.limit, self.target // 2, _CELLS)
                yield from (_Piece(*cell, header) for cell in cells)
            else:
                yield _Piece(start, end, header)
            header = header or _header(text[table.start : end])
            start = end
            while start < table.end and text[start].isspace():
                start += 1

    def _end_of_rows(self, text: str, start: int, stop: int) -> int:
        if stop - start <= self.limit:
            return stop
        end = text.rfind("\n", start + 1, start + self.limit + 1)
        if end < 0:
            end = text.find("\n", start, stop)
        return stop if end < 0 else end


def _header(table: str) -> str:
    """Return the cells of a table's first row when a ruler follows it."""
    rows = table.split("\n", 2)
    if len(rows) < 2 or set(rows[1]) - set("|-: \t\r") or len(rows[0]) > _LONGEST_HEADER:
        return ""
    return " | ".join(cell.strip() for cell in rows[0].strip().strip("|").split("|"))


def _close(text: str, gathered: list[_Piece], path: tuple[str, ...]) -> Chunk:
    start, end, header = gathered[0].start, gathered[-1].end, gathered[0].header
    gathered.clear()
    return Chunk(start, end, text[start:end], (*path, header) if header else path)
