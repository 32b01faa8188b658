"""Compare learning curves, pair by pair of the same seed: what was saved, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from active.arrays import FloatArray
from active.errors import InvalidOptionError
from active.simulation.curves import Curve

RESAMPLES = 10_000
CURVE_RESAMPLES = 2_000


class Figure(NamedTuple):
    """Hold a value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Saving:
    """Say what one arm gains over another over the same seeds.

    area: difference of the mean accuracies, as far as both curves go; labels: share of labels saved at the
    target (negative: more were needed), on the mean curves; p: two-sided bootstrap p-value of the difference
    of areas.
    """

    area: Figure
    labels: Figure
    p: float


def labels_to_reach(labels: Sequence[int], accuracy: Sequence[float], target: float) -> float:
    """Return the labels at which a curve reaches a target, straight between batches; infinity if never.

    The curve is first made monotone from the right (a dip after the target does not undo reaching it, a
    lucky peak before it does not count): at each point the least accuracy from there on.
    """
    reached = _reached(labels, np.asarray(accuracy, dtype=np.float64)[None, :], np.array([target]))
    return float(reached[0])


def compare(
    ours: Sequence[Curve],
    base: Sequence[Curve],
    target: float | Sequence[float],
    rng: np.random.Generator,
) -> Saving:
    """Return what `ours` saves over `base`, one curve a seed in the same order, with 95 % intervals.

    target: an accuracy, or one a seed, whose mean over the seeds drawn is the target of the draw. Seeds are
    resampled together, so what makes a split easy for both cancels. Where `base` never reaches the target,
    its last number of labels stands in: the saving is then at least so much. Raises InvalidOptionError for
    curves that do not pair.
    """
    if len(ours) != len(base) or not ours:
        raise InvalidOptionError("compare as many curves of the one as of the other, at least one")
    mine, theirs = _matrix(ours), _matrix(base)
    targets = np.broadcast_to(np.asarray(target, dtype=np.float64), (len(ours),))
    shared = min(ours[0].labels[-1], base[0].labels[-1])
    pairs = zip(ours, base, strict=True)
    gains = np.array([one.until(shared).area - other.until(shared).area for one, other in pairs])
    draws = rng.integers(len(ours), size=(RESAMPLES, len(ours)))
    areas = gains[draws].mean(axis=1)

    everyone = np.arange(len(ours))[None, :]
    point, resampled = (
        _saved(
            _reached(ours[0].labels, mine[rows].mean(axis=1), targets[rows].mean(axis=1)),
            _reached(base[0].labels, theirs[rows].mean(axis=1), targets[rows].mean(axis=1)),
            base[0].labels[-1],
        )
        for rows in (everyone, draws[:CURVE_RESAMPLES])
    )
    p = min(1.0, 2 * min(np.mean(areas <= 0), np.mean(areas >= 0)) + 1 / RESAMPLES)
    labels = Figure(float(point[0]), *_quantiles(resampled))
    return Saving(Figure(float(gains.mean()), *_quantiles(areas)), labels, float(p))


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return p-values corrected for their number by Holm's step-down method, which keeps their order."""
    corrected: dict[str, float] = {}
    worst = 0.0
    for rank, name in enumerate(sorted(p_values, key=p_values.__getitem__)):
        worst = max(worst, min(1.0, p_values[name] * (len(p_values) - rank)))
        corrected[name] = worst
    return corrected


def _reached(labels: Sequence[int], accuracy: FloatArray, targets: FloatArray) -> FloatArray:
    """Return where each curve of (m, points) reaches its target of (m,): see `labels_to_reach`."""
    kept = np.minimum.accumulate(accuracy[:, ::-1], axis=1)[:, ::-1]
    place = np.argmax(kept >= targets[:, None], axis=1)
    rows, before = np.arange(len(kept)), np.maximum(place - 1, 0)
    low, rise = kept[rows, before], kept[rows, place] - kept[rows, before]
    share = np.clip((targets - low) / np.where(rise > 0, rise, 1.0), 0.0, 1.0)
    counts = np.asarray(labels, dtype=np.float64)
    between = counts[before] + share * (counts[place] - counts[before])
    reached: FloatArray = np.where(kept[:, -1] < targets, np.inf, between)
    return reached


def _saved(labels: FloatArray, base: FloatArray, horizon: int) -> FloatArray:
    """Return the share saved, minus infinity where only the base came there, NaN where neither did."""
    never = np.where(np.isinf(base), np.nan, -np.inf)
    reached = np.where(np.isinf(labels), 0.0, labels)
    saved: FloatArray = np.where(np.isinf(labels), never, 1 - reached / np.minimum(base, horizon))
    return saved


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
