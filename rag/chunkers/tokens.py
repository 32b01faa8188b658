"""Cut into windows of so many tokens of a model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.chunkers.base import Chunk, require
from rag.chunkers.blocks import TitlePaths
from rag.chunkers.boundaries import trim, whole_character
from rag.errors import ModelError
from rag.models.wheels import sha256

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_WORD = re.compile(r"\s*\S+")
_BATCH = 4_096  # words tokenised at once
_LARGEST_CACHE = 500_000  # words
_LONGEST_PART = 4_000  # characters of a word


@dataclass(frozen=True)
class TokenChunker:
    """Cut windows of at most `size` tokens that share at most `overlap` with the one before.

    `tokenizer` is the `tokenizer.json` of the embedder, or the folder that holds it. Tokens are
    counted word by word, each with the white space before it, without the special tokens that
    the model adds: what every tokenizer counts that parts words before it reads them. A window
    starts and ends between words where a word within half of it allows; read alone,
    its first word may count a token more. Headings stay in the text. Raises ModelError where
    the file is missing or is no tokenizer.
    """

    tokenizer: Path
    size: int = 256
    overlap: int = 32

    def __post_init__(self) -> None:
        sensible = self.size > 0 and 0 <= self.overlap <= self.size // 2
        given = f"size={self.size}, overlap={self.overlap}"
        require(sensible, f"tokens: size > 0 and 0 <= overlap <= size / 2, not {given}")

    @property
    def version(self) -> str:
        """Name the method, its settings and a hash of the tokenizer."""
        return f"tokens-1({self.size},{self.overlap},{self._digest})"

    @property
    def _file(self) -> Path:
        folder = Path(self.tokenizer)
        return folder / "tokenizer.json" if folder.is_dir() else folder

    @cached_property
    def _digest(self) -> str:
        try:
            return sha256(self._file)[:12]
        except OSError as error:
            raise ModelError(f"{self._file}: cannot be read as a tokenizer ({error.strerror})") from error

    @cached_property
    def _model(self) -> Tokenizer:
        from tokenizers import Tokenizer

        try:
            model = Tokenizer.from_file(str(self._file))
        except Exception as error:  # the library raises nothing narrower
            raise ModelError(f"{self._file}: cannot be read as a tokenizer ({error})") from error
        model.no_truncation()
        model.no_padding()
        return model

    @cached_property
    def _known(self) -> dict[str, int]:
        return {}

    def chunk(self, text: str) -> list[Chunk]:
        """Return the windows of a text in order, each under the headings it starts with."""
        titles = TitlePaths(text)
        chunks = []
        for start, end in self._windows(text):
            start, end = trim(text, start, end)
            if start < end:
                chunks.append(Chunk(start, end, text[start:end], titles.at(start)))
        return chunks

    def _windows(self, text: str) -> Iterator[tuple[int, int]]:
        units = self._units(text)
        first, count = 0, len(units.opens_word)
        while first < count:
            last = units.within(first, self.size)
            if last < count:
                last = units.word_edge(range(last, units.within(first, self.size // 2), -1), last)
            # Where tokens are bytes or marks of one letter, the letter goes to the later window.
            start, end = (whole_character(text, int(units.starts[edge]), 0) for edge in (first, last))
            yield start, end
            if last == count:
                return
            first = units.word_edge(range(max(units.behind(last, self.overlap), first + 1), last), last)

    def _units(self, text: str) -> _Units:
        """Read a text as words, and words of many tokens as their tokens."""
        places = [match.start() for match in _WORD.finditer(text)]
        words = _WORD.findall(text)
        counts = self._counts(words)
        longest = max(1, self.size // 4)
        if all(count <= longest for count in counts):
            return _Units.of([*places, len(text)], counts, [True] * len(words))
        starts: list[int] = []
        sizes: list[int] = []
        opens: list[bool] = []
        for place, word, count in zip(places, words, counts, strict=True):
            inner = [place] if count <= longest else [place + at for at in self._token_starts(word)]
            starts += inner
            sizes += [count] if len(inner) == 1 else [1] * len(inner)
            opens += [True] + [False] * (len(inner) - 1)
        return _Units.of([*starts, len(text)], sizes, opens)

    def _counts(self, words: list[str]) -> list[int]:
        """Count the tokens of each word, with the white space before it; words recur, so counts are kept."""
        known, fresh = self._known, {}
        unknown = list({word for word in words if word not in known})
        for word in (word for word in unknown if len(word) > _LONGEST_PART):
            fresh[word] = len(self._token_starts(word))
        short = [word for word in unknown if len(word) <= _LONGEST_PART]
        for at in range(0, len(short), _BATCH):
            some = short[at : at + _BATCH]
            encodings = self._model.encode_batch(some, add_special_tokens=False)
            fresh |= {word: len(encoding) for word, encoding in zip(some, encodings, strict=True)}
        counts = [fresh[word] if word in fresh else known[word] for word in words]
        if len(known) < _LARGEST_CACHE:
            known.update(fresh)
        return counts

    def _token_starts(self, word: str) -> list[int]:
        starts: list[int] = []
        for at in range(0, len(word), _LONGEST_PART):  # without parts it might need minutes
            encoding = self._model.encode(word[at : at + _LONGEST_PART], add_special_tokens=False)
            starts += [at + start for start, _ in encoding.offsets]
        return sorted(starts) or [0]  # some tokenizers list marks out of order


class _Units(NamedTuple):
    """Hold what windows are made of: n words or tokens of long words."""

    starts: NDArray[np.int64]
    """Offsets (n + 1,), the end of the text last."""
    tokens: NDArray[np.int64]
    """Tokens before each unit and in all (n + 1,)."""
    opens_word: list[bool]

    @classmethod
    def of(cls, starts: list[int], counts: list[int], opens_word: list[bool]) -> _Units:
        if counts:
            starts[0] = 0
        return cls(np.array(starts, np.int64), np.cumsum([0, *counts], dtype=np.int64), opens_word)

    def within(self, first: int, size: int) -> int:
        """Return the edge up to which `size` tokens from unit `first` reach, at least the next one."""
        reached = int(np.searchsorted(self.tokens, self.tokens[first] + size, "right")) - 1
        return max(reached, first + 1)

    def behind(self, last: int, size: int) -> int:
        """Return the first unit of those that hold at most `size` tokens before `last`."""
        return int(np.searchsorted(self.tokens, self.tokens[last] - size, "left"))

    def word_edge(self, edges: range, otherwise: int) -> int:
        """Return the first of the edges that stands between words."""
        return next((edge for edge in edges if self.opens_word[edge]), otherwise)
