"""Say how sure a share or a mean is."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from active.errors import InvalidOptionError


class Interval(NamedTuple):
    """Hold a confidence interval."""

    low: float
    high: float


def wilson_interval(share: float, trials: int, confidence: float = 0.95) -> Interval:
    """Return Wilson's score interval of a share seen in `trials` trials; (0, 1) for no trials.

    The share need not be a whole number of successes: for a mean of values in [0, 1], whose variance is at
    most that of a share, the interval errs on the wide side. Raises InvalidOptionError for
    a share or a confidence out of range. Source: Wilson 1927.
    """
    if not 0 <= share <= 1 or trials < 0 or not 0 < confidence < 1:
        raise InvalidOptionError(
            f"no interval for share {share} of {trials} trials at confidence {confidence}"
        )
    if trials == 0:
        return Interval(0.0, 1.0)
    z = float(ndtri(0.5 + confidence / 2))
    spread = z * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    centre, shrink = share + z**2 / (2 * trials), 1 + z**2 / trials
    return Interval(max(0.0, float((centre - spread) / shrink)), min(1.0, float((centre + spread) / shrink)))


def difference_interval(
    share: float, trials: int, other: float, other_trials: int, confidence: float = 0.95
) -> Interval:
    """Return Newcombe's interval of `share` − `other`, two shares seen in independent trials.

    Raises InvalidOptionError like `wilson_interval`. Source: Newcombe 1998, method 10.
    """
    low, high = wilson_interval(share, trials, confidence)
    other_low, other_high = wilson_interval(other, other_trials, confidence)
    change = share - other
    down = np.hypot(share - low, other_high - other)
    up = np.hypot(high - share, other - other_low)
    return Interval(max(-1.0, float(change - down)), min(1.0, float(change + up)))


def bootstrap_interval(
    values: ArrayLike, rng: np.random.Generator, confidence: float = 0.95, resamples: int = 2000
) -> Interval:
    """Return the percentile bootstrap interval of the mean of the values, (n,), n ≥ 1.

    Raises InvalidOptionError for no values, NaN or a confidence out of range. Source: Efron 1979.
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or not len(sample) or not np.isfinite(sample).all() or not 0 < confidence < 1:
        raise InvalidOptionError(
            "a bootstrap interval needs a row of finite values and a confidence in (0, 1)"
        )
    means = [float(rng.choice(sample, size=len(sample)).mean()) for _ in range(resamples)]
    low, high = np.quantile(means, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return Interval(float(low), float(high))
