"""Derive the indexes from the corpus, under a fingerprint, swapped in whole.

SQL holds the truth; the indexes follow it. The fingerprint covers the embedder, the chunks
(their ids and texts, hence the chunker) and the formats of the backends. A new version is built
beside the old one, from a copy of it where only some chunks changed, and becomes visible by one
rename, so a crash leaves either the old indexes or the new ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rag.corpus import Corpus
from rag.embedders import Embedder
from rag.errors import IndexStaleError
from rag.indexes.backends import Backends
from rag.indexes.base import IndexBackendError, LexicalIndex, VectorIndex, Version, folder_bytes
from rag.indexes.builder import Builder, Progress
from rag.indexes.versions import Versions

DEFAULT = Backends()


@dataclass(frozen=True)
class Indexes:
    """Hold the two indexes of one corpus version."""

    fingerprint: str
    vectors: VectorIndex
    lexical: LexicalIndex

    def close(self) -> None:
        """Close both indexes."""
        self.vectors.close()
        self.lexical.close()


@dataclass(frozen=True)
class IndexStatus:
    """Tell whether the indexes fit the corpus, and what they hold.

    `built` lists the fingerprints that are there; `wanted` is the one that fits the corpus now.
    `error` says why an index that is there cannot be used; the counts are None where it is not open.
    """

    wanted: str
    built: tuple[str, ...]
    fits: bool
    backends: Backends
    chunks: int
    vectors: int | None
    words: int | None
    size_bytes: int
    error: str | None = None


def open_indexes(
    corpus: Corpus,
    embedder: Embedder,
    folder: Path,
    progress: Progress | None = None,
    backends: Backends = DEFAULT,
) -> Indexes:
    """Return indexes that fit the corpus as it is now, building them when there are none.

    Raises CorpusError when the corpus is empty, IndexStaleError when an index is there and cannot
    be read, IndexBackendError when a server cannot be reached.
    """
    builder = Builder(corpus, embedder, Versions(folder), backends, progress)
    return _open(backends, builder.find() or builder.build(force=False))


def rebuild(
    corpus: Corpus,
    embedder: Embedder,
    folder: Path,
    progress: Progress | None = None,
    backends: Backends = DEFAULT,
) -> Indexes:
    """Build the indexes anew even where they are there, beside them, and return the new ones.

    Vectors that are cached in the corpus are not embedded again. Raises what `open_indexes` raises.
    """
    builder = Builder(corpus, embedder, Versions(folder), backends, progress)
    return _open(backends, builder.build(force=True))


def index_status(
    corpus: Corpus, embedder: Embedder, folder: Path, backends: Backends = DEFAULT
) -> IndexStatus:
    """Compare the indexes that are there with the corpus as it is now; build nothing."""
    versions = Versions(folder)
    builder = Builder(corpus, embedder, versions, backends)
    version = builder.find()
    counts, size, error = None, folder_bytes(folder), None
    if version:
        try:
            counts, size = _count(backends, version), builder.size_bytes(version)
        except (IndexStaleError, IndexBackendError) as reason:
            error = str(reason)
    return IndexStatus(
        wanted=builder.fingerprint(),
        built=tuple(dict.fromkeys(one.fingerprint for one in versions.all())),
        fits=counts is not None,
        backends=backends,
        chunks=corpus.size().chunks,
        vectors=counts[0] if counts else None,
        words=counts[1] if counts else None,
        size_bytes=size,
        error=error,
    )


def _open(backends: Backends, version: Version) -> Indexes:
    vectors = backends.vector_backend().open(version)
    try:
        return Indexes(version.fingerprint, vectors, backends.word_backend().open(version))
    except BaseException:
        vectors.close()
        raise


def _count(backends: Backends, version: Version) -> tuple[int, int]:
    opened = _open(backends, version)
    try:
        return len(opened.vectors), len(opened.lexical)
    finally:
        opened.close()
