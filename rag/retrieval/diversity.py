"""Choose passages that are good and unlike each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def maximal_marginal_relevance(
    relevance: NDArray[np.float64], vectors: NDArray[np.float32], count: int, diversity: float
) -> list[int]:
    """Return the places of at most `count` items in the order in which they are chosen.

    `relevance` (n,) holds scores, `vectors` (n, dimension) unit vectors. The next item is the one
    with the largest (1 - diversity) * relevance - diversity * (largest similarity to one chosen).
    Both parts are stretched to [0, 1] first: embedders put all cosines into a narrow band, and then
    the second part would hardly count.

    Source: Carbonell & Goldstein, "The Use of MMR, Diversity-Based Reranking", SIGIR 1998.
    """
    n = len(relevance)
    if n == 0:
        return []
    gain = _stretched(np.asarray(relevance, dtype=np.float64))
    likeness = _stretched_likeness(np.asarray(vectors, dtype=np.float64))
    chosen: list[int] = []
    nearest = np.zeros(n)
    free = np.ones(n, dtype=bool)
    for _ in range(min(count, n)):
        value = np.where(free, (1.0 - diversity) * gain - diversity * nearest, -np.inf)
        best = int(np.argmax(value))
        chosen.append(best)
        free[best] = False
        nearest = np.maximum(nearest, likeness[best])
    return chosen


def _stretched(values: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = np.ptp(values)
    return np.ones_like(values) if spread == 0 else np.asarray((values - values.min()) / spread)


def _stretched_likeness(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    cosines = vectors @ vectors.T
    others = cosines[~np.eye(len(cosines), dtype=bool)]
    if not others.size or np.ptp(others) == 0:
        return np.zeros_like(cosines)
    return np.asarray(np.clip((cosines - others.min()) / np.ptp(others), 0.0, 1.0))
