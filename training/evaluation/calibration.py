"""Calibration of a reward model: does a pair it calls 80 % sure come out right 80 times in 100?

The chance that the chosen side wins is sigmoid(gap / T). Sources: Guo et al. (2017), arXiv 1706.04599, for
the temperature and the expected calibration error; Brier (1950), Monthly Weather Review 78(1).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

BINS, FOLDS = 10, 5
_LOWEST, _HIGHEST = (
    0.02,
    50.0,
)  # of the temperature, in units of the typical gap: perfect order has no best one


@dataclass(frozen=True)
class Bin:
    """Hold the pairs of about one confidence: its mean, the share that came out right, their number."""

    confidence: float
    accuracy: float
    n: int


@dataclass(frozen=True)
class Calibration:
    """Hold the temperature that fits best, and the errors without it and with it.

    `ece` and `brier` are of the scores as they are; `ece_scaled` and `brier_scaled` of gaps divided by a
    temperature that was fitted on other questions. `bins` are of the scores as they are.
    """

    temperature: float
    ece: float
    brier: float
    ece_scaled: float
    brier_scaled: float
    n: int
    bins: tuple[Bin, ...]


def calibrate(gaps: ArrayLike, groups: Sequence[Hashable], folds: int = FOLDS) -> Calibration:
    """Measure the calibration of score gaps chosen - rejected, shape (n,), of questions `groups` (n,).

    With a single question the scaled figures use the temperature fitted on it. Raises ValueError on no gaps
    or unequal lengths.
    """
    figures = np.asarray(gaps, dtype=np.float64)
    if figures.size == 0 or figures.size != len(groups):
        raise ValueError(f"{figures.size} gaps and {len(groups)} groups: need as many, and at least one")
    scaled = _scaled_by_others(figures, groups, folds)
    return Calibration(
        temperature=fit_temperature(figures),
        ece=expected_error(reliability(figures)),
        brier=brier(figures),
        ece_scaled=expected_error(reliability(scaled)),
        brier_scaled=brier(scaled),
        n=figures.size,
        bins=tuple(reliability(figures)),
    )


def fit_temperature(gaps: ArrayLike) -> float:
    """Give the T > 0 that makes sigmoid(gap / T) likeliest; 1 where all gaps are 0.

    T is bounded to 0.02-50 typical gaps, since gaps that are all right would have it at 0.
    """
    from scipy.optimize import minimize_scalar

    figures = np.asarray(gaps, dtype=np.float64)
    typical = float(np.sqrt(np.mean(figures**2)))
    if not typical:
        return 1.0

    def loss(log_temperature: float) -> float:
        return float(np.logaddexp(0, -figures / np.exp(log_temperature)).mean())

    bounds = (np.log(_LOWEST * typical), np.log(_HIGHEST * typical))
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def win_chances(gaps: ArrayLike, temperature: float = 1.0) -> Floats:
    """Give the chance that the chosen side wins, shape (n,)."""
    from scipy.special import expit

    return np.asarray(expit(np.asarray(gaps, dtype=np.float64) / temperature))


def brier(gaps: ArrayLike) -> float:
    """Give the mean squared distance between the chance of the chosen side and 1; 0.25 is guessing."""
    return float(np.mean((1 - win_chances(gaps)) ** 2))


def reliability(gaps: ArrayLike, bins: int = BINS) -> list[Bin]:
    """Sort pairs by the confidence in the side the model prefers and cut them into bins of equal size."""
    figures = np.asarray(gaps, dtype=np.float64)
    confidence = win_chances(np.abs(figures))
    right = (np.sign(figures) + 1) / 2
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(bins, figures.size))
    return [Bin(float(confidence[part].mean()), float(right[part].mean()), len(part)) for part in parts]


def expected_error(bins: Sequence[Bin]) -> float:
    """Give the expected calibration error: the mean distance of confidence and accuracy, by bin size."""
    total = sum(one.n for one in bins)
    return float(sum(one.n * abs(one.confidence - one.accuracy) for one in bins) / total)


def _scaled_by_others(gaps: Floats, groups: Sequence[Hashable], folds: int) -> Floats:
    """Divide each gap by a temperature that was fitted on the questions of other folds."""
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    fold = np.array([numbers[group] % folds for group in groups])
    if len(numbers) < 2:
        return gaps / fit_temperature(gaps)
    scaled = np.empty_like(gaps)
    for number in range(min(folds, len(numbers))):
        scaled[fold == number] = gaps[fold == number] / fit_temperature(gaps[fold != number])
    return scaled
