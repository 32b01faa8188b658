"""Define what an index is: derived from the corpus, found by chunk id, rebuilt at will."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.errors import RagError


class IndexBackendError(RagError):
    """Say that the server or the library behind an index does not work as it should."""


class Hit(NamedTuple):
    """Name a chunk and how well it fits, higher is better."""

    chunk_id: int
    score: float


class Index(Protocol):
    """Hold chunks that can be removed."""

    def remove(self, ids: Collection[int]) -> None:
        """Forget chunks; ids that are not there are ignored."""
        ...

    def __len__(self) -> int:
        """Count the chunks."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class VectorIndex(Index, Protocol):
    """Find the nearest vectors by cosine. All methods may be called from several threads."""

    def add(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Index unit vectors (n, dimension) under distinct chunk ids, in place of older ones."""
        ...

    def search(
        self, vectors: NDArray[np.float32], count: int, allowed: Collection[int] | None = None
    ) -> list[list[Hit]]:
        """Return hits for each of the unit vectors (n, dimension), best first.

        There are as many as asked for, or as the index holds: of the `allowed` chunks, if given.
        """
        ...


class LexicalIndex(Index, Protocol):
    """Find chunks by their words. All methods may be called from several threads."""

    def add(self, rows: Iterable[tuple[int, str]]) -> None:
        """Index texts under distinct chunk ids, in place of older ones."""
        ...

    def search(
        self, queries: Sequence[str], count: int, allowed: Collection[int] | None = None
    ) -> list[list[Hit]]:
        """Return hits for each query, best first: chunks that share a word with it.

        There are as many as asked for, or as match: of the `allowed` chunks, if given.
        """
        ...


class Version(NamedTuple):
    """Name one version of an index, and the folder for those backends that keep files."""

    name: str
    folder: Path

    @property
    def fingerprint(self) -> str:
        """Identify what is in it."""
        return self.name.partition("-")[0]


_Item = TypeVar("_Item")
AnyIndex = TypeVar("AnyIndex", covariant=True)


class Backend(Protocol[AnyIndex]):
    """Make, open and drop the versions of one kind of index.

    A version is whole or not there: what is being built cannot be opened.
    """

    @property
    def format(self) -> str:
        """Identify how the index is written; another format is another index."""
        ...

    @property
    def remote(self) -> bool:
        """Tell whether a version may be lost while its folder is there."""
        ...

    @property
    def extends(self) -> bool:
        """Tell whether a new version can start as a copy of an older one."""
        ...

    def has(self, version: Version) -> bool:
        """Tell whether a version is there and whole."""
        ...

    def building(self, version: Version, base: Version | None) -> AbstractContextManager[AnyIndex]:
        """Yield an index to fill, empty or a copy of `base`; it becomes the version on a clean exit."""
        ...

    def open(self, version: Version) -> AnyIndex:
        """Open a version; raise IndexStaleError when it is not there or cannot be read."""
        ...

    def drop(self, version: Version) -> None:
        """Remove what a version keeps outside of its folder, if it is there."""
        ...

    def size_bytes(self, version: Version) -> int:
        """Return what a version takes, or 0 where that is not known."""
        ...


def batched(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """Cut items into lists of at most `size`."""
    source = iter(items)
    while some := list(islice(source, size)):
        yield some


def folder_bytes(folder: Path) -> int:
    """Add up the sizes of the files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def top(ids: NDArray[np.int64], scores: NDArray[np.float32], count: int) -> list[Hit]:
    """Return the best `count` of some scored chunks, best first; of equals the lower id."""
    if 0 < count < len(scores):
        # Everything as good as the last that fits, so that ties are broken by id alone.
        last = np.partition(scores, len(scores) - count)[len(scores) - count]
        best = np.flatnonzero(scores >= last)
        ids, scores = ids[best], scores[best]
    order = np.lexsort((ids, -scores))[:count]
    return [Hit(int(ids[n]), float(scores[n])) for n in order]


REBUILD = "run `pairloop index rebuild`"
