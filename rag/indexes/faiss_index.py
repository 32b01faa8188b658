"""Search vectors with FAISS: exactly while there are few, by HNSW when there are many.

HNSW cannot delete: a removed vector stays in the graph under the id -1 and is hidden by a
selector, and the graph is made anew when a quarter of it is dead.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexStaleError
from rag.indexes.base import REBUILD, Hit, Version, top
from rag.indexes.locking import SharedLock

EXACT_UP_TO = 20_000  # vectors; below, an exact scan takes a few milliseconds
_faiss: Any = faiss  # its stubs leave out half of what it has
_FILE, _IDS_FILE = "vectors.faiss", "vectors.ids.npy"
_HNSW_LINKS = 16
_BREADTH = 64  # of an HNSW search
_MAX_BREADTH = 4096
_DEAD_SHARE = 0.25
_DEAD = -1


class FaissIndex:
    """Hold unit vectors under chunk ids and answer by inner product."""

    def __init__(self) -> None:
        self._lock = SharedLock()
        self._index: Any = None  # made when the first vector tells the dimension
        self._ids: NDArray[np.int64] = np.empty(0, np.int64)  # chunk id of each row of the index
        self._sort()

    @classmethod
    def build(cls, ids: Sequence[int], vectors: NDArray[np.float32]) -> Self:
        """Index unit vectors (n, dimension) under their chunk ids."""
        index = cls()
        index.add(ids, vectors)
        return index

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open an index that `save` wrote; raise IndexStaleError when it cannot be read."""
        loaded = cls()
        try:
            loaded._index = faiss.read_index(str(folder / _FILE))
            loaded._ids = np.load(folder / _IDS_FILE)
        except (RuntimeError, OSError, ValueError, EOFError) as error:
            raise IndexStaleError(f"{folder / _FILE}: unreadable; {REBUILD}") from error
        if loaded._index.ntotal != len(loaded._ids):
            raise IndexStaleError(f"{folder / _FILE}: unreadable: its ids are of another index; {REBUILD}")
        loaded._sort()
        return loaded

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        with self._lock.shared():
            if self._index is not None:
                faiss.write_index(self._index, str(folder / _FILE))
                np.save(folder / _IDS_FILE, self._ids)

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Index unit vectors (n, dimension) under distinct chunk ids, in place of older ones."""
        if not len(ids):
            return
        fresh = np.ascontiguousarray(vectors, np.float32)
        with self._lock.exclusive():
            self._bury(ids)
            if self._index is None:
                self._index = _empty(fresh.shape[1], len(fresh))
            elif _is_flat(self._index) and self._index.ntotal + len(fresh) > EXACT_UP_TO:
                self._remake(len(fresh))
            self._index.add(fresh)
            self._ids = np.concatenate([self._ids, np.asarray(ids, np.int64)])
            self._sort()

    def remove(self, ids: Collection[int]) -> None:
        """Forget chunks; ids that are not there are ignored."""
        with self._lock.exclusive():
            self._bury(ids)
            dead = len(self._ids) - len(self)
            if dead > len(self._ids) * _DEAD_SHARE:
                self._remake(0)
            self._sort()

    def search(
        self, vectors: NDArray[np.float32], count: int, allowed: Collection[int] | None = None
    ) -> list[list[Hit]]:
        """Return hits for each unit vector, best first; a filter never makes them fewer than there are."""
        queries = np.ascontiguousarray(vectors, np.float32)
        with self._lock.shared():
            rows = self._order if allowed is None else self._rows(allowed)
            count = min(count, len(rows))
            if count == 0 or len(queries) == 0:
                return [[] for _ in queries]
            if allowed is not None and len(rows) <= EXACT_UP_TO:
                return self._scan(queries, count, rows)
            found = self._probe(queries, count, rows)
            short = [n for n, hits in enumerate(found) if len(hits) < count]
            if short:  # the graph led nowhere
                for n, hits in zip(short, self._scan(queries[short], count, rows), strict=True):
                    found[n] = hits
            return found

    def __len__(self) -> int:
        """Count the chunks."""
        return len(self._order)

    def close(self) -> None:
        """Let go of the memory."""
        with self._lock.exclusive():
            self._index, self._ids = None, np.empty(0, np.int64)
            self._sort()

    def _sort(self) -> None:
        """Order the living rows by chunk id, so that ids are found by halving."""
        order = np.argsort(self._ids, kind="stable")
        self._order = order[np.searchsorted(self._ids[order], 0) :] if len(order) else order
        self._sorted_ids = self._ids[self._order]

    def _rows(self, ids: Collection[int]) -> NDArray[np.int64]:
        wanted = np.unique(np.fromiter(ids, np.int64, len(ids)))
        places = np.searchsorted(self._sorted_ids, wanted)
        known = places < len(self._sorted_ids)
        known[known] = self._sorted_ids[places[known]] == wanted[known]
        rows: NDArray[np.int64] = self._order[places[known]]
        return rows

    def _bury(self, ids: Collection[int]) -> None:
        self._ids[self._rows(ids)] = _DEAD
        self._sort()

    def _remake(self, more: int) -> None:
        """Index the living vectors anew, in a form that suits them and `more` to come."""
        living = np.sort(self._order)
        kept = self._vectors()[living]
        self._index = _empty(kept.shape[1], len(kept) + more)
        self._index.add(kept)
        self._ids = self._ids[living]

    def _vectors(self) -> NDArray[np.float32]:
        flat = self._index if _is_flat(self._index) else _faiss.downcast_index(self._index.storage)
        memory: NDArray[np.float32] = _faiss.rev_swig_ptr(flat.get_xb(), flat.ntotal * flat.d)
        return memory.reshape(flat.ntotal, flat.d)

    def _scan(self, queries: NDArray[np.float32], count: int, rows: NDArray[np.int64]) -> list[list[Hit]]:
        scores = queries @ self._vectors()[rows].T
        return [top(self._ids[rows], row, count) for row in scores]

    def _probe(self, queries: NDArray[np.float32], count: int, rows: NDArray[np.int64]) -> list[list[Hit]]:
        settings: dict[str, Any] = {}
        share = len(rows) / self._index.ntotal
        if share < 1:
            seen = np.zeros(self._index.ntotal, bool)
            seen[rows] = True
            settings["sel"] = _faiss.IDSelectorBitmap(np.packbits(seen, bitorder="little"))
        if _is_flat(self._index):
            parameters = _faiss.SearchParameters(**settings)
        else:
            breadth = min(int(max(_BREADTH, count) / share), max(_MAX_BREADTH, count))
            parameters = _faiss.SearchParametersHNSW(efSearch=breadth, **settings)
        scores, found = self._index.search(queries, count, params=parameters)
        return [
            [Hit(int(self._ids[n]), float(s)) for n, s in zip(places, row, strict=True) if n >= 0]
            for places, row in zip(found, scores, strict=True)
        ]


class FaissBackend:
    """Keep each version as files in its folder."""

    format = "faiss-2"
    remote = False
    extends = True

    def has(self, version: Version) -> bool:
        """Tell whether the files are there."""
        return (version.folder / _IDS_FILE).is_file()

    @contextmanager
    def building(self, version: Version, base: Version | None) -> Iterator[FaissIndex]:
        """Yield an index in memory, empty or loaded from `base`; save it at the end."""
        index = FaissIndex.load(base.folder) if base else FaissIndex()
        yield index
        index.save(version.folder)
        index.close()

    def open(self, version: Version) -> FaissIndex:
        """Load a version; raise IndexStaleError when it cannot be read."""
        return FaissIndex.load(version.folder)

    def drop(self, version: Version) -> None:
        """Do nothing: all there is goes with the folder."""

    def size_bytes(self, version: Version) -> int:
        """Return the size of the files."""
        return sum(path.stat().st_size for path in version.folder.glob("vectors.*"))


def _empty(dimension: int, count: int) -> Any:
    if count <= EXACT_UP_TO:
        return faiss.IndexFlatIP(dimension)
    return faiss.IndexHNSWFlat(dimension, _HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)


def _is_flat(index: Any) -> bool:
    return isinstance(index, faiss.IndexFlat)
