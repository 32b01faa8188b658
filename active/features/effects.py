"""Give each item its own column: what makes the same text, or the same contender, win again and again.

Where answers meet in several pairs, a column for each lets the head learn of an answer what its embedding
does not tell, and carries a verdict over to every other pair of that answer.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self, cast

import numpy as np

from active.arrays import FloatArray, IntArray, RowTable
from active.errors import InvalidFeaturesError, InvalidOptionError
from active.features.item_table import ItemTable, item_columns

BLOCK_ROWS = 4096


@dataclass(frozen=True)
class ItemEffects:
    """Write +scale into the column of the first item of a pair and −scale into that of the second.

    items: those with a column; all others fall back to zeros, so a pair of two unseen items is judged by its
    other features alone. scale: under a ridge of strength l2 on unscaled columns, an item's effect on the
    logit has prior variance scale²/l2 (see `effect_scale`); fit with `standardise=False`, or tell the head
    the number of these columns by `raw_columns`. Raises InvalidOptionError for a scale that is not positive
    or an item named twice.
    """

    items: tuple[Hashable, ...]
    scale: float = 1.0
    _columns: dict[Hashable, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not (np.isfinite(self.scale) and self.scale > 0):
            raise InvalidOptionError(f"scale must be positive, not {self.scale}")
        object.__setattr__(self, "_columns", {item: column for column, item in enumerate(self.items)})
        if len(self._columns) != len(self.items):
            raise InvalidOptionError("an item is named twice: give each one column")

    @classmethod
    def of(cls, seen: Iterable[Hashable], scale: float = 1.0, most: int = 2000) -> Self:
        """Return effects of the `most` items seen most often, those seen first among equals.

        `seen` lists the items of pairs, each as often as it occurs.
        """
        return cls(tuple(item for item, _ in Counter(seen).most_common(most)), scale)

    def __len__(self) -> int:
        return len(self.items)

    def rows(self, first: Sequence[Hashable], second: Sequence[Hashable]) -> FloatArray:
        """Return (n, items): the columns of n pairs. Swapping the items flips the sign exactly.

        Raises InvalidFeaturesError for sequences of unequal length.
        """
        if len(first) != len(second):
            raise InvalidFeaturesError(
                f"{len(first)} first items, {len(second)} second ones: give two a pair"
            )
        return item_columns(self._places(first), self._places(second), len(self), self.scale)

    def appended(
        self, features: FloatArray, first: Sequence[Hashable], second: Sequence[Hashable]
    ) -> FloatArray:
        """Return the features (n, d) with the columns beside them, (n, d + items)."""
        columns = self.rows(first, second)
        if len(features) != len(columns):
            raise InvalidFeaturesError(f"{len(features)} rows of features for {len(columns)} pairs of items")
        return np.hstack([features, columns])

    def table(
        self, features: FloatArray, first: Sequence[Hashable], second: Sequence[Hashable]
    ) -> FloatArray:
        """Return what `appended` returns as a table that makes these columns when they are read.

        It holds two numbers a pair instead of a number an item, and the features, which may be a memory map,
        where they are. `Pool` and the heads take it for an array.
        """
        if not len(features) == len(first) == len(second):
            raise InvalidFeaturesError(
                f"{len(features)} rows of features, {len(first)} first items, {len(second)} second ones"
            )
        made: RowTable = ItemTable(features, self._places(first), self._places(second), len(self), self.scale)
        return cast("FloatArray", made)

    def _places(self, side: Sequence[Hashable]) -> IntArray:
        return np.array([self._columns.get(item, -1) for item in side], dtype=np.int64)

    def blocks(
        self, features: FloatArray, first: Sequence[Hashable], second: Sequence[Hashable]
    ) -> Iterator[FloatArray]:
        """Yield what `appended` returns some thousand rows at a time, for `FeatureFile.write`."""
        for start in range(0, len(features), BLOCK_ROWS):
            part = slice(start, start + BLOCK_ROWS)
            yield self.appended(np.asarray(features[part], dtype=np.float64), first[part], second[part])


def effect_scale(features: FloatArray, share: float = 0.5) -> float:
    """Return the scale at which the two items of a pair make `share` of its logit's prior variance.

    The other features z, scaled as the head will see them, make the rest: 2·scale² / (mean ‖z‖² + 2·scale²) =
    share. Raises InvalidOptionError for a share not between 0 and 1.
    """
    if not 0 < share < 1:
        raise InvalidOptionError(f"share must lie between 0 and 1, not {share}")
    mean_square = float(np.mean(np.einsum("ij,ij->i", features, features))) if len(features) else 0.0
    return float(np.sqrt((mean_square or 1.0) * share / (1 - share) / 2))
