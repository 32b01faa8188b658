"""Heads differ by their weights over the rows, and disagreement costs reward."""

import numpy as np
import pytest

from training.kinds.reward.ensembles import combine, disagreement, head_weights


def test_heads_are_joined_as_named() -> None:
    scores = np.array([[1.0, 3.0], [2.0, 2.0]])
    np.testing.assert_allclose(combine(scores, "mean", 1.0), [2, 2])
    np.testing.assert_allclose(combine(scores, "worst", 1.0), [1, 2])
    np.testing.assert_allclose(combine(scores, "penalised", 0.5), [2 - 0.5 * 1, 2])
    np.testing.assert_allclose(disagreement(scores), [1, 0])


def test_each_head_sees_the_rows_by_weights_of_its_own() -> None:
    weights = head_weights(50, 3, np.random.default_rng(0))
    np.testing.assert_allclose(weights.mean(axis=0), 1)
    assert (weights > 0).all()
    assert np.abs(np.corrcoef(weights.T) - np.eye(3)).max() < 0.5
    assert (head_weights(4, 1, np.random.default_rng(0)) == 1).all()


@pytest.mark.parametrize(("ensemble", "exploited"), [("mean", True), ("worst", False), ("penalised", False)])
def test_what_one_head_alone_adores_is_not_chosen(ensemble: str, exploited: bool) -> None:
    sound, trick = [1.0, 1.1, 0.9], [9.0, -1.0, -1.0]
    joined = combine(np.array([sound, trick]), ensemble, penalty=0.2)
    assert (joined[1] > joined[0]) == exploited
