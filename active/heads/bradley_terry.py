"""Fit the Bradley-Terry model on differences of features: P(first better) = σ(wᵀz)."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from active.arrays import AnyArray, FloatArray, IntArray, as_column, as_matrix, as_targets, as_weights
from active.errors import InvalidOptionError, NotEnoughLabelsError
from active.heads.newton import RidgeLogistic, few_blas_threads, row_basis
from active.heads.regularisation import choose_l2


class BradleyTerryHead(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Predict which of two answers is better; a scikit-learn classifier without intercept.

    Minimises Σᵢ sᵢ·CE(tᵢ, σ(wᵀzᵢ)) + (l2/2)·‖scale∘w‖² exactly. Targets t lie in [0, 1] (1 first better,
    0 second better, 0.5 tie). There is no intercept and features are scaled but never centred, so swapping
    the two answers exactly swaps the two probabilities. For the same reason labels of one class only are no
    obstacle: "first better" of z says the same as "second better" of −z.

    Parameters: l2, the strength of the ridge on scaled features (scikit-learn's 1/C), or None to choose it by
    leave-group-out validation (`heads.regularisation`); standardise, divide each feature by its root mean
    square; warm_start, begin at the last solution, and look for the ridge around the last one.

    Attributes after fit: coef_ (d,), in units of the features given; scale_ (d,); l2_, the strength used;
    l2_losses_, mean held-out log loss of each strength tried; classes_, [0, 1]; n_features_in_; n_labels_.

    Source: Bradley and Terry 1952; Laplace's posterior as in Bishop, Pattern Recognition, section 4.5.
    """

    def __init__(self, l2: float | None = None, standardise: bool = True, warm_start: bool = False) -> None:
        self.l2 = l2
        self.standardise = standardise
        self.warm_start = warm_start

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Fit to features X (n, d) and targets y (n,) in [0, 1]; groups (n,) name the question of each pair.

        Raises NotEnoughLabelsError for no rows, InvalidFeaturesError and InvalidLabelsError for bad arrays,
        InvalidOptionError for an l2 that is not positive.
        """
        features = as_matrix(X, "X")
        if not len(features):
            raise NotEnoughLabelsError("cannot fit on no labels: label a first batch")
        self._check_options()
        targets = as_targets(y, len(features))
        weights = _weights(sample_weight, len(features))
        group_ids = None if groups is None else as_column(groups, "groups", len(features))
        with few_blas_threads(*features.shape):
            self._fit(features, targets, weights, group_ids)
        return self

    def decision_function(self, X: ArrayLike) -> FloatArray:
        """Return the logits wᵀz, shape (n,): above zero where the first answer is better."""
        logits: FloatArray = self._checked(X) @ self.coef_
        return logits

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Return (n, 2): P(second better), P(first better), in the order of classes_."""
        p = expit(self.decision_function(X))
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
        weights = _weights(sample_weight, len(features))
        decided = (targets != 0.5) & (weights > 0)
        if not decided.any():
            raise NotEnoughLabelsError("cannot score on ties alone: give pairs with a winner")
        right = self.predict(features[decided]) == (targets[decided] > 0.5)
        return float(np.average(right, weights=weights[decided]))

    def posterior_precision(self) -> FloatArray:
        """Return V = l2·diag(scale²) + Σᵢ sᵢpᵢ(1−pᵢ)zᵢzᵢᵀ, Laplace's precision of coef_, shape (d, d)."""
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
        scaled = self._checked(X) / self.scale_
        reduced = self._reduce(scaled)
        variance: FloatArray = np.sum(solve_triangular(self._factor, reduced.T, lower=True) ** 2, axis=0)
        if self._basis is not None:
            outside = np.sum(scaled**2, axis=1) - np.sum(reduced**2, axis=1)
            variance += np.maximum(outside, 0.0) / self.l2_
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

    def _check_options(self) -> None:
        if self.l2 is not None and not (np.isfinite(self.l2) and self.l2 > 0):
            raise InvalidOptionError(f"l2 must be positive or None, not {self.l2}: separable labels need it")

    def _fit(
        self, features: FloatArray, targets: FloatArray, weights: FloatArray, groups: AnyArray | None
    ) -> None:
        start = self._start(features.shape[1])
        self.scale_ = _scale(features) if self.standardise else np.ones(features.shape[1])
        scaled = features / self.scale_
        self._basis = row_basis(scaled)
        reduced = self._reduce(scaled)
        begin = None if start is None else self._reduce(start)
        if self.l2 is None:
            chosen = choose_l2(reduced, targets, weights, groups, self._last_l2(), begin)
            self.l2_, self.l2_losses_, begin = chosen.l2, chosen.losses, chosen.solution
        else:
            self.l2_, self.l2_losses_ = float(self.l2), {}
        problem = RidgeLogistic(reduced, targets, weights, self.l2_)
        self._remember(problem, problem.solve(begin))

    def _start(self, width: int) -> FloatArray | None:
        """Return the last solution in scaled units, where a warm start is wanted and possible."""
        if not self.warm_start or getattr(self, "n_features_in_", None) != width:
            return None
        start: FloatArray = self.coef_ * self.scale_
        return start

    def _last_l2(self) -> float | None:
        """Return the strength chosen last, where a warm start is wanted."""
        return getattr(self, "l2_", None) if self.warm_start else None

    def _remember(self, problem: RidgeLogistic, w: FloatArray) -> None:
        self._factor = cholesky(problem.hessian(w), lower=True)
        self.coef_ = (w if self._basis is None else self._basis @ w) / self.scale_
        self.classes_ = np.array([0, 1])
        self.n_features_in_ = len(self.coef_)
        self.n_labels_ = len(problem.targets)

    def _reduce(self, scaled: FloatArray) -> FloatArray:
        return scaled if self._basis is None else scaled @ self._basis

    def _checked(self, X: ArrayLike) -> FloatArray:
        check_is_fitted(self)
        return as_matrix(X, "X", width=self.n_features_in_)


def _weights(sample_weight: ArrayLike | None, length: int) -> FloatArray:
    return np.ones(length) if sample_weight is None else as_weights(sample_weight, length)


def _scale(features: FloatArray) -> FloatArray:
    """Return each column's root mean square about zero; one for columns of zeros."""
    scale: FloatArray = np.sqrt(np.mean(features**2, axis=0))
    return np.where(scale > 0, scale, 1.0)
