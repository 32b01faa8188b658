"""Learning curves on pairs whose model is known."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from active import InvalidOptionError, Pool, State, strategy
from active.simulation import Curve, Known, by_strategy, learning_curve
from active.simulation.curves import measure


@pytest.fixture(scope="module")
def known(simulate: Callable[..., Any]) -> Known:
    data = simulate(500, 6, seed=4)
    return Known(data.pool(slice(0, 300)), data.targets[:300], data.features[300:], data.targets[300:])


def run(known: Known, name: str, seed: int = 0, budget: int = 120) -> Curve:
    ask = by_strategy(strategy(name))
    return learning_curve(known, ask, start=20, batch=25, budget=budget, rng=np.random.default_rng(seed))


def test_it_labels_up_to_the_budget_and_learns(known: Known) -> None:
    curve = run(known, "entropy")
    assert curve.labels == (20, 45, 70, 95, 120)
    assert curve.accuracy[-1] > 0.75
    assert curve.nll[-1] < curve.nll[0]
    assert min(curve.accuracy) <= curve.area <= max(curve.accuracy)
    assert curve.seconds[0] == 0.0
    assert all(seconds > 0 for seconds in curve.seconds[1:])


def test_whoever_asks_the_first_pairs_of_a_seed_are_the_same(known: Known) -> None:
    first = {run(known, name, seed=3).nll[0] for name in ("random", "entropy", "dopt")}
    assert len(first) == 1
    assert run(known, "random", seed=3) != run(known, "random", seed=4)


def test_no_pair_is_labelled_twice(known: Known) -> None:
    seen: list[int] = []

    def ask(state: State, pool: Pool, count: int, rng: np.random.Generator) -> Any:
        seen.append(len(np.unique(np.vstack([state.labelled.features, pool.features]), axis=0)))
        return np.arange(count)

    learning_curve(known, ask, start=20, batch=25, budget=300, rng=np.random.default_rng(0))
    assert set(seen) == {300}


@pytest.mark.parametrize(("start", "budget"), [(0, 50), (60, 50), (20, 301)])
def test_a_budget_that_cannot_be_is_refused(known: Known, start: int, budget: int) -> None:
    with pytest.raises(InvalidOptionError, match="start"):
        learning_curve(
            known, by_strategy(strategy("random")), start=start, batch=5, budget=budget,
            rng=np.random.default_rng(0),
        )  # fmt: skip


def test_measures_of_a_perfect_and_of_a_clueless_head() -> None:
    truth = np.array([1.0, 0.0] * 50)
    sure = measure(np.where(truth > 0.5, 50.0, -50.0), truth)
    assert sure == pytest.approx((1.0, 0.0, 0.0), abs=1e-9)
    clueless = measure(np.zeros(100), truth)
    assert clueless[1] == pytest.approx(np.log(2))
    assert clueless[2] == pytest.approx(0.0, abs=1e-9)
