"""Pick the pairs whose answers may lie furthest apart: rows for DPO, not for the reward model."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from active.arrays import FloatArray
from active.errors import InvalidOptionError
from active.pool import Pool
from active.strategies.base import Acquisition, State, Strategy
from active.strategies.dopt import DesignAcquisition
from active.strategies.lazy import is_large
from active.strategies.lazy_design import LazyDesign


@dataclass(frozen=True)
class DeltaUcb(Strategy):
    """Value a pair at |μᵢ − μⱼ| + β·‖φᵢ − φⱼ‖ in the norm of V⁻¹: the optimistic gap between its rewards.

    Picks shrink V⁻¹ as in `dopt`. A pair with a clear winner teaches a policy more than a close call, and a
    reward model less. Source: arXiv 2603.09692 (ActiveUltraFeedback).
    """

    beta: float = 1.0

    name: ClassVar[str] = "delta_ucb"
    reason: ClassVar[str] = "wide_gap"

    def __post_init__(self) -> None:
        if not self.beta >= 0:
            raise InvalidOptionError(f"beta must not be negative, not {self.beta}")

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:  # noqa: ARG002
        """Compute the gap of each pair and how sure it is."""
        head = state.fitted_head()
        p = head.predict_proba(pool.features)[:, 1]
        tiny = np.finfo(np.float64).tiny
        gap = np.abs(np.log(np.maximum(p, tiny)) - np.log(np.maximum(1 - p, tiny)))
        if is_large(pool):
            return LazyDesign(
                head, pool.features, lambda variance, index: gap[index] + self.beta * np.sqrt(variance)
            )
        return _Optimistic(gap, self.beta, DesignAcquisition(head, pool.features))


class _Optimistic(Acquisition):
    def __init__(self, gap: FloatArray, beta: float, design: DesignAcquisition) -> None:
        self._gap, self._beta, self._design = gap, beta, design

    def scores(self) -> FloatArray:
        values: FloatArray = self._gap + self._beta * np.sqrt(self._design.variance)
        return values

    def take(self, index: int) -> None:
        self._design.take(index)

    def evidence(self, index: int) -> dict[str, float]:
        return self._design.evidence(index) | {"gap": float(self._gap[index])}
