"""Several heads for one reward: where they disagree, the reward is not to be trusted.

Sources: Coste et al. (2023), arXiv 2310.02743, for the ways to join heads; Rubin (1981), Annals of
Statistics 9(1), for the Bayesian bootstrap that makes heads differ.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def head_weights(rows: int, heads: int, rng: np.random.Generator) -> Floats:
    """Draw each head's weights over the rows, shape (rows, heads), mean 1 a head; ones for a single head."""
    if heads == 1:
        return np.ones((rows, 1))
    drawn = rng.exponential(size=(rows, heads))
    return np.asarray(drawn / drawn.mean(axis=0))


def combine(scores: Floats, ensemble: str, penalty: float) -> Floats:
    """Join centred scores (n, heads) into one (n,): their mean, the worst, or mean - penalty * variance."""
    if ensemble == "worst":
        return np.asarray(scores.min(axis=1))
    mean = scores.mean(axis=1)
    if ensemble == "penalised":
        mean = mean - penalty * scores.var(axis=1)
    return np.asarray(mean)


def disagreement(gaps: Floats) -> Floats:
    """Give the standard deviation of the heads' gaps (n, heads), shape (n,)."""
    return np.asarray(gaps.std(axis=1))
