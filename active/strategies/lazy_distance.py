"""Keep the distance of each pair of a great pool to the nearest pick, lazily: see `lazy`."""

import numpy as np

from active.arrays import BoolArray, FloatArray, IntArray, rows_at, squared_lengths
from active.strategies.lazy import LazyAcquisition, Rows


class LazyDistance(LazyAcquisition):
    """Value a pair at its distance to the nearest centre, so that the farthest is picked: greedy k-centre.

    Each point is its row times `scales` (n,); without scales z and −z are one point. `squared` (n,) are the
    squared distances to the centres so far. `fresh` says that there is none yet, and the first pick
    replaces them.
    """

    def __init__(
        self,
        features: FloatArray,
        squared: FloatArray,
        scales: FloatArray | None = None,
        *,
        fresh: bool = False,
    ) -> None:
        self._either_side = scales is None
        self._scales = np.ones(len(squared)) if scales is None else scales
        self._lengths = squared_lengths(features) * self._scales**2
        self._fresh = fresh
        self._centres: FloatArray = np.empty(64)
        super().__init__(features, squared)

    def take(self, index: int) -> None:
        """Make the pick a centre; the first of all may lie farther away than the origin did."""
        super().take(index)
        if self._fresh and self._picks == 1:
            self._settle(np.arange(len(self._lengths)))

    def evidence(self, index: int) -> dict[str, float]:
        """Return the distance."""
        return {"distance": float(np.sqrt(self.state(index)))}

    def _value(self, index: IntArray, state: FloatArray) -> FloatArray:  # noqa: ARG002
        return np.sqrt(state)

    def _lower(self, index: IntArray, products: Rows, first: int, unseen: BoolArray) -> FloatArray:
        nearest = np.where(unseen, self._squared(index, products, first), np.inf).min(axis=1)
        if not self._fresh or first:
            nearest = np.minimum(nearest, self._state[index])
        return np.asarray(np.maximum(nearest, 0.0), dtype=np.float64)

    def _squared(self, index: IntArray, products: Rows, first: int) -> FloatArray:
        """Return the squared distances to the centres from `first` on, (m, picks − first)."""
        nearness = np.abs(products) if self._either_side else products * self._scales[index, None]
        squared: FloatArray = self._lengths[index, None] + self._centres[first : self._picks] - 2 * nearness
        return squared

    def _vector(self, index: int) -> FloatArray:
        if self._picks == len(self._centres):
            self._centres = np.concatenate([self._centres, np.empty_like(self._centres)])
        self._centres[self._picks] = self._lengths[index]
        return np.asarray(rows_at(self._features, np.array([index]))[0] * self._scales[index])


DRAWS = 1_024
"""Pairs drawn at a time by their bounds, of which the first that stands the test is picked."""


class LazySeeding(LazyDistance):
    """Draw pairs with odds D², D the distance to the nearest pick: the seeding of k-means++, exactly.

    Pairs are drawn by old distances and kept with odds new/old squared distance, which is drawing by the
    new ones. The first pick is the longest row. Source: Cohen-Addad et al. 2020, "Fast and accurate
    k-means++ via rejection sampling".
    """

    def __init__(self, features: FloatArray, scales: FloatArray) -> None:
        super().__init__(features, squared_lengths(features) * scales**2, scales, fresh=True)

    def best(
        self, mask: BoolArray, rng: np.random.Generator, weights: FloatArray | None = None
    ) -> tuple[int, float]:
        """Return a pair drawn with odds D² (times its weight), and D."""
        while self._picks:
            old = np.where(mask, self._state if weights is None else self._state * weights, 0.0)
            steps = np.cumsum(old)
            if not steps[-1] > 0:
                break  # every pair lies on a pick
            drawn = np.minimum(np.searchsorted(steps, rng.random(DRAWS) * steps[-1], "right"), len(steps) - 1)
            before = self._state[drawn]
            self._settle(np.unique(drawn))
            stands = mask[drawn] & (rng.random(DRAWS) * before < self._state[drawn])
            if stands.any():
                index = int(drawn[np.argmax(stands)])
                return index, float(self._bounds[index])
        return super().best(mask, rng, weights)
