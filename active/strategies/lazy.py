"""Pick greedily from a great pool without valuing every pair anew after every pick.

Where picks can only lower the values of the others, an old value is an upper bound of the present one. So
only pairs whose bound is the greatest need to be valued again, and the pick is exactly the one that greedy
choice over all values makes (Minoux 1978, "Accelerated greedy algorithms for maximizing submodular set
functions"). Rows are read from the pool, which may be a memory map, a shortlist at a time; the shortlist
stays in memory and follows every pick.
"""

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from active.arrays import BoolArray, FloatArray, IntArray, is_mapped
from active.pool import Pool
from active.strategies.base import Acquisition

LAZY_FROM = 5_000
"""From so many pairs on, laziness pays for its bookkeeping."""

SHORTLIST = 512, 4_096
"""Fewest and most pairs whose values are kept up to date and whose rows in memory: 6 MiB at 384 features."""

SHORTLISTED = 1 / 16
"""Share of the pool that is on the shortlist, between the two."""

AT_ONCE = 2_048
"""Rows that are valued in one product of matrices."""

Rows = NDArray[np.floating[Any]]


def is_large(pool: Pool) -> bool:
    """Tell whether the pool is on the disk or has LAZY_FROM pairs or more."""
    return is_mapped(pool.features) or len(pool) >= LAZY_FROM


class LazyAcquisition(Acquisition):
    """Keep for each pair a number that picks only change one way, and the value that follows from it.

    `state` (n,) is what a subclass keeps of each pair: a variance, a squared distance. A pick adds a vector
    (d,), and the new state follows from the old one and the products of the pair's row with the vectors
    added since. Rows are multiplied in `precision`.
    """

    precision: ClassVar[type[np.floating[Any]]] = np.float32

    def __init__(self, features: FloatArray, state: FloatArray) -> None:
        self._features = features
        self._state = state.copy()
        self._seen = np.zeros(len(state), dtype=np.int32)  # picks that the state accounts for
        self._vectors: Rows = np.empty((64, features.shape[1]), dtype=self.precision)
        self._picks = 0
        self._listed: IntArray = np.empty(0, dtype=np.int64)
        self._rows: Rows = np.empty((0, features.shape[1]), dtype=self.precision)
        self._bounds = self._value(np.arange(len(state)), self._state)

    @abstractmethod
    def _value(self, index: IntArray, state: FloatArray) -> FloatArray:
        """Return the values of pairs in these states; it falls or rises with the state, all else fixed."""

    @abstractmethod
    def _lower(self, index: IntArray, products: Rows, first: int, unseen: BoolArray) -> FloatArray:
        """Return the states of pairs after the picks from `first` on.

        `products` (m, picks − first) are those of the rows and the vectors; only the `unseen` ones count.
        """

    @abstractmethod
    def _vector(self, index: int) -> FloatArray:
        """Return the vector (d,) that a pick adds, and take note of what else the pick changes."""

    def scores(self) -> FloatArray:
        """Return all values, (n,), after bringing every pair up to date."""
        self._settle(np.flatnonzero(self._seen < self._picks))
        return self._bounds

    def best(
        self, mask: BoolArray, rng: np.random.Generator, weights: FloatArray | None = None
    ) -> tuple[int, float]:
        """Return the pair of the greatest value and that value, valuing no more pairs than must be."""
        while True:
            bounds = np.where(mask, self._bounds if weights is None else self._bounds * weights, -np.inf)
            greatest = np.flatnonzero(bounds == bounds.max())
            known = greatest[self._seen[greatest] == self._picks]
            if len(known):
                index = int(rng.choice(known))
                return index, float(bounds[index])
            self._shortlist(bounds)

    def take(self, index: int) -> None:
        """Add the vector of the pick, and bring the shortlist up to date."""
        vector = self._vector(index)
        if self._picks == len(self._vectors):
            self._vectors = np.vstack([self._vectors, np.empty_like(self._vectors)])
        self._vectors[self._picks] = vector
        self._picks += 1
        self._settle(self._listed, self._rows)

    def state(self, index: int) -> float:
        """Return the present state of a pair."""
        self._settle(np.array([index]))
        return float(self._state[index])

    def _shortlist(self, bounds: FloatArray) -> None:
        """Bring the pairs of the greatest bounds up to date, and keep their rows."""
        fewest, most = SHORTLIST
        count = min(len(bounds), max(fewest, min(most, int(SHORTLISTED * len(bounds)))))
        self._listed = np.sort(np.argpartition(-bounds, count - 1)[:count])  # sorted: read as they lie
        self._rows = np.asarray(self._features[self._listed], dtype=self.precision)
        self._settle(self._listed, self._rows)

    def _settle(self, index: IntArray, rows: Rows | None = None) -> None:
        """Bring pairs up to date; `rows` are theirs, where they are at hand."""
        for start in range(0, len(index), AT_ONCE):
            part = index[start : start + AT_ONCE]
            first = int(self._seen[part].min())
            if first == self._picks:
                continue
            these = (
                np.asarray(self._features[part], dtype=self.precision)
                if rows is None
                else rows[start : start + AT_ONCE]
            )
            products = these @ self._vectors[first : self._picks].T
            unseen = np.arange(first, self._picks) >= self._seen[part][:, None]
            self._state[part] = self._lower(part, products, first, unseen)
            self._seen[part] = self._picks
            self._bounds[part] = self._value(part, self._state[part])
