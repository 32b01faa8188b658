"""Turn what the aggregation knows of assessors and verdicts into weights of labels, for `Labelled.weights`.

A label weighs as much as it tells, measured in verdicts of a perfect assessor.
"""

import numpy as np
from numpy.typing import ArrayLike

from active.arrays import FloatArray, IntArray, as_column, as_verdicts
from active.errors import InvalidLabelsError


def reliability_weights(reliability: ArrayLike) -> FloatArray:
    """Return (2r − 1)² of each assessor's probability r of naming the true outcome, (n,).

    A verdict that is turned over with probability 1 − r carries (2r − 1)² of the Fisher information that a
    true one carries on an even pair. Half or below tells nothing and weighs zero: whoever is wrong on purpose
    is for the aggregation to find. Raises InvalidLabelsError for numbers outside [0, 1].
    """
    known = np.asarray(reliability, dtype=np.float64)
    if known.ndim != 1 or not ((known >= 0) & (known <= 1)).all():  # NaN too
        raise InvalidLabelsError("reliability must be a column of probabilities in [0, 1]")
    weights: FloatArray = (2 * np.maximum(known, 0.5) - 1) ** 2
    return weights


def vote_weights(pair_of_vote: IntArray, reliability: ArrayLike, pairs: int) -> FloatArray:
    """Return the weight of each of the pairs that were voted on, (pairs,): the sum over its votes.

    pair_of_vote (v,) in 0..pairs−1; reliability (v,) of who gave each vote. Verdicts given independently add
    their information. A pair without votes weighs zero.
    """
    weights = reliability_weights(reliability)
    places = as_column(pair_of_vote, "pair_of_vote", len(weights))
    summed: FloatArray = np.bincount(places, weights=weights, minlength=pairs).astype(np.float64)
    return summed


def certainty_weights(posterior: ArrayLike) -> FloatArray:
    """Return 1 − H(posterior)/ln K of each pair's aggregated verdict, (n, K) to (n,).

    One for a certain verdict, zero for one of which nothing is known, which would otherwise teach that the
    answers are equally good. Raises InvalidLabelsError for rows that are no probabilities.
    """
    known = np.asarray(posterior, dtype=np.float64)
    verdicts = as_verdicts(known, len(known))
    logs = np.log(np.where(verdicts > 0, verdicts, 1.0))
    entropy = -np.sum(verdicts * logs, axis=1)
    certainty: FloatArray = np.clip(1 - entropy / np.log(verdicts.shape[1]), 0.0, 1.0)
    return certainty
