"""Chroma past its known fault: many rows, many of them deleted (chroma#7090)."""

from pathlib import Path
from typing import Any

import numpy as np

from rag.indexes.base import Version
from rag.indexes.chroma_index import ChromaBackend


def test_nothing_is_lost_past_a_thousand_rows_with_many_deleted(draw: Any, tmp_path: Path) -> None:
    vectors, queries = draw(2_500, 8, 0), draw(5, 8, 1)
    version = Version("one", tmp_path)
    with ChromaBackend().building(version, None) as index:
        index.add(range(2_500), vectors)
        index.remove(range(1_500))
    opened = ChromaBackend().open(version)
    assert len(opened) == 1_000
    for hits, query in zip(opened.search(queries, 300), queries, strict=True):
        nearest = 1_500 + np.argsort(-(vectors[1_500:] @ query))[:300]
        assert len(hits) == 300
        assert len({hit.chunk_id for hit in hits} & set(nearest.tolist())) >= 285
    everything = opened.search(queries, 5_000)
    assert [len(hits) for hits in everything] == [1_000] * 5
    allowed = opened.search(queries, 5_000, range(1_000, 2_000))
    assert [len(hits) for hits in allowed] == [500] * 5
    opened.close()
