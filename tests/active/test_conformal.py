"""The bounds keep their promise: exactly, and over many drawings."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from active.conformal import LEVELS, audit_needed, exact_interval, exact_lower, try_thresholds
from active.errors import InvalidOptionError


@given(st.integers(1, 300), st.data(), st.sampled_from([0.01, 0.05, 0.2]))
def test_the_lower_bound_is_the_share_under_which_so_many_right_are_that_unlikely(
    total: int, data: st.DataObject, miss: float
) -> None:
    right = data.draw(st.integers(1, total))
    low = exact_lower(right, total, miss)
    assert binom.sf(right - 1, total, low) == pytest.approx(miss, rel=1e-6)


@pytest.mark.parametrize(("truth", "total"), [(0.9, 60), (0.95, 200), (0.6, 25)])
def test_the_interval_holds_the_truth_as_often_as_it_says(truth: float, total: int) -> None:
    counts = np.arange(total + 1)
    held = [low <= truth <= high for low, high in (exact_interval(int(n), total) for n in counts)]
    assert binom.pmf(counts, total, truth) @ np.array(held) >= 0.95


def test_so_many_faultless_pairs_prove_a_target_and_one_less_does_not() -> None:
    for target, miss in ((0.9, 0.05), (0.85, 0.004), (0.99, 0.01)):
        enough = audit_needed(target, miss)
        assert exact_lower(enough, enough, miss) >= target
        assert exact_lower(enough - 1, enough - 1, miss) < target
    assert audit_needed(1.0, 0.05) > math.factorial(12)


@pytest.mark.parametrize("bad", [(3, 2, 0.05), (-1, 2, 0.05), (1, 2, 0.0)])
def test_nonsense_has_no_bound(bad: tuple[int, int, float]) -> None:
    with pytest.raises(InvalidOptionError, match="no bound"):
        exact_lower(*bad)


def test_each_threshold_keeps_its_share_and_knows_its_accuracy() -> None:
    confidence = np.linspace(0, 1, 100)
    found = try_thresholds(confidence, confidence >= 0.4, 0.05)
    assert [one.audited for one in found] == [100, pytest.approx(70, abs=1), pytest.approx(40, abs=1)]
    assert [one.kept for one in found] == pytest.approx([1 - level for level in LEVELS], abs=0.02)
    assert found[0].accuracy == pytest.approx(0.6, abs=0.01)
    assert found[2].accuracy == 1.0
    assert all(one.low < one.accuracy <= one.high for one in found)


def test_equal_confidences_have_one_threshold() -> None:
    found = try_thresholds(np.full(10, 0.8), np.ones(10, dtype=bool), 0.05)
    assert {one.audited for one in found} == {10}
