"""Fit the Bradley-Terry model on differences of features: P(first better) = σ(wᵀz)."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cholesky

from active.arrays import AnyArray, FloatArray, as_column, as_matrix, as_targets, as_weights
from active.errors import InvalidOptionError, NotEnoughLabelsError
from active.heads.laplace import LaplaceHead
from active.heads.left_out import left_out_logits
from active.heads.newton import RidgeLogistic, RidgeProblem, few_blas_threads, row_basis
from active.heads.regularisation import MIN_LABELS, choose_l2, group_numbers
from active.heads.temperature import best_temperature

MIN_QUESTIONS = 5
"""With fewer questions than this, leaving one out leaves too little to calibrate by."""


class BradleyTerryHead(LaplaceHead):
    """Predict which of two answers is better; a scikit-learn classifier without intercept.

    Minimises Σᵢ sᵢ·CE(tᵢ, σ(wᵀzᵢ)) + (l2/2)·‖scale∘w‖² exactly. Targets t lie in [0, 1] (1 first better,
    0 second better, 0.5 tie). There is no intercept and features are scaled but never centred, so swapping
    the two answers exactly swaps the two probabilities. For the same reason labels of one class only are no
    obstacle: "first better" of z says the same as "second better" of −z.

    Parameters: l2, the strength of the ridge on scaled features (scikit-learn's 1/C), or None to choose it by
    leave-group-out validation (`heads.regularisation`); standardise, divide each feature by its root mean
    square; warm_start, begin at the last solution, and look for the ridge around the last one; calibrate,
    divide logits by the temperature that suits the left-out labels best (`heads.temperature`); raw_columns,
    so many last columns are left as they are where others are standardised: for `features.ItemEffects`,
    whose rare columns their root mean square would blow up.

    Attributes after fit: those of LaplaceHead, and l2_losses_, the mean held-out log loss of each strength
    tried.

    Source: Bradley and Terry 1952; Laplace's posterior as in Bishop, Pattern Recognition, section 4.5.
    """

    def __init__(
        self,
        l2: float | None = None,
        standardise: bool = True,
        warm_start: bool = False,
        calibrate: bool = False,
        raw_columns: int = 0,
    ) -> None:
        self.l2 = l2
        self.standardise = standardise
        self.warm_start = warm_start
        self.calibrate = calibrate
        self.raw_columns = raw_columns

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
        targets = self._targets(y, len(features))
        weights = (
            np.ones(len(features)) if sample_weight is None else as_weights(sample_weight, len(features))
        )
        group_ids = None if groups is None else as_column(groups, "groups", len(features))
        with few_blas_threads(*features.shape):
            self._fit(features, targets, weights, group_ids)
        return self

    def _targets(self, y: ArrayLike, length: int) -> FloatArray:
        """Return the targets as the problem wants them."""
        return as_targets(y, length)

    def _problem(self, features: FloatArray, targets: FloatArray, weights: FloatArray) -> RidgeProblem:
        """Return what is to be minimised, with a strength of one."""
        return RidgeLogistic(features, targets, weights, 1.0)

    def _check_options(self) -> None:
        if self.l2 is not None and not (np.isfinite(self.l2) and self.l2 > 0):
            raise InvalidOptionError(f"l2 must be positive or None, not {self.l2}: separable labels need it")
        if self.raw_columns < 0:
            raise InvalidOptionError(f"raw_columns must not be negative, not {self.raw_columns}")

    def _fit(
        self, features: FloatArray, targets: FloatArray, weights: FloatArray, groups: AnyArray | None
    ) -> None:
        start, beside = self._start(features.shape[1])
        self.scale_ = self._scale(features)
        scaled = features / self.scale_
        self._basis = row_basis(scaled)
        problem = self._problem(self._reduce(scaled), targets, weights)
        begin = None if start is None else np.concatenate([self._reduce(start), beside])
        if begin is not None and len(begin) != problem.size:
            begin = None
        if self.l2 is None:
            chosen = choose_l2(problem, groups, self._last_l2(), begin)
            self.l2_, self.l2_losses_, begin = chosen.l2, chosen.losses, chosen.solution
        else:
            self.l2_, self.l2_losses_ = float(self.l2), {}
        problem = problem.at(self.l2_)
        self._remember(problem, problem.solve(begin), groups)

    def _scale(self, features: FloatArray) -> FloatArray:
        """Return each column's root mean square about zero; one for columns of zeros and raw ones."""
        scale: FloatArray = np.ones(features.shape[1])
        if self.standardise:
            length = np.sqrt(np.einsum("ij,ij->j", features, features) / len(features))
            scale = np.where(length > 0, length, 1.0)
            scale[max(len(scale) - self.raw_columns, 0) :] = 1.0
        return scale

    def _start(self, width: int) -> tuple[FloatArray | None, FloatArray]:
        """Return the last weights in scaled units and what was beside them, where a warm start is wanted."""
        if not self.warm_start or getattr(self, "n_features_in_", None) != width:
            return None, np.empty(0)
        return self.coef_ * self.scale_, self.intercepts_

    def _last_l2(self) -> float | None:
        """Return the strength chosen last, where a warm start is wanted."""
        return getattr(self, "l2_", None) if self.warm_start else None

    def _remember(self, problem: RidgeProblem, solution: FloatArray, groups: AnyArray | None) -> None:
        width = problem.features.shape[1]
        self._factor = cholesky(problem.precision(solution), lower=True)
        w, self.intercepts_ = solution[:width], solution[width:]
        self.coef_ = (w if self._basis is None else self._basis @ w) / self.scale_
        self.classes_ = np.array([0, 1])
        self.n_features_in_ = len(self.coef_)
        self.n_labels_ = len(problem.targets)
        self.temperature_ = 1.0
        group_of = group_numbers(groups)
        questions = self.n_labels_ if group_of is None else int(group_of.max()) + 1
        if self.calibrate and self.n_labels_ >= MIN_LABELS and questions >= MIN_QUESTIONS:
            logits = left_out_logits(problem, solution, group_of, self._factor)
            self.temperature_ = best_temperature(problem, solution, logits)
