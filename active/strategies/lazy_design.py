"""Keep zᵀV⁻¹z of the pairs of a great pool under rank-one updates of V, lazily: see `lazy`."""

from collections.abc import Callable

import numpy as np

from active.arrays import BoolArray, FloatArray, IntArray, rows_at
from active.heads.base import PreferenceHead
from active.strategies.lazy import LazyAcquisition, Rows

Worth = Callable[[FloatArray, IntArray], FloatArray]


class LazyDesign(LazyAcquisition):
    """Value a pair at p(1−p)·zᵀV⁻¹z, or at what `worth` makes of the variances (m,) of pairs (m,).

    After a pick of z: u = V⁻¹z, a = p(1−p), zᵢᵀV⁻¹zᵢ falls by a·(zᵢᵀu)²/(1 + a·zᵀu) (Sherman and Morrison).
    `worth` must not rise when the variance falls. The picks are those of `dopt.DesignAcquisition`, but for
    the rounding of float32.
    """

    def __init__(self, head: PreferenceHead, features: FloatArray, worth: Worth | None = None) -> None:
        self._head = head
        self._p = head.predict_proba(features)[:, 1]
        self._curvature = self._p * (1 - self._p)
        self._worth = worth
        self._solved: FloatArray = np.empty((64, features.shape[1]))
        self._factors: FloatArray = np.empty(64)
        super().__init__(features, head.posterior_variance(features))

    def evidence(self, index: int) -> dict[str, float]:
        """Return the probability that the first is better, and the variance of the logit."""
        return {"probability": float(self._p[index]), "variance": self.state(index)}

    def _value(self, index: IntArray, state: FloatArray) -> FloatArray:
        return self._curvature[index] * state if self._worth is None else self._worth(state, index)

    def _lower(self, index: IntArray, products: Rows, first: int, unseen: BoolArray) -> FloatArray:
        factors = self._factors[first : self._picks].astype(np.float32)
        drop = np.einsum("mt,mt,t,mt->m", products, products, factors, unseen, optimize=False)
        # Rounding may push a variance that is all used up just below zero.
        lowered: FloatArray = np.maximum(self._state[index] - drop, 0.0)
        return lowered

    def _vector(self, index: int) -> FloatArray:
        z = rows_at(self._features, np.array([index]))
        u = self._head.posterior_solve(z)[0]
        earlier = self._solved[: self._picks]
        u = u - (self._factors[: self._picks] * (earlier @ z[0])) @ earlier
        if self._picks == len(self._factors):
            self._solved = np.vstack([self._solved, np.empty_like(self._solved)])
            self._factors = np.concatenate([self._factors, np.empty_like(self._factors)])
        a = self._curvature[index]
        self._solved[self._picks], self._factors[self._picks] = u, a / (1 + a * (z[0] @ u))
        return np.asarray(u)
