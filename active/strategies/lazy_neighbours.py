"""Keep the distance of each pair of a great pool to its k-th nearest pick, lazily: see `lazy`."""

from typing import ClassVar

import numpy as np

from active.arrays import BoolArray, FloatArray, IntArray
from active.strategies.lazy import Rows
from active.strategies.lazy_distance import LazyDistance

FLOOR = 1e-6
"""Least distance, relative to the greatest: keeps the logarithm of a repeated question finite."""

AT_ONCE = 2_048
"""Pairs whose distances to all labels are measured at a time."""

MOST_INFORMATION = 100.0
"""Information in means of the pool beyond which it is cut, so that its exponential stays finite."""


class LazyNeighbours(LazyDistance):
    """Value a pair at exp(I/Ī)·D^β, D the distance to its k-th nearest centre (of fewer, the last).

    Centres are the labelled points and the picks; D is relative to the greatest before the first pick with
    a centre. Each point is its row times its sign; I (n,) is the information, Ī its mean. In float64: a
    repeated question is at distance nought, which float32 would not show.
    """

    precision: ClassVar[type[np.floating]] = np.float64

    def __init__(
        self,
        rows: FloatArray,
        signs: FloatArray,
        centres: FloatArray,
        neighbours: int,
        information: FloatArray,
        beta: float,
    ) -> None:
        mean = float(information.mean())
        relative = information / mean if mean > 0 else np.ones(len(information))
        self._told: FloatArray = np.exp(np.minimum(relative, MOST_INFORMATION))
        self._information, self._beta, self._neighbours = information, beta, neighbours
        self._found = len(centres)
        squared = nearest_squared(rows, signs, centres, neighbours)
        self._greatest = _greatest(squared)
        super().__init__(rows, squared, signs)
        self._lengths = _squared_lengths(rows)  # more precise than those of a memory map's blocks

    def take(self, index: int) -> None:
        """Make the pick a centre; while there are fewer than k, each may lie farther away than the last."""
        super().take(index)
        if self._found < self._neighbours:
            self._settle(np.arange(len(self._told)))
            self._greatest = _greatest(self._state) if not self._found else self._greatest
            self._bounds = self._value(np.arange(len(self._told)), self._state)
        self._found += 1

    def evidence(self, index: int) -> dict[str, float]:
        """Return the information and the relative distance."""
        self._settle(np.array([index]))
        distance = float(self._distances(self._state[[index]])[0])
        return {"information": float(self._information[index]), "distance": distance}

    def _value(self, index: IntArray, state: FloatArray) -> FloatArray:
        values: FloatArray = self._told[index] * self._distances(state) ** self._beta
        return values

    def _lower(self, index: IntArray, products: Rows, first: int, unseen: BoolArray) -> FloatArray:
        squared = np.where(unseen, self._squared(index, products, first), np.inf)
        nearest = np.hstack([self._state[index], np.maximum(squared, 0.0)])
        return np.sort(nearest, axis=1)[:, : self._neighbours]

    def _distances(self, state: FloatArray) -> FloatArray:
        if not self._greatest > 0:
            return np.ones(len(state))
        relative: FloatArray = np.maximum(np.sqrt(_last(state)) / self._greatest, FLOOR)
        return relative


def nearest_squared(rows: FloatArray, signs: FloatArray, centres: FloatArray, count: int) -> FloatArray:
    """Return each point's squared distances to its nearest centres, nearest first, (n, count), else ∞."""
    squared = np.full((len(rows), count), np.inf)
    lengths, kept = np.einsum("ij,ij->i", centres, centres), min(count, len(centres))
    for start in range(0, len(rows) if kept else 0, AT_ONCE):
        part = slice(start, start + AT_ONCE)
        points = np.asarray(rows[part], dtype=np.float64) * signs[part, None]
        found = np.einsum("ij,ij->i", points, points)[:, None] + lengths - 2 * points @ centres.T
        nearest = np.partition(found, kept - 1, axis=1)[:, :kept]
        squared[part, :kept] = np.sort(np.maximum(nearest, 0.0), axis=1)
    return squared


def _squared_lengths(rows: FloatArray) -> FloatArray:
    lengths = np.empty(len(rows))
    for start in range(0, len(rows), AT_ONCE):
        block = np.asarray(rows[start : start + AT_ONCE], dtype=np.float64)
        lengths[start : start + AT_ONCE] = np.einsum("ij,ij->i", block, block)
    return lengths


def _last(squared: FloatArray) -> FloatArray:
    """Return the greatest of the squared distances that are known, (n,); 0 without any."""
    last: FloatArray = np.where(np.isfinite(squared), squared, 0.0).max(axis=1)
    return last


def _greatest(squared: FloatArray) -> float:
    return float(np.sqrt(_last(squared).max(initial=0.0)))
