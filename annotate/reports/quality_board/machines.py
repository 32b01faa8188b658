"""Compare the confidence of machines with how often people agree, on the audit slice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from annotate.labelling.agreement import Estimate
from annotate.labelling.campaigns import list_campaigns
from annotate.labelling.machines.audit import Observation, read_audit
from annotate.labelling.machines.calibration import Calibrated, calibrate, exact_interval
from annotate.store import Store

USUAL_ACCURACY = 0.9  # what is looked for where no campaign demands an accuracy
BINS = 8
IN_A_BIN = 10  # audited pairs at least

Prove = Callable[[Sequence[Observation], float], tuple[float, float] | None]


@dataclass(frozen=True)
class Bin:
    """Hold audited verdicts of similar confidence: its mean, and how many were right."""

    confidence: float
    right: Estimate


@dataclass(frozen=True)
class Scope:
    """Hold the accuracy in one part of the work: a language, or a cluster of it."""

    language: str
    cluster: int | None
    right: Estimate


@dataclass(frozen=True)
class MachineCurve:
    """Hold the calibration of one machine.

    `curve` maps confidence to the chance that people agree; `error` is the calibration error of that,
    `raw_error` of the confidence itself. `kept` is the share of the audited verdicts that would be let
    stand at the accuracy `target`, proved with `low` at least; None where nothing is proved.
    """

    name: str
    method: str
    right: Estimate
    curve: tuple[tuple[float, float], ...]
    bins: tuple[Bin, ...]
    scopes: tuple[Scope, ...]
    error: float
    raw_error: float
    target: float
    kept: float | None
    low: float | None


def draw_curves(store: Store, rng: np.random.Generator, prove: Prove) -> tuple[MachineCurve, ...]:
    """Calibrate every machine that labelled audited pairs, by name.

    `prove` returns what share of audited verdicts would stand at an accuracy, and what that keeps at least.
    """
    audit = read_audit(store)
    demanded = [campaign.rules.machine_accuracy for campaign in list_campaigns(store)]
    target = max((accuracy for accuracy in demanded if accuracy), default=USUAL_ACCURACY)
    observed = {name: audit.observed(votes) for name, votes in sorted(audit.machines.items())}
    return tuple(_curve(name, seen, target, rng, prove) for name, seen in observed.items() if seen)


def _curve(
    name: str, observed: Sequence[Observation], target: float, rng: np.random.Generator, prove: Prove
) -> MachineCurve:
    whole, *parts = calibrate(observed, rng)
    kept, low = prove(observed, target) or (None, None)
    return MachineCurve(
        name=name,
        method=whole.curve.method,
        right=_right(whole),
        curve=whole.curve.points,
        bins=tuple(_bins(observed)),
        scopes=tuple(_scope(part) for part in parts),
        error=whole.error,
        raw_error=whole.raw_error,
        target=target,
        kept=kept,
        low=low,
    )


def _right(part: Calibrated) -> Estimate:
    return Estimate(part.accuracy, part.low, part.high, part.n)


def _scope(part: Calibrated) -> Scope:
    return Scope(str(part.scope.get("language", "")), part.scope.get("cluster"), _right(part))


def _bins(observed: Sequence[Observation]) -> list[Bin]:
    """Cut the verdicts, ordered by confidence, into bins of equal numbers."""
    confidence = np.array([one.confidence for one in observed])
    right = np.array([one.right for one in observed], dtype=bool)
    count = max(1, min(BINS, len(observed) // IN_A_BIN))
    parts = np.array_split(np.argsort(confidence, kind="stable"), count)
    found = []
    for part in parts:
        hits, total = int(right[part].sum()), len(part)
        low, high = exact_interval(hits, total)
        found.append(Bin(float(confidence[part].mean()), Estimate(hits / total, low, high, total)))
    return found
