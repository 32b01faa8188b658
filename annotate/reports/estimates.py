"""Foretell what a training run will take, from the runs of its kind that finished here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import func, select

from annotate.reports.run_files import read_steps
from annotate.store import Preference, Run, Store
from annotate.store.runs import FINISHED

LOOKED_AT = 10  # the latest finished runs of the kind
NO_WINNER = ("tie", "both_bad")


@dataclass(frozen=True)
class Estimate:
    """Hold what a run will probably take.

    `rows` are the preferences with a winner, `steps` is None for kinds that take none in advance;
    `seconds` runs from the quickest to the slowest of earlier runs, None where there was none.
    """

    rows: int
    train_rows: int
    steps: int | None
    seconds: tuple[float, float] | None
    memory_mb: float | None
    earlier: int


def report_estimate(store: Store, kind: str, recipe: Mapping[str, Any], test_share: float) -> Estimate:
    """Estimate time and memory of a run of this kind with these keys of its recipe."""
    with store.reading() as session:
        winners = select(func.count(Preference.id)).where(Preference.verdict.not_in(NO_WINNER))
        rows = session.scalar(winners) or 0
        query = select(Run).where(Run.kind == kind, Run.state == FINISHED).order_by(Run.id.desc())
        earlier = [run for run in session.scalars(query.limit(LOOKED_AT)) if run.result.get("seconds")]
    train_rows = round(rows * (1 - test_share))
    steps = _steps(recipe, train_rows)
    work = _work(recipe, steps, train_rows)
    spans = [_fixed(run) + _rate(run) * work for run in earlier]
    memory = [float(run.result["peak_memory_mb"]) for run in earlier if run.result.get("peak_memory_mb")]
    return Estimate(
        rows,
        train_rows,
        steps,
        (min(spans), max(spans)) if spans else None,
        median(memory) if memory else None,
        len(earlier),
    )


def _steps(recipe: Mapping[str, Any], train_rows: int) -> int | None:
    """Return the optimiser steps that a recipe will take, None where it counts none."""
    if recipe.get("max_steps"):
        return int(recipe["max_steps"])
    if not recipe.get("epochs"):
        return None
    return math.ceil(float(recipe["epochs"]) * train_rows / _batch(recipe))


def _batch(recipe: Mapping[str, Any]) -> int:
    return int(recipe.get("batch_size") or 1) * int(recipe.get("gradient_accumulation") or 1)


def _work(recipe: Mapping[str, Any], steps: int | None, rows: int) -> float:
    """Return what time grows with: rows seen in all steps, else rows."""
    return float(steps * _batch(recipe)) if steps is not None else float(rows)


def _stepping_seconds(run: Run) -> float:
    """Return the time that a run spent in steps; loading, measuring and saving are the rest."""
    steps = read_steps(Path(run.folder))
    return float(steps[-1].get("seconds", 0.0)) if steps else 0.0


def _fixed(run: Run) -> float:
    stepping = _stepping_seconds(run)
    return max(0.0, float(run.result["seconds"]) - stepping) if stepping else 0.0


def _rate(run: Run) -> float:
    """Return the seconds for each unit of work of an earlier run."""
    rows = int(run.result.get("rows", {}).get("train", 0))
    stepping = _stepping_seconds(run)
    steps = int(run.result.get("steps") or 0) if stepping else None
    work = _work(run.recipe, steps, rows)
    return (stepping or float(run.result["seconds"])) / work if work else 0.0
