"""Say how sure a mean is, and how many of the cases it speaks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000


@dataclass(frozen=True)
class Measure:
    """Hold a mean over `n` of `of` cases with its 95 % interval.

    What is not known is None, never NaN: the value without a case, the interval of less than two
    cases or where none was asked for.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    of: int

    @property
    def coverage(self) -> float | None:
        """Return the share of cases that could be measured."""
        return self.n / self.of if self.of else None

    def __str__(self) -> str:
        if self.value is None:
            return f"not defined, 0 of {self.of} cases"
        interval = "" if self.low is None else f" [{self.low:.3f}, {self.high:.3f}]"
        return f"{self.value:.3f}{interval}, {self.n} of {self.of} cases"


def mean_of(values: Iterable[float | None], rng: np.random.Generator | None = None) -> Measure:
    """Return the mean of the values that are known, with a percentile bootstrap interval.

    Without `rng` no interval is drawn. Source: Efron (1979), Annals of Statistics 7(1).
    """
    given = list(values)
    known = np.array([value for value in given if value is not None], dtype=np.float64)
    if not known.size:
        return Measure(None, None, None, 0, len(given))
    low = high = None
    if rng is not None and known.size > 1:
        counts = rng.multinomial(known.size, np.full(known.size, 1 / known.size), size=RESAMPLES)
        low, high = (float(bound) for bound in np.percentile(counts @ known / known.size, [2.5, 97.5]))
    return Measure(float(known.mean()), low, high, int(known.size), len(given))
