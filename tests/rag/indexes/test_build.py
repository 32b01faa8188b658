"""Building the indexes: once for each version of the corpus, whole or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rag import Corpus, CorpusError, Document, IndexStaleError, ParagraphChunker, open_indexes
from rag.indexes.stemming import terms


class WordEmbedder:
    """A real, small embedder: a text is the bag of its stems, each in a place drawn by its letters."""

    def __init__(self, dimension: int = 64) -> None:
        self.fingerprint = f"words-{dimension}"
        self.dimension = dimension
        self.embedded = 0

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.embed_passages(texts)

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float32]:
        vectors = np.full((len(texts), self.dimension), 1e-6, np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for term in terms(text):
                row[sum(term.encode()) % self.dimension] += 1
        self.embedded += len(texts)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class FailingEmbedder(WordEmbedder):
    """An embedder that fails after its first call."""

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float32]:
        raise RuntimeError("no power")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "indexes"


def test_indexes_are_built_once_and_then_opened(filled: Corpus, folder: Path) -> None:
    embedder = WordEmbedder()
    seen: list[tuple[int, int]] = []
    first = open_indexes(filled, embedder, folder, lambda done, total: seen.append((done, total)))
    assert seen == [(5, 5)]
    made = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    again = open_indexes(filled, embedder, folder)
    assert again.fingerprint == first.fingerprint
    assert embedder.embedded == 5
    assert {path: path.stat().st_mtime_ns for path in made} == made
    [hits] = again.lexical.search(["гарантия"], 3)
    [chunk] = filled.chunks([hits[0].chunk_id])
    assert chunk.document_key == "handbook:warranty"


def test_a_changed_corpus_gets_new_indexes_and_embeds_only_what_is_new(
    filled: Corpus, folder: Path, documents: list[Document], chunker: ParagraphChunker
) -> None:
    embedder = WordEmbedder()
    before = open_indexes(filled, embedder, folder)
    filled.put(replace(documents[0], text="Товары не возвращаются никогда."), chunker)
    after = open_indexes(filled, embedder, folder)
    assert after.fingerprint != before.fingerprint
    assert embedder.embedded == 6
    assert [path.name for path in folder.iterdir()] == [after.fingerprint]
    [hits] = after.lexical.search(["никогда"], 3)
    assert filled.chunks([hits[0].chunk_id])[0].text == "Товары не возвращаются никогда."


def test_another_embedder_gets_other_indexes(filled: Corpus, folder: Path) -> None:
    one = open_indexes(filled, WordEmbedder(64), folder)
    other = open_indexes(filled, WordEmbedder(32), folder)
    assert one.fingerprint != other.fingerprint
    assert len(other.vectors.search(np.ones((1, 32), np.float32), 5)[0]) == 5


def test_a_failed_build_leaves_the_old_indexes_and_no_scrap(
    filled: Corpus, folder: Path, documents: list[Document], chunker: ParagraphChunker
) -> None:
    before = open_indexes(filled, WordEmbedder(), folder)
    filled.put(replace(documents[0], text="Новый текст."), chunker)
    with pytest.raises(RuntimeError, match="no power"):
        open_indexes(filled, FailingEmbedder(), folder)
    assert [path.name for path in folder.iterdir()] == [before.fingerprint]


def test_an_empty_corpus_is_an_error_that_says_what_to_do(corpus: Corpus, folder: Path) -> None:
    with pytest.raises(CorpusError, match="pairloop ingest"):
        open_indexes(corpus, WordEmbedder(), folder)


@pytest.mark.parametrize("harmed", ["vectors.faiss", "words"])
def test_a_damaged_index_is_stale_and_following_the_advice_mends_it(
    filled: Corpus, folder: Path, harmed: str
) -> None:
    made = folder / open_indexes(filled, WordEmbedder(), folder).fingerprint
    for file in (made / harmed).glob("*") if harmed == "words" else [made / harmed]:
        file.write_bytes(b"garbage" * 40)
    with pytest.raises(IndexStaleError, match=f"remove {made}"):
        open_indexes(filled, WordEmbedder(), folder)
    for file in sorted(made.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    made.rmdir()
    assert len(open_indexes(filled, WordEmbedder(), folder).lexical.search(["гарантия"], 3)[0]) == 1
