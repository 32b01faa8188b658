"""Win rates: ties are half, length is held equal, intervals cover."""

import numpy as np
import pytest

from training.evaluation.win_rates import panel_values, win_rate_of


def played(
    rng: np.random.Generator, count: int, ability: float, effect: float, longer: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Comparisons won by ability and by length: values, our lengths and their lengths."""
    theirs = rng.normal(300, 60, count)
    ours = theirs + rng.normal(longer, 80, count)
    gaps = ours - theirs
    scaled = np.tanh(gaps / np.sqrt(np.mean(gaps**2)))
    won = rng.random(count) < 1 / (1 + np.exp(-(ability + effect * scaled)))
    return won.astype(float), ours, theirs


def test_winning_by_length_alone_is_no_win() -> None:
    rng = np.random.default_rng(0)
    won, ours, theirs = played(rng, 1500, ability=0.0, effect=2.5, longer=120)
    found = win_rate_of(won, ours, theirs, range(1500), rng)
    assert found.plain.low > 0.65
    assert found.controlled.low < 0.55
    assert found.controlled.value < found.plain.value - 0.1
    assert found.length_effect > 0.5
    assert found.longer == pytest.approx(120, abs=10)


def test_a_better_policy_of_equal_length_keeps_its_rate() -> None:
    rng = np.random.default_rng(1)
    won, ours, theirs = played(rng, 1200, ability=1.0, effect=0.0, longer=0)
    found = win_rate_of(won, ours, theirs, range(1200), rng)
    assert found.controlled.value == pytest.approx(found.plain.value, abs=0.02)
    assert found.controlled.low > 0.6


def test_the_interval_of_the_controlled_rate_covers() -> None:
    rng = np.random.default_rng(2)
    truth, covered = 1 / (1 + np.exp(-0.6)), 0
    for _ in range(25):
        won, ours, theirs = played(rng, 150, ability=0.6, effect=0.0, longer=0)
        found = win_rate_of(won, ours, theirs, range(150), rng).controlled
        covered += found.low <= truth <= found.high
    assert covered >= 20


def test_sides_swapped_mirror_the_rates() -> None:
    rng = np.random.default_rng(3)
    won, ours, theirs = played(rng, 80, ability=0.5, effect=1.0, longer=50)
    one = win_rate_of(won, ours, theirs, range(80), np.random.default_rng(0))
    other = win_rate_of(1 - won, theirs, ours, range(80), np.random.default_rng(0))
    assert one.plain.value == pytest.approx(1 - other.plain.value)
    assert one.controlled.value == pytest.approx(1 - other.controlled.value)
    assert (one.wins, one.losses) == (other.losses, other.wins)


def test_ties_all_wins_and_one_question_are_borne() -> None:
    rng = np.random.default_rng(4)
    tied = win_rate_of([0.5] * 4, [10] * 4, [10] * 4, range(4), rng)
    assert (tied.plain.value, tied.controlled.value, tied.ties) == (0.5, pytest.approx(0.5), 4)
    won = win_rate_of([1.0] * 12, range(20, 32), range(12), range(12), rng)
    assert 0.6 < won.controlled.value <= 1
    alone = win_rate_of([1.0], [2], [1], ["q"], rng)
    assert np.isnan(alone.controlled.low)
    with pytest.raises(ValueError, match="groups"):
        win_rate_of([], [], [], [], rng)


def test_a_panel_is_the_mean_of_those_who_voted() -> None:
    votes = [[1.0, 0.0, None, 0.5], [1.0, None, None, 0.0]]
    assert panel_values(votes).tolist() == [1.0, 0.0, 0.5, 0.25]
