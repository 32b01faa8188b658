"""Metrics: ties are half, intervals are by question."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.metrics import (
    Interval,
    bootstrap_by_question,
    judge_pairs,
    mean_margin,
    pair_accuracy,
    win_rate,
)

SCORES = st.lists(st.integers(-3, 3), min_size=1, max_size=30)


def test_ties_count_as_half() -> None:
    assert pair_accuracy([1, 2, 3, 0], [0, 2, 4, -1]) == pytest.approx(2.5 / 4)
    assert mean_margin([1, 2], [0, 4]) == pytest.approx(-0.5)


@given(scores=SCORES)
def test_sides_swapped_mirror_the_figures(scores: list[int]) -> None:
    others = scores[::-1]
    assert win_rate(scores, others) == pytest.approx(1 - win_rate(others, scores))
    assert mean_margin(scores, others) == pytest.approx(-mean_margin(others, scores))


@given(values=SCORES, seed=st.integers(0, 99))
def test_interval_holds_the_mean_and_stays_in_range(values: list[int], seed: int) -> None:
    interval = bootstrap_by_question(values, range(len(values)), np.random.default_rng(seed), draws=200)
    assert interval.value == pytest.approx(np.mean(values))
    assert interval.n == len(values)
    if len(values) > 1:
        assert min(values) - 1e-9 <= interval.low <= interval.high <= max(values) + 1e-9


def test_pairs_of_one_question_are_not_independent() -> None:
    rng = np.random.default_rng(0)
    wins = np.repeat(rng.integers(0, 2, size=40), 10)
    alone = bootstrap_by_question(wins, range(400), np.random.default_rng(1))
    together = bootstrap_by_question(wins, np.repeat(np.arange(40), 10).tolist(), np.random.default_rng(1))
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(200):
        interval = bootstrap_by_question(rng.random(100) < 0.7, range(100), rng, draws=300)
        covered += interval.low <= 0.7 <= interval.high
    assert 0.88 <= covered / 200 <= 0.99


def test_one_question_has_no_interval() -> None:
    interval = bootstrap_by_question([1, 1, 1], ["q"] * 3, np.random.default_rng(0))
    assert interval.value == 1
    assert math.isnan(interval.low)
    assert math.isnan(interval.high)


def test_nothing_or_uneven_is_refused() -> None:
    for values, groups in (([], []), ([1, 2], ["q"])):
        with pytest.raises(ValueError, match="groups"):
            bootstrap_by_question(values, groups, np.random.default_rng(0))


def test_judge_pairs_names_accuracy_and_margin() -> None:
    figures = judge_pairs([2, 0], [1, 0], ["a", "b"], np.random.default_rng(0))
    assert figures["accuracy"].value == 0.75
    assert figures["margin"].value == 0.5


def test_a_figure_without_an_interval_is_shown_without_one() -> None:
    assert str(Interval(0.5, 0.25, 0.75, 8)) == "0.500 [0.250, 0.750], n = 8"
    assert str(Interval(0.5, float("nan"), float("nan"), 8)) == "0.500, n = 8"
