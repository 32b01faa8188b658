"""Shared data of the tests of `active`."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from active import BradleyTerryHead, Labelled, Pool


@dataclass(frozen=True, eq=False)
class Simulation:
    """Pairs whose verdicts follow a known Bradley-Terry model; three clusters, two pairs a question."""

    features: NDArray[np.float64]
    targets: NDArray[np.float64]
    weights: NDArray[np.float64]
    clusters: NDArray[np.int64]
    groups: NDArray[np.int64]
    queries: NDArray[np.float64]

    def pool(self, rows: slice | NDArray[np.int64] = slice(None)) -> Pool:
        return Pool(self.features[rows], self.queries[rows], self.clusters[rows], self.groups[rows])

    def labelled(self, rows: slice | NDArray[np.int64] = slice(None)) -> Labelled:
        return Labelled(
            self.features[rows],
            self.queries[rows],
            self.clusters[rows],
            self.groups[rows],
            targets=self.targets[rows],
        )

    def head(self, rows: slice | NDArray[np.int64] = slice(None)) -> BradleyTerryHead:
        return BradleyTerryHead(l2=1.0).fit(self.features[rows], self.targets[rows])


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture(scope="session")
def simulate() -> Callable[..., Simulation]:
    def make(count: int = 120, width: int = 6, seed: int = 0) -> Simulation:
        rng = np.random.default_rng(seed)
        features = rng.normal(size=(count, width)) * np.linspace(0.5, 3, width)
        weights = rng.normal(size=width)
        targets = (rng.random(count) < 1 / (1 + np.exp(-features @ weights))).astype(float)
        groups = np.arange(count) // 2
        clusters = groups % 3
        centres = rng.normal(size=(3, 4)) * 4
        queries = (centres[:, None] + rng.normal(size=(3, count, 4)))[clusters, groups]
        return Simulation(features, targets, weights, clusters, groups, queries)

    return make


@pytest.fixture(scope="session")
def simulation(simulate: Callable[..., Simulation]) -> Simulation:
    return simulate()
