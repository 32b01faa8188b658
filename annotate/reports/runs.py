"""Report training runs, models and the decisions of the gate."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from annotate.errors import JobError
from annotate.store import ModelVersion, Promotion, Run, Store


@dataclass(frozen=True)
class RunReport:
    """Describe one run; `progress` is the last line that it wrote."""

    id: int
    kind: str
    state: str
    created_at: datetime
    finished_at: datetime | None
    snapshot: str
    folder: str
    error: str
    result: dict[str, Any]
    progress: dict[str, Any]


@dataclass(frozen=True)
class ModelReport:
    """Describe one model version and the gate's last word on it."""

    id: int
    role: str
    fingerprint: str
    path: str
    run_id: int | None
    champion: bool
    decision: str
    metrics: dict[str, Any]
    created_at: datetime


def report_runs(store: Store) -> list[RunReport]:
    """Return all runs, the newest first."""
    with store.reading() as session:
        return [_run(run) for run in session.scalars(select(Run).order_by(Run.id.desc()))]


def report_run(store: Store, run_id: int) -> RunReport:
    """Return one run; raise JobError when there is none of that number."""
    with store.reading() as session:
        run = session.get(Run, run_id)
        if run is None:
            raise JobError(f"no run number {run_id}")
        return _run(run)


def read_progress(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of a run's progress file; a line cut short by a crash is left out."""
    file = folder / "progress.jsonl"
    lines = []
    for line in file.read_bytes().split(b"\n") if file.exists() else []:
        try:
            lines.append(json.loads(line))
        except ValueError:  # not JSON, or not even whole letters
            continue
    return lines


def report_models(store: Store) -> list[ModelReport]:
    """Return all model versions, the newest first."""
    with store.reading() as session:
        decisions = {p.model_id: p for p in session.scalars(select(Promotion).order_by(Promotion.id))}
        champions: dict[str, int] = {}
        for promotion in session.scalars(select(Promotion).where(Promotion.promoted).order_by(Promotion.id)):
            champions[promotion.model.role] = promotion.model_id
        return [
            ModelReport(
                model.id,
                model.role,
                model.fingerprint,
                model.path,
                model.run_id,
                champions.get(model.role) == model.id,
                decisions[model.id].reason if model.id in decisions else "",
                model.metrics,
                model.created_at,
            )
            for model in session.scalars(select(ModelVersion).order_by(ModelVersion.id.desc()))
        ]


def _run(run: Run) -> RunReport:
    progress = read_progress(Path(run.folder))
    return RunReport(
        run.id,
        run.kind,
        run.state,
        run.created_at,
        run.finished_at,
        run.snapshot,
        run.folder,
        run.error,
        run.result,
        progress[-1] if progress else {},
    )
