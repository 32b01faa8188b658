"""Define the tables of training runs, models, promotions and finished stages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
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

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=QUEUED)
    recipe: Mapped[dict[str, Any]]
    folder: Mapped[str]
    snapshot: Mapped[str] = mapped_column(default="")
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
    created_at: Mapped[datetime] = mapped_column(default=now)

    run: Mapped[Run | None] = relationship()


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
