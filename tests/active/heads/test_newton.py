import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from active.heads.newton import RidgeLogistic, row_basis


def problem(seed: int, rows: int, width: int, l2: float, scale: float = 1.0) -> RidgeLogistic:
    rng = np.random.default_rng(seed)
    return RidgeLogistic(rng.normal(size=(rows, width)) * scale, rng.random(rows), rng.random(rows) + 0.1, l2)


def test_gradient_and_hessian_agree_with_finite_differences() -> None:
    task = problem(0, 12, 4, 0.7)
    w = np.array([0.3, -1.0, 0.2, 2.0])
    assert task.gradient(w) == pytest.approx(approx_fprime(w, task.loss, 1e-7), abs=1e-5)
    assert task.hessian(w) == pytest.approx(approx_fprime(w, task.gradient, 1e-7), abs=1e-5)


def test_the_numerical_gradient_vanishes_at_the_solution() -> None:
    task = problem(1, 30, 5, 0.5)
    w = task.solve()
    central = [(task.loss(w + h) - task.loss(w - h)) / 2e-5 for h in 1e-5 * np.eye(5)]
    assert np.abs(central).max() < 1e-8


@given(
    seed=st.integers(0, 1000),
    rows=st.integers(1, 25),
    width=st.integers(1, 10),
    l2=st.floats(1e-6, 1e4),
    scale=st.floats(1e-3, 1e3),
)
def test_newton_converges_whatever_the_scale(
    seed: int, rows: int, width: int, l2: float, scale: float
) -> None:
    task = problem(seed, rows, width, l2, scale)
    w = task.solve()
    size = np.abs(task.features).sum() + 1
    assert np.isfinite(w).all()
    assert np.abs(task.gradient(w)).max() <= 1e-5 * size


def test_separable_labels_converge_from_a_bad_start() -> None:
    features = np.array([[1.0], [2.0], [-1.0]])
    task = RidgeLogistic(features, np.array([1.0, 1.0, 0.0]), np.ones(3), 1e-6)
    assert task.solve(np.array([1e4])) == pytest.approx(task.solve(), rel=1e-6)


def test_row_basis_spans_the_rows() -> None:
    features = np.random.default_rng(2).normal(size=(4, 9))
    features[3] = features[2]  # a duplicate: rank 3
    basis = row_basis(features)
    assert basis is not None
    assert basis.T @ basis == pytest.approx(np.eye(4))
    assert features @ basis @ basis.T == pytest.approx(features)
    assert row_basis(features.T) is None
