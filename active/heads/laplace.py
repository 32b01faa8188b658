"""Hold linear weights with Laplace's posterior around them: what every head of ours shares after its fit."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cho_solve, get_blas_funcs, solve_triangular
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from active.arrays import (
    FloatArray,
    IntArray,
    as_matrix,
    as_targets,
    as_weights,
    is_read_in_blocks,
    row_blocks,
    times,
)
from active.errors import InvalidFeaturesError, NotEnoughLabelsError


class LaplaceHead(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Predict from logits wᵀz, and say how sure they are by Laplace's posterior N(coef_, V⁻¹).

    There is no intercept, so swapping the two answers of a pair swaps its probabilities. Tables of features
    may be memory maps (see `pool`); they are read in blocks, at float32's precision.

    Attributes after fit: coef_ (d,), in units of the features given; scale_ (d,), by which features are
    divided; l2_, the strength of the ridge; temperature_, by which logits are divided before σ; classes_,
    [0, 1]; n_features_in_; n_labels_.

    Source: Bishop, Pattern Recognition and Machine Learning, section 4.5.
    """

    coef_: FloatArray
    scale_: FloatArray
    l2_: float
    temperature_: float
    n_features_in_: int
    # Cholesky's factor of V in scaled units, within the span of the labelled rows where that is the smaller
    # space; _basis (d, k) are orthonormal columns that span it, and outside it V is l2·I.
    _factor: FloatArray
    _basis: FloatArray | None

    def decision_function(self, X: ArrayLike) -> FloatArray:
        """Return the logits wᵀz, shape (n,): above zero where the first answer is better.

        Raises InvalidFeaturesError for bad rows.
        """
        logits = times(self._checked(X), self.coef_)
        if not np.isfinite(logits).all():
            raise InvalidFeaturesError(f"X has NaN or infinity in row {int(np.argmin(np.isfinite(logits)))}")
        return logits

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Return (n, 2): P(second better), P(first better), in the order of classes_."""
        p = expit(self.decision_function(X) / self.temperature_)
        return np.column_stack([1 - p, p])

    def predict(self, X: ArrayLike) -> IntArray:
        """Return (n,): 1 where the first answer is better, else 0."""
        return (self.decision_function(X) > 0).astype(np.int64)

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy on the rows that are no ties (targets other than 0.5).

        Raises NotEnoughLabelsError where all are ties.
        """
        features = self._checked(X)
        targets = as_targets(y, len(features))
        weights = (
            np.ones(len(features)) if sample_weight is None else as_weights(sample_weight, len(features))
        )
        decided = (targets != 0.5) & (weights > 0)
        if not decided.any():
            raise NotEnoughLabelsError("cannot score on ties alone: give pairs with a winner")
        right = self.predict(features)[decided] == (targets[decided] > 0.5)
        return float(np.average(right, weights=weights[decided]))

    def posterior_precision(self) -> FloatArray:
        """Return V, the precision of coef_, shape (d, d)."""
        check_is_fitted(self)
        inner = self._factor @ self._factor.T
        if self._basis is not None:
            # V is l2·I outside the span of the labelled rows, and `inner` within it.
            inner = self._basis @ (inner - self.l2_ * np.eye(len(inner))) @ self._basis.T
            inner[np.diag_indices_from(inner)] += self.l2_
        full: FloatArray = inner * np.outer(self.scale_, self.scale_)
        return full

    def posterior_solve(self, X: ArrayLike) -> FloatArray:
        """Return (n, d): row i is V⁻¹xᵢ, without ever forming V when there are fewer labels than features."""
        scaled = self._checked(X) / self.scale_
        reduced = self._reduce(scaled)
        solved = cho_solve((self._factor, True), reduced.T).T
        if self._basis is not None:
            solved = solved @ self._basis.T + (scaled - reduced @ self._basis.T) / self.l2_
        in_units: FloatArray = solved / self.scale_
        return in_units

    def posterior_variance(self, X: ArrayLike) -> FloatArray:
        """Return (n,): zᵀV⁻¹z, the variance of each row's logit."""
        rows = self._checked(X)
        variance = np.empty(len(rows))
        for part, block in row_blocks(rows):
            variance[part] = self._variance(block / self.scale_.astype(block.dtype))
        return variance

    def posterior_sample(self, count: int, rng: np.random.Generator) -> FloatArray:
        """Return (count, d) weight vectors drawn from N(coef_, V⁻¹), in units of the features given."""
        check_is_fitted(self)
        noise = rng.standard_normal((count, self.n_features_in_))
        reduced = self._reduce(noise)
        drawn = solve_triangular(self._factor, reduced.T, lower=True, trans="T").T
        if self._basis is not None:
            drawn = drawn @ self._basis.T + (noise - reduced @ self._basis.T) / np.sqrt(self.l2_)
        samples: FloatArray = self.coef_ + drawn / self.scale_
        return samples

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def _variance(self, scaled: FloatArray) -> FloatArray:
        kind = scaled.dtype
        reduced = scaled if self._basis is None else scaled @ self._basis.astype(kind, copy=False)
        # With the factor inverted, all rows are one product of matrices: twice as fast as solving for them.
        inverse = solve_triangular(self._factor, np.eye(len(self._factor)), lower=True).astype(
            kind, copy=False
        )
        multiply = get_blas_funcs("trmm", (inverse, reduced))
        whitened = multiply(1.0, inverse, reduced.T, lower=True)
        variance: FloatArray = np.einsum("ij,ij->j", whitened, whitened)
        if self._basis is not None:
            outside = np.einsum("ij,ij->i", scaled, scaled) - np.einsum("ij,ij->i", reduced, reduced)
            variance += np.maximum(outside, 0.0) / self.l2_
        return variance

    def _reduce(self, scaled: FloatArray) -> FloatArray:
        return scaled if self._basis is None else scaled @ self._basis

    def _checked(self, X: ArrayLike) -> FloatArray:
        """Return X as rows of the width fitted; `Pool` has looked through a table that is read in blocks."""
        check_is_fitted(self)
        if not is_read_in_blocks(X):
            return as_matrix(X, "X", width=self.n_features_in_)
        if X.shape[1] != self.n_features_in_:
            raise InvalidFeaturesError(f"X must have {self.n_features_in_} columns, not {X.shape[1]}")
        return X
