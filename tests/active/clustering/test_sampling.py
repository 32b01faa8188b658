"""Rows beside a sample join the clusters that were found in it."""

import numpy as np

from active.clustering.sampling import joined


def arcs(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return points on two long arcs beside each other, and the arc of each."""
    along = rng.uniform(0, 3, size=600)
    which = rng.integers(2, size=600)
    points = np.column_stack([np.cos(along), np.sin(along), 0.2 * which])
    return points + 0.01 * rng.normal(size=points.shape), which


def test_a_row_joins_its_neighbours_and_not_the_nearest_centroid(rng: np.random.Generator) -> None:
    rows, which = arcs(rng)
    kind = 2 * which + (rows[:, 0] < 0)  # four arcs, of which two lie end to end
    sample = np.sort(rng.choice(600, 200, replace=False))
    labels = joined(rows, sample, kind[sample], rng)
    assert (labels[sample] == kind[sample]).all()
    assert np.mean(labels == kind) > 0.99
    bent = (rows[:, 1] < 0.5).astype(np.int64)  # both ends of the arcs against their middle
    centroids = np.stack([rows[bent == one].mean(axis=0) for one in (0, 1)])
    nearest = np.linalg.norm(rows[:, None] - centroids, axis=2).argmin(axis=1)
    assert np.mean(nearest == bent) < 0.95
    assert np.mean(joined(rows, sample, bent[sample], rng) == bent) > 0.97


def test_who_lies_among_outliers_is_one(rng: np.random.Generator) -> None:
    rows, which = arcs(rng)
    found = np.where(rows[:, 0] < -0.5, -1, which)
    sample = np.sort(rng.choice(600, 200, replace=False))
    labels = joined(rows, sample, found[sample], rng)
    assert np.mean(labels == found) > 0.97
    assert set(labels.tolist()) == {-1, 0, 1}


def test_one_cluster_takes_all_even_where_rows_do_not_differ(rng: np.random.Generator) -> None:
    labels = joined(np.ones((9, 3)), np.array([2, 5]), np.array([0, 0]), rng)
    assert labels.tolist() == [0] * 9
