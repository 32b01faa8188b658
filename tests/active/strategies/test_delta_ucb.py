"""Optimistic gaps: clear winners first, and doubt counts as hope."""

from typing import Any

import numpy as np
import pytest

from active import InvalidOptionError, Pool, State, strategy


def test_without_hope_the_clearest_winner_comes_first(simulation: Any) -> None:
    head = simulation.head(slice(0, 30))
    pool = Pool(simulation.features[30:])
    choice = strategy("delta_ucb", beta=0.0).choose(
        State(simulation.labelled(slice(0, 30)), head), pool, 10, np.random.default_rng(0)
    )
    logits = np.abs(pool.features @ head.coef_)
    assert choice.scores == pytest.approx(np.sort(logits)[::-1][:10], rel=1e-6)


def test_hope_is_the_standard_deviation_of_the_gap(simulation: Any) -> None:
    head = simulation.head(slice(0, 30))
    pool = Pool(simulation.features[30:])
    choice = strategy("delta_ucb", beta=2.0).choose(
        State(simulation.labelled(slice(0, 30)), head), pool, 1, np.random.default_rng(0)
    )
    values = np.abs(pool.features @ head.coef_) + 2 * np.sqrt(head.posterior_variance(pool.features))
    assert choice.scores[0] == pytest.approx(values.max(), rel=1e-6)
    assert choice.indices[0] == values.argmax()


def test_a_bad_option_is_refused() -> None:
    with pytest.raises(InvalidOptionError, match="beta"):
        strategy("delta_ucb", beta=-0.1)
