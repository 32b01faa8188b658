"""Simulated assessors: honest ones with habits of their own, and spammers of each kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from annotate.labelling.controls.signals import Pace, fit_pace

VERDICTS = ("A_much_better", "A_better", "tie", "B_better", "B_much_better", "both_bad")
SHARES = np.array([0.12, 0.28, 0.15, 0.28, 0.12, 0.05])


@dataclass
class Crowd:
    """Draw people's work: verdicts as displayed, words to read, seconds."""

    rng: np.random.Generator

    def verdicts(self, count: int) -> list[str]:
        """Everybody has habits: how often a verdict is given, and a leaning to one side."""
        lean = self.rng.normal(0, 0.03) * np.array([0, 1, 0, -1, 0, 0])
        habit = self.rng.dirichlet(80 * (SHARES + lean))
        return [VERDICTS[at] for at in self.rng.choice(6, count, p=habit)]

    def words(self, count: int) -> NDArray[np.float64]:
        return self.rng.lognormal(5, 0.4, count)

    def seconds(self, words: NDArray[np.float64]) -> NDArray[np.float64]:
        """Everybody has a pace, learns by a quarter in a hundred pairs, and at times answers at a glance."""
        count = len(words)
        practice = 0.3 * np.minimum(1, np.arange(count) / 100)
        logs = 0.5 + 0.7 * np.log(words) + self.rng.normal(0, 0.3) + self.rng.normal(0, 0.5, count) - practice
        return np.where(self.rng.random(count) < 0.03, self.rng.uniform(2, 6, count), np.exp(logs))


@pytest.fixture
def crowd() -> Crowd:
    return Crowd(np.random.default_rng(7))


@pytest.fixture
def shares() -> dict[str, float]:
    return {"first": 0.4, "second": 0.4, "tie": 0.15, "both_bad": 0.05}


@pytest.fixture
def pace(crowd: Crowd) -> Pace:
    words = [crowd.words(100) for _ in range(20)]
    fitted = fit_pace(np.concatenate([crowd.seconds(one) for one in words]), np.concatenate(words))
    assert fitted is not None
    return fitted
