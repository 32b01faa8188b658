"""Compare learning curves, pair by pair of the same seed: what was saved, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from active.arrays import FloatArray
from active.errors import InvalidOptionError
from active.simulation.curves import Curve

RESAMPLES = 10_000


class Figure(NamedTuple):
    """Hold a value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Saving:
    """Say what one arm gains over another over the same seeds.

    area: difference of the mean accuracies; labels: share of labels saved at the target (negative: more were
    needed), on the mean curves; p: two-sided bootstrap p-value of the difference of areas.
    """

    area: Figure
    labels: Figure
    p: float


def labels_to_reach(labels: Sequence[int], accuracy: Sequence[float], target: float) -> float:
    """Return the labels at which a curve reaches a target, straight between batches; infinity if never.

    The curve is first made monotone from the right (a dip after the target does not undo reaching it, a
    lucky peak before it does not count): at each point the least accuracy from there on.
    """
    kept = np.minimum.accumulate(np.asarray(accuracy)[::-1])[::-1]
    if kept[-1] < target:
        return float("inf")
    place = int(np.argmax(kept >= target))
    if place == 0:
        return float(labels[0])
    low, high = kept[place - 1], kept[place]
    share = (target - low) / (high - low)
    return float(labels[place - 1] + share * (labels[place] - labels[place - 1]))


def compare(ours: Sequence[Curve], base: Sequence[Curve], target: float, rng: np.random.Generator) -> Saving:
    """Return what `ours` saves over `base`, one curve a seed in the same order, with 95 % intervals.

    Seeds are resampled together, so what makes a split easy for both cancels. Raises InvalidOptionError for
    curves that do not pair.
    """
    if len(ours) != len(base) or not ours:
        raise InvalidOptionError("compare as many curves of the one as of the other, at least one")
    mine, theirs = _matrix(ours), _matrix(base)
    gains = np.array([one.area - other.area for one, other in zip(ours, base, strict=True)])
    draws = rng.integers(len(ours), size=(RESAMPLES, len(ours)))
    areas = gains[draws].mean(axis=1)
    labels, base_labels = ours[0].labels, base[0].labels
    saved = np.array(
        [
            _saved(
                labels_to_reach(labels, mine[rows].mean(axis=0), target),
                labels_to_reach(base_labels, theirs[rows].mean(axis=0), target),
            )
            for rows in draws[:1000]
        ]
    )
    point = _saved(
        labels_to_reach(labels, mine.mean(axis=0), target),
        labels_to_reach(base_labels, theirs.mean(axis=0), target),
    )
    p = min(1.0, 2 * min(np.mean(areas <= 0), np.mean(areas >= 0)) + 1 / RESAMPLES)
    return Saving(
        Figure(float(gains.mean()), *_quantiles(areas)), Figure(point, *_quantiles(saved)), float(p)
    )


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return p-values corrected for their number by Holm's step-down method, which keeps their order."""
    corrected: dict[str, float] = {}
    worst = 0.0
    for rank, name in enumerate(sorted(p_values, key=p_values.__getitem__)):
        worst = max(worst, min(1.0, p_values[name] * (len(p_values) - rank)))
        corrected[name] = worst
    return corrected


def _saved(labels: float, base: float) -> float:
    if np.isinf(labels):
        return float("nan") if np.isinf(base) else float("-inf")
    return 1.0 if np.isinf(base) else 1 - labels / base


def _quantiles(values: FloatArray) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975], method="closest_observation")
    return float(low), float(high)


def _matrix(curves: Sequence[Curve]) -> FloatArray:
    if any(curve.labels != curves[0].labels for curve in curves):
        raise InvalidOptionError("the curves of one arm must have the same numbers of labels")
    return np.array([curve.accuracy for curve in curves])
