"""The gate: only a sure improvement is promoted."""

import math

import pytest

from training.gate import decide
from training.metrics import Interval


def test_lower_bound_above_the_threshold_promotes() -> None:
    decision = decide(Interval(0.7, 0.55, 0.85, 60))
    assert decision.promote
    assert "0.700" in decision.reason


@pytest.mark.parametrize(
    "interval",
    [
        Interval(0.7, 0.5, 0.9, 60),
        Interval(0.7, 0.45, 0.9, 60),
        Interval(0.9, math.nan, math.nan, 60),
        Interval(1.0, 1.0, 1.0, 5),
    ],
    ids=["touching", "overlapping", "unknown", "handful"],
)
def test_anything_less_does_not(interval: Interval) -> None:
    decision = decide(interval)
    assert not decision.promote
    assert decision.reason.startswith("not better, not promoted: ")


def test_threshold_and_least_pairs_can_be_set() -> None:
    assert decide(Interval(0.2, 0.1, 0.3, 5), threshold=0.0, least_pairs=5).promote
    assert not decide(Interval(0.7, 0.6, 0.8, 50), threshold=0.65).promote
