"""Learn a whole confusion matrix an assessor.

An assessor who means outcome k says outcome l with probability π[k, l]; outcomes have shares ρ[k].
Posteriors, matrices and shares are found by expectation maximisation. A Dirichlet prior keeps the
matrices of assessors with few votes near a mild common one: without it the method takes a single
vote for certainty.
Source: Dawid & Skene, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM
Algorithm", Applied Statistics 28(1), 1979; the prior as in Kim & Ghahramani, AISTATS 2012.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotate.labelling.aggregation.base import PRIOR_RIGHT, PRIOR_WRONG, Aggregation, anchor, conclude
from annotate.labelling.aggregation.confusion import KINDS, Confusions
from annotate.labelling.aggregation.votes import Floats, Votes


@dataclass(frozen=True)
class DawidSkene:
    """Fit the model; `right` and `wrong` are the pseudo-votes on each diagonal and beside it.

    With `right` = `wrong` = 0 it is the original of 1979. Stop when no posterior moves by more than
    `tolerance` or after so many `rounds`.
    """

    right: float = PRIOR_RIGHT / KINDS
    wrong: float = PRIOR_WRONG / KINDS / (KINDS - 1)
    rounds: int = 100
    tolerance: float = 1e-5
    name: str = "dawid_skene"

    def fit(self, votes: Votes) -> Aggregation:
        """Return the posterior of each item; start from the shares of its votes."""
        counts = votes.count()
        posteriors = anchor(votes, counts / counts.sum(axis=1, keepdims=True))
        confusions = Confusions(votes)
        for _ in range(self.rounds):
            said = self._said(confusions.count(posteriors))
            # Known items were chosen by somebody: they say nothing of how common an outcome is.
            shares = np.delete(posteriors, votes.anchors[0], axis=0).sum(axis=0) + self.right
            before, posteriors = posteriors, confusions.infer(said, shares / max(shares.sum(), 1.0))
            if np.abs(posteriors - before).max(initial=0.0) < self.tolerance:
                break
        return conclude(self.name, votes, posteriors)

    def _said(self, counts: Floats) -> Floats:
        counts = counts + self.wrong + np.eye(KINDS) * (self.right - self.wrong)
        totals = counts.sum(axis=2, keepdims=True)
        even = np.full_like(counts, 1 / KINDS)
        said: Floats = np.divide(counts, totals, out=even, where=totals > 0)
        return said
