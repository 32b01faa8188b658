"""Tell which clusters are asked about more, or less, than they were."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from active.arrays import BoolArray
from active.errors import InvalidFeaturesError
from active.intervals import Interval, difference_interval


@dataclass(frozen=True)
class Drift:
    """Hold a cluster's share of the traffic before and of late, the change and its confidence interval.

    events: how many of the cluster there are, before and of late together.
    """

    cluster: int
    before: float
    recent: float
    change: float
    interval: Interval
    events: int

    @property
    def is_clear(self) -> bool:
        """Tell whether the interval excludes that nothing changed."""
        return self.interval.low > 0 or self.interval.high < 0


def traffic_drift(clusters: Sequence[int], times: ArrayLike, confidence: float = 0.95) -> tuple[Drift, ...]:
    """Return the drift of each cluster, by number: the later half of the events against the earlier half.

    `clusters` (n,) and `times` (n,), in any unit, are those of single events, such as questions asked. The
    halves part at the median time; events of that very time count as earlier. Where there is no later
    half, as when all came at once, there is nothing to compare and no drift. The interval is Newcombe's, at
    this confidence. Raises InvalidFeaturesError for times that are not finite or too few.
    """
    moments = np.asarray(times, dtype=np.float64)
    of = np.asarray(clusters, dtype=np.int64)
    if moments.shape != of.shape or moments.ndim != 1 or not np.isfinite(moments).all():
        raise InvalidFeaturesError(f"{len(of)} events need as many finite times, not shape {moments.shape}")
    if not len(of):
        return ()
    late = moments > np.quantile(moments, 0.5, method="lower")
    if not late.any():
        return ()
    return tuple(_drift(int(one), of == one, late, confidence) for one in np.unique(of))


def _drift(cluster: int, own: BoolArray, late: BoolArray, confidence: float) -> Drift:
    after, earlier = int(late.sum()), int((~late).sum())
    recent, before = float(own[late].mean()), float(own[~late].mean())
    interval = difference_interval(recent, after, before, earlier, confidence)
    return Drift(cluster, before, recent, recent - before, interval, int(own.sum()))
