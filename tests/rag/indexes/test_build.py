"""Building the indexes: once for each version of the corpus, whole or not at all."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from rag import Corpus, CorpusError, Document, IndexStaleError, ParagraphChunker
from rag.indexes import Backends, IndexBackendError, index_status, open_indexes, rebuild


@pytest.fixture
def embedder(word_embedder: Any) -> Any:
    return word_embedder(64)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "indexes"


def test_indexes_are_built_once_and_then_opened(filled: Corpus, folder: Path, embedder: Any) -> None:
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
    filled: Corpus, folder: Path, documents: list[Document], chunker: ParagraphChunker, embedder: Any
) -> None:
    before = open_indexes(filled, embedder, folder)
    filled.put(replace(documents[0], text="Товары не возвращаются никогда."), chunker)
    after = open_indexes(filled, embedder, folder)
    assert after.fingerprint != before.fingerprint
    assert embedder.embedded == 6
    assert names(folder) == [f"{after.fingerprint}-1"]
    [hits] = after.lexical.search(["никогда"], 3)
    assert filled.chunks([hits[0].chunk_id])[0].text == "Товары не возвращаются никогда."


def test_another_embedder_gets_other_indexes(filled: Corpus, folder: Path, word_embedder: Any) -> None:
    one = open_indexes(filled, word_embedder(64), folder)
    other = open_indexes(filled, word_embedder(32), folder)
    assert one.fingerprint != other.fingerprint
    assert len(other.vectors.search(np.ones((1, 32), np.float32), 5)[0]) == 5


class Broken:
    """An embedder that fails when it is asked for anything new."""

    def __init__(self, embedder: Any) -> None:
        self.fingerprint = embedder.fingerprint

    def embed_queries(self, texts: Any) -> Any:
        raise RuntimeError("no power")

    def embed_passages(self, texts: Any, progress: Any = None) -> Any:
        raise RuntimeError("no power")


def test_a_failed_build_leaves_the_old_indexes_and_no_scrap(
    filled: Corpus, folder: Path, documents: list[Document], chunker: ParagraphChunker, embedder: Any
) -> None:
    before = open_indexes(filled, embedder, folder)
    filled.put(replace(documents[0], text="Новый текст."), chunker)
    with pytest.raises(RuntimeError, match="no power"):
        open_indexes(filled, Broken(embedder), folder)
    assert names(folder) == [f"{before.fingerprint}-1"]
    assert not list(folder.glob(".build-*"))


def test_an_empty_corpus_is_an_error_that_says_what_to_do(
    corpus: Corpus, folder: Path, embedder: Any
) -> None:
    with pytest.raises(CorpusError, match="pairloop ingest"):
        open_indexes(corpus, embedder, folder)


@pytest.mark.parametrize("harmed", ["vectors.faiss", "vectors.ids.npy", "words"])
def test_a_damaged_index_is_stale_and_following_the_advice_mends_it(
    filled: Corpus, folder: Path, embedder: Any, harmed: str
) -> None:
    made = folder / f"{open_indexes(filled, embedder, folder).fingerprint}-1"
    for file in (made / harmed).glob("*") if harmed == "words" else [made / harmed]:
        file.write_bytes(b"garbage" * 40)
    with pytest.raises(IndexStaleError, match="run `pairloop index rebuild`"):
        open_indexes(filled, embedder, folder)
    status = index_status(filled, embedder, folder)
    assert not status.fits
    assert "unreadable" in str(status.error)
    mended = rebuild(filled, embedder, folder)
    assert len(mended.lexical.search(["гарантия"], 3)[0]) == 1
    assert names(folder) == [f"{mended.fingerprint}-2"]
    assert index_status(filled, embedder, folder).fits


def test_a_damaged_index_is_no_base_for_the_next(
    filled: Corpus, folder: Path, documents: list[Document], chunker: ParagraphChunker, embedder: Any
) -> None:
    made = folder / f"{open_indexes(filled, embedder, folder).fingerprint}-1"
    (made / "vectors.faiss").write_bytes(b"garbage")
    filled.put(replace(documents[0], text="Товары не возвращаются никогда."), chunker)
    after = open_indexes(filled, embedder, folder)
    assert len(after.vectors) == len(after.lexical) == 5


def test_rebuilding_embeds_nothing_again_and_swaps(filled: Corpus, folder: Path, embedder: Any) -> None:
    first = open_indexes(filled, embedder, folder)
    again = rebuild(filled, embedder, folder)
    assert again.fingerprint == first.fingerprint
    assert embedder.embedded == 5
    assert names(folder) == [f"{again.fingerprint}-2"]
    assert first.lexical.search(["гарантия"], 3) == again.lexical.search(["гарантия"], 3)
    assert open_indexes(filled, embedder, folder).fingerprint == again.fingerprint
    assert names(folder) == [f"{again.fingerprint}-2"]


def test_status_tells_what_is_there_and_builds_nothing(
    filled: Corpus, folder: Path, documents: list[Document], chunker: ParagraphChunker, embedder: Any
) -> None:
    empty = index_status(filled, embedder, folder)
    assert (empty.fits, empty.built, empty.chunks, empty.vectors, empty.size_bytes) == (False, (), 5, None, 0)
    assert not folder.exists()
    made = open_indexes(filled, embedder, folder)
    status = index_status(filled, embedder, folder)
    assert status.fits
    assert status.wanted == made.fingerprint
    assert (status.vectors, status.words, status.chunks) == (5, 5, 5)
    assert status.size_bytes > 0
    filled.put(replace(documents[0], text="Новый текст."), chunker)
    stale = index_status(filled, embedder, folder)
    assert not stale.fits
    assert stale.built == (made.fingerprint,)
    assert stale.wanted != made.fingerprint


CHOICES = [("pgvector", "postgres"), ("qdrant", "tantivy"), ("chroma", "tantivy"), ("faiss", "postgres")]


@pytest.fixture
def sweeping(filled: Corpus, embedder: Any, folder: Path) -> Iterator[list[Backends]]:
    """Drop from the servers what a test left there, by building elsewhere."""
    used: list[Backends] = []
    yield used
    for backends in used:
        rebuild(filled, embedder, folder, None, replace(backends, vectors="faiss", words="tantivy")).close()


@pytest.mark.parametrize(("vectors", "words"), CHOICES)
def test_other_backends_follow_the_corpus_alike(
    filled: Corpus,
    folder: Path,
    documents: list[Document],
    chunker: ParagraphChunker,
    embedder: Any,
    chosen: Callable[..., Backends],
    qdrant_closed: Any,
    sweeping: list[Backends],
    vectors: str,
    words: str,
) -> None:
    backends = chosen(vectors, words)
    sweeping.append(backends)
    first = open_indexes(filled, embedder, folder, None, backends)
    assert first.fingerprint != open_indexes(filled, embedder, folder.with_name("local")).fingerprint
    [hits] = first.lexical.search(["гарантия"], 3)
    assert filled.chunks([hits[0].chunk_id])[0].document_key == "handbook:warranty"
    first.close()
    filled.put(replace(documents[0], text="Товары не возвращаются никогда."), chunker)
    after = open_indexes(filled, embedder, folder, None, backends)
    assert after.fingerprint != first.fingerprint
    assert embedder.embedded == 6
    [hits] = after.lexical.search(["никогда"], 3)
    [chunk] = filled.chunks([hits[0].chunk_id])
    assert chunk.text == "Товары не возвращаются никогда."
    [near] = after.vectors.search(embedder.embed_queries([chunk.searchable]), 5)
    assert near[0].chunk_id == chunk.id
    assert near[0].score == pytest.approx(1, abs=1e-3)
    assert len(near) == 5
    after.close()
    status = index_status(filled, embedder, folder, backends)
    assert (status.fits, status.vectors, status.words) == (True, 5, 5)


def test_a_server_that_lost_its_tables_gets_them_again(
    filled: Corpus, folder: Path, embedder: Any, chosen: Callable[..., Backends], sweeping: list[Backends]
) -> None:
    from rag.indexes.base import Version

    backends = chosen("pgvector", "postgres")
    sweeping.append(backends)
    made = open_indexes(filled, embedder, folder, None, backends)
    made.close()
    name = f"{made.fingerprint}-1"
    backends.vector_backend().drop(Version(name, folder / name))
    assert not index_status(filled, embedder, folder, backends).fits
    again = open_indexes(filled, embedder, folder, None, backends)
    assert len(again.vectors) == 5
    again.close()


@pytest.mark.parametrize(
    ("backends", "says"),
    [
        (Backends("qdrant"), "qdrant_url"),
        (Backends("pgvector"), "postgresql"),
        (Backends(words="postgres", postgres_url="sqlite://"), "postgresql"),
        (
            Backends("pgvector", postgres_url="postgresql+psycopg://nobody@127.0.0.1:1/none"),
            "PostgreSQL index",
        ),
        (Backends("qdrant", qdrant_url="http://127.0.0.1:1"), "Qdrant at http://127.0.0.1:1"),
    ],
)
def test_a_backend_out_of_reach_is_one_line(
    filled: Corpus, folder: Path, embedder: Any, backends: Backends, says: str
) -> None:
    with pytest.raises(IndexBackendError, match=says) as caught:
        open_indexes(filled, embedder, folder, None, backends)
    assert "\n" not in str(caught.value)


def test_two_builders_at_once_build_one_version(filled: Corpus, folder: Path, embedder: Any) -> None:
    opened: list[Any] = []
    threads = [Thread(target=lambda: opened.append(open_indexes(filled, embedder, folder))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.fingerprint for one in opened} == {names(folder)[0].partition("-")[0]}
    assert names(folder) == [f"{opened[0].fingerprint}-1"]
    assert embedder.embedded == 5


CHILD = """
import sys, time
from pathlib import Path
import numpy as np
from sqlalchemy import create_engine
from rag.corpus import Corpus
from rag.indexes import open_indexes

class Slow:
    fingerprint = "slow"
    def embed_passages(self, texts, progress=None):
        time.sleep(0.02)
        rows = np.array([[len(t), t.count("a") + 1, t.count("1") + 1] for t in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)
    embed_queries = embed_passages

corpus = Corpus(create_engine(f"sqlite:///{sys.argv[1]}/corpus.db"))
print("ready", flush=True)
made = open_indexes(corpus, Slow(), Path(sys.argv[1]) / "indexes")
found = [hit.chunk_id for hit in made.lexical.search(["common"], 10_000)[0]]
print(made.fingerprint, len(made.vectors), len(made.lexical), len(found), flush=True)
"""


def child(folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", CHILD, str(folder)]
    surroundings = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=surroundings)


@pytest.mark.slow
def test_a_killed_build_leaves_the_old_or_the_new(
    corpus: Corpus, chunker: ParagraphChunker, tmp_path: Path
) -> None:
    for n in range(300):
        corpus.put(Document(f"d:{n}", f"t{n}", f"common words and number {n}"), chunker)
    first = child(tmp_path)
    said, _ = first.communicate(timeout=60)
    old = said.split()[1]
    assert said.split()[2:] == ["300", "300", "300"]
    for n in range(300, 500):
        corpus.put(Document(f"d:{n}", f"t{n}", f"common words and number {n}"), chunker)
    killed = 0
    for delay_seconds in (0.0, 0.01, 0.03, 0.06, 0.1, 0.2):
        process = child(tmp_path)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        time.sleep(delay_seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += 1
        there = [name.partition("-")[0] for name in names(tmp_path / "indexes")]
        assert there
        for name in names(tmp_path / "indexes"):
            assert (tmp_path / "indexes" / name / "index.json").is_file()
        if old not in there:
            break  # it was through
    last = child(tmp_path)
    said, _ = last.communicate(timeout=60)
    assert said.split()[2:] == ["500", "500", "500"]
    assert killed
    assert names(tmp_path / "indexes") == [f"{said.split()[1]}-1"]
    assert not list((tmp_path / "indexes").glob(".build-*"))
    shutil.rmtree(tmp_path / "indexes")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
