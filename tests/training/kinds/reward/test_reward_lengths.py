"""The length bias is measured as it is, and both controls take it off."""

import numpy as np
import pytest

from training.kinds.reward.lengths import (
    length_effect,
    length_gaps,
    length_report,
    log_lengths,
    residual_slope,
)
from training.rows import PreferenceRow


def rows(lengths: list[tuple[int, int]]) -> list[PreferenceRow]:
    return [
        PreferenceRow(
            id=f"r{number}",
            question_id=f"q{number}",
            prompt=[{"role": "user", "content": "?"}],
            chosen="a" * chosen,
            rejected="b" * rejected,
        )
        for number, (chosen, rejected) in enumerate(lengths)
    ]


def test_effect_is_that_of_the_labels() -> None:
    rng = np.random.default_rng(0)
    gaps = rng.normal(size=20_000)
    gaps *= np.where(rng.random(20_000) < 1 / (1 + np.exp(-1.5 * gaps)), 1, -1)  # the longer side wins by 1.5
    gaps = np.where(rng.random(20_000) < 0.5, gaps, gaps)
    assert length_effect(np.abs(gaps) * np.sign(gaps), np.ones(20_000)) == pytest.approx(1.5, rel=0.1)
    assert length_effect(np.ones(5), np.ones(5)) < 10  # always longer: finite
    assert length_effect(np.zeros(5), np.ones(5)) == 0


def test_effect_is_the_maximum_of_its_likelihood() -> None:
    gaps, weights = np.array([1.0, -0.5, 2.0, 0.3]), np.array([1.0, 2.0, 0.5, 1.0])

    def likelihood(slope: float) -> float:
        return float(-(weights * np.logaddexp(0, -slope * gaps)).sum() - 0.005 * weights.sum() * slope**2)

    best = length_effect(gaps, weights)
    assert likelihood(best) > max(likelihood(best + 1e-3), likelihood(best - 1e-3))


def test_residual_scores_know_nothing_of_length() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.normal(size=200)
    scores = 2 * lengths + rng.normal(size=200)
    slope = residual_slope(scores, lengths)
    assert np.corrcoef(scores - slope * lengths, lengths)[0, 1] == pytest.approx(0, abs=1e-9)
    assert residual_slope([1.0, 2.0], [3.0, 3.0]) == 0


def test_report_names_the_bias() -> None:
    pairs = rows([(40, 10), (10, 40), (30, 10), (10, 30), (50, 20), (12, 70)])
    biased = length_report(length_gaps(pairs), pairs, np.random.default_rng(0))
    assert biased["length_correlation"].value == pytest.approx(1)
    assert biased["accuracy_longer"].value == 1
    assert biased["accuracy_shorter"].value == 0
    right = length_report(np.array([1.0, 1.1, 0.9, 1.0, 1.05, 1.0]), pairs, np.random.default_rng(0))
    assert right["accuracy_shorter"].value == 1
    assert right["length_correlation"].low <= right["length_correlation"].value <= 1


def test_correlation_is_pearsons() -> None:
    rng = np.random.default_rng(1)
    pairs = rows([(int(a), int(b)) for a, b in rng.integers(5, 90, size=(40, 2)) if a != b])
    gaps = rng.normal(size=len(pairs)) + length_gaps(pairs)
    found = length_report(gaps, pairs, rng)["length_correlation"]
    assert found.value == pytest.approx(np.corrcoef(gaps, length_gaps(pairs))[0, 1])
    assert found.low < found.value < found.high


def test_lengths_are_logarithms_of_characters() -> None:
    np.testing.assert_allclose(log_lengths(["", "abc"]), [0, np.log(4)])
