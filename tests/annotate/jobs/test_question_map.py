"""Similar questions lie close together on the map, which is the same for the same questions."""

from __future__ import annotations

import numpy as np
import pytest

from annotate.jobs.question_map import FEWEST, UMAP_FROM, lay_out


@pytest.mark.parametrize("count", [1, 2, 3, FEWEST - 1])
def test_few_questions_are_laid_out_by_their_directions(count: int) -> None:
    vectors = np.random.default_rng(0).normal(size=(count, 16))
    places = lay_out(vectors, np.random.default_rng(0))
    assert places.shape == (count, 2)
    assert ((places >= 0) & (places <= 1)).all()


@pytest.mark.parametrize("count", [FEWEST, pytest.param(UMAP_FROM, marks=pytest.mark.slow)])
def test_clusters_stay_together_on_the_map(count: int) -> None:
    rng = np.random.default_rng(0)
    middles = rng.normal(size=(3, 32))
    of = np.arange(count) % 3
    vectors = middles[of] + rng.normal(size=(count, 32)) * 0.15
    places = lay_out(vectors, np.random.default_rng(0))
    assert ((places >= 0) & (places <= 1)).all()
    distances = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(count) * 9
    assert (of[distances.argmin(axis=1)] == of).mean() > 0.9
    np.testing.assert_array_equal(places, lay_out(vectors, np.random.default_rng(0)))


def test_equal_questions_break_nothing() -> None:
    assert np.isfinite(lay_out(np.ones((4, 8)), np.random.default_rng(0))).all()
