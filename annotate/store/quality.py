"""Define the tables that keep the work honest: exams, signals, reviews, calibrations, judges' calls."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotate.store.base import Table, now
from annotate.store.ledger import OPEN, Assessor, Task

DECIDED = "decided"  # a review that has its verdict


class Confirmation(Table):
    """Store that an assessor has read a version of the guidelines."""

    __tablename__ = "confirmations"
    __table_args__ = (UniqueConstraint("assessor_id", "guideline_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessor_id: Mapped[int] = mapped_column(ForeignKey("assessors.id"))
    guideline_id: Mapped[int] = mapped_column(ForeignKey("guidelines.id"))
    at: Mapped[datetime] = mapped_column(default=now)


class Sitting(Table):
    """Store one attempt of an assessor at the training or the exam; `passed` is empty until it ends."""

    __tablename__ = "sittings"
    __table_args__ = (UniqueConstraint("assessor_id", "campaign_id", "pool", "language", "attempt"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessor_id: Mapped[int] = mapped_column(ForeignKey("assessors.id"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    pool: Mapped[str]
    language: Mapped[str] = mapped_column(default="")
    guideline_id: Mapped[int] = mapped_column(ForeignKey("guidelines.id"))
    attempt: Mapped[int] = mapped_column(default=1)
    right: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    passed: Mapped[bool | None]
    started_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]


class Signal(Table):
    """Store a sign of careless work with its evidence; a person settles it, nothing acts by itself."""

    __tablename__ = "signals"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessor_id: Mapped[int] = mapped_column(ForeignKey("assessors.id"), index=True)
    kind: Mapped[str]
    strength: Mapped[float]
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str] = mapped_column(default="")
    resolution: Mapped[str] = mapped_column(default="")

    assessor: Mapped[Assessor] = relationship()


class Review(Table):
    """Store that a task needs a second look, and the verdict of whoever took it."""

    __tablename__ = "reviews"
    __table_args__ = (Index("ix_reviews_state_opened_at", "state", "opened_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), index=True)
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(default=OPEN)
    verdict: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    assessor_id: Mapped[int | None] = mapped_column(ForeignKey("assessors.id"))
    opened_at: Mapped[datetime] = mapped_column(default=now)
    decided_at: Mapped[datetime | None]

    task: Mapped[Task] = relationship()


class Note(Table):
    """Store a remark in the discussion of a task."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), index=True)
    assessor_id: Mapped[int] = mapped_column(ForeignKey("assessors.id"))
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)

    assessor: Mapped[Assessor] = relationship()


class Calibration(Table):
    """Store how right a machine was against people on the audit slice, in one scope, with its interval."""

    __tablename__ = "calibrations"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessor_id: Mapped[int] = mapped_column(ForeignKey("assessors.id"), index=True)
    method: Mapped[str]
    scope: Mapped[dict[str, Any]] = mapped_column(default=dict)
    n: Mapped[int]
    accuracy: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    curve: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)


class JudgeCall(Table):
    """Store what a language model answered as a judge and what it cost, under the key of its request."""

    __tablename__ = "judge_calls"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    assessor: Mapped[str] = mapped_column(index=True)
    response: Mapped[dict[str, Any]]
    prompt_tokens: Mapped[int] = mapped_column(default=0)
    completion_tokens: Mapped[int] = mapped_column(default=0)
    cost: Mapped[float] = mapped_column(default=0.0)
    seconds: Mapped[float] = mapped_column(default=0.0)
    malformed: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Figures(Table):
    """Store figures that take long to compute, under their name, with what they were computed from."""

    __tablename__ = "figures"

    name: Mapped[str] = mapped_column(primary_key=True)
    stamp: Mapped[dict[str, Any]] = mapped_column(default=dict)
    value: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seconds: Mapped[float] = mapped_column(default=0.0)
    computed_at: Mapped[datetime] = mapped_column(default=now)
