"""Compute the figures of the quality screen and keep them; a large ledger takes tens of seconds."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from annotate.jobs.context import Context
from annotate.jobs.errands import read_errand, start_errand
from annotate.reports.quality_board import compute_board, count_judgements, read_board, stamp, write_board

QUALITY = "quality"  # the errand
AT_ONCE = 60  # judgements whose figures are computed while a screen is drawn
EVERY_SECONDS = 600.0  # how often a busy ledger is measured anew by itself
PATIENCE = 20  # the time between two measurements, in measurements


def measure_quality(context: Context) -> dict[str, Any]:
    """Compute the quality board and store it; return what it was computed from and how long it took."""
    from annotate.jobs.routing_table import prove_machine  # the learner's libraries are slow to import

    with context.store.reading() as session:
        before = stamp(session)
    started = time.perf_counter()
    board = compute_board(context.store, np.random.default_rng(context.settings.seed), prove_machine)
    seconds = time.perf_counter() - started
    write_board(context.store, board, before, seconds)
    return before | {"seconds": seconds}


def measure_small(context: Context) -> bool:
    """Measure a small ledger at once where its board is not of today's state; tell whether it is small."""
    small = count_judgements(context.store) <= AT_ONCE
    if small:
        stored = read_board(context.store)
        if stored is None or not stored.fresh:
            measure_quality(context)
    return small


def keep_fresh(context: Context) -> bool:
    """Start to measure where something has happened since the last time; return whether it was started.

    A busy ledger is measured every EVERY_SECONDS at most, and one that takes long even less often.
    """
    if read_errand(context, QUALITY).state in ("running", "failed"):
        return False
    stored = read_board(context.store)
    if stored is not None:
        age = time.time() - stored.computed_at.timestamp()
        if stored.fresh or age < max(EVERY_SECONDS, PATIENCE * stored.seconds):
            return False
    start_errand(context, QUALITY, {}, by="")
    return True
