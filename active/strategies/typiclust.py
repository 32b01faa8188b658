"""Pick the densest point of each cluster: the first batch, when no model can be trusted."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.neighbors import NearestNeighbors

from active.arrays import FloatArray, IntArray
from active.pool import Pool
from active.strategies.base import Acquisition, State, Strategy
from active.strategies.points import drawn_rows, kmeans_labels, labelled_points, pool_points

NEXT_TURN = 1e-6
"""Factor on a cluster's values at each pick: those with fewer come first, up to a million pairs."""

MAX_TURNS = 40
"""Further picks from one cluster no longer lower its values, which would vanish."""


@dataclass(frozen=True)
class TypiClust(Strategy):
    """Cluster labelled and unlabelled pairs together; serve those without labels first, large before small.

    K-means makes as many clusters as there are labels and picks together, at most `max_clusters`, over query
    embeddings where the pool (and the labels) have them, else over features. Typicality is the inverse mean
    distance to the `neighbours` nearest neighbours in the cluster; among equals of a turn the value is the
    cluster's share of the pool times typicality relative to its most typical pair. Of a pool above
    `points.SAMPLE` so many pairs drawn by lot are clustered, and only they are worth anything.
    Source: Hacohen, Dekel and Weinshall 2022, arXiv 2202.02794.
    """

    neighbours: int = 20
    max_clusters: int = 500

    name: ClassVar[str] = "typiclust"
    reason: ClassVar[str] = "typical"

    @property
    def needs_head(self) -> bool:
        """Return False."""
        return False

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:
        """Cluster the points and measure how typical each is of its cluster."""
        drawn = drawn_rows(pool, rng)
        points = pool_points(pool, drawn)
        known = labelled_points(state.labelled, pool)
        wanted = min(len(known) + count, self.max_clusters)
        labels = kmeans_labels(np.vstack([points, known]), wanted, rng)
        found, covered = labels[: len(points)], np.bincount(labels[len(points) :], minlength=labels.max() + 1)
        typicality, clusters = np.zeros(len(pool)), np.zeros(len(pool), dtype=np.int64)
        typicality[drawn], clusters[drawn] = _typicality(points, found, self.neighbours), found
        return _Typical(clusters, typicality, np.bincount(found, minlength=len(covered)), covered)


class _Typical(Acquisition):
    def __init__(
        self, clusters: IntArray, typicality: FloatArray, sizes: IntArray, covered: IntArray
    ) -> None:
        self._clusters = clusters
        self._typicality = typicality
        self._shares = sizes / sizes.sum()
        self._covered = covered

    def scores(self) -> FloatArray:
        turns = np.minimum(self._covered, MAX_TURNS)
        values: FloatArray = (self._shares * NEXT_TURN**turns)[self._clusters] * self._typicality
        return values

    def take(self, index: int) -> None:
        self._covered[self._clusters[index]] += 1

    def evidence(self, index: int) -> dict[str, float]:
        return {
            "typicality": float(self._typicality[index]),
            "cluster_share": float(self._shares[self._clusters[index]]),
        }


def _typicality(points: FloatArray, clusters: IntArray, neighbours: int) -> FloatArray:
    """Return each point's typicality over the highest of its cluster: in (0, 1]."""
    typicality = np.ones(len(points))
    for cluster in np.unique(clusters):
        members = np.flatnonzero(clusters == cluster)
        near = min(neighbours, len(members) - 1)
        if near == 0:
            continue
        distances, _ = NearestNeighbors(n_neighbors=near).fit(points[members]).kneighbors()
        spread = distances.mean(axis=1)
        if spread.max() > 0:
            floor = 1e-6 * spread.max()  # keeps duplicates, at distance zero, from dividing by zero
            typicality[members] = (spread.min() + floor) / (spread + floor)
    return typicality
