"""Pick pairs whose labels would move the head far, and each in another direction."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from active.arrays import FloatArray
from active.pool import Pool
from active.strategies.base import Acquisition, State, Strategy
from active.strategies.lazy import is_large
from active.strategies.lazy_distance import LazySeeding
from active.strategies.points import squared_distances


@dataclass(frozen=True)
class Badge(Strategy):
    """Seed k-means++ on gradient embeddings g = (p − ŷ)·z, ŷ the likelier verdict, so ‖g‖ = min(p, 1−p)·‖z‖.

    The first pick is the longest gradient, each further one is drawn with odds D², D the distance to the
    nearest pick; the draw is by D² / E, E exponential, which is the score. g is the same for z and −z.
    Source: Ash et al. 2020, arXiv 1906.03671.
    """

    name: ClassVar[str] = "badge"
    reason: ClassVar[str] = "new_direction"

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:  # noqa: ARG002
        """Compute the gradient of each pair under its likelier verdict."""
        p = state.fitted_head().predict_proba(pool.features)[:, 1]
        sizes = p - (p >= 0.5)
        if is_large(pool):
            return LazySeeding(pool.features, sizes)
        return _Seeding(sizes[:, None] * pool.features, p, rng)


class _Seeding(Acquisition):
    def __init__(self, gradients: FloatArray, probabilities: FloatArray, rng: np.random.Generator) -> None:
        self._gradients = gradients
        self._probabilities = probabilities
        self._rng = rng
        self._squared: FloatArray | None = None

    def scores(self) -> FloatArray:
        if self._squared is None:
            return np.asarray(np.linalg.norm(self._gradients, axis=1))
        return self._squared / self._rng.exponential(size=len(self._squared))

    def take(self, index: int) -> None:
        squared = squared_distances(self._gradients, self._gradients[index])
        squared[index] = 0.0
        self._squared = squared if self._squared is None else np.minimum(self._squared, squared)

    def evidence(self, index: int) -> dict[str, float]:
        return {
            "probability": float(self._probabilities[index]),
            "gradient": float(np.linalg.norm(self._gradients[index])),
        }
