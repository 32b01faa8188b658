"""Weigh each vote by one reliability an assessor.

An assessor of reliability r names the true outcome with probability r and any other with equal
probability. Reliabilities and posteriors are found by expectation maximisation with a Beta prior,
so that an assessor with few votes is trusted like others.
Source: Dawid & Skene 1979 in its one-coin form (Li & Yu, "Error Rate Bounds in
Crowdsourcing Models", 2013), with the prior of Liu, Peng & Ihler, NeurIPS 2012.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from annotate.labelling.aggregation.base import (
    PRIOR_RELIABILITY,
    Aggregation,
    anchor,
    conclude,
    estimate_reliability,
    normalise,
)
from annotate.labelling.aggregation.votes import Floats, Votes
from annotate.labelling.verdicts import OUTCOMES


@dataclass(frozen=True)
class OneCoin:
    """Fit the one-coin model; stop when no reliability moves by more than `tolerance`."""

    rounds: int = 100
    tolerance: float = 1e-6
    name: str = "one_coin"

    def fit(self, votes: Votes) -> Aggregation:
        """Return the joint verdict of each item and how reliable each assessor seems."""
        reliability: Floats = np.full(len(votes.names), PRIOR_RELIABILITY)
        posteriors: Floats = np.zeros((0, len(OUTCOMES)))
        for _ in range(self.rounds):
            gain = np.log(reliability * (len(OUTCOMES) - 1) / (1 - reliability))
            posteriors = anchor(votes, normalise(votes.count(gain[votes.assessors])))
            before, reliability = reliability, estimate_reliability(votes, posteriors)
            if np.abs(reliability - before).max(initial=0.0) < self.tolerance:
                break
        return conclude(self.name, votes, posteriors)
