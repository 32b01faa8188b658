"""Count ratings by unit, once, so that every coefficient is a few sums over a small table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ratings = Mapping[int, Sequence[float]]  # unit -> the values its raters gave


@dataclass(frozen=True)
class Table:
    """Hold what n units were rated.

    `levels` (k,) are the values that occur, ascending. Units whose values are the same share a row:
    `codes` (rows, widest) point into `levels`, in the order given, -1 where there is no value;
    `counts` (rows, k) say how often each level occurs; `weights` (rows,) how many units the row stands for.
    """

    levels: Floats
    codes: NDArray[np.int64]
    counts: Floats
    weights: Floats

    @property
    def sizes(self) -> Floats:
        """How many values each row's units have, (rows,)."""
        found: Floats = self.counts.sum(axis=1)
        return found

    @property
    def comparable(self) -> int:
        """How many units have two values or more."""
        return int(self.weights[self.sizes >= 2].sum())

    def of_several(self) -> Table:
        """Leave out the units with fewer than two values."""
        kept = self.sizes >= 2
        return Table(self.levels, self.codes[kept], self.counts[kept], self.weights[kept])

    def weighing(self, weights: Floats) -> Table:
        """Return the same rows, standing for other numbers of units."""
        return replace(self, weights=weights)


def tabulate(ratings: Ratings | Table) -> Table:
    """Count the ratings of each unit; a table is returned as it is."""
    if isinstance(ratings, Table):
        return ratings
    units = [values for values in ratings.values() if len(values)]
    widest = max(map(len, units), default=0)
    levels = np.unique(np.array([value for values in units for value in values], dtype=np.float64))
    codes = np.full((len(units), widest), -1, dtype=np.int64)
    for width in {len(values) for values in units}:
        at = [number for number, values in enumerate(units) if len(values) == width]
        codes[at, :width] = np.searchsorted(levels, np.array([units[number] for number in at]))
    rows, weights = np.unique(codes, axis=0, return_counts=True) if len(units) else (codes, np.zeros(0))
    counts = (rows[:, :, None] == np.arange(len(levels))).sum(axis=1)
    return Table(levels, rows, counts.astype(np.float64), weights.astype(np.float64))
