"""The vector index against an exact search by numpy."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.errors import IndexStaleError
from rag.indexes import faiss_index
from rag.indexes.faiss_index import FaissIndex


def unit_vectors(count: int, dimension: int, seed: int) -> NDArray[np.float32]:
    vectors = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_hits_are_the_nearest_by_cosine_best_first(tmp_path: Path) -> None:
    vectors, queries = unit_vectors(500, 24, 0), unit_vectors(5, 24, 1)
    ids = [3 * n + 1 for n in range(500)]
    built = FaissIndex.build(ids, vectors)
    built.save(tmp_path)
    for index in (built, FaissIndex.load(tmp_path)):
        for hits, query in zip(index.search(queries, 10), queries, strict=True):
            cosines = vectors @ query
            assert [hit.chunk_id for hit in hits] == [ids[n] for n in np.argsort(-cosines)[:10]]
            assert [hit.score for hit in hits] == pytest.approx(sorted(cosines, reverse=True)[:10], abs=1e-5)


def test_there_are_never_more_hits_than_vectors() -> None:
    index = FaissIndex.build([5, 9], unit_vectors(2, 8, 0))
    assert {hit.chunk_id for hit in index.search(unit_vectors(1, 8, 1), 50)[0]} == {5, 9}
    assert index.search(np.zeros((0, 8), np.float32), 5) == []


def test_many_vectors_are_searched_by_a_graph_that_finds_nearly_all(tmp_path: Path) -> None:
    count = faiss_index.EXACT_UP_TO + 1
    vectors, queries = unit_vectors(count, 12, 0), unit_vectors(50, 12, 1)
    FaissIndex.build(range(100, count + 100), vectors).save(tmp_path)
    index = FaissIndex.load(tmp_path)
    nearest = np.argsort(-(queries @ vectors.T), axis=1)[:, :10] + 100
    found = index.search(queries, 10)
    recall = np.mean(
        [
            len({hit.chunk_id for hit in hits} & set(row)) / 10
            for hits, row in zip(found, nearest, strict=True)
        ]
    )
    assert recall > 0.95
    assert all(hits == sorted(hits, key=lambda hit: -hit.score) for hits in found)


@pytest.mark.parametrize("content", [None, b"", b"garbage" * 50, "half"])
def test_a_damaged_index_is_stale(tmp_path: Path, content: bytes | str | None) -> None:
    FaissIndex.build([1, 2], unit_vectors(2, 8, 0)).save(tmp_path)
    [file] = tmp_path.iterdir()
    if content is None:
        file.unlink()
    else:
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2] if isinstance(content, str) else content)
    with pytest.raises(IndexStaleError, match="unreadable"):
        FaissIndex.load(tmp_path)
