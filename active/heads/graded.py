"""Fit verdicts with ties and degrees: Davidson's model, and its extension to graded verdicts."""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from active.arrays import FloatArray, as_targets, as_verdicts
from active.errors import InvalidLabelsError, InvalidOptionError
from active.heads.bradley_terry import BradleyTerryHead
from active.heads.graded_problem import RidgeGraded, grade_logs, grade_scores
from active.heads.newton import RidgeProblem


class GradedHead(BradleyTerryHead):
    """Predict how much better which answer is: P(grade k) ∝ exp(cₖ·wᵀz + b_|k|); see `graded_problem`.

    Where a tie is a half-won label to `BradleyTerryHead`, here it is a verdict of its own, which says that
    the answers are near each other and no more; and "much better" says more than "better". Swapping the
    answers exactly reverses the probabilities of the grades.

    Parameters: grades, their number K: 3 for first, tie, second (Davidson), 5 for much better, better, tie,
    worse, much worse, 2 for Bradley and Terry; the others as of BradleyTerryHead.

    Attributes after fit: those of BradleyTerryHead, and intercepts_, b of the grades other than ±½ by rising
    distance from the middle. The posterior of the weights has the intercepts integrated out.

    Source: Davidson 1970, JASA 65:317; Agresti 1992, Applied Statistics 41:287.
    """

    def __init__(
        self,
        grades: int = 3,
        l2: float | None = None,
        standardise: bool = True,
        warm_start: bool = False,
        calibrate: bool = False,
        raw_columns: int = 0,
    ) -> None:
        super().__init__(l2, standardise, warm_start, calibrate, raw_columns)
        self.grades = grades

    def fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        verdicts: ArrayLike | None = None,
    ) -> Self:
        """Fit to features X (n, d) and verdicts (n, K), the probabilities of the grades, best first.

        y may be the verdicts themselves, or numbers (n,) in [0, 1], as of BradleyTerryHead: one is the best
        grade for the first answer, zero the best for the second, and a number between two grades is shared
        out between them so that it stays the mean. `verdicts`, when given, go before y. Raises as
        BradleyTerryHead, and InvalidLabelsError for another number of grades.
        """
        return super().fit(X, y if verdicts is None else verdicts, sample_weight, groups)

    def predict_verdicts(self, X: ArrayLike) -> FloatArray:
        """Return the probability of each grade, (n, K), from the best for the first answer on."""
        logits = self.decision_function(X) / self.temperature_
        return np.exp(grade_logs(logits, self.intercepts_, self.grades))

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Return (n, 2): P(second better), P(first better), a tie counting half to each."""
        p = self.predict_verdicts(X) @ (np.sign(grade_scores(self.grades)) + 1) / 2
        return np.column_stack([1 - p, p])

    def _check_options(self) -> None:
        super()._check_options()
        if self.grades < 2:
            raise InvalidOptionError(f"grades must be at least 2, not {self.grades}")

    def _targets(self, y: ArrayLike, length: int) -> FloatArray:
        if np.ndim(y) == 1:
            return spread_targets(as_targets(y, length), self.grades)
        verdicts = as_verdicts(y, length)
        if verdicts.shape[1] != self.grades:
            raise InvalidLabelsError(f"verdicts have {verdicts.shape[1]} grades, the head {self.grades}")
        return verdicts

    def _problem(self, features: FloatArray, targets: FloatArray, weights: FloatArray) -> RidgeProblem:
        return RidgeGraded(features, targets, weights, 1.0)


def spread_targets(targets: FloatArray, grades: int) -> FloatArray:
    """Return numbers in [0, 1] as probabilities of grades, (n, grades), shared between the nearest two."""
    place = (1 - targets) * (grades - 1)
    upper = np.minimum(np.floor(place).astype(np.int64), grades - 2)
    share = place - upper
    verdicts = np.zeros((len(targets), grades))
    rows = np.arange(len(targets))
    verdicts[rows, upper] = 1 - share
    verdicts[rows, upper + 1] = share
    return verdicts
