"""Group similar queries (or answers, or passages) and name the groups."""

from collections.abc import Sequence
from dataclasses import dataclass

import hdbscan
import numpy as np
from numpy.typing import ArrayLike
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from active.arrays import FloatArray, IntArray, as_matrix, unit_rows
from active.cluster_names import class_keywords, name_clusters
from active.clustering.reduction import Reduction, reduced
from active.clustering.sampling import joined
from active.errors import EmptyPoolError, InvalidFeaturesError, InvalidOptionError

OUTLIER = -1
"""The label of a query that belongs to no cluster."""

MAX_NOISE = 0.25
"""With a larger share of outliers, HDBSCAN is held to have found nothing."""

MAX_SHARE = 0.5
"""With a larger share of the queries in one cluster, HDBSCAN has lumped what k-means may yet part."""

MIN_SILHOUETTE = 0.1
"""With a lower silhouette, k-means is held to have found nothing, and all queries are one cluster."""

SAMPLE_SIZES: dict[Reduction, int] = {"pca": 10_000, "umap": 100_000}
"""Of more queries than this, a random sample is clustered, and the rest joins its neighbours there.

A sample draws other clusters than the whole does; HDBSCAN is quick on the few dimensions that UMAP leaves.
"""

_SILHOUETTE_SAMPLE = 2_000
_KMEANS_COUNTS = (*range(2, 20), *range(20, 41, 4))
_EXEMPLARS = 5


@dataclass(frozen=True, eq=False)
class Clusters:
    """Hold k clusters of n queries, largest first.

    labels (n,): 0..k−1, or −1 for an outlier; names: k different short names; keywords: per cluster, most
    telling first; centroids (k, e): unit mean directions; exemplars: per cluster, indices of the queries
    nearest to its centroid; outliers: indices; method: `hdbscan`, `kmeans` or `single` (see
    `cluster_queries`).
    """

    labels: IntArray
    names: tuple[str, ...]
    keywords: tuple[tuple[str, ...], ...]
    centroids: FloatArray
    exemplars: tuple[IntArray, ...]
    outliers: IntArray
    method: str

    def __len__(self) -> int:
        return len(self.names)

    def __str__(self) -> str:
        found = ", ".join(f"{name} ({size})" for name, size in zip(self.names, self.sizes, strict=True))
        return f"{len(self)} clusters by {self.method}: {found}; {len(self.outliers)} outliers"

    @property
    def sizes(self) -> IntArray:
        """Return the number of queries in each cluster, (k,)."""
        return np.bincount(self.labels[self.labels >= 0], minlength=len(self)).astype(np.int64)

    def assign(self, embeddings: ArrayLike) -> IntArray:
        """Return the cluster of the nearest centroid, by cosine, for each of (m, e) new queries.

        Raises InvalidFeaturesError.
        """
        rows = unit_rows(as_matrix(embeddings, "embeddings", width=self.centroids.shape[1]))
        nearest: IntArray = np.argmax(rows @ self.centroids.T, axis=1)
        return nearest


def cluster_queries(
    embeddings: ArrayLike,
    texts: Sequence[str],
    rng: np.random.Generator,
    *,
    min_cluster_size: int | None = None,
    keyword_count: int = 8,
    reduction: Reduction = "pca",
    sample_size: int | None = None,
) -> Clusters:
    """Cluster queries by embeddings (n, e) and name the clusters by their texts, Russian or English.

    Embeddings are scaled to unit length and reduced (`clustering.reduction`): by `pca`, in no time, or by
    `umap`, which tells the topics of real sentences apart where PCA sees one cloud. HDBSCAN (`eom`) finds
    the clusters. Its noise joins the nearest cluster if it is no farther from the centroid than 95 % of the
    members; the rest are outliers. min_cluster_size: by default √n/2, at least 3. Of more than `sample_size`
    queries (SAMPLE_SIZES) a random sample is clustered, and the others join it: see `clustering.sampling`.

    Fallbacks: where HDBSCAN finds fewer than two clusters, more than MAX_NOISE outliers or one cluster above
    MAX_SHARE, k-means takes over, with the k up to 40 of best silhouette (no outliers). Where that too is
    below MIN_SILHOUETTE, with fewer than twice min_cluster_size queries or none that differ, all are one
    cluster (`single`).

    Raises EmptyPoolError for no queries, InvalidFeaturesError for bad embeddings or another number of texts,
    InvalidOptionError for a min_cluster_size below 2 or a keyword_count below 1.
    """
    rows = unit_rows(as_matrix(embeddings, "embeddings"))
    smallest = max(3, round(len(rows) ** 0.5 / 2)) if min_cluster_size is None else min_cluster_size
    _check_request(len(rows), len(texts), smallest, keyword_count)
    labels, method = _label(rows, smallest, sample_size or SAMPLE_SIZES[reduction], reduction, rng)
    centroids = _centroids(rows, labels)
    keywords = class_keywords(texts, labels, keyword_count)
    return Clusters(
        labels=labels,
        names=name_clusters(keywords),
        keywords=keywords,
        centroids=centroids,
        exemplars=_exemplars(rows, labels, centroids),
        outliers=np.flatnonzero(labels == OUTLIER),
        method=method,
    )


def _check_request(queries: int, texts: int, smallest: int, keyword_count: int) -> None:
    if not queries:
        raise EmptyPoolError
    if texts != queries:
        raise InvalidFeaturesError(f"{texts} texts for {queries} embeddings: give one each")
    if smallest < 2 or keyword_count < 1:
        raise InvalidOptionError(f"min_cluster_size is {smallest}, keyword_count {keyword_count}: want 2, 1")


def _label(
    rows: FloatArray, smallest: int, sample_size: int, reduction: Reduction, rng: np.random.Generator
) -> tuple[IntArray, str]:
    """Return the ordered label of each row, found on a sample where there are many, and the method."""
    if len(rows) <= sample_size:
        labels, method = _partition(rows, smallest, reduction, rng)
        return _ordered(_adopt_noise(rows, labels)), method
    sample = np.sort(rng.choice(len(rows), size=sample_size, replace=False))
    smallest = max(3, round(smallest * sample_size / len(rows)))  # of the sample, a cluster is less
    found, method = _partition(rows[sample], smallest, reduction, rng)
    return _ordered(joined(rows, sample, found, rng)), method


def _partition(
    rows: FloatArray, smallest: int, reduction: Reduction, rng: np.random.Generator
) -> tuple[IntArray, str]:
    """Return a label for each row, and the method that found it."""
    single = np.zeros(len(rows), dtype=np.int64)
    if len(rows) < 2 * smallest or np.ptp(rows, axis=0).max() < 1e-9:
        return single, "single"
    points = reduced(rows, reduction, rng)
    labels = _adopt_noise(rows, _density_labels(points, smallest))
    largest = np.bincount(labels[labels >= 0], minlength=1).max()
    if labels.max() >= 1 and np.mean(labels == OUTLIER) <= MAX_NOISE and largest <= MAX_SHARE * len(rows):
        return labels, "hdbscan"
    by_means = _silhouette_labels(points, smallest, rng)
    return (single, "single") if by_means is None else (by_means, "kmeans")


def _density_labels(points: FloatArray, smallest: int) -> IntArray:
    model = hdbscan.HDBSCAN(
        min_cluster_size=smallest,
        min_samples=1,  # more lump sentence embeddings, whose densities differ little, into one cluster
        approx_min_span_tree=False,  # the approximate tree depends on the order of the queries
        core_dist_n_jobs=1,
    )
    return np.asarray(model.fit_predict(points), dtype=np.int64)


def _silhouette_labels(points: FloatArray, smallest: int, rng: np.random.Generator) -> IntArray | None:
    """Return the k-means partition of best silhouette, None where even that is below MIN_SILHOUETTE."""
    most = min(len(points) // smallest, len(np.unique(points, axis=0)) - 1)
    seed = int(rng.integers(2**31))
    best, best_score = None, MIN_SILHOUETTE
    for k in (count for count in _KMEANS_COUNTS if count <= most):
        labels = KMeans(n_clusters=k, n_init=3, random_state=seed).fit_predict(points)
        sample = min(len(points), _SILHOUETTE_SAMPLE)
        score = silhouette_score(points, labels, sample_size=sample, random_state=seed)
        if score > best_score:
            best, best_score = np.asarray(labels, dtype=np.int64), score
    return best


def _adopt_noise(rows: FloatArray, labels: IntArray) -> IntArray:
    """Give each outlier to its nearest cluster if it lies as close to the centroid as 95 % of the members."""
    noise = np.flatnonzero(labels == OUTLIER)
    if not len(noise) or len(noise) == len(labels):
        return labels
    centroids = _centroids(rows, labels)
    reach = np.array(
        [np.quantile(rows[labels == label] @ centroid, 0.05) for label, centroid in enumerate(centroids)]
    )
    similarity = rows[noise] @ centroids.T
    nearest = np.argmax(similarity, axis=1)
    close = similarity[np.arange(len(noise)), nearest] >= reach[nearest]
    adopted = labels.copy()
    adopted[noise[close]] = nearest[close]
    return adopted


def _ordered(labels: IntArray) -> IntArray:
    """Number clusters by falling size, of equals the one whose first query comes first."""
    kinds, first, sizes = np.unique(labels[labels >= 0], return_index=True, return_counts=True)
    order = kinds[np.lexsort((first, -sizes))]
    ordered = np.full(len(labels), OUTLIER, dtype=np.int64)
    for place, label in enumerate(order):
        ordered[labels == label] = place
    return ordered


def _centroids(rows: FloatArray, labels: IntArray) -> FloatArray:
    return unit_rows(np.stack([rows[labels == label].mean(axis=0) for label in range(labels.max() + 1)]))


def _exemplars(rows: FloatArray, labels: IntArray, centroids: FloatArray) -> tuple[IntArray, ...]:
    exemplars = []
    for label, centroid in enumerate(centroids):
        members = np.flatnonzero(labels == label)
        nearness = rows[members] @ centroid
        exemplars.append(members[np.argsort(-nearness, kind="stable")[:_EXEMPLARS]])
    return tuple(exemplars)
