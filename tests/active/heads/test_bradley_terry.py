import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from scipy.special import expit
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from active import (
    BradleyTerryHead,
    InvalidFeaturesError,
    InvalidLabelsError,
    InvalidOptionError,
    NotEnoughLabelsError,
)


def wide(count: int = 12, width: int = 40, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, width)), rng.integers(0, 2, count).astype(float)


@pytest.mark.parametrize("shape", [(80, 6), (12, 40)])
@pytest.mark.parametrize("l2", [0.05, 1.0, 30.0])
def test_weights_equal_scikit_learns(shape: tuple[int, int], l2: float) -> None:
    features, targets = wide(*shape)
    scale = np.sqrt(np.mean(features**2, axis=0))
    weights = np.random.default_rng(2).random(len(targets)) + 0.5
    theirs = LogisticRegression(C=1 / l2, fit_intercept=False, tol=1e-12, max_iter=10_000)
    theirs.fit(features / scale, targets, sample_weight=weights)
    ours = BradleyTerryHead(l2=l2).fit(features, targets, sample_weight=weights)
    assert ours.coef_ * scale == pytest.approx(theirs.coef_[0], abs=1e-6)
    assert ours.predict_proba(features) == pytest.approx(theirs.predict_proba(features / scale), abs=1e-6)


def test_the_numerical_gradient_vanishes_at_the_optimum_with_soft_targets() -> None:
    features, _ = wide(30, 5)
    targets = np.random.default_rng(3).random(30)
    head = BradleyTerryHead(l2=0.5, standardise=False).fit(features, targets)

    def loss(w: np.ndarray) -> float:
        logits = features @ w
        return float(np.sum(np.logaddexp(0, logits) - targets * logits) + 0.25 * w @ w)

    assert np.abs(approx_fprime(head.coef_, loss, 1e-6)).max() < 1e-4


@given(seed=st.integers(0, 500), rows=st.integers(1, 30), width=st.integers(1, 40))
@settings(max_examples=40)
def test_swapping_answers_swaps_probabilities(seed: int, rows: int, width: int) -> None:
    features, targets = wide(rows, width, seed)
    head = BradleyTerryHead().fit(features, targets)
    swapped = BradleyTerryHead().fit(-features, 1 - targets)
    assert np.array_equal(head.predict_proba(features)[:, 0], 1 - head.predict_proba(features)[:, 1])
    assert head.decision_function(-features) == pytest.approx(-head.decision_function(features))
    assert swapped.coef_ == pytest.approx(head.coef_, rel=1e-6, abs=1e-9)
    assert np.isfinite(head.coef_).all()


def test_a_swap_of_any_pairs_teaches_the_same() -> None:
    features, targets = wide(40, 5)
    flips = np.random.default_rng(0).random(40) < 0.5
    mixed = np.where(flips[:, None], -features, features)
    same = BradleyTerryHead(l2=1.0).fit(mixed, np.where(flips, 1 - targets, targets))
    assert same.coef_ == pytest.approx(BradleyTerryHead(l2=1.0).fit(features, targets).coef_)


def test_one_class_and_ties_alone_are_no_obstacle() -> None:
    features, _ = wide(10, 3)
    assert BradleyTerryHead().fit(features, np.ones(10)).decision_function(features).mean() > 0
    assert BradleyTerryHead().fit(features, np.full(10, 0.5)).coef_ == pytest.approx(np.zeros(3))


def test_contradictory_labels_end_in_a_tie() -> None:
    features = np.array([[1.0, 2.0], [1.0, 2.0]])
    head = BradleyTerryHead().fit(features, [1, 0])
    assert head.predict_proba(features)[:, 1] == pytest.approx([0.5, 0.5])


def test_a_weight_is_a_repetition() -> None:
    features, targets = wide(8, 3)
    weighted = BradleyTerryHead(l2=1.0, standardise=False).fit(features, targets, sample_weight=[2] + [1] * 7)
    repeated = BradleyTerryHead(l2=1.0, standardise=False).fit(
        np.vstack([features[:1], features]), np.append(targets[0], targets)
    )
    assert weighted.coef_ == pytest.approx(repeated.coef_)


def test_constant_and_zero_features_predict_a_coin() -> None:
    head = BradleyTerryHead().fit(np.zeros((25, 3)), np.arange(25) % 2)
    assert head.predict_proba(np.zeros((2, 3))) == pytest.approx(np.full((2, 2), 0.5))
    assert np.isfinite(head.posterior_variance(np.ones((2, 3)))).all()


@pytest.mark.parametrize("shape", [(80, 6), (12, 40)])
def test_posterior_agrees_with_its_precision(shape: tuple[int, int]) -> None:
    features, targets = wide(*shape)
    weights = np.random.default_rng(4).random(len(targets)) + 0.5
    head = BradleyTerryHead(l2=2.0).fit(features, targets, sample_weight=weights)
    p = expit(features @ head.coef_)
    direct = (features * (weights * p * (1 - p))[:, None]).T @ features + 2.0 * np.diag(head.scale_**2)
    probe = np.random.default_rng(5).normal(size=(7, shape[1]))
    assert head.posterior_precision() == pytest.approx(direct)
    assert head.posterior_solve(probe) == pytest.approx(np.linalg.solve(direct, probe.T).T)
    assert head.posterior_variance(probe) == pytest.approx(np.diag(probe @ np.linalg.inv(direct) @ probe.T))


@pytest.mark.parametrize("shape", [(80, 3), (3, 8)])
def test_posterior_draws_have_the_posteriors_moments(shape: tuple[int, int]) -> None:
    features, targets = wide(*shape)
    head = BradleyTerryHead(l2=2.0).fit(features, targets)
    draws = head.posterior_sample(40_000, np.random.default_rng(6))
    covariance = np.linalg.inv(head.posterior_precision())
    assert draws.mean(axis=0) == pytest.approx(head.coef_, abs=0.03)
    assert np.cov(draws.T) == pytest.approx(covariance, abs=0.05 * np.abs(covariance).max())


def test_a_warm_start_ends_where_a_cold_one_does() -> None:
    features, targets = wide(60, 8)
    warm = BradleyTerryHead(l2=0.1, warm_start=True).fit(features[:30], targets[:30])
    warm.fit(features, targets)
    assert warm.coef_ == pytest.approx(BradleyTerryHead(l2=0.1).fit(features, targets).coef_, abs=1e-8)
    narrow = warm.fit(features[:, :4], targets)  # another width: starts from zero
    assert narrow.coef_.shape == (4,)


def test_many_features_and_few_labels_are_quick() -> None:
    features, targets = wide(30, 800)
    BradleyTerryHead().fit(features, targets)
    begun = time.process_time()
    BradleyTerryHead().fit(features, targets)
    assert time.process_time() - begun < 0.5


def test_it_finds_the_weights_that_made_the_labels(simulate: Callable[..., object]) -> None:
    data = simulate(3000)
    head = BradleyTerryHead().fit(data.features[:2000], data.targets[:2000])  # type: ignore[attr-defined]
    truth = data.weights  # type: ignore[attr-defined]
    assert np.corrcoef(head.coef_, truth)[0, 1] > 0.97
    assert np.linalg.norm(head.coef_ - truth) < 0.25 * np.linalg.norm(truth)


def test_it_lives_in_scikit_learn() -> None:
    features, targets = wide(60, 4)
    head = clone(BradleyTerryHead(l2=3.0, warm_start=True))
    assert head.get_params() == {
        "l2": 3.0,
        "standardise": True,
        "warm_start": True,
        "calibrate": False,
        "raw_columns": 0,
    }
    scores = cross_val_score(make_pipeline(FunctionTransformer(), head), features, targets, cv=3)
    assert scores.shape == (3,)
    assert head.fit(features, targets).classes_.tolist() == [0, 1]
    assert "BradleyTerryHead" in repr(head)


def test_score_leaves_ties_out() -> None:
    head = BradleyTerryHead(l2=1e-3).fit([[1.0], [-1.0]], [1, 0])
    assert head.score([[1.0], [2.0], [3.0]], [1, 0.5, 0]) == 0.5
    assert head.score([[1.0], [3.0]], [1, 0], sample_weight=[3, 1]) == 0.75
    with pytest.raises(NotEnoughLabelsError, match="ties"):
        head.score([[1.0]], [0.5])


def test_bad_input_is_refused() -> None:
    features, targets = wide(6, 3)
    head = BradleyTerryHead()
    with pytest.raises(NotFittedError):
        head.predict_proba(features)
    with pytest.raises(NotEnoughLabelsError):
        head.fit(np.empty((0, 3)), [])
    with pytest.raises(InvalidLabelsError):
        head.fit(features, targets * 2)
    with pytest.raises(InvalidLabelsError):
        head.fit(features, targets, groups=[1])
    with pytest.raises(InvalidFeaturesError):
        head.fit(features * np.nan, targets)
    with pytest.raises(InvalidFeaturesError):
        head.fit(features, targets).predict(np.ones((1, 4)))


@pytest.mark.parametrize("options", [{"l2": 0.0}, {"l2": -1.0}, {"l2": np.nan}])
def test_bad_options_are_refused_at_fit(options: dict[str, float]) -> None:
    with pytest.raises(InvalidOptionError):
        BradleyTerryHead(**options).fit([[1.0]], [1])  # type: ignore[arg-type]
