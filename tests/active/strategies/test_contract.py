"""What every strategy must do, whatever it values."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from active import (
    STRATEGIES,
    EmptyPoolError,
    InvalidFeaturesError,
    InvalidOptionError,
    Labelled,
    NotEnoughLabelsError,
    Pool,
    State,
    Strategy,
    UnknownStrategyError,
    strategy,
)

NAMES = sorted(STRATEGIES)
NEED_A_HEAD = ["badge", "bald", "balpm", "delta_ucb", "dopt", "entropy", "gap_weighted", "margin", "vopt"]
DETERMINISTIC = ["coreset", "delta_ucb", "dopt", "entropy", "margin", "gap_weighted"]


def state_and_pool(simulation: Any) -> tuple[State, Pool]:
    return State(simulation.labelled(slice(0, 40)), simulation.head(slice(0, 40))), simulation.pool(
        slice(40, None)
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_registry_finds_each_by_its_name(name: str) -> None:
    found = strategy(name)
    assert isinstance(found, Strategy)
    assert found.name == name
    assert found.needs_head is (name in NEED_A_HEAD)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownStrategyError, match=r"badge, bald, balpm, cluster_random, coreset"):
        strategy("best")


@given(
    name=st.sampled_from(NAMES),
    count=st.integers(1, 100),
    seed=st.integers(0, 50),
    size=st.integers(1, 60),
    labels=st.integers(2, 30),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_picks_are_unique_in_range_finite_and_as_many_as_asked(
    simulation: Any, name: str, count: int, seed: int, size: int, labels: int
) -> None:
    known = slice(0, labels)
    state = State(simulation.labelled(known), simulation.head(known))
    pool = simulation.pool(slice(labels, labels + size))
    choice = strategy(name).choose(state, pool, count, np.random.default_rng(seed))
    assert len(choice) == min(count, size) == len(choice.scores) == len(choice.evidence)
    assert len(set(choice.indices.tolist())) == len(choice)
    assert set(choice.indices.tolist()) <= set(range(size))
    assert np.isfinite(choice.scores).all()
    assert (choice.scores >= 0).all()
    assert all(np.isfinite(list(numbers.values())).all() for numbers in choice.evidence)


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_decides_the_picks(simulation: Any, name: str) -> None:
    state, pool = state_and_pool(simulation)
    one, two = (strategy(name).choose(state, pool, 10, np.random.default_rng(3)).indices for _ in range(2))
    assert one.tolist() == two.tolist()


@pytest.mark.parametrize("name", DETERMINISTIC)
def test_the_order_of_the_pool_does_not_matter(simulation: Any, name: str) -> None:
    state, pool = state_and_pool(simulation)
    shuffle = np.random.default_rng(1).permutation(len(pool))
    plain = strategy(name).choose(state, pool, 10, np.random.default_rng(0)).indices
    mixed = strategy(name).choose(state, simulation.pool(40 + shuffle), 10, np.random.default_rng(0)).indices
    assert shuffle[mixed].tolist() == plain.tolist()


@pytest.mark.parametrize("name", ["random", "cluster_random", "bald"])
def test_other_seeds_draw_other_picks(simulation: Any, name: str) -> None:
    state, pool = state_and_pool(simulation)
    draws = {
        tuple(strategy(name).choose(state, pool, 10, np.random.default_rng(s)).indices) for s in range(5)
    }
    assert len(draws) == 5


@pytest.mark.parametrize("name", NAMES)
def test_duplicate_and_constant_pairs_are_fine(simulation: Any, name: str) -> None:
    state, pool = state_and_pool(simulation)
    same = Pool(np.repeat(pool.features[:1], 9, axis=0), clusters=np.zeros(9, dtype=int))
    zero = Pool(np.zeros((9, pool.width)), clusters=np.zeros(9, dtype=int))
    for table in (same, zero):
        choice = strategy(name).choose(state, table, 5, np.random.default_rng(0))
        assert len(set(choice.indices.tolist())) == 5
        assert np.isfinite(choice.scores).all()


@pytest.mark.parametrize("name", NAMES)
def test_bad_requests_are_refused(simulation: Any, name: str, rng: np.random.Generator) -> None:
    state, pool = state_and_pool(simulation)
    empty = simulation.pool(slice(0, 0))
    with pytest.raises(EmptyPoolError):
        strategy(name).choose(state, empty, 3, rng)
    with pytest.raises(InvalidOptionError, match="count"):
        strategy(name).choose(state, pool, 0, rng)
    with pytest.raises(InvalidFeaturesError, match="compute both alike"):
        strategy(name).choose(state, Pool(np.ones((3, 2))), 3, rng)


@pytest.mark.parametrize("name", NEED_A_HEAD)
def test_without_a_head_they_say_so(simulation: Any, name: str, rng: np.random.Generator) -> None:
    with pytest.raises(NotEnoughLabelsError, match="first batch"):
        strategy(name).choose(State(Labelled.nothing(6)), simulation.pool(), 3, rng)


def test_more_features_than_labels_are_fine(simulate: Callable[..., Any], rng: np.random.Generator) -> None:
    data = simulate(60, 200)
    state = State(data.labelled(slice(0, 20)), data.head(slice(0, 20)))
    for name in NAMES:
        choice = strategy(name).choose(state, data.pool(slice(20, None)), 15, rng)
        assert np.isfinite(choice.scores).all()
