"""V-optimal choice against the definition."""

from typing import Any

import numpy as np
import pytest

from active import InvalidOptionError, Pool, State, strategy


def test_greedy_picks_equal_brute_force(simulation: Any, rng: np.random.Generator) -> None:
    head, features = simulation.head(slice(0, 30)), simulation.features[30:]
    p = head.predict_proba(features)[:, 1]
    a = p * (1 - p)
    targets = (features * a[:, None]).T @ features
    precision, expected = head.posterior_precision(), []

    def left(wider: np.ndarray) -> float:
        return float(np.trace(np.linalg.inv(wider) @ targets))

    for _ in range(5):
        gains = [
            left(precision) - left(precision + a[i] * np.outer(z, z)) if i not in expected else -1.0
            for i, z in enumerate(features)
        ]
        best = int(np.argmax(gains))
        expected.append(best)
        precision = precision + a[best] * np.outer(features[best], features[best])
    choice = strategy("vopt").choose(State(simulation.labelled(slice(0, 30)), head), Pool(features), 5, rng)
    assert choice.indices.tolist() == expected


def test_a_great_pool_is_cut_to_the_candidates(simulation: Any, rng: np.random.Generator) -> None:
    head, pool = simulation.head(slice(0, 30)), Pool(simulation.features[30:])
    state = State(simulation.labelled(slice(0, 30)), head)
    p = head.predict_proba(pool.features)[:, 1]
    gains = p * (1 - p) * head.posterior_variance(pool.features)
    choice = strategy("vopt", candidates=12, targets=40).choose(state, pool, 5, rng)
    assert set(choice.indices.tolist()) <= set(np.argsort(-gains)[:12].tolist())
    many = strategy("vopt", candidates=12).choose(state, pool, 40, rng)
    assert len(set(many.indices.tolist())) == 40


def test_options_are_checked() -> None:
    with pytest.raises(InvalidOptionError, match="targets"):
        strategy("vopt", targets=0)
