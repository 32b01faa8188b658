"""Entropy and margin, the two that modAL computes."""

from typing import Any

import numpy as np
import pytest
from modAL.uncertainty import entropy_sampling

from active import State, strategy


@pytest.fixture
def state(simulation: Any) -> State:
    return State(simulation.labelled(slice(0, 40)), simulation.head(slice(0, 40)))


def test_entropy_picks_what_modal_picks(simulation: Any, state: State, rng: np.random.Generator) -> None:
    pool = simulation.pool(slice(40, None))
    ours = strategy("entropy").choose(state, pool, 5, rng)
    theirs, values = entropy_sampling(state.head, pool.features, n_instances=5)
    by_question = [int(i) for i in theirs]
    # Ours never asks one question twice; this seed's top five are of five questions.
    assert sorted(ours.indices.tolist()) == sorted(by_question)
    assert sorted(ours.scores) == pytest.approx(sorted(values))


def test_both_begin_with_the_pair_nearest_to_a_coin(
    simulation: Any, state: State, rng: np.random.Generator
) -> None:
    pool = simulation.pool(slice(40, None))
    p = state.fitted_head().predict_proba(pool.features)[:, 1]
    for name in ("entropy", "margin"):
        choice = strategy(name).choose(state, pool, 1, rng)
        assert choice.indices[0] == np.argmin(np.abs(p - 0.5))
        assert choice.evidence[0]["probability"] == pytest.approx(p[choice.indices[0]])
