"""Reduce embeddings to the few dimensions in which HDBSCAN sees density."""

import warnings
from typing import Literal

import numpy as np
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from active.arrays import FloatArray

Reduction = Literal["pca", "umap"]

MAX_COMPONENTS = 15
"""HDBSCAN is slow and sees little density beyond some twenty dimensions."""

UMAP_FROM = 150
"""Fewer rows are reduced by PCA alone: it parts so few as well, without the 20 s that UMAP compiles for."""

UMAP_COMPONENTS = 5
UMAP_NEIGHBOURS = 15
UMAP_INPUTS = 50  # components that neighbours are looked for in
UMAP_EPOCHS = 200


def reduced(rows: FloatArray, method: Reduction, rng: np.random.Generator) -> FloatArray:
    """Return rows (n, e) in fewer dimensions: 2 to 15 by `pca`, 5 by `umap`."""
    if method == "umap" and len(rows) >= UMAP_FROM:
        return by_umap(rows, rng)
    return by_pca(rows, MAX_COMPONENTS, rng)


def by_pca(rows: FloatArray, most: int, rng: np.random.Generator) -> FloatArray:
    """Project on principal components: a tenth as many as there are rows, at least 2, at most `most`."""
    if np.ptp(rows, axis=0).max() == 0:
        return np.zeros((len(rows), _components(rows, most)))  # one point has no directions
    reduction = PCA(n_components=_components(rows, most), random_state=int(rng.integers(2**31)))
    return np.asarray(reduction.fit_transform(rows), dtype=np.float64)


def main_axes(rows: FloatArray, most: int, rng: np.random.Generator) -> PCA:
    """Return the principal axes of rows that differ, as many as `by_pca` takes, for rows beside them."""
    return PCA(n_components=_components(rows, most), random_state=int(rng.integers(2**31))).fit(rows)


def _components(rows: FloatArray, most: int) -> int:
    return min(most, max(2, len(rows) // 10), *rows.shape)


def by_umap(rows: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Lay rows out in 5 dimensions so that near ones stay near, (n, 5); n ≥ UMAP_FROM.

    Neighbours are exact, over principal components, and the layout starts from the first five of those;
    equal rows and an equal generator give an equal layout. Source: McInnes, Healy and Melville 2018, "UMAP:
    Uniform Manifold Approximation and Projection", arXiv 1802.03426.
    """
    inputs = by_pca(rows, UMAP_INPUTS, rng).astype(np.float32)
    near = min(UMAP_NEIGHBOURS, len(inputs) - 1)
    distances, indices = NearestNeighbors(n_neighbors=near).fit(inputs).kneighbors(inputs)
    start = inputs[:, : min(UMAP_COMPONENTS, inputs.shape[1])].astype(np.float64)
    start = start / max(float(np.abs(start).max()), 1e-9) * 10  # the span that UMAP's own starts have
    start = start + rng.normal(scale=1e-4, size=start.shape)  # or equal rows could never part
    with warnings.catch_warnings():
        # It warns on import that TensorFlow is missing, that a given seed means one thread, and that
        # neighbours given in advance cannot place new rows, which is never asked of it here.
        warnings.simplefilter("ignore")
        from umap import UMAP

        model = UMAP(
            n_neighbors=near,
            n_components=start.shape[1],
            min_dist=0.0,
            n_epochs=UMAP_EPOCHS,
            init=start.astype(np.float32),
            random_state=int(rng.integers(2**31)),
            precomputed_knn=(indices.astype(np.int32), distances.astype(np.float32)),
            n_jobs=1,
        )
        return np.nan_to_num(np.asarray(model.fit_transform(inputs), dtype=np.float64))
