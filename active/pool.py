"""Hold what the learner sees: the unlabelled pairs and the labelled ones.

Both are the same table with other columns. Only `features` must be there; the rest sharpens the choice:
query embeddings let the cold start spread over questions, clusters allow quotas, groups name the question of
each pair, so that none is asked twice in a batch or sits on both sides of a validation split.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from active.arrays import AnyArray, FloatArray, IntArray, as_column, as_matrix, as_targets, as_weights
from active.errors import InvalidFeaturesError, InvalidLabelsError


@dataclass(frozen=True, eq=False)
class Pool:
    """Hold n unlabelled pairs.

    features: (n, d) rows of `pair_features`; queries: (n, e) embeddings of the questions;
    clusters: (n,) whole numbers, −1 for outliers; groups: (n,) ids of the questions, numbers or strings.
    Raises InvalidFeaturesError for NaN, infinity or bad shapes, InvalidLabelsError for other bad columns.
    """

    features: FloatArray
    queries: FloatArray | None = None
    clusters: IntArray | None = None
    groups: AnyArray | None = None

    def __post_init__(self) -> None:
        _check_columns(self)

    def __len__(self) -> int:
        return len(self.features)

    @property
    def width(self) -> int:
        """Return d, the number of features."""
        return int(self.features.shape[1])


@dataclass(frozen=True, eq=False)
class Labelled(Pool):
    """Hold m labelled pairs: a pool with targets and, if wanted, weights.

    targets: (m,) in [0, 1], 1 first better, 0 second better, 0.5 tie; weights: (m,) not negative.
    Raises InvalidLabelsError for targets or weights out of range.
    """

    targets: FloatArray = field(kw_only=True)
    weights: FloatArray | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "targets", as_targets(self.targets, len(self)))
        if self.weights is not None:
            object.__setattr__(self, "weights", as_weights(self.weights, len(self)))

    @classmethod
    def nothing(cls, width: int) -> Self:
        """Return no labels at all, for pairs of `width` features."""
        return cls(features=np.empty((0, width)), targets=np.empty(0))

    @property
    def has_both_verdicts(self) -> bool:
        """Say whether some first answer and some second answer was preferred."""
        return bool((self.targets > 0.5).any() and (self.targets < 0.5).any())

    def joined(self, other: "Labelled") -> "Labelled":
        """Return these labels followed by the other's.

        Raises InvalidLabelsError when only one has some optional column: filling it in would be a guess.
        """
        if not len(self):
            return other
        columns: dict[str, AnyArray] = {}
        for name in ("features", "targets", "queries", "clusters", "groups", "weights"):
            ours, theirs = getattr(self, name), getattr(other, name)
            if (ours is None) != (theirs is None):
                raise InvalidLabelsError(f"only some of the labels have {name}: give {name} always or never")
            if ours is not None:
                columns[name] = np.concatenate([ours, theirs])
        return Labelled(**columns)


def _check_columns(table: Pool) -> None:
    """Replace each column by its checked array (the dataclass is frozen, hence the detour)."""
    features = as_matrix(table.features, "features")
    object.__setattr__(table, "features", features)
    if table.queries is not None:
        queries = as_matrix(table.queries, "queries")
        if len(queries) != len(features):
            raise InvalidFeaturesError(f"{len(queries)} queries for {len(features)} pairs: give one a pair")
        object.__setattr__(table, "queries", queries)
    if table.clusters is not None:
        object.__setattr__(table, "clusters", _whole_numbers(table.clusters, len(features)))
    if table.groups is not None:
        object.__setattr__(table, "groups", as_column(table.groups, "groups", len(features)))


def _whole_numbers(values: ArrayLike, length: int) -> IntArray:
    clusters = as_column(values, "clusters", length)
    if length and not np.issubdtype(clusters.dtype, np.integer):
        raise InvalidLabelsError(f"clusters must be whole numbers, not {clusters.dtype}")
    return clusters.astype(np.int64)
