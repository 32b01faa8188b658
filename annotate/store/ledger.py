"""Define the tables of the labelling ledger; judgements are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotate.store.base import Table, now
from annotate.store.questions import Pair

RESERVED = "reserved"  # an assessor holds the lease
SUBMITTED = "submitted"  # a judgement was given
SKIPPED = "skipped"  # the assessor passed, with a reason
RELEASED = "released"  # given back without a reason
EXPIRED = "expired"  # the lease ran out
HELD = (RESERVED, SUBMITTED)  # these count towards the overlap


class Guideline(Table):
    """Store one version of the assessors' guidelines, named by the hash of its content."""

    __tablename__ = "guidelines"

    id: Mapped[int] = mapped_column(primary_key=True)
    content_hash: Mapped[str] = mapped_column(unique=True)
    texts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Assessor(Table):
    """Store a person or a machine that labels; `kind` says which."""

    __tablename__ = "assessors"
    __table_args__ = (CheckConstraint("kind in ('person', 'machine')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    languages: Mapped[list[Any]] = mapped_column(default=list)
    fingerprint: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Task(Table):
    """Store a pair that was chosen for labelling, and why it was chosen."""

    __tablename__ = "tasks"

    id: Mapped[int] = mapped_column(primary_key=True)
    pair_id: Mapped[int] = mapped_column(ForeignKey("pairs.id"), unique=True)
    overlap: Mapped[int]
    priority: Mapped[float] = mapped_column(default=0.0)
    batch: Mapped[int] = mapped_column(default=1)
    audit: Mapped[bool] = mapped_column(default=False)
    chosen_by: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)

    pair: Mapped[Pair] = relationship()


class Assignment(Table):
    """Store one assessor's lease on one task; an assessor gets a task once."""

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("task_id", "assessor_id"),
        Index("ix_assignments_state_expires_at", "state", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), index=True)
    assessor_id: Mapped[int] = mapped_column(ForeignKey("assessors.id"), index=True)
    state: Mapped[str]
    swapped: Mapped[bool]
    reason: Mapped[str] = mapped_column(default="")
    flagged: Mapped[bool] = mapped_column(default=False)
    reserved_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    task: Mapped[Task] = relationship()
    assessor: Mapped[Assessor] = relationship()


class Judgement(Table):
    """Store one verdict with its reasons, in the order of the stored pair.

    An amendment is a new row with the next revision; the last revision counts.
    """

    __tablename__ = "judgements"
    __table_args__ = (UniqueConstraint("assignment_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    client_key: Mapped[str] = mapped_column(unique=True)
    verdict: Mapped[str]
    aspects: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tags: Mapped[dict[str, Any]] = mapped_column(default=dict)
    comment: Mapped[str] = mapped_column(default="")
    confidence: Mapped[float | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    guideline_id: Mapped[int] = mapped_column(ForeignKey("guidelines.id"))
    channel: Mapped[str]
    seconds: Mapped[float] = mapped_column(default=0.0)
    created_at: Mapped[datetime] = mapped_column(default=now)

    assignment: Mapped[Assignment] = relationship()


class Preference(Table):
    """Store the aggregated verdict of a pair; rebuilt from the judgements at will."""

    __tablename__ = "preferences"

    id: Mapped[int] = mapped_column(primary_key=True)
    pair_id: Mapped[int] = mapped_column(ForeignKey("pairs.id"), unique=True)
    verdict: Mapped[str]
    posterior: Mapped[dict[str, Any]]
    margin: Mapped[float]
    votes: Mapped[list[Any]]
    people: Mapped[int]
    machines: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)

    pair: Mapped[Pair] = relationship()
