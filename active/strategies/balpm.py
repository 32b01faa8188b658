"""Pick pairs on which plausible heads disagree, of questions unlike those that have labels."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from active.arrays import FloatArray
from active.errors import InvalidOptionError
from active.pool import Pool
from active.strategies.bald import mutual_information
from active.strategies.base import Acquisition, State, Strategy
from active.strategies.points import labelled_points, pool_points, squared_distances

FLOOR = 1e-6
"""Least distance, relative to the greatest: keeps the logarithm of a repeated question finite."""


@dataclass(frozen=True)
class BalPm(Strategy):
    """Value a pair at I/Ī + β·log D, I its information as in `bald`, D the distance to acquired questions.

    D is to the `neighbours`-th nearest question labelled or picked (the farthest where there are fewer), and
    log D is the entropy a question adds to those acquired, up to a constant (Kozachenko and Leonenko). Ī is
    the pool's mean. The score is exp of the value, which orders alike and is never negative. Questions are
    `pool.queries`, without them the features. Source: Melo et al. 2024, arXiv 2406.10023 (BAL-PM).
    """

    beta: float = 0.5
    neighbours: int = 1
    heads: int = 32

    name: ClassVar[str] = "balpm"
    reason: ClassVar[str] = "disagreement_elsewhere"

    def __post_init__(self) -> None:
        if not self.beta >= 0 or self.neighbours < 1 or self.heads < 2:
            raise InvalidOptionError(
                f"balpm needs beta ≥ 0, neighbours ≥ 1 and heads ≥ 2, "
                f"not {self.beta}, {self.neighbours} and {self.heads}"
            )

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:  # noqa: ARG002
        """Draw heads, measure their disagreement, and the distance of each question to the labelled ones."""
        drawn = state.fitted_head().posterior_sample(self.heads, rng)
        information = mutual_information(1 / (1 + np.exp(-np.clip(pool.features @ drawn.T, -500, 500))))
        nearest = _Nearest(pool_points(pool), self.neighbours)
        for centre in labelled_points(state.labelled, pool):
            nearest.add(centre)
        return _Elsewhere(information, nearest, self.beta)


@dataclass
class _Nearest:
    """Keep each point's squared distances to its nearest centres, nearest first, (n, k)."""

    points: FloatArray
    count: int
    squared: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self.squared = np.empty((len(self.points), 0))

    def add(self, centre: FloatArray) -> None:
        """Let one more centre count."""
        wider = np.column_stack([self.squared, squared_distances(self.points, centre)])
        wider.sort(axis=1)
        self.squared = wider[:, : self.count]

    def distances(self) -> FloatArray:
        """Return the distance to the last of the nearest, relative to the greatest; one where none is."""
        if not self.squared.shape[1]:
            return np.ones(len(self.points))
        far = np.sqrt(self.squared[:, -1])
        greatest = float(far.max())
        return np.maximum(far / greatest, FLOOR) if greatest > 0 else np.ones(len(far))


class _Elsewhere(Acquisition):
    def __init__(self, information: FloatArray, nearest: _Nearest, beta: float) -> None:
        mean = float(information.mean())
        self._information = information
        self._relative = np.minimum(information / mean, 100.0) if mean > 0 else np.ones(len(information))
        self._nearest = nearest
        self._beta = beta

    def scores(self) -> FloatArray:
        values: FloatArray = np.exp(self._relative) * self._nearest.distances() ** self._beta
        return values

    def take(self, index: int) -> None:
        self._nearest.add(self._nearest.points[index])

    def evidence(self, index: int) -> dict[str, float]:
        return {
            "information": float(self._information[index]),
            "distance": float(self._nearest.distances()[index]),
        }
