"""A corpus whose vectors are set by hand, so that every rank can be worked out on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import create_engine

from rag import Corpus, Document, Retriever, open_indexes
from rag.chunkers import Chunk
from rag.language import words
from rag.rerankers import Reranker


class LineChunker:
    """Make a chunk of every line."""

    version = "lines-1"

    def chunk(self, text: str) -> list[Chunk]:
        chunks, at = [], 0
        for line in text.split("\n"):
            if line.strip():
                chunks.append(Chunk(at, at + len(line), line, ()))
            at += len(line) + 1
        return chunks


class TopicEmbedder:
    """Count the words of topics that both languages share: a small but real bag-of-concepts model."""

    TOPICS = (
        ("return", "refund", "вернуть", "возврат", "деньги", "money"),
        ("warranty", "guarantee", "гарантия", "гарантии"),
        ("delivery", "courier", "доставка", "курьер"),
        ("password", "account", "пароль", "аккаунт"),
        ("roses", "garden", "розы", "сад"),
    )
    fingerprint = "topics-1"

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._embed(text) for text in texts]) if texts else np.zeros((0, 6), np.float32)

    def embed_passages(self, texts: Sequence[str], progress: object = None) -> NDArray[np.float32]:
        return self.embed_queries(texts)

    def _embed(self, text: str) -> NDArray[np.float32]:
        found = words(text)
        counts = [float(sum(word in topic for word in found)) for topic in self.TOPICS]
        vector = np.array([*counts, 0.3], np.float32)
        return vector / np.linalg.norm(vector)


LINES = {
    "shop:returns": (
        date(2024, 5, 1),
        "Goods are taken back with a refund within fourteen days.\nThe money arrives in three days.\n"
        "Keep the receipt until the money arrives.",
    ),
    "shop:warranty": (
        date(2020, 5, 1),
        "The warranty of laptops lasts two years.\nWater voids the warranty.",
    ),
    "shop:warranty-new": (date(2024, 5, 1), "The warranty of laptops lasts three years."),
    "shop:delivery": (None, "The courier needs five days.\nExpress delivery needs one day."),
    "club:roses": (date(2023, 1, 1), "Roses are cut in spring.\nRoses are watered in the morning."),
    "магазин:возврат": (
        date(2023, 6, 1),
        "Вернуть товар можно за две недели.\nДеньги приходят за три дня.",
    ),
}
MakeRetriever = Callable[..., Retriever]


@contextmanager
def _making(place: Path) -> Iterator[MakeRetriever]:
    engines = []

    def make(
        documents: dict[str, tuple[date | None, str]], reranker: Reranker | None = None, at_once: int = 4
    ) -> Retriever:
        folder = place / f"corpus-{len(engines)}"
        folder.mkdir()
        engine = create_engine(f"sqlite:///{folder / 'corpus.db'}")
        engines.append(engine)
        corpus = Corpus(engine)
        for key, (published, text) in documents.items():
            corpus.put(Document(key, "", text, published=published), LineChunker())
        embedder = TopicEmbedder()
        indexes = open_indexes(corpus, embedder, folder / "indexes")
        return Retriever(corpus, embedder, indexes, reranker, at_once)

    yield make
    for engine in engines:
        engine.dispose()


@pytest.fixture
def make_retriever(tmp_path: Path) -> Iterator[MakeRetriever]:
    """Make a retriever over documents given as {key: (date, lines)}."""
    with _making(tmp_path) as make:
        yield make


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    """A retriever over the lines above; to be read only."""
    with _making(tmp_path_factory.mktemp("shop")) as make:
        yield make(LINES)
