"""The character chunker: windows of a size, between words."""

from __future__ import annotations

from itertools import pairwise

import pytest

from rag.chunkers import CharacterChunker, ChunkerError

TEXT = "Вы можете вернуть товар в течение четырнадцати дней со дня доставки. We deliver to Berlin. " * 8


@pytest.mark.parametrize(("size", "overlap"), [(50, 0), (80, 20), (200, 100)])
def test_windows_are_filled_between_words(size: int, overlap: int) -> None:
    chunks = CharacterChunker(size, overlap).chunk(TEXT)
    assert all(size - 20 < len(chunk.text) <= size for chunk in chunks[:-1])
    for chunk in chunks:
        assert chunk.start == 0 or TEXT[chunk.start - 1] == " "
        assert TEXT[chunk.end] == " "


def test_neighbours_share_whole_words() -> None:
    for one, following in pairwise(CharacterChunker(80, 30).chunk(TEXT)):
        shared = TEXT[following.start : one.end]
        assert 0 < len(shared) <= 30


def test_without_overlap_nothing_is_said_twice() -> None:
    chunks = CharacterChunker(50, 0).chunk(TEXT)
    assert " ".join(chunk.text for chunk in chunks) == TEXT.strip()


def test_a_word_without_end_is_cut_with_overlap() -> None:
    chunks = CharacterChunker(20, 5).chunk("ё" * 50)
    assert [(chunk.start, chunk.end) for chunk in chunks] == [(0, 20), (15, 35), (30, 50)]


@pytest.mark.parametrize("letter", ["e\u0301", "\U0001f1f7\U0001f1fa", "👩🏽\u200d🚀", "и\u0306\u0331"])
def test_letters_of_several_signs_stay_whole(letter: str) -> None:
    for chunk in CharacterChunker(25, 7).chunk(letter * 40):
        assert chunk.start % len(letter) == 0
        assert chunk.text == (letter * len(chunk.text))[: len(chunk.text)]
        assert len(chunk.text) % len(letter) == 0


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (10, 6), (10, -1)])
def test_senseless_settings_are_refused(size: int, overlap: int) -> None:
    with pytest.raises(ChunkerError, match="characters: size > 0"):
        CharacterChunker(size, overlap)
