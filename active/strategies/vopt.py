"""Pick the pairs that make the head surer of the verdicts of the whole pool."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from active.arrays import FloatArray, IntArray, rows_at
from active.errors import InvalidOptionError
from active.heads.base import PreferenceHead
from active.pool import Pool
from active.strategies.base import Acquisition, State, Strategy


@dataclass(frozen=True)
class VOptimal(Strategy):
    """Value a pair at a·zᵀV⁻¹AV⁻¹z / (1 + a·zᵀV⁻¹z), what its label takes from the pool's variance; greedy.

    A = Σ q(1−q)yyᵀ over pairs y of the pool, q their probabilities and a = p(1−p) of the pair itself: the
    numerator is how far a label of z reaches the others' logits, each weighed by how open its verdict is.
    Where `dopt` asks for what is unknown, this asks for what is unknown and tells of much else. After a pick
    V⁻¹ is updated as in `dopt`, exactly. Options: targets, so many pairs by lot stand for a larger pool;
    candidates, so many pairs of the greatest a·zᵀV⁻¹z may be picked from a larger pool. Source: Yu, Bi and
    Tresp 2006 (transductive experimental design); with Bernoulli weights it is the Gaussian form of EPIG,
    Bickford Smith et al. 2023, arXiv 2304.08151.
    """

    targets: int = 2_000
    candidates: int = 20_000

    name: ClassVar[str] = "vopt"
    reason: ClassVar[str] = "tells_of_others"

    def __post_init__(self) -> None:
        if self.targets < 1 or self.candidates < 1:
            raise InvalidOptionError(
                f"vopt needs targets and candidates ≥ 1, not {self.targets} and {self.candidates}"
            )

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:
        """Weigh the targets, and solve for every candidate."""
        head = state.fitted_head()
        p = head.predict_proba(pool.features)[:, 1]
        chosen: IntArray = np.arange(len(pool))
        if len(pool) > self.candidates:
            gains = p * (1 - p) * head.posterior_variance(pool.features)
            most = max(self.candidates, min(count, len(pool)))
            chosen = np.argpartition(-gains, most - 1)[:most].astype(np.int64)
        targets: IntArray = np.arange(len(pool))
        if len(pool) > self.targets:
            targets = rng.choice(len(pool), self.targets, replace=False)
        rooted = rows_at(pool.features, targets) * np.sqrt(p * (1 - p))[targets, None]
        return _Telling(head, rows_at(pool.features, chosen), p[chosen], rooted.T @ rooted, chosen, len(pool))


class _Telling(Acquisition):
    """Keep zᵀV⁻¹z and zᵀV⁻¹AV⁻¹z of each candidate, under rank-one updates of V; all others are worth 0."""

    def __init__(
        self,
        head: PreferenceHead,
        features: FloatArray,
        probabilities: FloatArray,
        targets: FloatArray,
        places: IntArray,
        size: int,
    ) -> None:
        self._head = head
        self._features = features
        self._p = probabilities
        self._curvature = probabilities * (1 - probabilities)
        self._targets = targets
        self._places = places
        self._of_place = np.full(size, -1, dtype=np.int64)
        self._of_place[places] = np.arange(len(places))
        solved = head.posterior_solve(features)
        self._variance: FloatArray = np.einsum("ij,ij->i", features, solved)
        self._reach: FloatArray = np.einsum("ij,ij->i", solved @ targets, solved)
        self._vectors: FloatArray = np.empty((0, features.shape[1]))  # u of each pick so far
        self._factors: FloatArray = np.empty(0)

    def scores(self) -> FloatArray:
        """Return what the label of each pair takes from the pool's variance, (n,)."""
        values = np.zeros(len(self._of_place))
        values[self._places] = self._curvature * self._reach / (1 + self._curvature * self._variance)
        return values

    def take(self, index: int) -> None:
        """Update V by the pick: V⁻¹ ← V⁻¹ − f·uuᵀ with u = V⁻¹z; the features are read once."""
        at = self._of_place[index]
        if at < 0:
            return
        u = self._solve(self._features[at])
        a = self._curvature[at]
        factor = float(a / (1 + a * self._variance[at]))
        spread = self._targets @ u
        moved, echoed = (self._features @ np.column_stack([u, self._solve(spread)])).T
        change = factor * moved * (factor * (u @ spread) * moved - 2 * echoed)
        self._reach = np.maximum(self._reach + change, 0.0)  # rounding may push what is used up below zero
        self._variance = np.maximum(self._variance - factor * moved**2, 0.0)
        self._vectors = np.vstack([self._vectors, u])
        self._factors = np.append(self._factors, factor)

    def evidence(self, index: int) -> dict[str, float]:
        """Return the probability that the first is better, and the variance of the logit."""
        at = self._of_place[index]
        if at < 0:
            return {}
        return {"probability": float(self._p[at]), "variance": float(self._variance[at])}

    def _solve(self, vector: FloatArray) -> FloatArray:
        """Return V⁻¹ times the vector, the picks so far included."""
        solved: FloatArray = self._head.posterior_solve(vector[None, :])[0]
        return solved - (self._factors * (self._vectors @ vector)) @ self._vectors
