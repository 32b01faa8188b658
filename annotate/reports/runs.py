"""Report training runs, models and the decisions of the gate."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from annotate.errors import JobError
from annotate.reports.run_files import read_last_progress
from annotate.store import ModelVersion, Promotion, Run, Store

ROLLED_BACK = "rolled_back"  # in the evidence of a promotion that took the one before it away


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
    recipe: dict[str, Any] = field(default_factory=dict)
    priority: int = 0
    resources: dict[str, Any] = field(default_factory=dict)
    limits: dict[str, Any] = field(default_factory=dict)
    launcher: str = "local"
    trigger: str = "hand"
    starts: int = 0
    spent_seconds: float = 0.0


@dataclass(frozen=True)
class ModelReport:
    """Describe one model version, the gate's last word on it, and what that rests on."""

    id: int
    role: str
    fingerprint: str
    path: str
    run_id: int | None
    champion: bool
    decision: str
    metrics: dict[str, Any]
    created_at: datetime
    evidence: dict[str, Any] = field(default_factory=dict)
    content_hash: str = ""
    lineage: dict[str, Any] = field(default_factory=dict)


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


def report_models(store: Store) -> list[ModelReport]:
    """Return all model versions, the newest first."""
    with store.reading() as session:
        return _models(session, select(ModelVersion).order_by(ModelVersion.id.desc()))


def report_former_champions(store: Store) -> dict[str, ModelReport]:
    """Return for each role the version that a rollback brings back, where there is one.

    Promotions are a pile: a rollback takes the topmost version away.
    """
    piles: dict[str, list[int]] = {}
    with store.reading() as session:
        query = select(ModelVersion.role, Promotion.model_id, Promotion.evidence).join(
            Promotion, Promotion.model_id == ModelVersion.id
        )
        for role, model_id, evidence in session.execute(
            query.where(Promotion.promoted).order_by(Promotion.id)
        ):
            pile = piles.setdefault(role, [])
            if evidence.get(ROLLED_BACK):
                del pile[-1:]
            elif pile[-1:] != [model_id]:
                pile.append(model_id)
        former = [pile[-2] for pile in piles.values() if len(pile) > 1]
        found = _models(session, select(ModelVersion).where(ModelVersion.id.in_(former)))
        return {model.role: model for model in found}


def report_model(store: Store, fingerprint: str) -> ModelReport:
    """Return the version with this fingerprint; raise JobError when there is none."""
    with store.reading() as session:
        found = _models(session, select(ModelVersion).where(ModelVersion.fingerprint == fingerprint))
        if not found:
            raise JobError(f"no model with the fingerprint {fingerprint}")
        return found[0]


def _models(session: Session, query: Select[ModelVersion]) -> list[ModelReport]:
    decisions = {p.model_id: p for p in session.scalars(select(Promotion).order_by(Promotion.id))}
    champions = dict(
        session.execute(
            select(ModelVersion.role, Promotion.model_id)
            .join(Promotion, Promotion.model_id == ModelVersion.id)
            .where(Promotion.promoted)
            .order_by(Promotion.id)
        ).all()
    )
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
            decisions[model.id].evidence if model.id in decisions else {},
            model.content_hash,
            model.lineage,
        )
        for model in session.scalars(query)
    ]


def _run(run: Run) -> RunReport:
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
        read_last_progress(Path(run.folder)),
        run.recipe,
        run.priority,
        run.resources,
        run.limits,
        run.launcher,
        run.trigger,
        run.starts,
        run.spent_seconds,
    )
