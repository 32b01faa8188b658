import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from active import InvalidOptionError, bootstrap_interval, wilson_interval
from active.intervals import difference_interval


@given(st.integers(1, 500), st.data(), st.sampled_from([0.8, 0.95, 0.99]))
def test_wilson_equals_scipys(trials: int, data: st.DataObject, confidence: float) -> None:
    wins = data.draw(st.integers(0, trials))
    ours = wilson_interval(wins / trials, trials, confidence)
    theirs = binomtest(wins, trials).proportion_ci(confidence, method="wilson")
    assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert 0 <= ours.low <= ours.high <= 1


def test_the_difference_of_shares_is_newcombes() -> None:
    low, high = difference_interval(56 / 70, 70, 48 / 80, 80)  # Newcombe 1998, table II, case (a), method 10
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)
    assert difference_interval(0.5, 10, 0.5, 10).low < 0 < difference_interval(0.5, 10, 0.5, 10).high


def test_nothing_seen_is_nothing_known() -> None:
    assert wilson_interval(0.3, 0) == (0, 1)


def test_the_bootstrap_covers_the_mean_about_as_often_as_promised() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(150):
        low, high = bootstrap_interval(rng.beta(2, 3, size=60), rng, confidence=0.9, resamples=300)
        covered += low <= 0.4 <= high
    assert 0.82 <= covered / 150 <= 0.97


def test_the_bootstrap_follows_its_seed_and_equal_values_have_no_width() -> None:
    values = [0.1, 0.5, 0.9]
    one, two = (bootstrap_interval(values, np.random.default_rng(1)) for _ in range(2))
    assert one == two
    assert bootstrap_interval([0.5] * 4, np.random.default_rng(1)) == (0.5, 0.5)


def test_bad_input_is_refused(rng: np.random.Generator) -> None:
    for share, trials in ((1.2, 5), (float("nan"), 5), (0.5, -1)):
        with pytest.raises(InvalidOptionError):
            wilson_interval(share, trials)
    for values in ([], [np.nan], [[1.0]]):
        with pytest.raises(InvalidOptionError):
            bootstrap_interval(values, rng)
