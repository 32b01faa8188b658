"""The token chunker: windows of a model's tokens, counted and cut as the model would."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from rag.chunkers import ChunkerError, TokenChunker
from rag.errors import ModelError

TEXT = (
    "Возврат товара возможен в течение 14 дней. Деньги приходят за 3 дня! We deliver fast to Berlin.\n\n"
    "Гарантия действует два года; она не покрывает механические повреждения. "
) * 12


def lengths(chunker: TokenChunker, text: str) -> list[int]:
    tokenizer = Tokenizer.from_file(str(chunker.tokenizer))
    # A word is counted with the space before it, which the chunk itself has not.
    windows = [text[max(0, chunk.start - 1) : chunk.end] for chunk in chunker.chunk(text)]
    return [len(tokenizer.encode(window, add_special_tokens=False).ids) for window in windows]


@pytest.mark.parametrize(("size", "overlap"), [(32, 0), (48, 12), (100, 50)])
def test_windows_hold_as_many_tokens_as_fit(tokenizer_file: Path, size: int, overlap: int) -> None:
    found = lengths(TokenChunker(tokenizer_file, size, overlap), TEXT)
    assert max(found) <= size
    assert all(length > size * 0.6 for length in found[:-1])


@pytest.mark.models
def test_windows_of_the_default_embedder_hold_as_many_tokens_as_fit(e5_folder: Path) -> None:
    found = lengths(TokenChunker(e5_folder / "tokenizer.json", 64, 16), TEXT)
    assert max(found) <= 64
    assert all(length > 50 for length in found[:-1])


def test_neighbours_share_the_overlap(tokenizer_file: Path) -> None:
    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    for one, following in pairwise(TokenChunker(tokenizer_file, 100, 40).chunk(TEXT)):
        shared = TEXT[following.start - 1 : one.end]
        assert 0 < len(tokenizer.encode(shared, add_special_tokens=False).ids) <= 40


def test_windows_start_and_end_between_words(tokenizer_file: Path) -> None:
    for chunk in TokenChunker(tokenizer_file, 48, 12).chunk(TEXT):
        assert chunk.start == 0 or TEXT[chunk.start - 1].isspace()
        assert TEXT[chunk.end].isspace()


def test_a_word_without_end_is_cut_at_its_tokens(tokenizer_file: Path) -> None:
    text = "да " + "доставка" * 700
    chunks = TokenChunker(tokenizer_file, 50, 0).chunk(text)
    assert "".join(chunk.text for chunk in chunks) == text
    assert max(lengths(TokenChunker(tokenizer_file, 50, 0), text)) <= 52


def test_a_folder_names_its_tokenizer(tokenizer_file: Path) -> None:
    by_folder, by_file = TokenChunker(tokenizer_file.parent, 99), TokenChunker(tokenizer_file, 99)
    assert by_folder.version == by_file.version
    assert by_folder.chunk(TEXT) == by_file.chunk(TEXT)


def test_the_version_changes_with_the_tokenizer(tokenizer_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "tokenizer.json"
    other.write_text(tokenizer_file.read_text().replace('"1.0"', '"1.0" '))
    assert TokenChunker(other).version != TokenChunker(tokenizer_file).version
    assert TokenChunker(tokenizer_file).version.startswith("tokens-1(256,32,")


def test_threads_share_a_chunker(tokenizer_file: Path) -> None:
    chunker = TokenChunker(tokenizer_file, 40, 8)
    texts = [TEXT[shift:] for shift in range(24)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(chunker.chunk, texts))
    assert found == [TokenChunker(tokenizer_file, 40, 8).chunk(text) for text in texts]


def test_a_file_that_is_no_tokenizer_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "tokenizer.json"
    with pytest.raises(ModelError, match=r"tokenizer\.json: cannot be read"):
        _ = TokenChunker(broken).version
    broken.write_text("{}")
    with pytest.raises(ModelError, match=r"tokenizer\.json: cannot be read"):
        TokenChunker(broken).chunk("text")


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (10, 6), (10, -1)])
def test_senseless_settings_are_refused(tokenizer_file: Path, size: int, overlap: int) -> None:
    with pytest.raises(ChunkerError, match="tokens: size > 0"):
        TokenChunker(tokenizer_file, size, overlap)
