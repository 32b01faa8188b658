"""The logits of rows left out, against fits without them."""

import numpy as np
import pytest

from active.heads.left_out import left_out_logits
from active.heads.newton import RidgeLogistic


def problem(count: int, width: int, l2: float, seed: int = 0) -> RidgeLogistic:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, width))
    p = 1 / (1 + np.exp(-features @ rng.normal(size=width)))
    targets = np.where(rng.random(count) < 0.2, 0.5, rng.random(count) < p)
    return RidgeLogistic(features, targets, rng.uniform(0.5, 2.0, count), l2)


def refitted(whole: RidgeLogistic, groups: np.ndarray) -> np.ndarray:
    logits = np.empty(len(groups))
    for group in np.unique(groups):
        out = groups == group
        rest = RidgeLogistic(whole.features[~out], whole.targets[~out], whole.weights[~out], whole.l2)
        logits[out] = whole.features[out] @ rest.solve()
    return logits


@pytest.mark.parametrize("l2", [0.3, 3.0, 30.0])
@pytest.mark.parametrize("size", [1, 4])
def test_one_step_comes_near_a_fit_without_them(l2: float, size: int) -> None:
    whole = problem(120, 8, l2)
    w = whole.solve()
    groups = np.random.default_rng(1).permutation(120) // size
    told = left_out_logits(whole, w, groups)
    wanted, own = refitted(whole, groups), whole.features @ w
    moved = np.abs(wanted - own).mean()
    assert np.abs(told - wanted).mean() < 0.15 * moved
    if size == 1:
        assert told == pytest.approx(left_out_logits(whole, w))


def test_a_group_of_everything_falls_back_to_no_knowledge() -> None:
    whole = problem(40, 3, 1e4)
    told = left_out_logits(whole, whole.solve(), np.zeros(40, dtype=np.int64))
    assert np.abs(told).max() < 1e-3
