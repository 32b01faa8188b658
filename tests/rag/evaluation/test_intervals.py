"""Means with intervals: what is unknown is None, never NaN."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation import mean_of

shares = st.lists(st.none() | st.floats(-5, 5), max_size=30)


@given(shares, st.integers(0, 99))
def test_never_nan(values: list[float | None], seed: int) -> None:
    measure = mean_of(values, np.random.default_rng(seed))
    known = [value for value in values if value is not None]
    assert (measure.n, measure.of) == (len(known), len(values))
    assert (measure.value is None) == (not known)
    assert (measure.low is None) == (len(known) < 2)
    for figure in (measure.value, measure.low, measure.high, measure.coverage):
        assert figure is None or math.isfinite(figure)
    if measure.low is not None:
        assert min(known) - 1e-9 <= measure.low <= (measure.high or 0.0) <= max(known) + 1e-9
    assert str(measure)


def test_the_interval_is_that_of_the_mean() -> None:
    rng = np.random.default_rng(0)
    sample = [float(value) for value in rng.normal(10, 2, 400)]
    measure = mean_of(sample, rng)
    half = 1.96 * np.std(sample) / 20
    assert measure.low == pytest.approx(np.mean(sample) - half, abs=0.05)
    assert measure.high == pytest.approx(np.mean(sample) + half, abs=0.05)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(200):
        measure = mean_of(list(rng.random(60)), rng)
        covered += (measure.low or 1) <= 0.5 <= (measure.high or 0)
    assert 0.88 <= covered / 200 <= 0.99


def test_equal_seeds_give_equal_intervals() -> None:
    values = [0.0, 1.0, None, 1.0, 0.5]
    assert mean_of(values, np.random.default_rng(3)) == mean_of(values, np.random.default_rng(3))
    assert mean_of(values).coverage == 0.8
    assert str(mean_of([None])) == "not defined, 0 of 1 cases"
