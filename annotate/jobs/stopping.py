"""Foretell what further labels would buy, from the learning curve that the labels so far draw."""

from __future__ import annotations

import time

import numpy as np

from active import BradleyTerryHead, NotEnoughLabelsError
from active.stopping import LEAST_LABELS, CurvePoints, Gain, curve_points, expected_gain, fit_power_law
from annotate.jobs.context import Context
from annotate.jobs.pair_columns import PairTable, as_labelled, read_pairs
from annotate.reports.stopping import StoppingReport, write_stopping

MOST_LABELS = 4000  # of more, so many are drawn by lot: the curve is about its end, and fits take time


def foretell(context: Context, more: int) -> StoppingReport:
    """Foretell what `more` labels would buy, keep the report and return it.

    Accuracy is measured on the audit slice where it is large enough, else on all labels. With too few labels
    the report says why it foretells nothing.
    """
    started = time.perf_counter()
    table = read_pairs(context)
    known = table.labelled
    rng = np.random.default_rng([context.settings.seed, len(known)])
    try:
        points = _points(context, table, rng)
    except NotEnoughLabelsError as error:
        report = StoppingReport(labels=len(known), more=more, reason=str(error))
    else:
        report = _report(points, expected_gain(points, more, rng), len(known))
    write_stopping(context.store, report, time.perf_counter() - started)
    return report


def _points(context: Context, table: PairTable, rng: np.random.Generator) -> CurvePoints:
    known = table.labelled
    if len(known) < LEAST_LABELS:  # known before anything is embedded
        raise NotEnoughLabelsError(f"{len(known)} labels, wanted at least {LEAST_LABELS}: label more first")
    labels = as_labelled(context, table, known)
    audited = np.array([table.audited.get(pair.id, False) for pair in known], dtype=bool)
    if len(labels) > MOST_LABELS:
        some = np.sort(rng.choice(len(labels), MOST_LABELS, replace=False))
        labels, audited = labels.at(some), audited[some]
    # Plain targets: some sixty heads are fitted, and only who wins is measured.
    head = BradleyTerryHead(warm_start=True, raw_columns=len(table.contenders))
    return curve_points(labels, rng, measured=audited, head=head)


def _report(points: CurvePoints, gain: Gain, labels: int) -> StoppingReport:
    law = fit_power_law(points.sizes, points.mean, points.precision)
    return StoppingReport(
        labels=labels,
        more=gain.more,
        gain=gain.value,
        low=gain.low,
        high=gain.high,
        now=gain.now,
        confidence=gain.confidence,
        points=tuple(zip(points.sizes.tolist(), points.mean.tolist(), strict=True)),
        law={name: float(value) for name, value in law._asdict().items()},
    )
