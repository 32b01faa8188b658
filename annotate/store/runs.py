"""Define the tables of training runs, models, promotions and finished stages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotate.store.base import Table, now

QUEUED = "queued"
RUNNING = "running"
FINISHED = "finished"
FAILED = "failed"
CANCELLED = "cancelled"


class Run(Table):
    """Store one configured training and what became of it."""

    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_state_priority", "state", "priority"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=QUEUED)
    recipe: Mapped[dict[str, Any]]
    folder: Mapped[str]
    snapshot: Mapped[str] = mapped_column(default="")
    priority: Mapped[int] = mapped_column(default=0)  # the higher, the earlier
    resources: Mapped[dict[str, Any]] = mapped_column(default=dict)  # cpus, gpus; while it runs gpu_ids
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)  # seconds, megabytes; no key: no limit
    launcher: Mapped[str] = mapped_column(default="local")
    job: Mapped[str] = mapped_column(default="")  # the launcher's own name of it, such as Ray's submission id
    host: Mapped[str] = mapped_column(default="")  # a pid means nothing on another machine
    trigger: Mapped[str] = mapped_column(default="hand")  # hand, api, or the name of a trigger
    starts: Mapped[int] = mapped_column(default=0)  # since it was queued, or resumed by a person
    started_at: Mapped[datetime | None]  # of the present or last attempt
    spent_seconds: Mapped[float] = mapped_column(default=0.0)  # of the attempts before it
    pid: Mapped[int | None]
    pid_started: Mapped[float | None]
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]


class ModelVersion(Table):
    """Store one immutable version of a model, by the fingerprint of its weights."""

    __tablename__ = "models"

    id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(index=True)
    path: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(unique=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    metrics: Mapped[dict[str, Any]] = mapped_column(default=dict)
    content_hash: Mapped[str] = mapped_column(default="")  # of every file of the version
    lineage: Mapped[dict[str, Any]] = mapped_column(default=dict)  # snapshot, recipe, code version, base
    created_at: Mapped[datetime] = mapped_column(default=now)

    run: Mapped[Run | None] = relationship()


class Trigger(Table):
    """Store when a training starts by itself: after so many new preferences, or every so many seconds."""

    __tablename__ = "triggers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)  # of the recipe
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)  # priority, resources, limits, launcher
    every_preferences: Mapped[int | None]
    every_seconds: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    seen_event: Mapped[int] = mapped_column(default=0)  # the last event counted in the run before
    fired_at: Mapped[datetime | None]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))  # the last run it started
    error: Mapped[str] = mapped_column(default="")  # why it could not start one, if so
    created_at: Mapped[datetime] = mapped_column(default=now)


class Promotion(Table):
    """Store one decision of the gate; the last promoted version of a role is its champion."""

    __tablename__ = "promotions"

    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"), index=True)
    promoted: Mapped[bool]
    reason: Mapped[str]
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)

    model: Mapped[ModelVersion] = relationship()


class Stage(Table):
    """Store that a stage of a loop finished, with its result, so that it is not done again."""

    __tablename__ = "stages"

    key: Mapped[str] = mapped_column(primary_key=True)
    result: Mapped[dict[str, Any]]
    seconds: Mapped[float]
    finished_at: Mapped[datetime] = mapped_column(default=now)
