"""Put intervals around what was measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from annotate.labelling.agreement.ratings import Ratings, Table, tabulate

Statistic = Callable[[Table], float | None]
_NORMAL_95 = 1.959963984540054


@dataclass(frozen=True)
class Estimate:
    """Hold a value with its 95 % interval and the number of units behind it."""

    value: float
    low: float
    high: float
    n: int


def bootstrap(
    statistic: Statistic,
    ratings: Ratings | Table,
    rng: np.random.Generator,
    draws: int = 500,
) -> Estimate | None:
    """Return a statistic with the 95 % percentile interval over resampled units; None if undefined.

    Units with the same values are drawn together, so that a million units take no longer than a
    thousand. `n` counts the units with two values or more.
    Source: Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    """
    table = tabulate(ratings)
    value = statistic(table)
    if value is None:
        return None
    total = table.weights.sum()
    drawn = rng.multinomial(int(total), table.weights / total, size=draws).astype(np.float64)
    found = [statistic(table.weighing(weights)) for weights in drawn]
    samples = [sample for sample in found if sample is not None]
    low, high = np.quantile(samples or [value], [0.025, 0.975])
    return Estimate(value, float(low), float(high), table.comparable)


def bootstrap_mean(values: Sequence[float], rng: np.random.Generator, draws: int = 500) -> Estimate | None:
    """Return a mean with the 95 % percentile interval over resampled values; None of nothing."""
    if not len(values):
        return None
    distinct, numbers = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    total = len(values)
    means = rng.multinomial(total, numbers / total, size=draws) @ distinct / total
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(float(numbers @ distinct / total), float(low), float(high), total)


def share_of(hits: int, total: int) -> Estimate | None:
    """Return a share with its 95 % interval; None of nothing.

    Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
    """
    if not total:
        return None
    share, square = hits / total, _NORMAL_95**2
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = _NORMAL_95 * float(np.sqrt(share * (1 - share) / total + square / (4 * total**2)))
    half /= 1 + square / total
    return Estimate(share, max(middle - half, 0.0), min(middle + half, 1.0), total)
