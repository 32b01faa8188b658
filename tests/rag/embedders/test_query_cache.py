from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rag.embedders.query_cache import QueryCache


class Lengths:
    """Embed a text as its length, and remember what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: list[str]) -> NDArray[np.float32]:
        self.asked += texts
        return np.array([[len(text), 1.0] for text in texts], np.float32).reshape(-1, 2)


def test_only_what_is_new_is_embedded_each_once() -> None:
    cache, embed = QueryCache(), Lengths()
    assert cache.embed(["a", "bb", "a"], embed)[:, 0].tolist() == [1, 2, 1]
    assert cache.embed(["bb", "ccc"], embed)[:, 0].tolist() == [2, 3]
    assert embed.asked == ["a", "bb", "ccc"]
    assert cache.embed([], embed).shape == (0, 2)


def test_the_least_recently_used_goes_first() -> None:
    cache, embed = QueryCache(capacity=2), Lengths()
    for text in ("a", "bb", "a", "ccc", "a", "bb"):
        cache.embed([text], embed)
    assert embed.asked == ["a", "bb", "ccc", "bb"]
    assert len(cache) == 2


def test_a_caller_may_change_what_it_gets() -> None:
    cache, embed = QueryCache(), Lengths()
    cache.embed(["a"], embed)[:] = 9
    assert cache.embed(["a"], embed)[0, 0] == 1


def test_threads_share_it() -> None:
    cache, embed = QueryCache(capacity=3), Lengths()
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda n: cache.embed(["x" * (n % 5)], embed)[0, 0], range(400)))
    assert rows == [n % 5 for n in range(400)]
    assert len(cache) == 3


@given(st.lists(st.lists(st.text(max_size=3), max_size=6), max_size=8), st.integers(1, 4))
def test_vectors_are_those_of_the_embedder(calls: list[list[str]], capacity: int) -> None:
    cache = QueryCache(capacity)
    for texts in calls:
        assert cache.embed(texts, Lengths())[:, 0].tolist() == [len(text) for text in texts]
        assert len(cache) <= capacity
