"""Savings of curves whose relation is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from active import InvalidOptionError
from active.simulation import Curve, compare, holm, labels_to_reach

LABELS = tuple(range(20, 420, 40))


def curve(speed: float, noise: float = 0.0, seed: int = 0) -> Curve:
    rng = np.random.default_rng(seed)
    accuracy = 0.9 - 0.4 * np.exp(-speed * np.array(LABELS) / 100) + noise * rng.normal(size=len(LABELS))
    zeros = (0.0,) * len(LABELS)
    return Curve(LABELS, tuple(accuracy), zeros, zeros, zeros)


def test_a_learner_twice_as_fast_saves_half_of_the_labels() -> None:
    fast = [curve(2.0, 0.002, seed) for seed in range(12)]
    slow = [curve(1.0, 0.002, seed + 50) for seed in range(12)]
    saving = compare(fast, slow, 0.85, np.random.default_rng(0))
    assert saving.labels.value == pytest.approx(0.5, abs=0.04)
    assert saving.labels.low <= saving.labels.value <= saving.labels.high
    assert saving.area.low > 0
    assert saving.p < 0.01


def test_equal_learners_are_seldom_told_apart() -> None:
    told_apart = 0
    for trial in range(60):
        ones, others = (
            [curve(1.0, 0.01, 1000 * trial + seed + add) for seed in range(20)] for add in (0, 100)
        )
        saving = compare(ones, others, 0.8, np.random.default_rng(0))
        told_apart += not saving.area.low < 0 < saving.area.high
    assert told_apart <= 8  # 5 % of 60 are three; eight or more would come once in sixty times


def test_a_target_that_is_never_reached() -> None:
    fast, slow = [curve(2.0)], [curve(0.1)]
    most = compare(fast, slow, 0.85, np.random.default_rng(0)).labels.value
    needed = labels_to_reach(LABELS, fast[0].accuracy, 0.85)
    assert most == pytest.approx(1 - needed / LABELS[-1])  # at least so much: the other may need more
    assert compare(slow, fast, 0.85, np.random.default_rng(0)).labels.value == float("-inf")
    assert np.isnan(compare(slow, slow, 0.99, np.random.default_rng(0)).labels.value)


def test_a_target_may_differ_by_seed() -> None:
    fast = [curve(2.0, 0.002, seed) for seed in range(6)]
    slow = [curve(1.0, 0.002, seed + 50) for seed in range(6)]
    same = compare(fast, slow, 0.85, np.random.default_rng(0))
    each = compare(fast, slow, [0.80, 0.90, 0.85, 0.85, 0.84, 0.86], np.random.default_rng(0))
    assert each.labels.value == pytest.approx(same.labels.value)
    assert each.labels.high - each.labels.low > same.labels.high - same.labels.low


def test_curves_of_unequal_length_are_compared_as_far_as_both_go() -> None:
    long, short = [curve(1.0)], [curve(1.0).until(220)]
    assert short[0].labels[-1] == 220
    saving = compare(short, long, 0.8, np.random.default_rng(0))
    assert saving.area.value == pytest.approx(0)
    assert saving.labels.value == pytest.approx(0)


def test_a_lucky_peak_does_not_count_as_reaching() -> None:
    assert labels_to_reach([10, 20, 30, 40], [0.5, 0.9, 0.6, 0.8], 0.7) == 35
    assert labels_to_reach([10, 20], [0.8, 0.9], 0.7) == 10
    assert labels_to_reach([10, 20], [0.5, 0.6], 0.7) == float("inf")


def test_curves_that_do_not_pair_are_refused() -> None:
    with pytest.raises(InvalidOptionError, match="as many"):
        compare([curve(1.0)], [], 0.8, np.random.default_rng(0))


@given(st.dictionaries(st.text(max_size=4), st.floats(0, 1), min_size=1, max_size=8))
def test_holm_keeps_the_order_and_never_lowers(p_values: dict[str, float]) -> None:
    corrected = holm(p_values)
    assert all(p_values[name] <= corrected[name] <= 1 for name in p_values)
    order = sorted(p_values, key=p_values.__getitem__)
    assert [corrected[name] for name in order] == sorted(corrected.values())
    assert corrected[order[0]] == pytest.approx(min(1.0, p_values[order[0]] * len(p_values)))
