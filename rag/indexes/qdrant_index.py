"""Search vectors in Qdrant, the engine to scale out with: a server, or a folder in this process.

The client's in-process mode races when somebody reads or writes while another writes
(qdrant-client#1193), so there every call holds a lock; one process has one client a place.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexStaleError
from rag.indexes.base import REBUILD, Hit, IndexBackendError, Version, batched

if TYPE_CHECKING:
    from qdrant_client import QdrantClient

KEY_VARIABLE = "PAIRLOOP_QDRANT_KEY"
_BATCH = 256
_LINKS = 16
_BREADTH = 128  # of an HNSW search


class QdrantPlace:
    """Hold the client of one server, folder or memory, and the lock of the latter two."""

    def __init__(self, url: str) -> None:
        from qdrant_client import QdrantClient

        self.url = url
        self.remote = url.startswith(("http://", "https://"))
        self._lock = None if self.remote else RLock()
        with self.speaking():
            if self.remote:
                self.client: QdrantClient = QdrantClient(
                    url=url, api_key=os.environ.get(KEY_VARIABLE), timeout=60, check_compatibility=False
                )
            else:
                self.client = QdrantClient(location=url) if url == ":memory:" else QdrantClient(path=url)
        atexit.register(self.client.close)  # later the interpreter has no modules left to close it with

    def lock(self) -> AbstractContextManager[object]:
        """Keep callers apart where the client cannot bear several at once."""
        return self._lock or nullcontext()

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Turn what the client raises into IndexBackendError, or IndexStaleError where nothing is there."""
        from qdrant_client.http.exceptions import ApiException

        try:
            with self.lock():
                yield
        except (ApiException, ValueError, RuntimeError, OSError) as error:
            reason = " ".join(str(error).split())[:200]
            if getattr(error, "status_code", 0) == 404 or "not found" in reason:
                raise IndexStaleError(f"Qdrant at {self.url}: {reason}; {REBUILD}") from error
            raise IndexBackendError(f"Qdrant at {self.url}: {reason}") from error

    def wait_for_disk(self, collection: str, *, always: bool) -> None:
        """Let a folder's collection wait for the disk once now and at each point, or not at all.

        The client of a folder commits points one by one; filling a collection would be waiting above all.
        Does nothing where the client keeps its collections elsewhere.
        """
        inner: Any = self.client._client
        with self.lock(), suppress(AttributeError, KeyError):
            kept = inner.collections[collection].storage
            if always:
                with Path(kept.location).open("rb") as file:
                    os.fsync(file.fileno())
            kept.storage.execute(f"PRAGMA synchronous={'FULL' if always else 'OFF'}").close()

    def aliases(self) -> dict[str, str]:
        """Return the collection behind each alias."""
        with self.speaking():
            return {one.alias_name: one.collection_name for one in self.client.get_aliases().aliases}


_places: dict[str, QdrantPlace] = {}
_places_lock = Lock()


def place(url: str) -> QdrantPlace:
    """Return the one client of this process for a URL, a folder or `:memory:`."""
    with _places_lock:
        if url not in _places:
            _places[url] = QdrantPlace(url)
        return _places[url]


def close_place(url: str) -> None:
    """Close the client of a place, so that another process may open its folder."""
    with _places_lock:
        closed = _places.pop(url, None)
    if closed is not None:
        atexit.unregister(closed.client.close)
        with closed.lock():
            closed.client.close()


class QdrantIndex:
    """Hold unit vectors in a collection and answer by cosine."""

    def __init__(self, where: QdrantPlace, collection: str, *, made: bool) -> None:
        """Take the name or alias of a collection; `made` says that it exists, else `add` makes it."""
        self._place, self._collection, self._made = where, collection, made
        self._client = where.client

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Index unit vectors (n, dimension) under distinct chunk ids, in place of older ones."""
        from qdrant_client import models

        rows = zip(map(int, ids), np.asarray(vectors, np.float32), strict=True)
        with self._place.speaking():
            for some in batched(rows, _BATCH):
                self._make(len(some[0][1]))
                points = models.Batch(ids=[n for n, _ in some], vectors=[v.tolist() for _, v in some])
                self._client.upsert(self._collection, points, wait=True)

    def remove(self, ids: Collection[int]) -> None:
        """Forget chunks; ids that are not there are ignored."""
        from qdrant_client import models

        known = [int(n) for n in ids if n >= 0]
        if self._made and known:
            with self._place.speaking():
                self._client.delete(self._collection, models.PointIdsList(points=[*known]), wait=True)

    def search(
        self, vectors: NDArray[np.float32], count: int, allowed: Collection[int] | None = None
    ) -> list[list[Hit]]:
        """Return hits for each unit vector, best first; a filter never makes them fewer than there are."""
        ids = None if allowed is None else sorted({int(n) for n in allowed if n >= 0})
        if not self._made or count == 0 or ids == [] or len(vectors) == 0:
            return [[] for _ in vectors]
        found = self._ask(vectors, count, ids, exact=False)
        short = [n for n, hits in enumerate(found) if len(hits) < count]
        if (
            short and self._place.remote
        ):  # fewer than asked for: either there are no more, or the graph led nowhere
            for n, hits in zip(short, self._ask(vectors[short], count, ids, exact=True), strict=True):
                found[n] = hits
        return found

    def __len__(self) -> int:
        """Count the chunks."""
        if not self._made:
            return 0
        with self._place.speaking():
            return int(self._client.count(self._collection, exact=True).count)

    def close(self) -> None:
        """Do nothing: the client belongs to the process, see `close_place`."""

    def _make(self, dimension: int) -> None:
        from qdrant_client import models

        if not self._made:
            self._client.create_collection(
                self._collection,
                vectors_config=models.VectorParams(size=dimension, distance=models.Distance.COSINE),
                hnsw_config=models.HnswConfigDiff(m=_LINKS),
            )
            self._place.wait_for_disk(self._collection, always=False)
            self._made = True

    def _ask(
        self, vectors: NDArray[np.float32], count: int, ids: list[int] | None, *, exact: bool
    ) -> list[list[Hit]]:
        from qdrant_client import models

        chosen = None if ids is None else models.Filter(must=[models.HasIdCondition(has_id=[*ids])])
        how = models.SearchParams(exact=exact, hnsw_ef=max(_BREADTH, count))
        how_if_remote = how if self._place.remote else None  # in this process the search is always exact
        requests = [
            models.QueryRequest(query=vector.tolist(), filter=chosen, limit=count, params=how_if_remote)
            for vector in np.asarray(vectors, np.float32)
        ]
        with self._place.speaking():
            replies: Any = self._client.query_batch_points(self._collection, requests)
        return [[Hit(int(point.id), float(point.score)) for point in reply.points] for reply in replies]


class QdrantBackend:
    """Keep each version as a collection that becomes visible when its alias is set."""

    format = "qdrant-1"
    remote = True
    extends = False

    def __init__(self, url: str) -> None:
        self._url = url

    def has(self, version: Version) -> bool:
        """Tell whether the alias is there."""
        return _alias(version) in place(self._url).aliases()

    @contextmanager
    def building(self, version: Version, base: Version | None) -> Iterator[QdrantIndex]:  # noqa: ARG002
        """Yield an empty index in a new collection; set its alias at the end, or drop it."""
        from qdrant_client import models

        where, alias = place(self._url), _alias(version)
        collection = f"{alias}-{uuid4().hex[:8]}"
        index = QdrantIndex(where, collection, made=False)
        try:
            yield index
        except BaseException:
            with where.speaking():
                where.client.delete_collection(collection)
            raise
        where.wait_for_disk(collection, always=True)
        old = where.aliases().get(alias)
        renaming: list[Any] = [models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias))]
        naming = models.CreateAlias(collection_name=collection, alias_name=alias)
        operations = [*(renaming if old else []), models.CreateAliasOperation(create_alias=naming)]
        with where.speaking():
            where.client.update_collection_aliases(operations)
        if old:
            with where.speaking():
                where.client.delete_collection(old)

    def open(self, version: Version) -> QdrantIndex:
        """Open a version; raise IndexStaleError when its alias is not there."""
        if not self.has(version):
            raise IndexStaleError(f"Qdrant at {self._url}: no collection {_alias(version)}; {REBUILD}")
        return QdrantIndex(place(self._url), _alias(version), made=True)

    def drop(self, version: Version) -> None:
        """Delete the collections of a version, those of broken-off builds included."""
        where = place(self._url)
        with where.speaking():
            names = [one.name for one in where.client.get_collections().collections]
            for name in names:
                if name.startswith(f"{_alias(version)}-"):
                    where.client.delete_collection(name)

    def size_bytes(self, version: Version) -> int:  # noqa: ARG002
        """Return 0: Qdrant does not tell."""
        return 0


def _alias(version: Version) -> str:
    return f"pairloop-{version.name}"
