"""Derive the indexes from the corpus, under a fingerprint, swapped in whole.

An index folder is named by the fingerprint of its contents: embedder, chunks, format.
A new one is built beside the old ones and renamed into place, so a crash leaves either
the old index or the new one.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.corpus import Corpus, StoredChunk
from rag.embedders import Embedder
from rag.errors import CorpusError
from rag.indexes.base import LexicalIndex, VectorIndex
from rag.indexes.faiss_index import FaissIndex
from rag.indexes.tantivy_index import TantivyIndex

FORMAT = "1"
_EMBED_BATCH = 256  # chunks between two commits of the embedding cache
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Indexes:
    """Hold the two indexes of one corpus version."""

    fingerprint: str
    vectors: VectorIndex
    lexical: LexicalIndex


def open_indexes(
    corpus: Corpus, embedder: Embedder, folder: Path, progress: Progress | None = None
) -> Indexes:
    """Return indexes that fit the corpus as it is now, building them when there are none.

    Raises CorpusError when the corpus is empty.
    """
    chunks = corpus.chunks()
    if not chunks:
        raise CorpusError("the corpus is empty; bring documents in with `pairloop ingest PATH`")
    fingerprint = _fingerprint(chunks, embedder)
    target = folder / fingerprint
    if not target.exists():
        _build(chunks, corpus, embedder, target, progress)
        _remove_others(target)
    return Indexes(fingerprint, FaissIndex.load(target), TantivyIndex.load(target))


def _fingerprint(chunks: Sequence[StoredChunk], embedder: Embedder) -> str:
    digest = hashlib.sha256(f"{FORMAT}|{embedder.fingerprint}".encode())
    for chunk in chunks:
        digest.update(f"{chunk.id}:{chunk.text_hash};".encode())
    return digest.hexdigest()[:16]


def _build(
    chunks: Sequence[StoredChunk], corpus: Corpus, embedder: Embedder, target: Path, progress: Progress | None
) -> None:
    vectors = _embed(chunks, corpus, embedder, progress)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=".build-"))
    try:
        FaissIndex.build([chunk.id for chunk in chunks], vectors).save(scratch)
        TantivyIndex.build(((chunk.id, chunk.searchable) for chunk in chunks), scratch)
        scratch.rename(target)
    except OSError:
        if not target.exists():  # another process may have built the same index first
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _embed(
    chunks: Sequence[StoredChunk], corpus: Corpus, embedder: Embedder, progress: Progress | None
) -> NDArray[np.float32]:
    texts = {chunk.text_hash: chunk.searchable for chunk in chunks}
    vectors = corpus.embeddings(embedder.fingerprint, list(texts))
    # By length, so that a batch holds little padding.
    missing = sorted((h for h in texts if h not in vectors), key=lambda h: len(texts[h]))
    done = len(vectors)
    for at in range(0, len(missing), _EMBED_BATCH):
        some = missing[at : at + _EMBED_BATCH]
        fresh = dict(zip(some, embedder.embed_passages([texts[h] for h in some]), strict=True))
        corpus.put_embeddings(embedder.fingerprint, fresh)
        vectors |= fresh
        if progress:
            progress(done + at + len(some), len(texts))
    return np.stack([vectors[chunk.text_hash] for chunk in chunks])


def _remove_others(target: Path) -> None:
    for folder in target.parent.iterdir():
        if folder != target and folder.is_dir() and not folder.name.startswith("."):
            shutil.rmtree(folder, ignore_errors=True)
