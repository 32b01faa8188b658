"""Tell which cluster of a new clustering goes on from which one of the last."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import linear_sum_assignment

from active.arrays import FloatArray, as_matrix, unit_rows
from active.errors import InvalidFeaturesError, InvalidOptionError

OUTLIER = -1

SAME = 1 / 3
"""Share of the members of either cluster that both hold, for them to count as one."""

NEAR = 0.9
"""Cosine of the centroids from which two clusters of hardly a member in common count as one."""


def continued(
    before: Sequence[int], after: Sequence[int], embeddings: ArrayLike | None = None, near: float = NEAR
) -> dict[int, int]:
    """Return {new label: old label} for the clusters that go on, one to one; −1 (outliers) is no cluster.

    `before` and `after` (n,) label the same rows; −1 before also stands for rows that were not there.
    Clusters are matched so that most members stay together (Kuhn 1955, "The Hungarian method"), where at
    least SAME of either is common. With embeddings (n, e), what is left over is matched by centroids, most
    alike first, from a cosine of `near` on: a topic whose members were replaced is still that topic.
    Raises InvalidOptionError for sequences of different lengths, InvalidFeaturesError for bad embeddings.
    """
    if len(before) != len(after):
        raise InvalidOptionError(f"{len(before)} old labels for {len(after)} new ones: give one each")
    found = _by_members(before, after)
    if embeddings is not None:
        rows = as_matrix(embeddings, "embeddings")
        if len(rows) != len(after):
            raise InvalidFeaturesError(f"{len(rows)} embeddings for {len(after)} labels: give one each")
        found |= _by_centroids(before, after, rows, found, near)
    return found


def _by_members(before: Sequence[int], after: Sequence[int]) -> dict[int, int]:
    old, new = _kinds(before), _kinds(after)
    stays = Counter(zip(before, after, strict=True))
    shared = np.array([[stays[was, now] for now in new] for was in old], dtype=float)
    shared = shared.reshape(len(old), len(new))
    was_sizes, now_sizes = Counter(before), Counter(after)
    either = np.add.outer([was_sizes[one] for one in old], [now_sizes[one] for one in new]) - shared
    rows, columns = linear_sum_assignment(-shared)
    return {
        new[column]: old[row]
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if shared[row, column] > 0 and shared[row, column] >= SAME * either[row, column]
    }


def _by_centroids(
    before: Sequence[int], after: Sequence[int], rows: FloatArray, found: Mapping[int, int], near: float
) -> dict[int, int]:
    old = [one for one in _kinds(before) if one not in set(found.values())]
    new = [one for one in _kinds(after) if one not in found]
    if not old or not new:
        return {}
    cosines = _centroids(rows, before, old) @ _centroids(rows, after, new).T
    more: dict[int, int] = {}
    for place in np.argsort(-cosines, axis=None, kind="stable").tolist():
        row, column = divmod(place, len(new))
        if cosines[row, column] < near:
            break
        if new[column] not in more and old[row] not in more.values():
            more[new[column]] = old[row]
    return more


def _centroids(rows: FloatArray, labels: Sequence[int], kinds: Sequence[int]) -> FloatArray:
    of = np.asarray(labels)
    return unit_rows(np.stack([unit_rows(rows[of == kind]).mean(axis=0) for kind in kinds]))


def _kinds(labels: Sequence[int]) -> list[int]:
    return sorted({int(label) for label in labels} - {OUTLIER})
