"""Calibration: the temperature is found, the errors fall with it, perfect order has bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation.calibration import (
    brier,
    calibrate,
    expected_error,
    fit_temperature,
    reliability,
    win_chances,
)


def overconfident(rng: np.random.Generator, temperature: float, count: int = 4000) -> np.ndarray:
    """Gaps of a model that is `temperature` times too sure: labels come by the true gaps."""
    true = rng.normal(0, 1.5, count)
    chosen_is_first = rng.random(count) < win_chances(true)
    return np.where(chosen_is_first, true, -true) * temperature


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_the_temperature_is_found(temperature: float) -> None:
    gaps = overconfident(np.random.default_rng(0), temperature)
    assert fit_temperature(gaps) == pytest.approx(temperature, rel=0.1)


def test_scaling_mends_an_overconfident_model() -> None:
    gaps = overconfident(np.random.default_rng(1), 5.0)
    found = calibrate(gaps, list(range(len(gaps))))
    assert found.ece > 0.1
    assert found.ece_scaled < 0.03
    assert found.brier_scaled < found.brier
    assert sum(one.n for one in found.bins) == found.n == len(gaps)


def test_a_calibrated_model_has_little_error() -> None:
    gaps = overconfident(np.random.default_rng(2), 1.0)
    assert calibrate(gaps, list(range(len(gaps)))).ece < 0.03


def test_guessing_scores_a_quarter() -> None:
    assert brier(np.zeros(7)) == pytest.approx(0.25)
    assert fit_temperature(np.zeros(7)) == 1.0


def test_gaps_that_are_all_right_have_a_finite_temperature() -> None:
    assert 0 < fit_temperature([1.0, 2.0, 0.5]) < 0.1


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=40))
def test_errors_stay_in_range(gaps: list[float]) -> None:
    found = calibrate(gaps, [number // 2 for number in range(len(gaps))])
    for error in (found.ece, found.brier, found.ece_scaled, found.brier_scaled):
        assert 0 <= error <= 1
    assert expected_error(reliability(gaps)) == pytest.approx(found.ece)


def test_nothing_or_uneven_is_refused() -> None:
    for gaps, groups in (([], []), ([1.0, 2.0], ["q"])):
        with pytest.raises(ValueError, match="groups"):
            calibrate(gaps, groups)
