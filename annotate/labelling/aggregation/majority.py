"""Count votes, one an assessor or by a weight of each; the baseline of every other method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from annotate.labelling.aggregation.base import Aggregation, conclude
from annotate.labelling.aggregation.votes import Floats, Votes


@dataclass(frozen=True)
class Majority:
    """Let the outcome with the greatest share of the votes win.

    `weights` (each above 0) weigh the votes of the assessors it names; the others' count 1. The
    posterior is the share of the votes: plain counting has no model of how sure that makes one.
    """

    weights: Mapping[str, float] | None = None
    name: str = "majority"

    def fit(self, votes: Votes) -> Aggregation:
        """Return the share of each outcome and the winner by item."""
        known = self.weights or {}
        weights: Floats = np.array([float(known.get(name, 1.0)) for name in votes.names])
        if (weights <= 0).any():
            raise ValueError("the weight of a vote must be above 0; leave the assessor's votes out instead")
        counts = votes.count(weights[votes.assessors])
        return conclude(self.name, votes, counts / counts.sum(axis=1, keepdims=True), weights)
