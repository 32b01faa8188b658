"""What the client of a folder is told of its disk; what it keeps of the contract is tested beside this."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.indexes.base import Version
from rag.indexes.qdrant_index import QdrantBackend, place


def test_a_folder_waits_for_the_disk_only_once_it_is_filled(
    tmp_path: Path, draw: Callable[[int, int, int], Any], qdrant_closed: Callable[[], None]
) -> None:
    url = str(tmp_path / "qdrant")
    version = Version("one", tmp_path / "one")

    def waits() -> list[int]:
        inner: Any = place(url).client._client
        kept = [collection.storage.storage for collection in inner.collections.values()]
        return [one.execute("PRAGMA synchronous").fetchone()[0] for one in kept]

    with QdrantBackend(url).building(version, None) as index:
        index.add([1, 2], draw(2, 4, 0))
        assert waits() == [0]
    assert waits() == [2]  # FULL, which is SQLite's own
    qdrant_closed()
    assert len(QdrantBackend(url).open(version)) == 2
