"""Measure how far assessors agree beyond chance; pure functions, no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ratings = Mapping[int, Sequence[float]]  # unit -> the values its raters gave


@dataclass(frozen=True)
class Estimate:
    """Hold a value with its 95 % interval and the number of units behind it."""

    value: float
    low: float
    high: float
    n: int


def krippendorff_alpha(ratings: Ratings, *, ordinal: bool = True) -> float | None:
    """Return Krippendorff's α, ordinal or nominal; None where it is not defined.

    α = 1 - D_observed / D_expected over the coincidence matrix; units with one rating do not
    count, and α is undefined when all values are equal.
    Source: Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011.
    """
    units = [list(values) for values in ratings.values() if len(values) >= 2]
    levels = sorted({value for values in units for value in values})
    if len(levels) < 2:
        return None
    at = {value: index for index, value in enumerate(levels)}
    coincidences = np.zeros((len(levels), len(levels)))
    for values in units:
        counts = np.bincount([at[value] for value in values], minlength=len(levels)).astype(float)
        coincidences += (np.outer(counts, counts) - np.diag(counts)) / (len(values) - 1)
    totals = coincidences.sum(axis=0)
    distance = _ordinal_distance(totals) if ordinal else 1.0 - np.eye(len(levels))
    expected = (np.outer(totals, totals) - np.diag(totals)) / (totals.sum() - 1)
    disagreement = float((expected * distance).sum())
    return 1.0 - float((coincidences * distance).sum()) / disagreement if disagreement else None


def _ordinal_distance(totals: NDArray[np.float64]) -> NDArray[np.float64]:
    # Cumulative mid-ranks: the squared distance between two levels is the squared difference of these.
    middles = np.cumsum(totals) - totals / 2
    distance: NDArray[np.float64] = (middles[:, None] - middles[None, :]) ** 2
    return distance


def percent_agreement(ratings: Ratings) -> float | None:
    """Return the share of equal pairs of ratings, over all pairs within units; None without pairs."""
    same = total = 0.0
    for values in ratings.values():
        size = len(values)
        counts = np.unique(np.asarray(values), return_counts=True)[1]
        same += float((counts * (counts - 1)).sum()) / 2
        total += size * (size - 1) / 2
    return same / total if total else None


def bootstrap(
    statistic: Callable[[Ratings], float | None],
    ratings: Ratings,
    rng: np.random.Generator,
    draws: int = 500,
) -> Estimate | None:
    """Return a statistic with the 95 % percentile interval over resampled units; None if undefined.

    Source: Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    units = [list(values) for values in ratings.values() if len(values) >= 2]
    value = statistic(dict(enumerate(units)))
    if value is None:
        return None
    samples = []
    for _ in range(draws):
        chosen = rng.integers(len(units), size=len(units))
        drawn = statistic({index: units[unit] for index, unit in enumerate(chosen)})
        if drawn is not None:
            samples.append(drawn)
    if not samples:
        return Estimate(value, value, value, len(units))
    low, high = np.quantile(samples, [0.025, 0.975])
    return Estimate(value, float(low), float(high), len(units))
