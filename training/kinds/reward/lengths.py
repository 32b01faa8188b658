"""The length bias of a reward model: how much of a score is length, and how to leave it out.

Length is the logarithm of an answer's characters. Sources: Singhal et al. (2023), arXiv 2310.03716, for the
bias; Clark et al. (2019), arXiv 1909.03683, for fitting beside a known bias and leaving it out afterwards;
Huang et al. (2024), arXiv 2409.17407, for taking it off afterwards.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.metrics import Interval, bootstrap_by_question, pair_wins
from training.rows import PreferenceRow

Floats = NDArray[np.float64]


def log_lengths(answers: Sequence[str]) -> Floats:
    """Give log(1 + characters) of each answer, shape (n,)."""
    return np.array([np.log1p(len(answer)) for answer in answers], dtype=np.float64)


def length_gaps(rows: Sequence[PreferenceRow]) -> Floats:
    """Give the log length of the chosen answer less that of the rejected one, shape (n,)."""
    return log_lengths([row.chosen for row in rows]) - log_lengths([row.rejected for row in rows])


def length_effect(gaps: ArrayLike, weights: ArrayLike) -> float:
    """Give how far length alone explains the labels: the slope c of sigmoid(c * length gap), by Newton.

    A small penalty (0.01 c^2 / 2 a row) keeps it finite where the longer side always wins.
    """
    lengths, trust = np.asarray(gaps, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    ridge, slope = 0.01 * trust.sum(), 0.0
    for _ in range(100):
        chance = 1 / (1 + np.exp(-slope * lengths))
        gradient = (trust * (1 - chance) * lengths).sum() - ridge * slope
        curvature = (trust * chance * (1 - chance) * lengths**2).sum() + ridge
        step = float(np.clip(gradient / curvature, -1.0, 1.0))
        slope += step
        if abs(step) < 1e-9:
            break
    return slope


def residual_slope(scores: ArrayLike, lengths: ArrayLike) -> float:
    """Give the slope of scores (n,) on log lengths (n,), 0 where all lengths are the same."""
    x, y = np.asarray(lengths, dtype=np.float64), np.asarray(scores, dtype=np.float64)
    spread = float(x.var())
    return float(((x - x.mean()) * (y - y.mean())).mean() / spread) if spread > 0 else 0.0


def length_report(
    gaps: ArrayLike, rows: Sequence[PreferenceRow], rng: np.random.Generator
) -> dict[str, Interval]:
    """Report the length bias of held-out score gaps chosen - rejected (n,).

    `length_correlation` is that of score gap and length gap; `accuracy_longer` and `accuracy_shorter` are
    over pairs whose chosen side is longer or shorter, left out where there are none.
    """
    scores, lengths = np.asarray(gaps, dtype=np.float64), length_gaps(rows)
    questions = [row.question_id for row in rows]
    report = {"length_correlation": _correlation(scores, lengths, questions, rng)}
    for name, chosen in (("accuracy_longer", lengths > 0), ("accuracy_shorter", lengths < 0)):
        if chosen.any():
            wins = pair_wins(scores[chosen], np.zeros(int(chosen.sum())))
            inside = [question for question, is_in in zip(questions, chosen, strict=True) if is_in]
            report[name] = bootstrap_by_question(wins, inside, rng)
    return report


def _correlation(
    x: Floats, y: Floats, questions: Sequence[str], rng: np.random.Generator, draws: int = 1000
) -> Interval:
    """Give Pearson's correlation with a 95 % interval, drawing whole questions; NaN where it is undefined."""
    numbers = {question: number for number, question in enumerate(dict.fromkeys(questions))}
    index = [numbers[question] for question in questions]
    moments: Floats = np.stack(
        [np.bincount(index, weights=column) for column in (np.ones_like(x), x, y, x * x, y * y, x * y)],
        axis=1,
    )
    value = float(_from_moments(moments.sum(axis=0)))
    if len(numbers) < 3:
        return Interval(value, float("nan"), float("nan"), len(x))
    drawn = rng.multinomial(len(numbers), np.full(len(numbers), 1 / len(numbers)), size=draws)
    samples = _from_moments(np.asarray(drawn @ moments, dtype=np.float64))
    known = samples[np.isfinite(samples)]
    low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (np.nan, np.nan)
    return Interval(value, float(low), float(high), len(x))


def _from_moments(moments: Floats) -> Floats:
    n, sx, sy, sxx, syy, sxy = np.moveaxis(moments, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = sxy / n - sx * sy / n**2
        spread = np.sqrt(np.maximum(sxx / n - (sx / n) ** 2, 0) * np.maximum(syy / n - (sy / n) ** 2, 0))
        return np.asarray(np.where(spread > 1e-12, covariance / spread, np.nan))
