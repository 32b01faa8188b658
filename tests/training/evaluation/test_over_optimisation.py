"""Best-of-n: the estimator is exact, a good proxy gains, a gamed one falls."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.over_optimisation import best_of_each, kl_bound, over_optimisation


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_the_estimator_equals_all_subsets(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    proxy, gold = rng.permutation(count).astype(float), rng.normal(size=count)
    found = best_of_each(proxy[None], gold[None])[0]
    for n in range(1, count + 1):
        subsets = [max(some, key=lambda at: proxy[at]) for some in combinations(range(count), n)]
        assert found[n - 1] == pytest.approx(np.mean(gold[subsets]))


def test_answers_of_equal_proxy_are_equally_likely() -> None:
    found = best_of_each(np.array([[1.0, 1.0, 0.0]]), np.array([[4.0, 8.0, 0.0]]))[0]
    assert found[2] == pytest.approx(6.0)
    assert found[0] == pytest.approx(4.0)


def test_a_true_proxy_gains_all_the_way() -> None:
    rng = np.random.default_rng(0)
    gold = rng.normal(size=(80, 12))
    curve = over_optimisation(gold, gold, rng)
    assert curve.best_n == 12
    assert not curve.over_optimised
    values = [point.gold.value for point in curve.points]
    assert values == sorted(values)
    assert values[0] == pytest.approx(0.0, abs=1e-9)
    assert curve.points[-1].gold.value == pytest.approx(curve.points[-1].proxy.value)


def test_a_gamed_proxy_is_noticed() -> None:
    rng = np.random.default_rng(1)
    gold = rng.normal(size=(150, 16))
    proxy = gold + 0.1 * rng.normal(size=gold.shape)
    trick = rng.random(gold.shape) < 0.08  # rare answers that please the proxy and are worthless
    proxy[trick], gold[trick] = 9.0, -6.0
    curve = over_optimisation(proxy, gold, rng)
    assert curve.over_optimised
    assert curve.best_n < 8
    assert curve.points[-1].proxy.value > curve.points[3].proxy.value


def test_the_bound_grows_like_a_logarithm() -> None:
    assert kl_bound(1) == 0.0
    assert kl_bound(16) == pytest.approx(math.log(16) - 15 / 16)


def test_shapes_that_do_not_fit_are_refused() -> None:
    for proxy, gold in (([1.0], [1.0]), ([[1.0]], [[1.0, 2.0]]), (np.zeros((0, 3)), np.zeros((0, 3)))):
        with pytest.raises(ValueError, match="one shape"):
            over_optimisation(proxy, gold, np.random.default_rng(0))
