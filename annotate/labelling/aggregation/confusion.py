"""Weigh votes by what each assessor says for each true outcome; shared by the methods that learn it."""

from __future__ import annotations

from typing import Any

import numpy as np

from annotate.labelling.aggregation.base import anchor, normalise
from annotate.labelling.aggregation.votes import Floats, Votes
from annotate.labelling.verdicts import OUTCOMES

KINDS = len(OUTCOMES)
_TINY = np.finfo(np.float64).tiny


class Confusions:
    """Hold the votes so that the two steps of expectation maximisation are two products of matrices."""

    def __init__(self, votes: Votes) -> None:
        self._votes, self._assessors = votes, len(votes.names)
        cells = votes.assessors * KINDS + votes.outcomes
        self._by_item: Any = votes.incidence(cells, self._assessors * KINDS)
        self._by_cell: Any = self._by_item.T.tocsr()

    def count(self, posteriors: Floats) -> Floats:
        """Return how often each assessor said what for each outcome, (assessors, meant, said)."""
        counts: Floats = self._by_cell @ posteriors
        return counts.reshape(self._assessors, KINDS, KINDS).transpose(0, 2, 1)

    def infer(self, said: Floats, shares: Floats) -> Floats:
        """Return the posteriors (m, 4) under the matrices (assessors, meant, said) and prior shares (4,)."""
        table = np.log(np.maximum(said, _TINY)).transpose(0, 2, 1).reshape(-1, KINDS)
        found = normalise(self._by_item @ table + np.log(np.maximum(shares, _TINY)))
        return anchor(self._votes, found)
