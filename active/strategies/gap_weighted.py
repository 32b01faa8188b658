"""Turn gaps into picks: raise another strategy's values where a cluster has fewer labels than its traffic."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from active.arrays import BoolArray, FloatArray, IntArray
from active.errors import InvalidOptionError
from active.pool import Pool
from active.strategies.base import Acquisition, State, Strategy
from active.strategies.entropy import Entropy


@dataclass(frozen=True)
class GapWeighted(Strategy):
    """Multiply the base's value by 1 + γ·max(0, traffic share − label share)/traffic share of the cluster.

    traffic: {cluster: queries or share}, any positive scale; by default the cluster's pairs, labelled or not.
    Picks count as labels at once, so one batch does not overfill a gap. A cluster without traffic keeps
    weight one. Raises InvalidOptionError when the pool, or labels that exist, have no clusters.
    """

    base: Strategy = field(default_factory=Entropy)
    gamma: float = 1.0
    traffic: Mapping[int, float] | None = None

    name: ClassVar[str] = "gap_weighted"
    reason: ClassVar[str] = "gap"

    def __post_init__(self) -> None:
        if not self.gamma >= 0:
            raise InvalidOptionError(f"gamma must not be negative, not {self.gamma}")
        if self.traffic is not None and (not self.traffic or min(self.traffic.values()) < 0):
            raise InvalidOptionError(
                "traffic must name at least one cluster, with numbers that are not negative"
            )

    @property
    def needs_head(self) -> bool:
        """Return what the base needs."""
        return self.base.needs_head

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:
        """Open the base's acquisition and count labels by cluster."""
        if pool.clusters is None or (len(state.labelled) and state.labelled.clusters is None):
            raise InvalidOptionError(
                "gap_weighted needs clusters: give the pool and the labels their clusters"
            )
        labels = Counter(state.labelled.clusters.tolist() if state.labelled.clusters is not None else [])
        traffic = self.traffic if self.traffic is not None else labels + Counter(pool.clusters.tolist())
        return _Weighted(self.base.begin(state, pool, count, rng), pool.clusters, labels, traffic, self.gamma)


class _Weighted(Acquisition):
    def __init__(
        self,
        base: Acquisition,
        clusters: IntArray,
        labels: Counter[int],
        traffic: Mapping[int, float],
        gamma: float,
    ) -> None:
        self._base = base
        self._names, self._places = np.unique(clusters, return_inverse=True)
        self._labels = labels.copy()
        self._shares = {
            cluster: amount / sum(traffic.values()) for cluster, amount in traffic.items() if amount > 0
        }
        self._gamma = gamma

    def scores(self) -> FloatArray:
        weighted: FloatArray = self._base.scores() * self._weights()
        return weighted

    def best(
        self, mask: BoolArray, rng: np.random.Generator, weights: FloatArray | None = None
    ) -> tuple[int, float]:
        own = self._weights()
        return self._base.best(mask, rng, own if weights is None else own * weights)

    def take(self, index: int) -> None:
        self._base.take(index)
        self._labels[int(self._names[self._places[index]])] += 1

    def evidence(self, index: int) -> dict[str, float]:
        return self._base.evidence(index) | {"weight": self._weight(int(self._names[self._places[index]]))}

    def _weights(self) -> FloatArray:
        weights = np.array([self._weight(int(cluster)) for cluster in self._names])
        return weights[self._places]

    def _weight(self, cluster: int) -> float:
        traffic_share = self._shares.get(cluster)
        if traffic_share is None:
            return 1.0
        label_share = self._labels[cluster] / max(self._labels.total(), 1)
        return 1 + self._gamma * max(0.0, traffic_share - label_share) / traffic_share
