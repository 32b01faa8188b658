"""Pick the pairs that leave no pair of the pool far from a label."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from active.arrays import FloatArray
from active.pool import Pool
from active.strategies.base import Acquisition, State, Strategy
from active.strategies.lazy import is_large
from active.strategies.lazy_distance import LazyDistance
from active.strategies.points import squared_distances, squared_to_nearest


@dataclass(frozen=True)
class CoreSet(Strategy):
    """Value a pair at its distance to the nearest labelled or picked pair: greedy k-centre.

    Distances are Euclidean over features; z and −z are one pair. Without labels the first pick is the pair
    of the greatest length. Source: Sener and Savarese 2018, arXiv 1708.00489.
    """

    name: ClassVar[str] = "coreset"
    reason: ClassVar[str] = "far_from_labels"

    @property
    def needs_head(self) -> bool:
        """Return False."""
        return False

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:  # noqa: ARG002
        """Measure the distance of each pair to the labels."""
        labels = state.labelled.features
        if is_large(pool):
            return LazyDistance(
                pool.features, squared_to_nearest(pool.features, labels), fresh=not len(labels)
            )
        return Cover(pool.features, labels)


class Cover(Acquisition):
    """Keep the squared distance of each pair to the nearest centre, either side of it."""

    def __init__(self, points: FloatArray, centres: FloatArray) -> None:
        self._points = points
        # To no centre at all: as far as to the origin, where both answers are alike.
        self._squared: FloatArray = np.einsum("ij,ij->i", points, points)
        for number, centre in enumerate(centres):
            self._add(centre, first=number == 0)
        self._empty = not len(centres)

    def scores(self) -> FloatArray:
        """Return the distances, (n,)."""
        return np.sqrt(self._squared)

    def take(self, index: int) -> None:
        """Make the pick a centre."""
        self._add(self._points[index], first=self._empty)
        self._empty = False

    def evidence(self, index: int) -> dict[str, float]:
        """Return the distance."""
        return {"distance": float(np.sqrt(self._squared[index]))}

    def _add(self, centre: FloatArray, *, first: bool) -> None:
        squared = squared_distances(self._points, centre, either_side=True)
        self._squared = squared if first else np.minimum(self._squared, squared)
