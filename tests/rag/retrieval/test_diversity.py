"""Maximal marginal relevance against its definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval.diversity import maximal_marginal_relevance

TWINS = np.array([[1, 0], [1, 0], [0, 1]], np.float32)


def test_a_twin_gives_way_to_something_else() -> None:
    relevance = np.array([1.0, 0.9, 0.5])
    assert maximal_marginal_relevance(relevance, TWINS, 2, diversity=0.0) == [0, 1]
    assert maximal_marginal_relevance(relevance, TWINS, 2, diversity=0.6) == [0, 2]
    assert maximal_marginal_relevance(relevance, TWINS, 3, diversity=1.0) == [0, 2, 1]


def test_a_narrow_band_of_cosines_does_not_hide_the_twin() -> None:
    # Cosines as e5 gives them: all between 0.9 and 1.
    base = np.array([[4, 0, 0.02], [4, 0, 0.03], [4, 0.3, 0]], np.float32)
    vectors = base / np.linalg.norm(base, axis=1, keepdims=True)
    assert maximal_marginal_relevance(np.array([0.93, 0.92, 0.88]), vectors, 2, diversity=0.7) == [0, 2]


@pytest.mark.parametrize("n", [0, 1])
def test_few_candidates(n: int) -> None:
    assert maximal_marginal_relevance(np.ones(n), np.ones((n, 2), np.float32), 5, 0.5) == list(range(n))


@given(st.integers(1, 12), st.integers(1, 12), st.floats(0, 1), st.integers(0, 10_000))
def test_distinct_places_and_the_best_first(n: int, count: int, diversity: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    relevance, vectors = rng.random(n), rng.normal(size=(n, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    chosen = maximal_marginal_relevance(relevance, vectors, count, diversity)
    assert len(chosen) == len(set(chosen)) == min(count, n)
    if diversity < 1:
        assert chosen[0] == int(np.argmax(relevance))
    if diversity == 0:
        assert list(relevance[chosen]) == sorted(relevance, reverse=True)[:count]
