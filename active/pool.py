"""Hold what the learner sees: the unlabelled pairs and the labelled ones.

Both are the same table with other columns. Only `features` must be there; the rest sharpens the choice:
query embeddings let the cold start spread over questions, clusters allow quotas, groups name the question of
each pair, so that none is asked twice in a batch or sits on both sides of a validation split.

A pool too large for memory keeps `features` (and `queries`) as float16 or float32 memory maps, such as
`features.FeatureFile.rows`: they are taken as they are, never copied whole, and the head's methods read
them in blocks. A strategy reads them by `arrays.row_blocks` (slice, float32 block), `arrays.times`
(rows @ matrix), `arrays.squared_lengths` and `arrays.rows_at` (some rows as float64), which serve arrays in
memory and an `arrays.RowTable`, such as that of `features.ItemEffects.table`, alike.
"""

from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from active.arrays import (
    AnyArray,
    FloatArray,
    IntArray,
    RowTable,
    as_column,
    as_rows,
    as_targets,
    as_verdicts,
    as_weights,
)
from active.errors import ChangedEmbeddingsError, InvalidFeaturesError, InvalidLabelsError


@dataclass(frozen=True, eq=False)
class Pool:
    """Hold n unlabelled pairs.

    features: (n, d) rows of `pair_features`; queries: (n, e) embeddings of the questions;
    clusters: (n,) whole numbers, −1 for outliers; groups: (n,) ids of the questions, numbers or strings;
    languages: (n,) codes; contenders: (n, 2) ids of who gave the first and the second answer; fingerprint:
    of what made the features (`features.feature_fingerprint`), so that rows of two embedding models never
    meet. Raises InvalidFeaturesError for NaN, infinity or bad shapes, InvalidLabelsError for other bad
    columns.
    """

    features: FloatArray
    queries: FloatArray | None = None
    clusters: IntArray | None = None
    groups: AnyArray | None = None
    languages: AnyArray | None = field(default=None, kw_only=True)
    contenders: AnyArray | None = field(default=None, kw_only=True)
    fingerprint: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        _check_columns(self)

    def __len__(self) -> int:
        return len(self.features)

    @property
    def width(self) -> int:
        """Return d, the number of features."""
        return int(self.features.shape[1])

    def check_alike(self, other: "Pool") -> None:
        """Raise ChangedEmbeddingsError when both fingerprints are known and differ."""
        if self.fingerprint and other.fingerprint and self.fingerprint != other.fingerprint:
            raise ChangedEmbeddingsError("labelled pairs", other.fingerprint, self.fingerprint)

    def at(self, rows: AnyArray) -> Self:
        """Return some of the pairs, by index or mask, with all their columns."""
        columns: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        some: dict[str, Any] = {
            name: value.at(rows) if isinstance(value, RowTable) else value[rows]
            for name, value in columns.items()
            if isinstance(value, np.ndarray | RowTable)
        }
        return replace(self, **some)


@dataclass(frozen=True, eq=False)
class Labelled(Pool):
    """Hold m labelled pairs: a pool with targets and, if wanted, weights.

    targets: (m,) in [0, 1], 1 first better, 0 second better, 0.5 tie; weights: (m,) not negative, such as
    those of `heads.weights`; verdicts: (m, K) probabilities of the K grades, best for the first answer first,
    for heads that fit grades (`GradedHead`). Raises InvalidLabelsError for targets, weights or verdicts out
    of range.
    """

    targets: FloatArray = field(kw_only=True)
    weights: FloatArray | None = None
    verdicts: FloatArray | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "targets", as_targets(self.targets, len(self)))
        if self.weights is not None:
            object.__setattr__(self, "weights", as_weights(self.weights, len(self)))
        if self.verdicts is not None:
            object.__setattr__(self, "verdicts", as_verdicts(self.verdicts, len(self)))

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

        Raises InvalidLabelsError when only one has some optional column: filling it in would be a guess;
        InvalidFeaturesError for features of another width, ChangedEmbeddingsError for another fingerprint.
        """
        self.check_alike(other)
        if not len(self):
            return other
        if self.width != other.width:
            raise InvalidFeaturesError(
                f"{other.width} features a pair, but {self.width} before: compute alike"
            )
        columns: dict[str, Any] = {"fingerprint": self.fingerprint or other.fingerprint}
        for name in (one.name for one in fields(self) if one.name != "fingerprint"):
            ours, theirs = getattr(self, name), getattr(other, name)
            if (ours is None) != (theirs is None):
                raise InvalidLabelsError(f"only some of the labels have {name}: give {name} always or never")
            if ours is not None:
                columns[name] = np.concatenate([ours, theirs])
        return Labelled(**columns)


def _check_columns(table: Pool) -> None:
    """Replace each column by its checked array (the dataclass is frozen, hence the detour)."""
    features = as_rows(table.features, "features")
    object.__setattr__(table, "features", features)
    if table.queries is not None:
        queries = as_rows(table.queries, "queries")
        if len(queries) != len(features):
            raise InvalidFeaturesError(f"{len(queries)} queries for {len(features)} pairs: give one a pair")
        object.__setattr__(table, "queries", queries)
    if table.clusters is not None:
        object.__setattr__(table, "clusters", _whole_numbers(table.clusters, len(features)))
    if table.groups is not None:
        object.__setattr__(table, "groups", as_column(table.groups, "groups", len(features)))
    if table.languages is not None:
        object.__setattr__(table, "languages", as_column(table.languages, "languages", len(features)))
    if table.contenders is not None:
        contenders = np.asarray(table.contenders)
        if contenders.shape != (len(features), 2):
            raise InvalidLabelsError(
                f"contenders must have shape ({len(features)}, 2), not {contenders.shape}"
            )
        object.__setattr__(table, "contenders", contenders)


def _whole_numbers(values: ArrayLike, length: int) -> IntArray:
    clusters = as_column(values, "clusters", length)
    if length and not np.issubdtype(clusters.dtype, np.integer):
        raise InvalidLabelsError(f"clusters must be whole numbers, not {clusters.dtype}")
    return clusters.astype(np.int64)
