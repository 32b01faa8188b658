"""Voting again: only the undecided, the likeliest to turn first."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from active import InvalidLabelsError, InvalidOptionError, Labelled, Pool, State, strategy
from active.strategies.relabel import SETTLED_LEAD, open_value

LEADS = st.lists(st.integers(-5, 5), min_size=1, max_size=30)


@given(LEADS, st.integers(1, 40), st.integers(0, 5))
def test_only_pairs_below_the_lead_are_chosen(leads: list[int], count: int, seed: int) -> None:
    pool = Pool(np.ones((len(leads), 2)))
    state = State(Labelled.nothing(2))
    choice = strategy("relabel", leads=leads).choose(state, pool, count, np.random.default_rng(seed))
    undecided = {place for place, lead in enumerate(leads) if abs(lead) < SETTLED_LEAD}
    assert set(choice.indices.tolist()) <= undecided
    assert len(set(choice.indices.tolist())) == len(choice) == min(count, len(undecided))
    assert all(abs(numbers["lead"]) < SETTLED_LEAD for numbers in choice.evidence)


def test_an_even_vote_comes_before_a_lead_of_one(rng: np.random.Generator) -> None:
    pool = Pool(np.ones((4, 2)))
    choice = strategy("relabel", leads=[1, 0, -1, 2]).choose(State(Labelled.nothing(2)), pool, 1, rng)
    assert choice.indices.tolist() == [1]


def test_a_vote_that_the_head_speaks_against_comes_first() -> None:
    values = open_value([1, 1, -1, 0, 0, 3], [0.9, 0.1, 0.1, 0.5, 0.95, 0.1])
    assert np.argsort(-values).tolist()[:2] == [3, 4]
    assert values[1] > values[0]
    assert values[2] == pytest.approx(values[0])
    assert values[5] == 0


def test_the_head_may_count_as_a_voter() -> None:
    values = open_value([1, 1, -1, 0], [0.9, 0.1, 0.2, 0.95], head_votes=True)
    assert (values > 0).tolist() == [False, True, False, True]


def test_swapping_the_answers_changes_nothing() -> None:
    leads, p = np.array([1, -1, 0, 2]), np.array([0.2, 0.7, 0.6, 0.5])
    assert open_value(leads, p) == pytest.approx(open_value(-leads, 1 - p))


def test_bad_leads_are_refused(simulation: Any, rng: np.random.Generator) -> None:
    state, pool = State(simulation.labelled(slice(0, 30))), simulation.pool(slice(30, 40))
    with pytest.raises(InvalidLabelsError, match="leads"):
        strategy("relabel", leads=[1, 2]).choose(state, pool, 3, rng)
    with pytest.raises(InvalidOptionError, match="finite"):
        strategy("relabel", leads=[np.nan] * 10).choose(state, pool, 3, rng)
