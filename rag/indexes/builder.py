"""Build one version of the indexes from the corpus, from a copy of an older one where that helps."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.corpus import ChunkFilter, Corpus, StoredChunk
from rag.embedders import Embedder
from rag.errors import CorpusError, IndexStaleError
from rag.indexes.backends import Backends
from rag.indexes.base import Backend, Index, IndexBackendError, Version, batched
from rag.indexes.versions import Manifest, Versions, read_chunks, short_hash, write_chunks

_SLICE = 4_096  # chunks in memory at a time
_EMBED_BATCH = (
    1_024  # chunks between two commits of the embedding cache; the more, the fuller the batches of one length
)
_ATTEMPTS = 3  # at building from a corpus that somebody changes meanwhile
_CHANGED_SHARE = 0.5  # of the chunks; beyond it an index is built from scratch
_Index = TypeVar("_Index", bound=Index)
Progress = Callable[[int, int], None]


class _CorpusChangedError(Exception):
    """Break off a build whose corpus is no longer the one it began with."""


class _Base(NamedTuple):
    """Hold an older version, what in it is gone, and what it lacks."""

    version: Version
    gone: list[int]
    new: list[int]


class Builder:
    """Find or build the version that fits one corpus, embedder and choice of backends."""

    def __init__(
        self,
        corpus: Corpus,
        embedder: Embedder,
        versions: Versions,
        backends: Backends,
        progress: Progress | None = None,
    ) -> None:
        self._corpus, self._embedder, self._versions = corpus, embedder, versions
        self._backends, self._progress = backends, progress
        self._vectors, self._words = backends.vector_backend(), backends.word_backend()

    @property
    def _formats(self) -> str:
        return f"{self._vectors.format}|{self._words.format}"

    def fingerprint(self) -> str:
        """Identify what the indexes must hold now."""
        parts = (self._embedder.fingerprint, self._formats, self._corpus.version())
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]

    def find(self) -> Version | None:
        """Return the version that fits, if it is there; a file that is damaged shows when it is opened."""
        version = self._versions.newest(self.fingerprint())
        for backend in (self._vectors, self._words):
            if version and backend.remote and not backend.has(version):
                return None  # the server lost it, or is another one
        return version

    def size_bytes(self, version: Version) -> int:
        """Return what a version takes, on servers too."""
        return self._vectors.size_bytes(version) + self._words.size_bytes(version)

    def build(self, *, force: bool) -> Version:
        """Build the version that fits, and remove the others; `force` builds it even where it is there.

        Raises CorpusError when the corpus is empty or changes all the time.
        """
        if not self._corpus.size().chunks:
            raise CorpusError("the corpus is empty; bring documents in with `pairloop ingest PATH`")
        with self._versions.locked():
            for _ in range(_ATTEMPTS):
                # Somebody else may have built it while we waited for the lock.
                version = (None if force else self.find()) or self._make(force=force)
                if version is not None:
                    self._remove_others(version)
                    return version
        raise CorpusError(
            "the corpus keeps changing while its indexes are built; let the ingestion end first"
        )

    def _make(self, *, force: bool) -> Version | None:
        """Make the version that fits; return None where the corpus changed meanwhile."""
        fingerprint = self.fingerprint()
        ids = self._corpus.chunk_ids(ChunkFilter())
        contents = {chunk.id: chunk.text_hash for some in self._slices(ids) for chunk in some}
        base = None if force else self._find_base(contents)
        try:
            try:
                return self._write(fingerprint, base, contents, keep=not force)
            except IndexStaleError:
                if base is None:
                    raise
                # What we copied is damaged: from scratch.
                return self._write(fingerprint, None, contents, keep=not force)
        except _CorpusChangedError:
            return None

    def _write(
        self, fingerprint: str, base: _Base | None, contents: Mapping[int, str], *, keep: bool
    ) -> Version:
        """Write both indexes beside what is there; `keep` leaves what a server has of them already."""
        with self._versions.making(fingerprint) as version:
            with ExitStack() as stack:
                if not (keep and self._vectors.has(version)):
                    vectors, ids = self._begin(stack, self._vectors, version, base, contents)
                    for some, embedded in self._embedded(ids):
                        vectors.add(some, embedded)
                if not (keep and self._words.has(version)):
                    words, ids = self._begin(stack, self._words, version, base, contents)
                    words.add((chunk.id, chunk.searchable) for part in self._slices(ids) for chunk in part)
                if self.fingerprint() != fingerprint:
                    raise _CorpusChangedError
            write_chunks(version.folder, contents)
            manifest = Manifest(
                fingerprint=fingerprint,
                embedder=self._embedder.fingerprint,
                formats=self._formats,
                vectors=self._backends.vectors,
                words=self._backends.words,
                chunks=len(contents),
            )
            manifest.write(version.folder)
        return self._versions.named(version.name)

    def _begin(
        self,
        stack: ExitStack,
        backend: Backend[_Index],
        version: Version,
        base: _Base | None,
        contents: Mapping[int, str],
    ) -> tuple[_Index, list[int]]:
        """Return an index to fill and the ids that it lacks."""
        if base is None or not backend.extends:
            return stack.enter_context(backend.building(version, None)), list(contents)
        index = stack.enter_context(backend.building(version, base.version))
        index.remove(base.gone)
        return index, base.new

    def _find_base(self, contents: Mapping[int, str]) -> _Base | None:
        """Return the version that is worth a copy: same embedder, same backends, most chunks the same."""
        for version in reversed(self._versions.all()):
            manifest = Manifest.read(version.folder)
            if manifest is None or manifest.embedder != self._embedder.fingerprint:
                continue
            held = read_chunks(version.folder) if manifest.formats == self._formats else None
            if held is None:
                continue
            new = [n for n, text_hash in contents.items() if held.get(n) != short_hash(text_hash)]
            changed = set(new)
            gone = [n for n in held if n not in contents or n in changed]
            if len(new) + len(gone) <= _CHANGED_SHARE * len(contents):
                return _Base(version, gone, new)
        return None

    def _slices(self, ids: Sequence[int]) -> Iterator[list[StoredChunk]]:
        for some in batched(ids, _SLICE):
            yield self._corpus.chunks(some)

    def _embedded(self, ids: Sequence[int]) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        done = 0
        for chunks in self._slices(ids):
            vectors = self._embed(chunks, done, len(ids))
            done += len(chunks)
            yield [chunk.id for chunk in chunks], np.stack([vectors[chunk.text_hash] for chunk in chunks])

    def _embed(self, chunks: Sequence[StoredChunk], done: int, total: int) -> dict[str, NDArray[np.float32]]:
        texts = {chunk.text_hash: chunk.searchable for chunk in chunks}
        vectors = self._corpus.embeddings(self._embedder.fingerprint, list(texts))
        # By length, so that a batch holds little padding.
        missing = sorted((h for h in texts if h not in vectors), key=lambda h: len(texts[h]))
        known = len(chunks) - len(missing)
        for some in batched(missing, _EMBED_BATCH):
            embedded = self._embedder.embed_passages(
                [texts[h] for h in some], partial(self._tell, done + known, total)
            )
            fresh = dict(zip(some, embedded, strict=True))
            self._corpus.put_embeddings(self._embedder.fingerprint, fresh)
            vectors |= fresh
            known += len(some)
        self._tell(done, total, len(chunks))
        return vectors

    def _tell(self, before: int, total: int, done: int, _: int = 0) -> None:
        if self._progress:
            self._progress(before + done, total)

    def _remove_others(self, kept: Version) -> None:
        """Remove the other versions of this folder, here and on the servers they were kept on."""
        for version in self._versions.all():
            if version == kept:
                continue
            manifest = Manifest.read(version.folder)
            if manifest:
                chosen = manifest.backends(self._backends)
                with suppress(IndexBackendError):  # a server that is gone keeps its scrap
                    chosen.vector_backend().drop(version)
                    chosen.word_backend().drop(version)
            shutil.rmtree(version.folder, ignore_errors=True)
