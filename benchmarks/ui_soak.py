"""Let thirty assessors work for an hour: is any verdict lost, does the server's memory grow?"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select

from benchmarks.ledger_writers import make_ledger
from benchmarks.results import Row
from benchmarks.ui_assessors import read_tally, start_assessors
from benchmarks.ui_workspace import enter, make_workspace, resident_mb, served

THINK_SECONDS = 6.0  # the median of quick people
SAMPLE_SECONDS = 5.0
WARM_UP = 0.25  # of the run: caches fill, every assessor's first requests
BLOCKS = 12  # neighbouring samples are alike: the slope's interval is drawn from blocks of them
GROWTH = 0.05  # an hour; what is called flat


def measure_soak(folder: Path, assessors: int, minutes: float) -> dict[str, Any]:
    """Let the assessors work; return what was sent and stored, and the resident MB over time."""
    shutil.rmtree(folder, ignore_errors=True)
    database, names = make_workspace(folder, assessors)
    make_ledger(database, 100_000)
    cookies = enter(database, names)
    with served(folder, database) as server:
        working = start_assessors(server.address, cookies, 60 * minutes, THINK_SECONDS)
        began, samples = time.monotonic(), []
        while (passed := time.monotonic() - began) < 60 * minutes:
            samples.append((passed, resident_mb(server.process)))
            time.sleep(min(SAMPLE_SECONDS, 60 * minutes / 20))
        tally = read_tally(working)
    told = tally.pop("recorded")
    stored, doubled = _stored(database)
    return tally | {
        "told": len(told),
        "lost": len(set(told) - stored),
        "unasked": len(stored - set(told)),
        "doubled": doubled,
        "samples": samples,
    }


def _stored(database: str) -> tuple[set[int], int]:
    """Return the assignments with a judgement that counts, and how many have more than one."""
    from annotate.store import Judgement, open_store

    store = open_store(database)
    with store.reading() as session:
        rows = session.execute(
            select(Judgement.assignment_id, func.count()).group_by(Judgement.assignment_id)
        ).all()
    store.engine.dispose()
    return {row[0] for row in rows}, sum(1 for row in rows if row[1] > 1)


def soak_rows(found: dict[str, Any], minutes: float) -> list[Row]:
    """Return the rows of a long run."""
    slope, low, high = _slope(np.array(found["samples"]))
    level = float(np.median([mb for _, mb in found["samples"]]))
    lost = found["lost"] + found["doubled"]
    return [
        Row(
            f"verdicts lost or doubled of {found['told']:,} in {minutes:g} minutes, 30 assessors",
            lost, 0, None, "0", lost == 0,
        ),
        Row(f"verdicts/s over {minutes:g} minutes", found["per_second"]),
        Row(f"p95 ms of `judge` over {minutes:g} minutes", found["p95"]),
        Row(
            f"growth of the server's memory, MB an hour (95 %: {low:.1f} to {high:.1f}; level {level:.0f})",
            slope, GROWTH * level, slope / (GROWTH * level),
            f"< {GROWTH:.0%} of the level an hour, or an interval that holds 0",
            slope < GROWTH * level or low <= 0 <= high,
        ),
    ]  # fmt: skip


def _slope(samples: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> tuple[float, float, float]:
    """Return the least-squares slope in MB an hour after the warm-up, with its block bootstrap interval.

    Source: Künsch, "The jackknife and the bootstrap for general stationary observations", 1989.
    """
    late = samples[samples[:, 0] >= WARM_UP * samples[-1, 0]]
    hours, level = late[:, 0] / 3600, late[:, 1]
    fit = np.polyfit(hours, level, 1)
    rest = np.array_split(level - np.polyval(fit, hours), min(BLOCKS, len(late)))
    rng = np.random.default_rng(3)
    drawn = []
    for _ in range(1000):
        noise = np.concatenate([rest[at] for at in rng.integers(len(rest), size=2 * len(rest))])[: len(late)]
        drawn.append(np.polyfit(hours, np.polyval(fit, hours) + noise, 1)[0])
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(fit[0]), float(low), float(high)
