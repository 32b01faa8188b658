"""Answer what a strategy asks of a head, for any learner or committee of modAL's."""

from functools import cached_property
from typing import Any

import numpy as np

from active.arrays import FloatArray
from active.errors import InvalidLabelsError, NotEnoughLabelsError
from active.heads import BradleyTerryHead, PreferenceHead
from active.pool import Labelled

_ASKED = ("predict_proba", "posterior_variance", "posterior_solve", "posterior_sample")


def head_of(learner: Any, labelled: Labelled) -> PreferenceHead | None:
    """Return the head of a modAL learner or committee; None before its first fit.

    An estimator that answers all that a strategy asks is taken as it is. Another, and a committee, keeps its
    own probabilities, and a Bradley-Terry head fitted on the same labels says how sure they are.
    """
    if hasattr(learner, "learner_list"):
        return BorrowedHead(learner, labelled) if getattr(learner, "classes_", None) is not None else None
    estimator = learner.estimator
    if not hasattr(estimator, "classes_"):
        return None
    if all(hasattr(estimator, name) for name in _ASKED):
        head: PreferenceHead = estimator
        return head
    return BorrowedHead(learner, labelled)


class BorrowedHead:
    """Take probabilities from a learner, and the posterior from where it can be had.

    Members of a committee that are linear heads without intercept are a posterior themselves, as in
    `EnsembleHead`; otherwise it is Laplace's, of a BradleyTerryHead fitted on the learner's labels.
    """

    def __init__(self, learner: Any, labelled: Labelled) -> None:
        self._learner = learner
        self._labelled = labelled

    def predict_proba(self, X: FloatArray) -> FloatArray:
        """Return (n, 2): P(second better), P(first better), as the learner says.

        Raises InvalidLabelsError for a learner of more than two classes.
        """
        told = np.asarray(self._learner.predict_proba(X), dtype=np.float64)
        if told.shape[1] == 2:
            return told
        if told.shape[1] > 2:
            raise InvalidLabelsError(f"a preference has two classes, the learner knows {told.shape[1]}")
        known = float(np.mean(self._labelled.targets > 0.5)) if len(self._labelled) else 0.5
        return np.column_stack([np.full(len(X), 1 - known), np.full(len(X), known)])

    def posterior_variance(self, X: FloatArray) -> FloatArray:
        """Return (n,) variances of the logit of each row."""
        if self._members is not None:
            spread: FloatArray = (X @ self._offsets.T).var(axis=1, ddof=1)
            return spread
        return self._surrogate.posterior_variance(X)

    def posterior_solve(self, X: FloatArray) -> FloatArray:
        """Return (n, d): row i is V⁻¹xᵢ."""
        if self._members is not None:
            solved: FloatArray = (X @ self._offsets.T) @ self._offsets / (len(self._members) - 1)
            return solved
        return self._surrogate.posterior_solve(X)

    def posterior_sample(self, count: int, rng: np.random.Generator) -> FloatArray:
        """Return (count, d) weight vectors."""
        if self._members is not None:
            return self._members[rng.integers(len(self._members), size=count)]
        return self._surrogate.posterior_sample(count, rng)

    @cached_property
    def _members(self) -> FloatArray | None:
        estimators = [member.estimator for member in getattr(self._learner, "learner_list", [])]
        if len(estimators) < 2 or not all(isinstance(one, BradleyTerryHead) for one in estimators):
            return None
        return np.array([one.coef_ for one in estimators])

    @property
    def _offsets(self) -> FloatArray:
        members = self._members
        if members is None:
            raise NotEnoughLabelsError("a learner alone has no members")
        offsets: FloatArray = members - members.mean(axis=0)
        return offsets

    @cached_property
    def _surrogate(self) -> BradleyTerryHead:
        known = self._labelled
        return BradleyTerryHead().fit(known.features, known.targets, known.weights, known.groups)
