"""Weigh the few votes of one item by what is known of their assessors; no fitting, microseconds a call."""

from __future__ import annotations

import math
from collections.abc import Sequence

from annotate.labelling.verdicts import OUTCOMES, outcome

_SURE = 1e-6  # nobody is trusted or distrusted beyond this


def quick_posterior(votes: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Return the posterior by outcome of one item from (verdict, reliability of its assessor) pairs.

    A reliability is the probability, in (0, 1), that the assessor names the true outcome; the other
    outcomes share the rest evenly. All outcomes are equally likely before the first vote. Strengths
    do not count: `A_better` and `A_much_better` are one outcome.
    Source: the one-coin model of Li & Yu, "Error Rate Bounds in Crowdsourcing Models", 2013.
    """
    weights = dict.fromkeys(OUTCOMES, 0.0)
    for verdict, reliability in votes:
        trust = min(max(reliability, _SURE), 1 - _SURE)
        weights[outcome(verdict)] += math.log(trust * (len(OUTCOMES) - 1) / (1 - trust))
    most = max(weights.values())
    likelihoods = {name: math.exp(weight - most) for name, weight in weights.items()}
    total = math.fsum(likelihoods.values())
    return {name: likelihood / total for name, likelihood in likelihoods.items()}
