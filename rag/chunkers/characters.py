"""Cut into windows of so many characters."""

from __future__ import annotations

from dataclasses import dataclass

from rag.chunkers.base import Chunk, require
from rag.chunkers.blocks import TitlePaths
from rag.chunkers.boundaries import WORDS, last_cut, trim, whole_character


@dataclass(frozen=True)
class CharacterChunker:
    """Cut windows of at most `size` characters that share at most `overlap` with the one before.

    A window ends and starts between words, except inside a word longer than half of it; it
    never parts a letter from its marks. Headings stay in the text.
    """

    size: int = 1000
    overlap: int = 100

    def __post_init__(self) -> None:
        sensible = self.size > 0 and 0 <= self.overlap <= self.size // 2
        require(sensible, f"characters: size > 0 and 0 <= overlap <= size / 2, not {self.version}")

    @property
    def version(self) -> str:
        """Name the method and its settings."""
        return f"characters-1({self.size},{self.overlap})"

    def chunk(self, text: str) -> list[Chunk]:
        """Return the windows of a text in order, each under the headings it starts with."""
        titles = TitlePaths(text)
        chunks: list[Chunk] = []
        start, stop = trim(text, 0, len(text))
        while start < stop:
            cut = stop
            if stop - start > self.size:
                cut = last_cut(text, start, start + self.size, start + self.size // 2, (WORDS,))
            _, end = trim(text, start, cut)
            chunks.append(Chunk(start, end, text[start:end], titles.at(start)))
            start = trim(text, cut if cut == stop else self._next(text, start, end), stop)[0]
        return chunks

    def _next(self, text: str, start: int, end: int) -> int:
        """Return where the next window starts: at a word within the overlap, or where this one ends."""
        least = max(end - self.overlap, start + 1)
        if least >= end:
            return end
        if word := WORDS.search(text, least - 1, end):
            return word.end()
        inside_word = end < len(text) and not text[end].isspace()
        return whole_character(text, least, start + 1) if inside_word else end
