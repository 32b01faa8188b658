"""Pick the pairs on which plausible heads disagree."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import entr, expit

from active.arrays import FloatArray, times
from active.errors import InvalidOptionError
from active.pool import Pool
from active.strategies.base import Acquisition, FixedScores, State, Strategy


@dataclass(frozen=True)
class Bald(Strategy):
    """Value a pair at I = H(mean p) − mean H(p) over K heads drawn from Laplace's posterior; batch by lot.

    Picking the top of I would fill a batch with near-duplicates. So each pair gets ln I^power + Gumbel noise
    and the top k are taken, which draws without replacement with odds I^power: the same as ordering by
    I^power / E, E exponential, which is the score here. Options: heads K, at least 2; power > 0, greedy when
    large. Source: Houlsby et al. 2011, arXiv 1112.5745; Kirsch et al. 2023, arXiv 2106.12059 (PowerBALD).
    """

    heads: int = 32
    power: float = 1.0

    name: ClassVar[str] = "bald"
    reason: ClassVar[str] = "disagreement"

    def __post_init__(self) -> None:
        if self.heads < 2 or not self.power > 0:
            raise InvalidOptionError(f"bald needs heads ≥ 2 and power > 0, not {self.heads} and {self.power}")

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:  # noqa: ARG002
        """Draw the heads, measure their disagreement on each pair, and draw the lots."""
        drawn = state.fitted_head().posterior_sample(self.heads, rng)
        probabilities = expit(times(pool.features, drawn.T))
        information = mutual_information(probabilities)
        lots = information**self.power / rng.exponential(size=len(pool))
        return FixedScores(lots, {"probability": probabilities.mean(axis=1), "information": information})


def mutual_information(probabilities: FloatArray) -> FloatArray:
    """Return H(meanₖ pₖ) − meanₖ H(pₖ) in nats, (n,), of probabilities (n, K); zero where all heads agree."""
    disagreement: FloatArray = _binary_entropy(probabilities.mean(axis=1)) - _binary_entropy(
        probabilities
    ).mean(axis=1)
    return np.maximum(disagreement, 0.0, out=disagreement)


def _binary_entropy(p: FloatArray) -> FloatArray:
    return np.asarray(entr(p) + entr(1 - p))
