"""Lay questions out on a plane so that similar ones lie close together."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

MOST = 10_000  # questions that are laid out; of more, as many drawn by lot
UMAP_FROM = 200  # fewer are laid out by t-SNE as well, without the 20 s that UMAP compiles for
FEWEST = 50  # fewer form no neighbourhoods: they are laid out by their two main directions
NEIGHBOURS = 15
Floats = NDArray[np.float64]


def lay_out(vectors: Floats, rng: np.random.Generator) -> Floats:
    """Return a place (n, 2) in the unit square for each of (n, d) vectors; NaN for those not drawn.

    By UMAP with cosine distances (McInnes, Healy & Melville, "UMAP: Uniform Manifold Approximation and
    Projection", 2018), some hundred vectors by t-SNE (van der Maaten & Hinton, "Visualizing data using
    t-SNE", 2008), few by principal components. The same vectors get the same places.
    """
    places = np.full((len(vectors), 2), np.nan)
    drawn: NDArray[np.int64] = np.arange(len(vectors))
    if len(vectors) > MOST:
        drawn = np.sort(rng.choice(len(vectors), size=MOST, replace=False))
    found = _method(len(drawn))(vectors[drawn], rng)
    low = found.min(axis=0)
    places[drawn] = (found - low) / max(float((found - low).max()), 1e-9)
    return places


def _method(count: int) -> Callable[[Floats, np.random.Generator], Floats]:
    if count >= UMAP_FROM:
        return _by_umap
    return _by_tsne if count >= FEWEST else _by_directions


def _by_umap(vectors: Floats, rng: np.random.Generator) -> Floats:
    with warnings.catch_warnings():
        # It warns on import that TensorFlow is missing, and of vectors apart from all others.
        warnings.simplefilter("ignore")
        from umap import UMAP

        seed = int(rng.integers(2**31))
        model = UMAP(n_neighbors=NEIGHBOURS, min_dist=0.15, metric="cosine", random_state=seed, n_jobs=1)
        return np.nan_to_num(np.asarray(model.fit_transform(vectors), np.float64))


def _by_tsne(vectors: Floats, rng: np.random.Generator) -> Floats:
    seed = int(rng.integers(2**31))
    model = TSNE(perplexity=NEIGHBOURS, metric="cosine", init="pca", method="exact", random_state=seed)
    return np.asarray(model.fit_transform(vectors), np.float64)


def _by_directions(vectors: Floats, _rng: np.random.Generator) -> Floats:
    if len(vectors) < 3 or np.ptp(vectors, axis=0).max() < 1e-9:
        return np.stack([np.arange(len(vectors)), np.zeros(len(vectors))], axis=1).astype(np.float64)
    return np.asarray(PCA(2, svd_solver="full").fit_transform(vectors), np.float64)
