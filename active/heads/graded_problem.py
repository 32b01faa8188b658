"""State the loss of graded verdicts: adjacent grades stand in the odds that the pair's logit gives them.

P(k) ∝ exp(cₖη + b_|k|) over the K grades of a pair with logit η = wᵀz. The scores c are symmetric, one half
apart on either side, and so are the intercepts b: swapping the answers reverses the grades. Two grades are
Bradley and Terry's model, three are Davidson's with ties (b of the tie is his ln ν), five are the usual
much better, better, tie. The model is an exponential family: the loss is convex in (w, b), and Newton's
method finds its one minimum.

Source: Davidson 1970, JASA 65:317; Agresti 1992, Applied Statistics 41:287 (adjacent categories).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from active.arrays import FloatArray
from active.heads.newton import RidgeProblem, weighted_gram

PRIOR_VERDICTS = 1.0
"""Weight of one imagined verdict, spread evenly over the grades of an even pair: keeps b finite."""


def grade_scores(count: int) -> FloatArray:
    """Return c, (K,), from the grade best for the first answer to the one best for the second.

    Neighbours on one side are ½ apart and the grades next to a tie have ±½, so the odds of "better" against
    "worse" are those of Bradley and Terry: 2 → ½ −½; 3 → ½ 0 −½; 5 → 1 ½ 0 −½ −1.
    """
    half = np.arange(count // 2, 0, -1) / 2
    return np.concatenate([half, np.zeros(count % 2), -half[::-1]])


@dataclass(frozen=True, eq=False)
class RidgeGraded(RidgeProblem):
    """Take ℓ = −Σₖ tₖ·ln P(k) with targets t (n, K), the probabilities of the grades, rows summing to one.

    A solution is w and then b, of which that of the grades ±½ is fixed at zero and left out.
    """

    @property
    def size(self) -> int:
        """Return d and the number of intercepts."""
        return int(self.features.shape[1]) + _intercepts(self.targets.shape[1]).shape[1]

    def loss(self, solution: FloatArray) -> float:
        """Return the penalised loss, the imagined verdict included."""
        w = solution[: self.features.shape[1]]
        data = self.weights @ self.row_losses(self.logits(solution), solution)
        prior = -PRIOR_VERDICTS * self._logs(np.zeros(1), solution).mean()
        return float(data + prior + self.l2 / 2 * (w @ w))

    def gradient(self, solution: FloatArray) -> FloatArray:
        """Return the gradient of the loss, (size,)."""
        width = self.features.shape[1]
        p = np.exp(self._logs(self.logits(solution), solution))
        excess = (p - self.targets) * self.weights[:, None]
        even = np.exp(self._logs(np.zeros(1), solution))[0]
        by_grade = excess.sum(axis=0) + PRIOR_VERDICTS * (even - 1 / len(even))
        slope: FloatArray = self.features.T @ (excess @ self._scores) + self.l2 * solution[:width]
        return np.concatenate([slope, by_grade @ self._indicators])

    def hessian(self, solution: FloatArray) -> FloatArray:
        """Return the Hessian of the loss, (size, size)."""
        p = np.exp(self._logs(self.logits(solution), solution))
        even = np.exp(self._logs(np.zeros(1), solution))
        scores, inside = self._scores, self._indicators
        mean = p @ scores
        curvature = self.weights * np.maximum(p @ scores**2 - mean**2, 0.0)
        means = p @ inside
        mixed = self.weights[:, None] * (p @ (scores[:, None] * inside) - mean[:, None] * means)
        cross = self.features.T @ np.atleast_2d(mixed)
        own = _covariance(p, inside, self.weights) + _covariance(even, inside, np.array([PRIOR_VERDICTS]))
        own[np.diag_indices_from(own)] += 1e-9  # an intercept may be certain to rounding
        return np.block([[weighted_gram(self.features, curvature, self.l2), cross], [cross.T, own]])

    def precision(self, solution: FloatArray) -> FloatArray:
        """Return the precision of w with b integrated out: Schur's complement of the Hessian, (d, d)."""
        whole, width = self.hessian(solution), self.features.shape[1]
        if whole.shape[0] == width:
            return whole
        cross = whole[:width, width:]
        marginal: FloatArray = whole[:width, :width] - cross @ np.linalg.solve(whole[width:, width:], cross.T)
        return marginal

    def row_losses(self, logits: FloatArray, solution: FloatArray) -> FloatArray:
        """Return the cross-entropy of each row between its grades and the model's, (n,)."""
        loss: FloatArray = -np.sum(self.targets * self._logs(logits, solution), axis=1)
        return loss

    def slopes(self, solution: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return s·(E c − Σ tₖcₖ) and s·Var c, both (n,)."""
        p = np.exp(self._logs(self.logits(solution), solution))
        mean = p @ self._scores
        residual = self.weights * (mean - self.targets @ self._scores)
        return residual, self.weights * np.maximum(p @ self._scores**2 - mean**2, 0.0)

    @property
    def _scores(self) -> FloatArray:
        return grade_scores(self.targets.shape[1])

    @property
    def _indicators(self) -> FloatArray:
        return _intercepts(self.targets.shape[1])

    def _logs(self, logits: FloatArray, solution: FloatArray) -> FloatArray:
        return grade_logs(logits, solution[self.features.shape[1] :], self.targets.shape[1])


def grade_logs(logits: FloatArray, intercepts: FloatArray, count: int) -> FloatArray:
    """Return ln P of each grade, (n, count), of logits (n,) and the intercepts fitted."""
    raw = logits[:, None] * grade_scores(count) + _intercepts(count) @ intercepts
    logs: FloatArray = raw - logsumexp(raw, axis=1, keepdims=True)
    return logs


def _intercepts(count: int) -> FloatArray:
    """Return which grades share each free intercept, (count, free) of 0 and 1; those of ±½ have none."""
    sizes = np.abs(grade_scores(count))
    free = [size for size in np.unique(sizes) if size != 0.5]
    return np.array([sizes == size for size in free], dtype=np.float64).reshape(len(free), count).T


def _covariance(p: FloatArray, inside: FloatArray, weights: FloatArray) -> FloatArray:
    means = p @ inside
    spread: FloatArray = inside.T @ (inside * (weights @ p)[:, None]) - (means * weights[:, None]).T @ means
    return spread
