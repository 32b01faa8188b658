"""Every kind of index, made the way the platform makes it: built as a version, then opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.indexes import VECTOR_BACKENDS, WORD_BACKENDS, Backends
from rag.indexes.base import Backend, Version
from rag.indexes.stemming import terms


def unit_vectors(count: int, dimension: int, seed: int) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


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


@pytest.fixture(scope="session")
def draw() -> Callable[[int, int, int], NDArray[np.float32]]:
    """Draw unit vectors: count, dimension, seed."""
    return unit_vectors


@pytest.fixture
def word_embedder() -> Callable[[int], WordEmbedder]:
    return WordEmbedder


@dataclass
class Shelf:
    """Build and open versions of one kind of index."""

    backend: Backend[Any]
    folder: Path
    restart: Callable[[], None] = lambda: None

    def version(self, name: str) -> Version:
        return Version(name, self.folder / name)

    def build(self, name: str, *added: Any, base: str | None = None, gone: Sequence[int] = ()) -> Any:
        """Build a version from what `add` takes, and open it."""
        version = self.version(name)
        version.folder.mkdir()
        with self.backend.building(version, self.version(base) if base else None) as index:
            index.remove(gone)
            index.add(*added)
        return self.backend.open(version)


def choose(
    request: pytest.FixtureRequest, folder: Path, vectors: Any = "faiss", words: Any = "tantivy"
) -> Backends:
    """Name the backends with the addresses of the test's servers."""
    served = vectors == "pgvector" or words == "postgres"
    url = request.getfixturevalue("postgres_url") if served else ""
    return Backends(vectors, words, postgres_url=url, qdrant_url=str(folder / "qdrant"))


@pytest.fixture
def chosen(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Backends]:
    """Name the backends with the addresses of this test's servers."""
    return partial(choose, request, tmp_path)


@pytest.fixture
def qdrant_closed(tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Close this test's client of Qdrant, now and at the end."""
    from rag.indexes.qdrant_index import close_place

    def close() -> None:
        close_place(str(tmp_path / "qdrant"))

    yield close
    close()


@pytest.fixture(params=VECTOR_BACKENDS)
def vector_shelf(
    request: pytest.FixtureRequest, tmp_path: Path, chosen: Any, qdrant_closed: Any
) -> Iterator[Shelf]:
    shelf = Shelf(chosen(vectors=request.param).vector_backend(), tmp_path, qdrant_closed)
    yield shelf
    for name in ("one", "two"):
        shelf.backend.drop(shelf.version(name))


@pytest.fixture(scope="module", params=VECTOR_BACKENDS)
def kept_shelf(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """A shelf for a version that tests only read: some engines take seconds to fill one."""
    from rag.indexes.qdrant_index import close_place

    folder = tmp_path_factory.mktemp("kept")
    shelf = Shelf(choose(request, folder, vectors=request.param).vector_backend(), folder)
    yield shelf
    shelf.backend.drop(shelf.version("kept"))
    close_place(str(folder / "qdrant"))


@pytest.fixture
def word_shelf_of(tmp_path: Path, chosen: Any) -> Iterator[Callable[[Any], Shelf]]:
    made: list[Shelf] = []

    def make(kind: Any) -> Shelf:
        made.append(Shelf(chosen(words=kind).word_backend(), tmp_path))
        return made[-1]

    yield make
    for shelf in made:
        for name in ("one", "two"):
            shelf.backend.drop(shelf.version(name))


@pytest.fixture(params=WORD_BACKENDS)
def word_shelf(request: pytest.FixtureRequest, word_shelf_of: Callable[[Any], Shelf]) -> Shelf:
    return word_shelf_of(request.param)
