"""Prove on a slice drawn by lot how often a judge is right, whoever the judge is and however it errs.

Nothing is assumed of the judge: the pairs of the slice are drawn as those to be judged are, and what a judge
says of them did not depend on their labels. Then the number of right verdicts above a fixed threshold is
binomial, and the bound of Clopper and Pearson (Biometrika 26, 1934) is exact. Several thresholds are tried at
once, each with a part of the chance to err (Bonferroni): "Learn then Test" (Angelopoulos et al. 2021, arXiv
2110.01052) for selective classification (Geifman and El-Yaniv 2017, arXiv 1705.08500).
"""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from active.arrays import BoolArray, FloatArray
from active.errors import InvalidOptionError
from active.intervals import Interval

LEVELS = (0.0, 0.3, 0.6)
"""Shares of the least confident verdicts that are tried to be left to somebody else."""


@dataclass(frozen=True)
class Threshold:
    """Say how right the verdicts from a confidence upwards are: of `pairs` judged, `audited` lie above it.

    kept: their share; accuracy: of those, how many were right; low: what it is at least, but with probability
    `miss`; high: what it is at most, likewise.
    """

    value: float
    pairs: int
    audited: int
    accuracy: float
    low: float
    high: float

    @property
    def kept(self) -> float:
        """Return the share of the verdicts above the threshold."""
        return self.audited / self.pairs


def exact_lower(right: int, total: int, miss: float) -> float:
    """Return the one-sided lower bound that the true share is under with probability `miss` at most.

    Raises InvalidOptionError for more right ones than there are, or a miss outside (0, 1).
    """
    from scipy.special import betaincinv

    if not (0 <= right <= total and 0 < miss < 1):
        raise InvalidOptionError(f"no bound for {right} right of {total} at miss {miss}")
    return float(betaincinv(right, total - right + 1, miss)) if right else 0.0


def exact_interval(right: int, total: int, confidence: float = 0.95) -> Interval:
    """Return the two-sided interval of a share by Clopper and Pearson; (0, 1) for nothing observed."""
    half = (1 - confidence) / 2
    return Interval(exact_lower(right, total, half), 1 - exact_lower(total - right, total, half))


def audit_needed(target: float, miss: float) -> int:
    """Return how many audited pairs a faultless judge needs to prove a target; no number proves one."""
    return math.ceil(math.log(miss) / math.log(target)) if target < 1 else sys.maxsize


def try_thresholds(
    confidence: FloatArray, right: BoolArray, miss: float, levels: Sequence[float] = LEVELS
) -> list[Threshold]:
    """Return what is known of the verdicts above each threshold, (n,) audited ones, n ≥ 1.

    The thresholds are quantiles of the confidences, which know nothing of who was right. Each bound errs
    with probability `miss` on either side: divide what you can bear by the bounds that must hold at once.
    """
    found = []
    for level in levels:
        value = float(np.quantile(confidence, level, method="higher")) if level else 0.0
        above = confidence >= value
        hits, total = int(right[above].sum()), int(above.sum())
        low, high = exact_lower(hits, total, miss), 1 - exact_lower(total - hits, total, miss)
        found.append(Threshold(value, len(right), total, hits / total, low, high))
    return found
