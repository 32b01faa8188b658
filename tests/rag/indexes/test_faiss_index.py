"""What FAISS does beside the contract: graphs for many, tombstones, files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.errors import IndexStaleError
from rag.indexes import faiss_index
from rag.indexes.faiss_index import FaissIndex


@pytest.fixture(scope="module")
def many(draw: Any) -> Any:
    return draw(faiss_index.EXACT_UP_TO + 1, 12, 0)


@pytest.fixture(scope="module")
def graph(many: Any) -> FaissIndex:
    """An index so large that it is a graph; to be read only."""
    return FaissIndex.build(range(len(many)), many)


def recall(found: Any, nearest: Any) -> float:
    shares = [
        len({hit.chunk_id for hit in hits} & set(row)) / len(row)
        for hits, row in zip(found, nearest, strict=True)
    ]
    return float(np.mean(shares))


def test_few_vectors_are_searched_exactly(draw: Any) -> None:
    vectors, queries = draw(500, 24, 0), draw(5, 24, 1)
    ids = [3 * n + 1 for n in range(500)]
    for hits, query in zip(FaissIndex.build(ids, vectors).search(queries, 10), queries, strict=True):
        cosines = vectors @ query
        assert [hit.chunk_id for hit in hits] == [ids[n] for n in np.argsort(-cosines)[:10]]
        assert [hit.score for hit in hits] == pytest.approx(sorted(cosines, reverse=True)[:10], abs=1e-5)


def test_many_vectors_are_searched_by_a_graph_that_finds_nearly_all(
    graph: FaissIndex, many: Any, draw: Any
) -> None:
    queries = draw(50, 12, 1)
    found = graph.search(queries, 10)
    assert recall(found, np.argsort(-(queries @ many.T), axis=1)[:, :10]) > 0.95
    assert all(hits == sorted(hits, key=lambda hit: -hit.score) for hits in found)


@pytest.mark.parametrize("kept", [10, 5_000, 19_000])
def test_a_filter_on_a_graph_finds_nearly_all_and_never_too_few(
    graph: FaissIndex, many: Any, draw: Any, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faiss_index, "EXACT_UP_TO", 1_000)  # so that the graph has to do it
    queries = draw(20, 12, 1)
    far = np.argsort(many @ queries[0])[:kept]  # where the first query does not lead
    found = graph.search(queries, 10, far.tolist())
    assert [len(hits) for hits in found] == [10] * 20
    assert all(hit.chunk_id in set(far.tolist()) for hits in found for hit in hits)
    nearest = far[np.argsort(-(queries @ many[far].T), axis=1)[:, :10]]
    assert recall(found, nearest) > 0.9


def test_removing_hides_at_first_and_makes_the_index_anew_later(draw: Any) -> None:
    vectors = draw(1_000, 8, 0)
    index = FaissIndex.build(range(1_000), vectors)
    index.remove(range(200))
    assert index._index.ntotal == 1_000
    assert len(index) == 800
    assert min(hit.chunk_id for hit in index.search(vectors[:1], 1_000)[0]) == 200
    index.remove(range(200, 300))
    assert index._index.ntotal == len(index) == 700
    assert index.search(vectors[500:501], 1)[0][0].chunk_id == 500


def test_an_index_that_grows_becomes_a_graph(many: Any, tmp_path: Path) -> None:
    index = FaissIndex.build(range(100), many[:100])
    index.remove(range(10))
    index.add(range(100, len(many)), many[100:])
    assert len(index) == len(many) - 10
    index.add(range(100_000, 100_011), many[:11])
    index.save(tmp_path)
    again = FaissIndex.load(tmp_path)
    assert not again.search(many[5:6], 3, range(10))[0]
    assert {100_005} == {hit.chunk_id for hit in again.search(many[5:6], 1)[0]}


@pytest.mark.parametrize("name", ["vectors.faiss", "vectors.ids.npy"])
@pytest.mark.parametrize("content", [None, b"", b"garbage" * 50, "half"])
def test_a_damaged_index_is_stale(draw: Any, tmp_path: Path, name: str, content: bytes | str | None) -> None:
    FaissIndex.build([1, 2], draw(2, 8, 0)).save(tmp_path)
    file = tmp_path / name
    if content is None:
        file.unlink()
    else:
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2] if isinstance(content, str) else content)
    with pytest.raises(IndexStaleError, match="unreadable"):
        FaissIndex.load(tmp_path)


def test_ids_of_another_index_are_noticed(draw: Any, tmp_path: Path) -> None:
    FaissIndex.build([1, 2], draw(2, 8, 0)).save(tmp_path)
    np.save(tmp_path / "vectors.ids.npy", np.arange(3))
    with pytest.raises(IndexStaleError, match="another index"):
        FaissIndex.load(tmp_path)
