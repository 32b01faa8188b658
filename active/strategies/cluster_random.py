"""Pick at random, the same number from each cluster: the control of strategies that know of clusters."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from active.arrays import FloatArray, IntArray
from active.pool import Pool
from active.strategies.base import Acquisition, State, Strategy
from active.strategies.points import kmeans_clusters


@dataclass(frozen=True)
class ClusterRandom(Strategy):
    """Go round the clusters, and draw by lot within each.

    Takes the pool's clusters (outliers, −1, are one more); without them, k-means makes one cluster for each
    pair of the batch.
    """

    name: ClassVar[str] = "cluster_random"
    reason: ClassVar[str] = "cluster_turn"

    @property
    def needs_head(self) -> bool:
        """Return False."""
        return False

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:  # noqa: ARG002
        """Draw a value for each pair, to be lowered for a cluster at each pick from it."""
        clusters = pool.clusters if pool.clusters is not None else kmeans_clusters(pool, count, rng)
        return _Turns(rng.random(len(pool)), clusters)


class _Turns(Acquisition):
    """Order by turns taken, then by lot: (1 + lot)·4^−turns does that, since 1 + lot lies in [1, 2)."""

    def __init__(self, lots: FloatArray, clusters: IntArray) -> None:
        self._clusters = clusters
        self._values = 1 + lots

    def scores(self) -> FloatArray:
        return self._values

    def take(self, index: int) -> None:
        self._values[self._clusters == self._clusters[index]] /= 4

    def evidence(self, index: int) -> dict[str, float]:
        cluster = self._clusters[index]
        return {"cluster_size": float(np.sum(self._clusters == cluster))}
