"""Say where pairs lie and how far apart, for strategies that spread their picks."""

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans

from active.arrays import FloatArray, IntArray
from active.pool import Labelled, Pool

MINI_BATCH_FROM = 10_000
"""From so many points on, mini-batch k-means stands in for Lloyd's algorithm."""


def kmeans_labels(points: FloatArray, count: int, rng: np.random.Generator) -> IntArray:
    """Return a cluster in 0..k−1 for each point, k = `count` or the number of distinct points if lower."""
    k = min(count, len(np.unique(points, axis=0)))
    if k <= 1:
        return np.zeros(len(points), dtype=np.int64)
    kind = KMeans if len(points) < MINI_BATCH_FROM else MiniBatchKMeans
    model = kind(n_clusters=k, n_init=1, random_state=int(rng.integers(2**31)))
    return np.asarray(model.fit_predict(points), dtype=np.int64)


def pool_points(pool: Pool) -> FloatArray:
    """Return where the pairs lie: at their query's embedding, or, without one, at their features.

    Features are first turned to one side, for z and −z are one pair told in two orders.
    """
    return pool.queries if pool.queries is not None else _one_sided(pool.features)


def labelled_points(labelled: Labelled, pool: Pool) -> FloatArray:
    """Return the labelled pairs in the pool's space; none where they have no embeddings and the pool has."""
    width = pool_points(pool).shape[1]
    if not len(labelled) or (labelled.queries is None) != (pool.queries is None):
        return np.empty((0, width))
    return pool_points(labelled)


def squared_distances(points: FloatArray, centre: FloatArray, *, either_side: bool = False) -> FloatArray:
    """Return each point's squared Euclidean distance to one centre, (n,).

    `either_side` takes the nearer of z and −z, which are one pair told in two orders.
    """
    products = points @ centre
    nearness = np.abs(products) if either_side else products
    distances: FloatArray = np.einsum("ij,ij->i", points, points) + centre @ centre - 2 * nearness
    return np.maximum(distances, 0.0, out=distances)


def _one_sided(features: FloatArray) -> FloatArray:
    """Flip rows so that the feature of greatest magnitude in the row is positive."""
    if not features.shape[1]:
        return features
    peaks = features[np.arange(len(features)), np.argmax(np.abs(features), axis=1)]
    turned: FloatArray = features * np.where(peaks < 0, -1.0, 1.0)[:, None]
    return turned
