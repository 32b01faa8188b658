"""Shared by the tests of `rag`: a corpus in two languages, the generator, a server over real models."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openai import OpenAI
from sqlalchemy import Engine, create_engine, event

from rag import Corpus, Decoding, Document, OpenVinoGenerator, ParagraphChunker, Retriever, open_indexes
from rag.corpus.migrations import migrate
from rag.embedders import LocalEmbedder

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
def generator(smollm2_gguf: Path) -> OpenVinoGenerator:
    """SmolLM2 with its real weights."""
    return OpenVinoGenerator(smollm2_gguf)


class ModelServer(ThreadingHTTPServer):
    """Answer chat completions and embeddings; the name of the model asked for may be a way to fail.

    `broken` answers 500, `missing` 404 with a page, `slow` after two seconds, `html` with a page,
    `no-choices` with an error in JSON, `no-logprobs` without log-probabilities, `short` with one
    embedding too few.
    """

    daemon_threads = True

    def __init__(self, generator: OpenVinoGenerator, embedder: LocalEmbedder) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.generator, self.embedder = generator, embedder
        self.lock = threading.Lock()
        self.asked: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def complete(self, asked: dict[str, Any]) -> dict[str, Any]:
        decoding = Decoding(asked["max_tokens"], asked.get("temperature", 0.0), asked.get("top_p", 1.0))
        with self.lock:
            [made] = self.generator.generate([asked["messages"]], decoding)
            choice: dict[str, Any] = {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": made.text},
            }
            if asked.get("logprobs") and asked["model"] != "no-logprobs":
                choice["logprobs"] = {"content": [self._top(asked)]}
        usage = {
            "prompt_tokens": 1,
            "completion_tokens": made.new_tokens,
            "total_tokens": made.new_tokens + 1,
        }
        return {"id": "1", "object": "chat.completion", "created": 1, "choices": [choice], "usage": usage}

    def _top(self, asked: dict[str, Any]) -> dict[str, Any]:
        generator = self.generator
        logits = generator._next_logits(generator._encode(generator._prompt(asked["messages"])))
        logprobs = logits - logits.max() - np.log(np.exp(logits - logits.max()).sum())
        top = [
            {"token": generator._tokenizer.decode([int(n)]), "logprob": float(logprobs[n]), "bytes": None}
            for n in np.argsort(-logprobs)[: asked["top_logprobs"]]
        ]
        return {**top[0], "top_logprobs": top}

    def embed(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            vectors = self.embedder.embed_passages(asked["input"]) * 3.0
        data = [
            {"object": "embedding", "index": n, "embedding": vector.tolist()}
            for n, vector in enumerate(vectors)
        ]
        data = data[::-1][: -1 if asked["model"] == "short" else None]
        return {"object": "list", "data": data, "model": asked["model"], "usage": {}}


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        model = asked["model"]
        if model == "slow":
            time.sleep(2)
        if model == "broken":
            self._send(500, b'{"error": {"message": "out of memory"}}')
        elif model == "missing":
            self._send(404, b"<html>\n<body>\nNot Found\n</body>\n</html>", "text/html")
        elif model == "html":
            self._send(200, b"<html><body>Welcome to nginx!</body></html>", "text/html")
        elif model == "no-choices":
            self._send(200, b'{"error": "model not found"}')
        elif self.path.endswith("/embeddings"):
            self._send(200, json.dumps(self.server.embed(asked)).encode())
        else:
            self._send(200, json.dumps({"model": model, **self.server.complete(asked)}).encode())

    def _send(self, status: int, body: bytes, kind: str = "application/json") -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            return  # the client did not wait

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        return


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
    server = ModelServer(generator, embedder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def client(server: ModelServer) -> Iterator[OpenAI]:
    with OpenAI(base_url=server.url, api_key="none", timeout=30, max_retries=0) as client:
        yield client
