"""Minimise the ridge logistic loss exactly, by Newton's method."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit
from threadpoolctl import ThreadpoolController

from active.arrays import FloatArray

MAX_STEPS = 100
MAX_HALVINGS = 40
LARGE_PRODUCT = 2e9
"""Multiplications from which on a product gains more by all threads than their meeting costs."""


@dataclass(frozen=True, eq=False)
class RidgeLogistic:
    """State the problem: find w of least Σᵢ sᵢ·CE(tᵢ, σ(zᵢᵀw)) + (l2/2)‖w‖².

    features z (n, d); targets t in [0, 1] and weights s, both (n,); l2 > 0, so the minimum exists and is
    unique.
    """

    features: FloatArray
    targets: FloatArray
    weights: FloatArray
    l2: float

    def loss(self, w: FloatArray) -> float:
        """Return the penalised loss at w."""
        data = self.weights @ log_loss(self.features @ w, self.targets)
        return float(data + self.l2 / 2 * (w @ w))

    def gradient(self, w: FloatArray) -> FloatArray:
        """Return the gradient of the loss at w, (d,)."""
        residual = self.weights * (expit(self.features @ w) - self.targets)
        slope: FloatArray = self.features.T @ residual + self.l2 * w
        return slope

    def hessian(self, w: FloatArray) -> FloatArray:
        """Return Zᵀ·diag(s·p(1−p))·Z + l2·I at w, (d, d): also Laplace's posterior precision."""
        p = expit(self.features @ w)
        rooted = self.features * np.sqrt(self.weights * p * (1 - p))[:, None]
        matrix: FloatArray = rooted.T @ rooted  # of one array with itself BLAS computes one half only
        matrix[np.diag_indices_from(matrix)] += self.l2
        return matrix

    def solve(self, start: FloatArray | None = None, tolerance: float = 1e-12) -> FloatArray:
        """Return the minimiser, (d,), from `start` or from zero.

        Stops once half the squared Newton decrement, an estimate of the loss still to be won, is at most
        `tolerance` times one plus the loss. Source: Boyd and Vandenberghe, Convex Optimization, algorithm
        9.5.
        """
        w = np.zeros(self.features.shape[1]) if start is None else start.copy()
        loss = self.loss(w)
        for _ in range(MAX_STEPS):
            gradient = self.gradient(w)
            step = cho_solve(cho_factor(self.hessian(w)), gradient)
            decrement = float(gradient @ step)
            w, loss = self._descend(w, step, decrement, loss)
            if decrement / 2 <= tolerance * (1 + loss):
                break
        return w

    def _descend(
        self, w: FloatArray, step: FloatArray, decrement: float, loss: float
    ) -> tuple[FloatArray, float]:
        """Halve the step until Armijo's condition holds; a loss equal up to rounding counts as lower."""
        rounding = 1e-13 * (1 + loss)
        for halvings in range(MAX_HALVINGS):
            size = 0.5**halvings
            moved = w - size * step
            moved_loss = self.loss(moved)
            if moved_loss <= loss - 1e-4 * size * decrement + rounding:
                return moved, moved_loss
        return w, loss


def few_blas_threads(rows: int, width: int) -> AbstractContextManager[Any]:
    """Keep BLAS to one thread within the block, unless a product of (rows, width) with itself is large.

    A fit is hundreds of small products. On a busy machine, or one with a processor quota, threads waiting for
    each other between them made it some hundred times slower.
    """
    large = rows * width**2 > LARGE_PRODUCT
    limit: AbstractContextManager[Any] = (
        nullcontext() if large else _controller().limit(limits=1, user_api="blas")
    )
    return limit


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def row_basis(features: FloatArray) -> FloatArray | None:
    """Return orthonormal columns (d, n) that span the rows of the features, or None where d ≤ n.

    The ridge solution lies in that span, and a rotation keeps its norm: so n labels in d > n dimensions are
    an n-dimensional problem, at the price of the dual (Woodbury) form and with one code path for both.
    """
    rows, width = features.shape
    return np.linalg.qr(features.T).Q if width > rows else None


def log_loss(logits: FloatArray, targets: FloatArray) -> FloatArray:
    """Return the cross-entropy of each row between its target and σ(logit)."""
    loss: FloatArray = np.logaddexp(0.0, logits) - targets * logits
    return loss
