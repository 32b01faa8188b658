"""Carry the clusters of a sample over to the rows beside it."""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from active.arrays import FloatArray, IntArray
from active.clustering.reduction import UMAP_INPUTS, main_axes

VOTERS = 10
"""Rows of the sample that say where another row belongs."""

AT_ONCE = 4_000
"""Rows that are placed at a time."""


def joined(rows: FloatArray, sample: IntArray, found: IntArray, rng: np.random.Generator) -> IntArray:
    """Return a label for each of the rows (n, e), given those `found` (s,) for the rows at `sample` (s,).

    A row outside the sample goes where most of its VOTERS nearest rows in the sample are, near ones counting
    more; an outlier (−1) votes for outliers. Nearness is Euclidean over the principal components that UMAP
    looks for neighbours in, too. A cluster may have any shape, of which a centroid would know nothing.
    """
    labels = np.full(len(rows), found[0], dtype=np.int64)
    labels[sample] = found
    if (found == found[0]).all():
        return labels
    axes = main_axes(rows[sample], UMAP_INPUTS, rng)
    voters = min(VOTERS, len(sample))
    near = NearestNeighbors(n_neighbors=voters).fit(axes.transform(rows[sample]).astype(np.float32))
    rest = np.setdiff1d(np.arange(len(rows)), sample, assume_unique=True)
    for some in np.array_split(rest, len(rest) // AT_ONCE + 1):
        distances, places = near.kneighbors(axes.transform(rows[some]).astype(np.float32))
        ballots = np.arange(len(some))[:, None] * (found.max() + 2) + found[places] + 1
        given = 1 / np.maximum(distances, 1e-6)
        votes = np.bincount(ballots.ravel(), given.ravel(), minlength=len(some) * (found.max() + 2))
        labels[some] = np.argmax(votes.reshape(len(some), -1), axis=1) - 1
    return labels
