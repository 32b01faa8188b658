"""The contract of vector indexes, which every adapter keeps."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.errors import IndexStaleError

COUNT, DIMENSION = 600, 16
IDS = [3 * n + 1 for n in range(COUNT)]


@pytest.fixture(scope="module")
def vectors(draw: Any) -> NDArray[np.float32]:
    return draw(COUNT, DIMENSION, 0)


@pytest.fixture(scope="module")
def queries(draw: Any) -> NDArray[np.float32]:
    return draw(20, DIMENSION, 1)


@pytest.fixture(scope="module")
def kept_index(kept_shelf: Any, vectors: Any) -> Any:
    """An index that is only read."""
    index = kept_shelf.build("kept", IDS, vectors)
    yield index
    index.close()


@pytest.fixture
def index(vector_shelf: Any, vectors: Any) -> Any:
    index = vector_shelf.build("one", IDS, vectors)
    yield index
    index.close()


def nearest(vectors: Any, query: Any, count: int, allowed: set[int] | None = None) -> list[int]:
    """The exact answer, by numpy."""
    order = [IDS[n] for n in np.argsort(-(vectors @ query), kind="stable")]
    return [n for n in order if allowed is None or n in allowed][:count]


def test_hits_are_the_nearest_by_cosine_best_first(kept_index: Any, vectors: Any, queries: Any) -> None:
    assert len(kept_index) == COUNT
    found = kept_index.search(queries, 10)
    recall = [
        len({hit.chunk_id for hit in hits} & set(nearest(vectors, query, 10))) / 10
        for hits, query in zip(found, queries, strict=True)
    ]
    assert np.mean(recall) >= 0.95
    for hits, query in zip(found, queries, strict=True):
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        exact = {n: float(v @ query) for n, v in zip(IDS, vectors, strict=True)}
        assert [hit.score for hit in hits] == pytest.approx([exact[hit.chunk_id] for hit in hits], abs=1e-4)


@pytest.mark.parametrize("kept", [1, 7, 150, 500])
def test_a_filter_never_takes_hits_away(kept_index: Any, vectors: Any, queries: Any, kept: int) -> None:
    # The allowed chunks are those farthest from the first query: a graph would not come by.
    far = [IDS[n] for n in np.argsort(vectors @ queries[0])][:kept]
    found = kept_index.search(queries, 50, [*far, -5, 10**12])
    for hits, query in zip(found, queries, strict=True):
        wanted = nearest(vectors, query, 50, set(far))
        assert len(hits) == min(50, kept)
        assert {hit.chunk_id for hit in hits} <= set(far)
        assert len({hit.chunk_id for hit in hits} & set(wanted)) >= 0.9 * len(wanted)


@pytest.mark.parametrize("allowed", [[], [2], {-1, 10**12}])
def test_nothing_is_found_where_nothing_is_allowed(kept_index: Any, queries: Any, allowed: Any) -> None:
    assert kept_index.search(queries[:2], 5, allowed) == [[], []]


def test_there_are_never_more_hits_than_vectors(vector_shelf: Any, draw: Any) -> None:
    index = vector_shelf.build("one", [5, 9], draw(2, DIMENSION, 0))
    assert {hit.chunk_id for hit in index.search(draw(1, DIMENSION, 1), 50)[0]} == {5, 9}
    assert index.search(np.zeros((0, DIMENSION), np.float32), 5) == []
    assert index.search(draw(1, DIMENSION, 1), 0) == [[]]
    index.close()


def test_an_emptied_index_finds_nothing_and_can_be_filled_again(vector_shelf: Any, draw: Any) -> None:
    vectors = draw(3, DIMENSION, 0)
    index = vector_shelf.build("one", [1, 2, 3], vectors)
    index.remove([1, 2, 3])
    assert len(index) == 0
    assert index.search(vectors, 5) == [[], [], []]
    index.add([4], vectors[:1])
    assert [hit.chunk_id for hit in index.search(vectors[:1], 5)[0]] == [4]
    index.close()


def test_removed_chunks_are_gone_and_come_back_when_added(index: Any, vectors: Any, queries: Any) -> None:
    gone = nearest(vectors, queries[0], 30)
    index.remove([*gone, 2, 10**12])
    assert len(index) == COUNT - 30
    [hits] = index.search(queries[:1], 40)
    assert len(hits) == 40
    assert not {hit.chunk_id for hit in hits} & set(gone)
    assert index.search(queries[:1], 5, gone) == [[]]
    index.add(gone, vectors[[IDS.index(n) for n in gone]])
    assert len(index) == COUNT
    assert index.search(queries[:1], 1)[0][0].chunk_id == gone[0]


def test_adding_an_id_again_moves_it(index: Any, vectors: Any, queries: Any) -> None:
    farthest = nearest(vectors, queries[0], COUNT)[-1]
    index.add([farthest], queries[:1])
    assert len(index) == COUNT
    [hits] = index.search(queries[:1], COUNT)
    assert hits[0].chunk_id == farthest
    assert hits[0].score == pytest.approx(1.0, abs=1e-4)
    assert [hit.chunk_id for hit in hits].count(farthest) == 1


def test_a_version_outlives_its_process(vector_shelf: Any, index: Any, queries: Any) -> None:
    before = index.search(queries, 10)
    index.close()
    vector_shelf.restart()
    again = vector_shelf.backend.open(vector_shelf.version("one"))
    after = again.search(queries, 10)
    assert [[hit.chunk_id for hit in hits] for hits in after] == [
        [h.chunk_id for h in hits] for hits in before
    ]
    assert vector_shelf.backend.has(vector_shelf.version("one"))
    again.close()


def test_a_copy_takes_changes_and_leaves_the_original(
    request: pytest.FixtureRequest, vector_shelf: Any, vectors: Any, queries: Any
) -> None:
    if not vector_shelf.backend.extends:
        pytest.skip("it is always filled from scratch")
    index = request.getfixturevalue("index")
    copy = vector_shelf.build("two", [2], queries[:1], base="one", gone=IDS[:100])
    assert len(copy) == COUNT - 99
    assert copy.search(queries[:1], 1)[0][0].chunk_id == 2
    assert len(index) == COUNT
    assert index.search(queries[:1], 1)[0][0].chunk_id == nearest(vectors, queries[0], 1)[0]
    copy.close()


def test_a_build_that_fails_leaves_no_version(vector_shelf: Any, vectors: Any) -> None:
    version = vector_shelf.version("one")
    version.folder.mkdir()

    def build() -> None:
        with vector_shelf.backend.building(version, None) as index:
            index.add(IDS[:10], vectors[:10])
            raise KeyError("no power")

    with pytest.raises(KeyError, match="no power"):
        build()
    if vector_shelf.backend.remote:
        assert not vector_shelf.backend.has(version)
        with pytest.raises(IndexStaleError, match="pairloop index rebuild"):
            vector_shelf.backend.open(version)


def test_a_version_that_is_not_there_is_stale(vector_shelf: Any) -> None:
    assert not vector_shelf.backend.has(vector_shelf.version("two"))
    with pytest.raises(IndexStaleError, match="pairloop index rebuild"):
        vector_shelf.backend.open(vector_shelf.version("two"))


def test_many_threads_search_while_one_writes(index: Any, vectors: Any, queries: Any) -> None:
    wanted = [hit.chunk_id for hit in index.search(queries[:1], 1)[0]]

    def look(_: int) -> list[int]:
        return [hit.chunk_id for hit in index.search(queries[:1], 1)[0]]

    with ThreadPoolExecutor(4) as threads:
        looks = [threads.submit(look, n) for n in range(24)]
        for n in range(6):
            index.remove([10**6 + n])
            index.add([10**6 + n], -queries[:1])
        assert all(one.result() == wanted for one in looks)
    assert len(index) == COUNT + 6
