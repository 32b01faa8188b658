"""Say where pairs lie and how far apart, for strategies that spread their picks."""

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans

from active.arrays import FloatArray, IntArray, row_blocks, rows_at, squared_lengths
from active.pool import Labelled, Pool

MINI_BATCH_FROM = 10_000
"""From so many points on, mini-batch k-means stands in for Lloyd's algorithm."""

SAMPLE = 50_000
"""Of more pairs than this, so many drawn by lot stand for all where clusters are formed."""


def kmeans_labels(points: FloatArray, count: int, rng: np.random.Generator) -> IntArray:
    """Return a cluster in 0..k−1 for each point, k = `count` or the number of distinct points if lower."""
    k = min(count, len(np.unique(points, axis=0)))
    if k <= 1:
        return np.zeros(len(points), dtype=np.int64)
    kind = KMeans if len(points) < MINI_BATCH_FROM else MiniBatchKMeans
    model = kind(n_clusters=k, n_init=1, random_state=int(rng.integers(2**31)))
    return np.asarray(model.fit_predict(points), dtype=np.int64)


def kmeans_clusters(pool: Pool, count: int, rng: np.random.Generator) -> IntArray:
    """Return a k-means cluster for each pair; the means of a pool above SAMPLE are those of a sample."""
    if len(pool) <= SAMPLE:
        return kmeans_labels(pool_points(pool), count, rng)
    sample = pool_points(pool, drawn_rows(pool, rng))
    found = kmeans_labels(sample, count, rng)
    sizes = np.bincount(found)
    means = np.stack(
        [np.bincount(found, weights=column, minlength=len(sizes)) / sizes for column in sample.T], axis=1
    )
    offsets = np.einsum("ij,ij->i", means, means) / 2
    labels = np.empty(len(pool), dtype=np.int64)
    rows = pool.features if pool.queries is None else pool.queries
    for part, block in row_blocks(rows):
        points = block if pool.queries is not None else _one_sided(block)
        labels[part] = np.argmax(points @ means.T.astype(points.dtype) - offsets, axis=1)
    return labels


def drawn_rows(pool: Pool, rng: np.random.Generator) -> IntArray:
    """Return the indices of SAMPLE pairs drawn by lot, in order; of all pairs where there are no more."""
    if len(pool) <= SAMPLE:
        return np.arange(len(pool))
    return np.sort(rng.choice(len(pool), size=SAMPLE, replace=False))


def pool_points(pool: Pool, index: IntArray | None = None) -> FloatArray:
    """Return where the pairs (or those at `index`) lie: at their query's embedding, else at their features.

    Features are first turned to one side, for z and −z are one pair told in two orders.
    """
    rows = pool.features if pool.queries is None else pool.queries
    points = rows if index is None else rows_at(rows, index)
    return points if pool.queries is not None else _one_sided(points)


def point_table(pool: Pool) -> tuple[FloatArray, FloatArray]:
    """Return `pool_points` as a table, which may lie on the disk, and the sign of each row, (n,)."""
    if pool.queries is not None:
        return pool.queries, np.ones(len(pool))
    return pool.features, _signs(pool.features)


def labelled_points(labelled: Labelled, pool: Pool) -> FloatArray:
    """Return the labelled pairs in the pool's space; none where they have no embeddings and the pool has."""
    width = (pool.features if pool.queries is None else pool.queries).shape[1]
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


def squared_to_nearest(points: FloatArray, centres: FloatArray) -> FloatArray:
    """Return each point's squared distance to the nearest centre, either side of it, (n,).

    To no centre at all it is as far as to the origin, where both answers are alike.
    """
    squared = squared_lengths(points)
    if not len(centres):
        return squared
    for part, block in row_blocks(points):
        nearness = np.abs(block @ centres.T.astype(block.dtype))
        beyond = np.einsum("ij,ij->i", centres, centres) - 2 * nearness
        squared[part] = np.maximum(squared[part] + beyond.min(axis=1), 0.0)
    return squared


def _one_sided(features: FloatArray) -> FloatArray:
    """Flip rows so that the feature of greatest magnitude in the row is positive."""
    turned: FloatArray = features * _signs(features)[:, None]
    return turned


def _signs(features: FloatArray) -> FloatArray:
    """Return −1 for rows whose feature of greatest magnitude is negative, else 1."""
    signs = np.ones(len(features))
    for part, block in row_blocks(features):
        if block.shape[1]:
            peaks = block[np.arange(len(block)), np.argmax(np.abs(block), axis=1)]
            signs[part] = np.where(peaks < 0, -1.0, 1.0)
    return signs
