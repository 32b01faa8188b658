"""The price of leaving the start: fixed, or adapted to hold a wanted distance."""

from dataclasses import dataclass


@dataclass
class KlPrice:
    """Hold the price, in reward a nat of log p - log p_ref.

    With a `target` (nats an answer) the price rises while the distance is above it and falls below. Source:
    Ziegler et al. (2019), arXiv 1909.08593, section 2.2. `horizon` is in answers.
    """

    value: float
    target: float | None = None
    horizon: float = 1000.0

    def adapt(self, distance: float, answers: int) -> None:
        """Take in the mean distance of `answers` new answers, in nats."""
        if self.target is None:
            return
        error = min(max(distance / self.target - 1, -0.2), 0.2)
        self.value *= 1 + error * answers / self.horizon
