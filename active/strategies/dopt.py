"""Pick the pairs that shrink the volume of the head's posterior most."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from active.arrays import FloatArray
from active.heads.base import PreferenceHead
from active.pool import Pool
from active.strategies.base import Acquisition, State, Strategy
from active.strategies.lazy import is_large
from active.strategies.lazy_design import LazyDesign


@dataclass(frozen=True)
class DOptimal(Strategy):
    """Value a pair at a·zᵀV⁻¹z with a = p(1−p), the growth of ln det V to first order; greedy.

    V = λI + Σ_labelled p(1−p)zzᵀ in the head's scaled features. After a pick of z: u = V⁻¹z and
    V⁻¹ ← V⁻¹ − a·uuᵀ/(1 + a·zᵀu), so a near-duplicate of a pick loses its value. V⁻¹ is never formed: only
    zᵀV⁻¹z of each pair is kept, O(n·d) a pick, with any number of features above the number of labels.
    Source: arXiv 2503.01076 (ADPO), 2502.04354 (ARM); the update is Sherman and Morrison's.
    """

    name: ClassVar[str] = "dopt"
    reason: ClassVar[str] = "informative"

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:  # noqa: ARG002
        """Compute the predictive variance of each pair."""
        kind = LazyDesign if is_large(pool) else DesignAcquisition
        return kind(state.fitted_head(), pool.features)


class DesignAcquisition(Acquisition):
    """Keep p(1−p) and zᵀV⁻¹z of each pair, under rank-one updates of V."""

    def __init__(self, head: PreferenceHead, features: FloatArray) -> None:
        self._head = head
        self._features = features
        self._p = head.predict_proba(features)[:, 1]
        self._curvature = self._p * (1 - self._p)
        self._variance = head.posterior_variance(features)
        self._updates: list[tuple[FloatArray, float]] = []

    @property
    def variance(self) -> FloatArray:
        """Return zᵀV⁻¹z of each pair, the picks so far included, (n,)."""
        return self._variance

    def scores(self) -> FloatArray:
        """Return p(1−p)·zᵀV⁻¹z, (n,)."""
        return self._curvature * self._variance

    def take(self, index: int) -> None:
        """Update V by the pick."""
        z = self._features[index]
        u = self._head.posterior_solve(z[None, :])[0]
        for earlier, factor in self._updates:
            u = u - factor * (earlier @ z) * earlier
        a = self._curvature[index]
        factor = a / (1 + a * (z @ u))
        self._updates.append((u, factor))
        # Rounding may push a variance that is all used up just below zero.
        self._variance = np.maximum(self._variance - factor * (self._features @ u) ** 2, 0.0)

    def evidence(self, index: int) -> dict[str, float]:
        """Return the probability that the first is better, and the variance of the logit."""
        return {"probability": float(self._p[index]), "variance": float(self._variance[index])}
