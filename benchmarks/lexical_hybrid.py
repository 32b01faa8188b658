"""Measure hybrid retrieval over one corpus size, in a process of its own.

    python -m benchmarks.lexical_hybrid FOLDER MODELS build|time

FOLDER holds `chunks.txt` and `questions.txt`. Embedding a hundred thousand passages would take
hours on two cores, so only the paragraphs of `centres.txt` are embedded, and each chunk gets a
vector near one of them, about as near as two passages of one article are. Questions are embedded
for real, and chunks come out of a real corpus in SQLite.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray
from sqlalchemy import create_engine, event, insert, select
from sqlalchemy.orm import Session

from benchmarks.lexical_engines import read
from rag import Corpus, Retriever, open_indexes
from rag.corpus.tables import ChunkRecord, DocumentRecord, EmbeddingRecord
from rag.embedders import LocalEmbedder
from rag.language import detect_language

NEAR = 0.88  # cosine of a chunk with its centre
_CHUNKS_A_DOCUMENT = 50
_WARM_UP = 10  # questions that are not timed


class Remembering:
    """Answer with vectors made before, so that only the search is timed."""

    def __init__(self, embedder: LocalEmbedder, questions: Sequence[str]) -> None:
        self.fingerprint = embedder.fingerprint
        self._known = dict(zip(questions, embedder.embed_queries(questions), strict=True))

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Look vectors up."""
        return np.stack([self._known[text] for text in texts])

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float32]:
        """Refuse: every passage has its vector."""
        raise NotImplementedError


def main() -> None:
    """Build the indexes, or open them and time questions; print what it took as JSON."""
    folder, models, step = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    from rag.models.defaults import fetch_e5_small

    weights = fetch_e5_small(models)
    measure = _build if step == "build" else _time
    print(json.dumps(measure(folder, weights)))


def _build(folder: Path, weights: Path) -> dict[str, float]:
    embedder = LocalEmbedder(weights)
    corpus = _corpus(folder, embedder)
    started = time.perf_counter()
    open_indexes(corpus, embedder, folder / "indexes").close()
    seconds = time.perf_counter() - started
    size = sum(path.stat().st_size for path in (folder / "indexes").rglob("*") if path.is_file())
    return {"build_seconds": seconds, "disk_mb": size / 1e6}


def _time(folder: Path, weights: Path) -> dict[str, float]:
    embedder, questions = LocalEmbedder(weights), read(folder / "questions.txt")
    corpus, remembering = _corpus(folder, embedder), Remembering(embedder, questions)
    process = psutil.Process()
    started, before = time.perf_counter(), process.memory_info().rss
    indexes = open_indexes(corpus, embedder, folder / "indexes")
    result = {"open_seconds": time.perf_counter() - started}
    result |= _latencies("search", Retriever(corpus, remembering, indexes), questions)
    result["memory_mb"] = (process.memory_info().rss - before) / 1e6
    fresh = LocalEmbedder(weights)  # the other one remembers the questions
    fresh.embed_queries(read(folder / "centres.txt")[:4])
    return result | _latencies("all", Retriever(corpus, fresh, indexes), questions)


def _latencies(name: str, retriever: Retriever, questions: Sequence[str]) -> dict[str, float]:
    """Return percentiles of one question after another, each asked once; the first few only warm up."""
    seconds = []
    for question in questions:
        started = time.perf_counter()
        retriever.retrieve([question], 5, "hybrid")
        seconds.append(time.perf_counter() - started)
    return {f"{name}_p{n}_ms": float(np.percentile(seconds[_WARM_UP:], n) * 1e3) for n in (50, 95)}


def _corpus(folder: Path, embedder: LocalEmbedder) -> Corpus:
    """Return a corpus of the chunks with a vector for each; made in one go, as it is no test of ingestion."""
    engine = create_engine(f"sqlite:///{folder / 'corpus.db'}")
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA journal_mode=WAL").close())
    corpus = Corpus(engine)
    with Session(engine) as session, session.begin():
        if session.scalar(select(ChunkRecord.id).limit(1)) is None:
            chunks = read(folder / "chunks.txt")
            vectors = _vectors(embedder.embed_passages(read(folder / "centres.txt")), len(chunks))
            session.execute(insert(DocumentRecord), _documents(len(chunks)))
            session.execute(insert(ChunkRecord), _chunks(chunks))
            rows = zip(chunks, vectors, strict=True)
            session.execute(insert(EmbeddingRecord), list(_embeddings(rows, embedder.fingerprint)))
    return corpus


def _documents(count: int) -> list[dict[str, object]]:
    now = datetime.now(UTC)
    return [
        {"id": n, "key": f"made:{n}", "collection": "made", "content_hash": str(n), "updated_at": now}
        for n in range(1, -(-count // _CHUNKS_A_DOCUMENT) + 1)
    ]


def _chunks(chunks: Sequence[str]) -> list[dict[str, object]]:
    return [
        {
            "document_id": n // _CHUNKS_A_DOCUMENT + 1,
            "position": n % _CHUNKS_A_DOCUMENT,
            "start": 0,
            "end": len(text),
            "title_path": "",
            "text": text,
            "text_hash": _hash(text),
            "language": detect_language(text),
        }
        for n, text in enumerate(chunks)
    ]


def _embeddings(
    rows: Iterable[tuple[str, NDArray[np.float32]]], fingerprint: str
) -> Iterator[dict[str, object]]:
    known = set()
    for text, vector in rows:
        if text not in known:
            known.add(text)
            yield {"fingerprint": fingerprint, "text_hash": _hash(text), "vector": vector.tobytes()}


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _vectors(centres: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(0)
    chosen = centres[rng.integers(len(centres), size=count)]
    noise = rng.normal(size=chosen.shape).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    vectors = NEAR * chosen + np.sqrt(1 - NEAR**2).astype(np.float32) * noise
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float32)


if __name__ == "__main__":
    main()
