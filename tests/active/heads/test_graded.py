import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from scipy.special import expit
from sklearn.base import clone

from active import BradleyTerryHead, GradedHead, InvalidLabelsError, InvalidOptionError, Labelled
from active.heads.graded import spread_targets
from active.heads.graded_problem import RidgeGraded, grade_logs, grade_scores


def drawn(count: int, grades: int, intercepts: list[float], seed: int = 0) -> tuple[np.ndarray, ...]:
    """Draw verdicts from the model itself, with known weights."""
    rng = np.random.default_rng(seed)
    features, weights = rng.normal(size=(count, 5)), np.array([2.0, -1.0, 0.5, 0.0, 1.0])
    p = np.exp(grade_logs(features @ weights, np.array(intercepts), grades))
    chosen = (p.cumsum(axis=1) > rng.random(count)[:, None]).argmax(axis=1)
    return features, np.eye(grades)[chosen], weights


@pytest.mark.parametrize("grades", [2, 3, 4, 5, 7])
def test_gradient_and_hessian_agree_with_finite_differences(grades: int) -> None:
    rng = np.random.default_rng(1)
    task = RidgeGraded(rng.normal(size=(20, 3)), rng.dirichlet(np.ones(grades), 20), rng.random(20), 0.7)
    at = rng.normal(size=task.size)
    assert task.gradient(at) == pytest.approx(approx_fprime(at, task.loss, 1e-7), abs=1e-5)
    assert task.hessian(at) == pytest.approx(approx_fprime(at, task.gradient, 1e-7), abs=1e-5)
    w = at[:3]
    logits = task.features @ w

    def data(moved: np.ndarray) -> np.ndarray:
        return np.asarray(task.weights * task.row_losses(moved, at))

    step = 1e-5
    slope = (data(logits + step) - data(logits - step)) / (2 * step)
    assert task.slopes(at)[0] == pytest.approx(slope, abs=1e-6)


def test_two_grades_are_bradley_and_terry() -> None:
    features, verdicts, _ = drawn(80, 2, [])
    ours = GradedHead(2, l2=1.5).fit(features, verdicts)
    theirs = BradleyTerryHead(l2=1.5).fit(features, verdicts[:, 0])
    assert ours.coef_ == pytest.approx(theirs.coef_)
    assert ours.predict_proba(features) == pytest.approx(theirs.predict_proba(features))
    assert ours.posterior_variance(features) == pytest.approx(theirs.posterior_variance(features))


def test_three_grades_are_davidson() -> None:
    # Davidson's own form: π₁ : ν√(π₁π₂) : π₂ with ln π₁/π₂ = η.
    nu, eta = 0.8, np.array([-2.0, 0.0, 1.3])
    strengths = np.column_stack([np.exp(eta / 2), np.full(3, nu), np.exp(-eta / 2)])
    wanted = strengths / strengths.sum(axis=1, keepdims=True)
    assert np.exp(grade_logs(eta, np.array([np.log(nu)]), 3)) == pytest.approx(wanted)


@pytest.mark.parametrize(("grades", "intercepts"), [(3, [0.7]), (5, [0.5, -1.0])])
def test_it_finds_the_weights_and_intercepts_that_made_the_verdicts(
    grades: int, intercepts: list[float]
) -> None:
    features, verdicts, weights = drawn(4000, grades, intercepts)
    head = GradedHead(grades).fit(features, verdicts)
    assert head.coef_ == pytest.approx(weights, abs=0.15)
    assert head.intercepts_ == pytest.approx(intercepts, abs=0.15)
    assert head.predict_verdicts(features).mean(axis=0) == pytest.approx(verdicts.mean(axis=0), abs=0.01)


def test_degrees_teach_more_than_winners_alone() -> None:
    errors = []
    for seed in range(5):
        features, verdicts, weights = drawn(150, 5, [0.0, 0.5], seed)
        graded = GradedHead(5).fit(features, verdicts)
        winners = BradleyTerryHead().fit(features, verdicts @ np.array([1, 1, 0.5, 0, 0]))
        angle = [1 - head.coef_ @ weights / np.linalg.norm(head.coef_) for head in (graded, winners)]
        errors.append(angle[0] - angle[1])
    assert np.mean(errors) < 0


@given(seed=st.integers(0, 300), rows=st.integers(1, 25), width=st.integers(1, 30), grades=st.integers(2, 6))
@settings(max_examples=30, deadline=None)
def test_swapping_answers_reverses_the_grades(seed: int, rows: int, width: int, grades: int) -> None:
    rng = np.random.default_rng(seed)
    features, verdicts = rng.normal(size=(rows, width)), rng.dirichlet(np.ones(grades), rows)
    head = GradedHead(grades, calibrate=True).fit(features, verdicts)
    told = head.predict_verdicts(features)
    assert told == pytest.approx(head.predict_verdicts(-features)[:, ::-1])
    assert told.sum(axis=1) == pytest.approx(np.ones(rows))
    assert np.isfinite(head.coef_).all()
    swapped = GradedHead(grades, calibrate=True).fit(-features, verdicts[:, ::-1])
    assert swapped.coef_ == pytest.approx(head.coef_, rel=1e-5, abs=1e-7)


def test_the_posterior_is_that_of_the_weights_alone() -> None:
    features, verdicts, _ = drawn(60, 3, [0.3])
    head = GradedHead(3, l2=2.0, standardise=False).fit(features, verdicts)
    task = RidgeGraded(features, verdicts, np.ones(60), 2.0)
    whole = np.linalg.inv(task.hessian(np.concatenate([head.coef_, head.intercepts_])))
    assert np.linalg.inv(head.posterior_precision()) == pytest.approx(whole[:5, :5], rel=1e-6)


def test_numbers_are_shared_between_the_nearest_grades() -> None:
    assert spread_targets(np.array([1.0, 0.75, 0.6, 0.0]), 3) == pytest.approx(
        np.array([[1, 0, 0], [0.5, 0.5, 0], [0.2, 0.8, 0], [0, 0, 1]])
    )
    rng = np.random.default_rng(0)
    targets = rng.random(50)
    assert spread_targets(targets, 5) @ np.linspace(1, 0, 5) == pytest.approx(targets)


def test_one_grade_only_and_ties_alone_are_no_obstacle() -> None:
    features = np.random.default_rng(0).normal(size=(30, 3))
    ties = GradedHead(3).fit(features, np.full(30, 0.5))
    assert ties.predict_verdicts(features)[:, 1].min() > 0.9
    assert ties.coef_ == pytest.approx(np.zeros(3), abs=1e-9)
    first = GradedHead(5).fit(features, np.ones(30))
    assert np.isfinite(first.coef_).all()


def test_a_warm_start_ends_where_a_cold_one_does() -> None:
    features, verdicts, _ = drawn(80, 3, [0.5])
    warm = GradedHead(3, l2=0.5, warm_start=True).fit(features[:40], verdicts[:40]).fit(features, verdicts)
    assert warm.coef_ == pytest.approx(GradedHead(3, l2=0.5).fit(features, verdicts).coef_, abs=1e-7)
    warm.set_params(grades=5).fit(features, verdicts[:, 0])  # other intercepts: starts from zero
    assert len(warm.intercepts_) == 2


def test_it_lives_in_scikit_learn() -> None:
    head = clone(GradedHead(5, l2=3.0, calibrate=True))
    assert head.get_params()["grades"] == 5
    assert grade_scores(5).tolist() == [1, 0.5, 0, -0.5, -1]
    features, verdicts, _ = drawn(60, 5, [0, 0])
    p = head.fit(features, verdicts).predict_proba(features)
    assert ((p[:, 1] > 0.5) == (expit(features @ head.coef_) > 0.5)).all()


def test_bad_verdicts_are_refused() -> None:
    features = np.ones((2, 2))
    with pytest.raises(InvalidLabelsError, match="2 grades, the head 3"):
        GradedHead(3).fit(features, [[1.0, 0.0], [0.0, 1.0]])
    with pytest.raises(InvalidLabelsError, match="summing to one"):
        GradedHead(3).fit(features, [[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    with pytest.raises(InvalidLabelsError, match="verdicts"):
        Labelled(features, targets=np.ones(2), verdicts=np.ones((1, 3)))
    with pytest.raises(InvalidOptionError, match="grades"):
        GradedHead(1).fit(features, [1, 0])
