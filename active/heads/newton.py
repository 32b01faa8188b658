"""Minimise a ridge penalised loss of linear logits exactly, by Newton's method."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Self

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit
from threadpoolctl import ThreadpoolController

from active.arrays import FloatArray, IntArray

MAX_STEPS = 100
MAX_HALVINGS = 40
LARGE_PRODUCT = 2e9
"""Multiplications from which on a product gains more by all threads than their meeting costs."""

GRAM_ROWS = 8192
"""Rows weighted at a time for a Hessian, so that no second copy of the features is needed."""


@dataclass(frozen=True, eq=False)
class RidgeProblem(ABC):
    """State what is to be minimised: Σᵢ sᵢ·ℓ(tᵢ, zᵢᵀw; b) + (l2/2)‖w‖², convex in the solution (w, b).

    features z (n, d); targets t, (n,) or (n, k); weights s (n,); l2 > 0. b are parameters beside the weights,
    such as cut points, of which many losses have none. A solution is one array, w first.
    """

    features: FloatArray
    targets: FloatArray
    weights: FloatArray
    l2: float

    @property
    def size(self) -> int:
        """Return how many numbers a solution has."""
        return int(self.features.shape[1])

    def at(self, l2: float) -> Self:
        """Return the same problem at another strength."""
        return replace(self, l2=l2)

    def of_rows(self, rows: IntArray) -> Self:
        """Return the problem on some of the rows."""
        columns = self.features[rows], self.targets[rows], self.weights[rows]
        return replace(self, features=columns[0], targets=columns[1], weights=columns[2])

    @abstractmethod
    def loss(self, solution: FloatArray) -> float:
        """Return the penalised loss."""

    @abstractmethod
    def gradient(self, solution: FloatArray) -> FloatArray:
        """Return the gradient of the loss, (size,)."""

    @abstractmethod
    def hessian(self, solution: FloatArray) -> FloatArray:
        """Return the Hessian of the loss, (size, size)."""

    @abstractmethod
    def row_losses(self, logits: FloatArray, solution: FloatArray) -> FloatArray:
        """Return ℓ of each row at the logits given and the solution's b, unweighted, (n,)."""

    @abstractmethod
    def slopes(self, solution: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the weighted loss's first and second derivatives by each row's logit, both (n,)."""

    def precision(self, solution: FloatArray) -> FloatArray:
        """Return Laplace's posterior precision of w, (d, d), whatever b may be."""
        return self.hessian(solution)

    def logits(self, solution: FloatArray) -> FloatArray:
        """Return zᵢᵀw of each row, (n,)."""
        logits: FloatArray = self.features @ solution[: self.features.shape[1]]
        return logits

    def solve(self, start: FloatArray | None = None, tolerance: float = 1e-12) -> FloatArray:
        """Return the minimiser, (size,), from `start` or from zero.

        Stops once half the squared Newton decrement, an estimate of the loss still to be won, is at most
        `tolerance` times one plus the loss. Source: Boyd and Vandenberghe, Convex Optimization, algorithm
        9.5.
        """
        solution = np.zeros(self.size) if start is None else start.copy()
        loss = self.loss(solution)
        for _ in range(MAX_STEPS):
            gradient = self.gradient(solution)
            step = cho_solve(cho_factor(self.hessian(solution)), gradient)
            decrement = float(gradient @ step)
            solution, loss = self._descend(solution, step, decrement, loss)
            if decrement / 2 <= tolerance * (1 + loss):
                break
        return solution

    def _descend(
        self, solution: FloatArray, step: FloatArray, decrement: float, loss: float
    ) -> tuple[FloatArray, float]:
        """Halve the step until Armijo's condition holds; a loss equal up to rounding counts as lower."""
        rounding = 1e-13 * (1 + loss)
        for halvings in range(MAX_HALVINGS):
            size = 0.5**halvings
            moved = solution - size * step
            moved_loss = self.loss(moved)
            if moved_loss <= loss - 1e-4 * size * decrement + rounding:
                return moved, moved_loss
        return solution, loss


@dataclass(frozen=True, eq=False)
class RidgeLogistic(RidgeProblem):
    """Take ℓ = CE(t, σ(zᵀw)), the cross-entropy with targets t (n,) in [0, 1]; the minimum is unique."""

    def loss(self, solution: FloatArray) -> float:
        """Return the penalised loss."""
        data = self.weights @ log_loss(self.logits(solution), self.targets)
        return float(data + self.l2 / 2 * (solution @ solution))

    def gradient(self, solution: FloatArray) -> FloatArray:
        """Return the gradient of the loss, (d,)."""
        residual = self.weights * (expit(self.logits(solution)) - self.targets)
        slope: FloatArray = self.features.T @ residual + self.l2 * solution
        return slope

    def hessian(self, solution: FloatArray) -> FloatArray:
        """Return Zᵀ·diag(s·p(1−p))·Z + l2·I, (d, d)."""
        return weighted_gram(self.features, self.slopes(solution)[1], self.l2)

    def row_losses(self, logits: FloatArray, solution: FloatArray) -> FloatArray:  # noqa: ARG002
        """Return the cross-entropy of each row, (n,)."""
        return log_loss(logits, self.targets)

    def slopes(self, solution: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return s(p − t) and s·p(1−p), both (n,)."""
        p = expit(self.logits(solution))
        return self.weights * (p - self.targets), self.weights * p * (1 - p)


def weighted_gram(features: FloatArray, weights: FloatArray, ridge: float) -> FloatArray:
    """Return Zᵀ·diag(weights)·Z + ridge·I, (d, d), of features Z (n, d) and weights (n,) not negative."""
    width = features.shape[1]
    gram = np.zeros((width, width))
    for start in range(0, len(features), GRAM_ROWS):
        part = slice(start, start + GRAM_ROWS)
        rooted = features[part] * np.sqrt(weights[part])[:, None]
        gram += rooted.T @ rooted  # of one array with itself BLAS computes one half only
    gram[np.diag_indices_from(gram)] += ridge
    return gram


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
