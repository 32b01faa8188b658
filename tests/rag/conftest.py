"""Shared by the tests of `rag`: a corpus in two languages, the generator, a server over real models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openai import OpenAI
from sqlalchemy import Engine, create_engine, event

from rag import Corpus, Document, OpenVinoGenerator, ParagraphChunker, Retriever, open_indexes
from rag.corpus.migrations import migrate
from rag.embedders import LocalEmbedder
from tests.rag.model_server import ModelServer, serve

HANDBOOK = {
    "returns": (
        "Возврат товара",
        "Вы можете вернуть товар в течение четырнадцати дней со дня доставки. "
        "Деньги за возвращённый товар приходят на карту за три рабочих дня.",
    ),
    "warranty": (
        "Гарантия",
        "Гарантия на ноутбуки действует два года. "
        "Она не покрывает механические повреждения и залитую клавиатуру.",
    ),
    "delivery": (
        "Delivery",
        "We deliver to Germany, France and Spain within five working days. "
        "Express delivery costs ten euros and takes one day.",
    ),
    "account": (
        "Your account",
        "To change your password, open the settings and choose Security. "
        "We lock the account after five wrong attempts.",
    ),
    "gardening": (
        "Уход за розами",
        "Розы поливают рано утром под корень. Обрезать кусты лучше всего в начале весны.",
    ),
}


def handbook() -> list[Document]:
    return [Document(f"handbook:{key}", title, text) for key, (title, text) in HANDBOOK.items()]


@pytest.fixture
def chunker() -> ParagraphChunker:
    return ParagraphChunker()


@pytest.fixture
def documents() -> list[Document]:
    return handbook()


@pytest.fixture
def make_tree(tmp_path: Path) -> Callable[[dict[str, str | bytes]], Path]:
    """Write files below a folder of documents."""

    def make(files: dict[str, str | bytes]) -> Path:
        root = tmp_path / "documents"
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return make


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = create_engine(f"sqlite:///{tmp_path / 'corpus.db'}")
    event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA foreign_keys=ON"))
    yield engine
    engine.dispose()


@pytest.fixture
def corpus(engine: Engine) -> Corpus:
    return Corpus(engine)


@pytest.fixture
def filled(corpus: Corpus, chunker: ParagraphChunker, documents: list[Document]) -> Corpus:
    for document in documents:
        corpus.put(document, chunker)
    return corpus


@pytest.fixture(params=["sqlite", "postgres"])
def any_corpus(request: pytest.FixtureRequest, make_engine: Callable[[str], Engine]) -> Corpus:
    """The same corpus on both databases."""
    return Corpus(make_engine(request.param))


@pytest.fixture
def make_engine(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Engine]]:
    engines = []

    def make(kind: str) -> Engine:
        if kind == "sqlite":
            return request.getfixturevalue("engine")
        engine = create_engine(request.getfixturevalue("postgres_url"))
        migrate(engine, "base")
        engines.append(engine)
        return engine

    yield make
    for engine in engines:
        migrate(engine, "base")
        engine.dispose()


@pytest.fixture(scope="session")
def retriever(embedder: LocalEmbedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    """Retrieval over the handbook with the real embedder; to be read only."""
    folder = tmp_path_factory.mktemp("handbook")
    engine = create_engine(f"sqlite:///{folder / 'corpus.db'}")
    corpus = Corpus(engine)
    for document in handbook():
        corpus.put(document, ParagraphChunker())
    yield Retriever(corpus, embedder, open_indexes(corpus, embedder, folder / "indexes"))
    engine.dispose()


@pytest.fixture(scope="session")
def server(generator: OpenVinoGenerator, embedder: LocalEmbedder) -> Iterator[ModelServer]:
    """An OpenAI-compatible server over the real models."""
    with serve(generator, embedder) as running:
        yield running


@pytest.fixture
def client(server: ModelServer) -> Iterator[OpenAI]:
    with OpenAI(base_url=server.url, api_key="none", timeout=30, max_retries=0) as client:
        yield client
