"""Figures computed pair by pair, with intervals that respect that pairs of one question are alike."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """Hold a mean over `n` pairs and its 95 % interval; `low` and `high` are NaN where unknown."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        unknown = np.isnan(self.low) or np.isnan(self.high)
        interval = "" if unknown else f" [{self.low:.3f}, {self.high:.3f}]"
        return f"{self.value:.3f}{interval}, n = {self.n}"


def pair_wins(chosen: ArrayLike, rejected: ArrayLike) -> Floats:
    """Mark each pair 1 where the chosen side scores higher, 0 where lower and 0.5 on a tie. Shapes (n,)."""
    difference = np.asarray(chosen, dtype=np.float64) - np.asarray(rejected, dtype=np.float64)
    return np.asarray((np.sign(difference) + 1) / 2)


def pair_accuracy(chosen: ArrayLike, rejected: ArrayLike) -> float:
    """Give the share of pairs whose chosen side scores higher, ties counted as half."""
    return float(pair_wins(chosen, rejected).mean())


def mean_margin(chosen: ArrayLike, rejected: ArrayLike) -> float:
    """Give the mean score gap chosen - rejected, in units of the score."""
    return float((np.asarray(chosen, dtype=np.float64) - np.asarray(rejected, dtype=np.float64)).mean())


def win_rate(ours: ArrayLike, theirs: ArrayLike) -> float:
    """Give the share of prompts on which our answer scores higher than theirs, ties counted as half."""
    return pair_accuracy(ours, theirs)


def bootstrap_by_question(
    values: ArrayLike, groups: Sequence[Hashable], rng: np.random.Generator, draws: int = 2000
) -> Interval:
    """Give the mean of `values` (n,) with a 95 % interval, drawing whole questions with replacement.

    `groups` (n,) names each value's question. With a single question the interval is unknown (NaN).
    Raises ValueError on no values or unequal lengths.
    Source: the cluster bootstrap, Cameron, Gelbach & Miller (2008), Review of Economics and Statistics 90(3).
    """
    figures = np.asarray(values, dtype=np.float64)
    if figures.size == 0 or figures.size != len(groups):
        raise ValueError(
            f"{figures.size} values and {len(groups)} groups: need as many groups, and at least one"
        )
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    index = [numbers[group] for group in groups]
    sums = np.bincount(index, weights=figures)
    sizes = np.bincount(index)
    mean, count = float(figures.mean()), len(numbers)
    if count < 2:
        return Interval(mean, float("nan"), float("nan"), figures.size)
    drawn = rng.multinomial(count, np.full(count, 1 / count), size=draws)
    low, high = np.percentile((drawn @ sums) / (drawn @ sizes), [2.5, 97.5])
    return Interval(mean, float(low), float(high), figures.size)


def judge_pairs(
    chosen: ArrayLike, rejected: ArrayLike, groups: Sequence[Hashable], rng: np.random.Generator
) -> dict[str, Interval]:
    """Give `accuracy` and `margin` of scored pairs, each with its interval by question."""
    gaps = np.asarray(chosen, dtype=np.float64) - np.asarray(rejected, dtype=np.float64)
    return {
        "accuracy": bootstrap_by_question(pair_wins(chosen, rejected), groups, rng),
        "margin": bootstrap_by_question(gaps, groups, rng),
    }
