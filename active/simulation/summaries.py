"""Sum up arms of a simulation: each against choice by lot, at several demands, corrected for their number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from active.errors import InvalidOptionError
from active.simulation.comparison import Figure, compare, holm, labels_to_reach
from active.simulation.curves import Curve

BASE = "random"
LEVELS = (0.90, 0.95, 0.99)
"""Demanded accuracies, as shares of the accuracy that the labels of the whole pool give."""


@dataclass(frozen=True)
class ArmSummary:
    """Say what one arm did over all seeds, against choice by lot.

    area and gain: mean accuracy over its labels, and the difference to the lot's; saved: by demand, the share
    of labels saved; labels and base_labels: by demand, the labels that it and the lot needed on their mean
    curves (infinite: never); p: of the gain, by Holm for the number of arms; nll and ece: after the last
    batch; seconds: the mean time of choosing a batch.
    """

    name: str
    area: float
    gain: Figure
    saved: Mapping[str, Figure]
    labels: Mapping[str, float]
    base_labels: Mapping[str, float]
    p: float
    nll: float
    ece: float
    seconds: float


def summarise(
    arms: Mapping[str, Sequence[Curve]],
    full: Sequence[float],
    rng: np.random.Generator,
    at: Sequence[int] = (),
    levels: Sequence[float] = LEVELS,
) -> list[ArmSummary]:
    """Compare every arm with "random", one curve a seed in the same order everywhere.

    full: the accuracy by the labels of the whole pool, one a seed. Demands are named "90 %" for a share of
    it, and "random@300" for the accuracy that the lot reaches with `at` = 300 labels. Raises
    InvalidOptionError without "random" among the arms.
    """
    if BASE not in arms:
        raise InvalidOptionError(f"an arm called {BASE!r} is needed: the others are compared with it")
    base = arms[BASE]
    demands = {f"{level:.0%}".replace("%", " %"): [level * one for one in full] for level in levels}
    for count in at:
        reached = [float(np.interp(count, curve.labels, curve.accuracy)) for curve in base]
        demands[f"{BASE}@{count}"] = reached
    found = [_one(name, curves, base, demands, rng) for name, curves in arms.items()]
    corrected = holm({one.name: one.p for one in found if one.name != BASE})
    return [_with_p(one, corrected.get(one.name, 1.0)) for one in found]


def _one(
    name: str,
    curves: Sequence[Curve],
    base: Sequence[Curve],
    demands: Mapping[str, Sequence[float]],
    rng: np.random.Generator,
) -> ArmSummary:
    savings = {demand: compare(curves, base, goals, rng) for demand, goals in demands.items()}
    any_one = next(iter(savings.values()))
    return ArmSummary(
        name,
        float(np.mean([curve.area for curve in curves])),
        any_one.area,
        {demand: saving.labels for demand, saving in savings.items()},
        {demand: _reached(curves, float(np.mean(goals))) for demand, goals in demands.items()},
        {demand: _reached(base, float(np.mean(goals))) for demand, goals in demands.items()},
        any_one.p,
        float(np.mean([curve.nll[-1] for curve in curves])),
        float(np.mean([curve.ece[-1] for curve in curves])),
        float(np.mean([seconds for curve in curves for seconds in curve.seconds[1:]] or [0.0])),
    )


def _reached(curves: Sequence[Curve], target: float) -> float:
    mean = np.mean([curve.accuracy for curve in curves], axis=0)
    return labels_to_reach(curves[0].labels, mean.tolist(), target)


def _with_p(one: ArmSummary, p: float) -> ArmSummary:
    return ArmSummary(**{**one.__dict__, "p": p})
