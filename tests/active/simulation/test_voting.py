"""Spending votes on pairs whose model is known."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from active import InvalidLabelsError, InvalidOptionError, strategy
from active.simulation import Ballots, Curve, Known, by_strategy, voting_curve
from active.strategies.relabel import open_value

LOT = by_strategy(strategy("random"))


@pytest.fixture(scope="module")
def known(simulate: Callable[..., Any]) -> Known:
    data = simulate(400, 5, seed=3)
    truth = (data.features @ data.weights > 0).astype(float)
    return Known(data.pool(slice(0, 300)), truth[:300], data.features[300:], truth[300:])


def noisy(known: Known, right: float, seed: int = 0) -> NDArray[np.float64]:
    kept = np.random.default_rng(seed).random((len(known.pool), 5)) < right
    return np.where(kept, known.answers[:, None], 1 - known.answers[:, None])


def spend(known: Known, votes: NDArray[np.float64], *, again: bool, each: int, budget: int = 400) -> Curve:
    def undecided(sums: Any, counts: Any, p: Any) -> Any:
        return open_value(sums, p)

    return voting_curve(
        known, Ballots(votes), LOT, undecided if again else None, each=each, start=20, batch=20,
        budget=budget, rng=np.random.default_rng(1),
    )  # fmt: skip


def test_votes_are_counted_and_end_at_the_budget(known: Known) -> None:
    curve = spend(known, noisy(known, 0.8), again=False, each=5)
    assert curve.labels[-1] == 400
    assert set(np.diff(curve.labels)) == {20}
    assert curve.accuracy[-1] > 0.75


def test_clear_pairs_get_two_votes_and_no_more(known: Known) -> None:
    curve = spend(known, noisy(known, 1.0), again=True, each=1, budget=10_000)
    assert curve.labels[-1] == 2 * len(known.pool)  # every pair has a lead of two, and nobody is left to ask


def test_a_pool_that_is_empty_within_the_last_batch_ends_the_curve(known: Known) -> None:
    curve = spend(known, noisy(known, 0.8), again=False, each=1, budget=len(known.pool) + 10)
    assert curve.labels[-1] == len(known.pool)


def test_disputed_pairs_get_all_their_votes(known: Known) -> None:
    split = np.tile([1.0, 0.0, 1.0, 0.0, 1.0], (len(known.pool), 1))
    curve = spend(known, split, again=True, each=1, budget=10_000)
    assert 2 * len(known.pool) < curve.labels[-1] <= 5 * len(known.pool)


def test_missing_votes_are_never_drawn(known: Known) -> None:
    votes = noisy(known, 0.8)
    votes[::2, 1:] = np.nan
    curve = spend(known, votes, again=False, each=5, budget=10_000)
    assert curve.labels[-1] == int(np.sum(~np.isnan(votes)))


def test_bad_votes_and_budgets_are_refused(known: Known) -> None:
    with pytest.raises(InvalidLabelsError, match="at least one vote"):
        Ballots(np.full((3, 5), np.nan))
    with pytest.raises(InvalidOptionError, match="start"):
        spend(known, noisy(known, 0.8), again=False, each=1, budget=5)
