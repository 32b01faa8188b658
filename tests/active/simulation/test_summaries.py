"""Sums of arms whose relation is known."""

import numpy as np
import pytest

from active import InvalidOptionError
from active.simulation import Curve, summarise


def curve(speed: float, last: int, seed: int) -> Curve:
    labels = tuple(range(20, last + 1, 20))
    noise = 0.002 * np.random.default_rng(seed).normal(size=len(labels))
    accuracy = 0.9 - 0.4 * np.exp(-speed * np.array(labels) / 100) + noise
    ones = tuple(np.linspace(0.6, 0.3, len(labels)))
    return Curve(labels, tuple(accuracy), ones, ones, (0.0, *(0.5,) * (len(labels) - 1)))


@pytest.fixture(scope="module")
def arms() -> dict[str, list[Curve]]:
    return {
        "random": [curve(1.0, 800, seed) for seed in range(10)],
        "fast": [curve(2.0, 400, seed + 50) for seed in range(10)],
        "slow": [curve(0.5, 400, seed + 90) for seed in range(10)],
    }


def test_each_arm_is_compared_with_the_lot(arms: dict[str, list[Curve]]) -> None:
    found = {one.name: one for one in summarise(arms, [0.9] * 10, np.random.default_rng(0), at=(300,))}
    assert list(found["fast"].saved) == ["90 %", "95 %", "99 %", "random@300"]
    fast, slow = found["fast"], found["slow"]
    assert fast.saved["random@300"].value == pytest.approx(0.5, abs=0.05)
    assert fast.saved["random@300"].low > 0.3
    assert fast.labels["random@300"] == pytest.approx(150, abs=15)
    assert fast.base_labels["random@300"] == pytest.approx(300, abs=30)
    assert fast.gain.low > 0 > slow.gain.high
    assert fast.p < 0.01
    assert slow.saved["99 %"].value == float("-inf")
    assert fast.seconds == 0.5
    assert fast.nll == pytest.approx(0.3)
    assert found["random"].saved["90 %"].value == pytest.approx(0)
    assert found["random"].p == 1.0


def test_holm_corrects_for_the_other_arms_only(arms: dict[str, list[Curve]]) -> None:
    alone = summarise({name: arms[name] for name in ("random", "fast")}, [0.9] * 10, np.random.default_rng(0))
    both = summarise(arms, [0.9] * 10, np.random.default_rng(0))
    assert both[1].p == pytest.approx(2 * alone[1].p)


def test_without_the_lot_nothing_can_be_said(arms: dict[str, list[Curve]]) -> None:
    with pytest.raises(InvalidOptionError, match="random"):
        summarise({"fast": arms["fast"]}, [0.9] * 10, np.random.default_rng(0))
