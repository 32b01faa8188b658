"""Keep many plausible heads instead of one: by the bootstrap, or by draws from Laplace's posterior."""

import copy
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils.validation import check_is_fitted

from active.arrays import AnyArray, FloatArray, IntArray, as_matrix, as_rows, times
from active.errors import InvalidOptionError
from active.heads.bradley_terry import BradleyTerryHead
from active.heads.regularisation import group_numbers


class EnsembleHead(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Predict by the mean of `members` linear heads; their spread is the posterior.

    Strategies take it wherever they take a head: `bald` and `balpm` then disagree over these members.
    method "bootstrap" fits each member anew, exactly and from the centre on, under weights drawn from the
    exponential distribution, one for each whole question (the Bayesian bootstrap: no label is ever left out
    altogether, and it knows of groups); "laplace" draws members from the centre's posterior, which costs
    nothing. The ridge is chosen once, by the centre.

    Parameters: head, the centre, by default a BradleyTerryHead; members, at least 2; method; seed.
    Attributes after fit: centre_; coefs_ (members, d), in units of the features given; l2_; classes_;
    n_features_in_. Source: Rubin 1981, Annals of Statistics 9:130.
    """

    def __init__(
        self,
        head: BradleyTerryHead | None = None,
        members: int = 32,
        method: Literal["bootstrap", "laplace"] = "bootstrap",
        seed: int = 0,
    ) -> None:
        self.head = head
        self.members = members
        self.method = method
        self.seed = seed

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Fit the centre and the members; arguments and errors as of BradleyTerryHead.

        Raises InvalidOptionError for fewer than two members or an unknown method.
        """
        if self.members < 2 or self.method not in ("bootstrap", "laplace"):
            raise InvalidOptionError(
                f"an ensemble needs members ≥ 2 and method bootstrap or laplace, "
                f"not {self.members} and {self.method!r}"
            )
        rng = np.random.default_rng(self.seed)
        centre = BradleyTerryHead() if self.head is None else clone(self.head)
        self.centre_: BradleyTerryHead = centre.fit(X, y, sample_weight, groups)
        if self.method == "laplace":
            self.coefs_ = self.centre_.posterior_sample(self.members, rng)
        else:
            self.coefs_ = self._resampled(as_matrix(X, "X"), np.asarray(y), sample_weight, groups, rng)
        self.l2_ = self.centre_.l2_
        self.classes_ = self.centre_.classes_
        self.n_features_in_ = self.centre_.n_features_in_
        return self

    def decision_function(self, X: ArrayLike) -> FloatArray:
        """Return the centre's logits, (n,)."""
        check_is_fitted(self)
        return self.centre_.decision_function(X)

    def predict(self, X: ArrayLike) -> IntArray:
        """Return (n,): 1 where the first answer is better, else 0, by the members' mean."""
        return (self.predict_proba(X)[:, 1] > 0.5).astype(np.int64)

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Return (n, 2): P(second better), P(first better), the mean of the members'."""
        p = expit(self._logits(X) / self.centre_.temperature_).mean(axis=1)
        return np.column_stack([1 - p, p])

    def posterior_variance(self, X: ArrayLike) -> FloatArray:
        """Return (n,): the variance of the members' logits."""
        variance: FloatArray = self._logits(X).var(axis=1, ddof=1)
        return variance

    def posterior_solve(self, X: ArrayLike) -> FloatArray:
        """Return (n, d): row i is Σxᵢ, Σ the covariance of the members, which stands for V⁻¹."""
        check_is_fitted(self)
        offsets = self.coefs_ - self.coefs_.mean(axis=0)
        solved: FloatArray = (
            (as_matrix(X, "X", self.n_features_in_) @ offsets.T) @ offsets / (self.members - 1)
        )
        return solved

    def posterior_sample(self, count: int, rng: np.random.Generator) -> FloatArray:
        """Return (count, d) members drawn by lot, none twice before all came once."""
        check_is_fitted(self)
        rounds = [rng.permutation(self.members) for _ in range(-(-count // self.members))]
        return self.coefs_[np.concatenate(rounds)[:count]]

    def member_heads(self) -> list[BradleyTerryHead]:
        """Return each member as a head of its own, with the centre's posterior around it."""
        check_is_fitted(self)
        heads = []
        for coef in self.coefs_:
            head = copy.copy(self.centre_)
            head.coef_ = coef
            heads.append(head)
        return heads

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def _logits(self, X: ArrayLike) -> FloatArray:
        check_is_fitted(self)
        return times(as_rows(X, "X", self.n_features_in_), self.coefs_.T)

    def _resampled(
        self,
        features: FloatArray,
        targets: AnyArray,
        sample_weight: ArrayLike | None,
        groups: ArrayLike | None,
        rng: np.random.Generator,
    ) -> FloatArray:
        group_of = group_numbers(None if groups is None else np.asarray(groups))
        names = np.arange(len(features)) if group_of is None else group_of
        weights = np.ones(len(features)) if sample_weight is None else np.asarray(sample_weight, np.float64)
        coefs = np.empty((self.members, features.shape[1]))
        for member in range(self.members):
            head = copy.copy(self.centre_).set_params(l2=self.centre_.l2_, warm_start=True, calibrate=False)
            lots = rng.exponential(size=int(names.max()) + 1)[names]
            coefs[member] = head.fit(features, targets, sample_weight=weights * lots).coef_
        return coefs
