"""Search vectors in Chroma, kept in a folder by its client.

Its known fault: deleted vectors stay in the graph, and past about a thousand rows an index may
lose vectors or come back empty (chroma#7090). So a search that finds too little is answered
exactly, from the stored vectors; and whatever is lost is built again from SQL by
`pairloop index rebuild`, like every index of ours. Telemetry is off.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexStaleError
from rag.indexes.base import REBUILD, Hit, Version, batched, folder_bytes, top
from rag.indexes.locking import SharedLock

_FOLDER = "chroma"
_COLLECTION = "vectors"
_BATCH = 1_000
_CONFIGURATION: Any = {
    "hnsw": {"space": "cosine", "ef_construction": 128, "ef_search": 128, "max_neighbors": 16}
}


class ChromaIndex:
    """Hold unit vectors in a collection and answer by cosine."""

    def __init__(self, folder: Path, *, make: bool) -> None:
        """Open the client's folder; with `make`, an empty collection is made where there is none."""
        import chromadb
        from chromadb.config import Settings

        self._place = folder / _FOLDER
        self._lock = SharedLock()
        if not make and not self._place.is_dir():
            raise IndexStaleError(f"{self._place}: not there; {REBUILD}")
        with self._speaking():
            settings = Settings(anonymized_telemetry=False)
            self._client: Any = chromadb.PersistentClient(path=str(self._place), settings=settings)
            self._vectors: Any = (
                self._client.get_or_create_collection(
                    _COLLECTION, configuration=_CONFIGURATION, embedding_function=None
                )
                if make
                else self._client.get_collection(_COLLECTION, embedding_function=None)
            )

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Index unit vectors (n, dimension) under distinct chunk ids, in place of older ones."""
        rows = zip(map(str, map(int, ids)), np.asarray(vectors, np.float32), strict=True)
        with self._lock.exclusive(), self._speaking():
            for some in batched(rows, _BATCH):
                self._vectors.upsert(ids=[n for n, _ in some], embeddings=np.stack([v for _, v in some]))

    def remove(self, ids: Collection[int]) -> None:
        """Forget chunks; ids that are not there are ignored."""
        with self._lock.exclusive(), self._speaking():
            for some in batched(map(str, ids), _BATCH):
                self._vectors.delete(ids=some)

    def search(
        self, vectors: NDArray[np.float32], count: int, allowed: Collection[int] | None = None
    ) -> list[list[Hit]]:
        """Return hits for each unit vector, best first; a filter never makes them fewer than there are."""
        queries = np.asarray(vectors, np.float32)
        with self._lock.shared(), self._speaking():
            total = int(self._vectors.count())
            count = min(count, total)
            if not count or not len(queries) or (allowed is not None and not allowed):
                return [[] for _ in queries]
            if allowed is not None:
                return self._scan(queries, count, allowed)
            found = self._probe(queries, count)
            if any(len(hits) < count for hits in found):
                found = self._scan(queries, count, None)
            return found

    def __len__(self) -> int:
        """Count the chunks."""
        with self._lock.shared(), self._speaking():
            return int(self._vectors.count())

    def close(self) -> None:
        """Close the client, so that its folder may be moved."""
        self._client.close()

    def _probe(self, queries: NDArray[np.float32], count: int) -> list[list[Hit]]:
        found = self._vectors.query(query_embeddings=queries, n_results=count, include=["distances"])
        return [
            [Hit(int(n), 1.0 - float(d)) for n, d in zip(ids, distances, strict=True)]
            for ids, distances in zip(found["ids"], found["distances"], strict=True)
        ]

    def _scan(
        self, queries: NDArray[np.float32], count: int, allowed: Collection[int] | None
    ) -> list[list[Hit]]:
        """Compare every stored vector, or every allowed one."""
        ids: list[NDArray[np.int64]] = []
        scores: list[NDArray[np.float32]] = []
        for stored in self._stored(allowed):
            if stored["ids"]:
                ids.append(np.array([int(n) for n in stored["ids"]], np.int64))
                scores.append(queries @ np.asarray(stored["embeddings"], np.float32).T)
        if not ids:
            return [[] for _ in queries]
        return [top(np.concatenate(ids), row, count) for row in np.hstack(scores)]

    def _stored(self, allowed: Collection[int] | None) -> Iterator[Any]:
        if allowed is None:
            for at in range(0, int(self._vectors.count()), _BATCH):
                yield self._vectors.get(limit=_BATCH, offset=at, include=["embeddings"])
        else:
            for some in batched(sorted(set(allowed)), _BATCH):
                yield self._vectors.get(ids=[str(n) for n in some], include=["embeddings"])

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """Turn what Chroma says of broken files, panics of Rust included, into IndexStaleError."""
        try:
            yield
        except BaseException as error:
            ours = type(error).__module__.startswith("chromadb") or type(error).__name__ == "PanicException"
            if ours or isinstance(error, ValueError | OSError):
                raise IndexStaleError(f"{self._place}: unreadable; {REBUILD}") from error
            raise


class ChromaBackend:
    """Keep each version as a folder of files."""

    format = "chroma-1"
    remote = False
    extends = True

    def has(self, version: Version) -> bool:
        """Tell whether the files are there."""
        return (version.folder / _FOLDER / "chroma.sqlite3").is_file()

    @contextmanager
    def building(self, version: Version, base: Version | None) -> Iterator[ChromaIndex]:
        """Yield an index in the version's folder, empty or a copy of `base`; close it at the end."""
        if base:
            shutil.copytree(base.folder / _FOLDER, version.folder / _FOLDER)
        index = ChromaIndex(version.folder, make=True)
        try:
            yield index
        finally:
            index.close()

    def open(self, version: Version) -> ChromaIndex:
        """Open a version; raise IndexStaleError when it cannot be read."""
        return ChromaIndex(version.folder, make=False)

    def drop(self, version: Version) -> None:
        """Do nothing: all there is goes with the folder."""

    def size_bytes(self, version: Version) -> int:
        """Return the size of the files."""
        return folder_bytes(version.folder / _FOLDER)
