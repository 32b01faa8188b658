"""Define the tables of the labelling ledger.

Judgements and events are only ever added: triggers in the database refuse to change or delete
them (see `annotate.store.history`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotate.store.base import Table, now
from annotate.store.questions import Pair

RESERVED = "reserved"  # an assessor holds the lease
SUBMITTED = "submitted"  # a judgement was given
SKIPPED = "skipped"  # the assessor passed, with a reason
RELEASED = "released"  # given back without a reason
EXPIRED = "expired"  # the lease ran out
DROPPED = "dropped"  # a lead took the judgement back; the assessor does not get the task again
HELD = (RESERVED, SUBMITTED)  # these count towards the overlap

ACTIVE = "active"  # gets tasks
PAUSED = "paused"  # gets none until a lead lets the assessor work again
BANNED = "banned"  # gets none any more

OPEN = "open"  # a campaign hands tasks out, a review waits
CLOSED = "closed"  # a campaign that is over


class Guideline(Table):
    """Store one version of the assessors' guidelines, named by the hash of its content."""

    __tablename__ = "guidelines"

    id: Mapped[int] = mapped_column(primary_key=True)
    content_hash: Mapped[str] = mapped_column(unique=True)
    texts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Assessor(Table):
    """Store who judges: a person or a machine that labels, or an asker, whose feedback is weak evidence.

    `reliability` is the probability that a verdict of theirs is the true one, as the last
    aggregation of the whole ledger found it.
    """

    __tablename__ = "assessors"
    __table_args__ = (CheckConstraint("kind in ('person', 'machine', 'asker')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    languages: Mapped[list[Any]] = mapped_column(default=list)
    skills: Mapped[list[Any]] = mapped_column(default=list)
    daily_limit: Mapped[int | None]
    reliability: Mapped[float | None]
    fingerprint: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=ACTIVE)
    state_reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now)


class Campaign(Table):
    """Store a piece of labelling work: its rules, and the seed of its drawings."""

    __tablename__ = "campaigns"
    __table_args__ = (CheckConstraint("state in ('open', 'paused', 'closed')", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default=OPEN)
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seed: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Task(Table):
    """Store a pair that was chosen for labelling, and why it was chosen.

    `pool` says what it is for: real work, or a control whose verdict is `known`. `overlap` is
    wanted at first and may grow to `max_overlap`. The places that assessors hold are counted
    here, so that finding the next task needs one index and no counting.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("pool in ('main', 'gold', 'training', 'exam')", name="pool"),
        Index("ix_tasks_for_people", "campaign_id", "pool", "open_to_people", "rank", "id"),
        Index("ix_tasks_for_machines", "campaign_id", "pool", "open_to_machines", "rank", "id"),
        Index("ix_tasks_by_language", "campaign_id", "pool", "open_to_people", "language", "rank", "id"),
        Index(
            "ix_tasks_with_labels",
            "campaign_id",
            "pool",
            "people_places",
            postgresql_where=text("people_places > 0"),
            sqlite_where=text("people_places > 0"),
        ),
        Index("ix_tasks_by_cluster", "campaign_id", "pool", "open_to_people", "cluster", "rank", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    pair_id: Mapped[int] = mapped_column(ForeignKey("pairs.id"), unique=True)
    pool: Mapped[str] = mapped_column(default="main")
    known: Mapped[dict[str, Any]] = mapped_column(default=dict)
    language: Mapped[str] = mapped_column(default="")
    cluster: Mapped[int | None]
    overlap: Mapped[int]
    max_overlap: Mapped[int] = mapped_column(default=0)
    people_places: Mapped[int] = mapped_column(default=0)
    machine_places: Mapped[int] = mapped_column(default=0)
    open_to_people: Mapped[bool] = mapped_column(default=True)
    open_to_machines: Mapped[bool] = mapped_column(default=True)
    priority: Mapped[float] = mapped_column(default=0.0)
    rank: Mapped[float] = mapped_column(Computed("-priority", persisted=True))  # ascends like the id
    batch: Mapped[int] = mapped_column(default=1)
    audit: Mapped[bool] = mapped_column(default=False)
    chosen_by: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)

    campaign: Mapped[Campaign] = relationship()
    pair: Mapped[Pair] = relationship()


class Assignment(Table):
    """Store one assessor's lease on one task; an assessor gets a task once."""

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("task_id", "assessor_id"),
        Index("ix_assignments_state_expires_at", "state", "expires_at"),
        Index("ix_assignments_of_assessor", "assessor_id", "state", "reserved_at"),
        Index("ix_assignments_latest", "assessor_id", "id"),
        Index(
            "ix_assignments_flagged",
            "task_id",
            postgresql_where=text("flagged"),
            sqlite_where=text("flagged = 1"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
    assessor_id: Mapped[int] = mapped_column(ForeignKey("assessors.id"))
    state: Mapped[str]
    swapped: Mapped[bool]
    reason: Mapped[str] = mapped_column(default="")
    flagged: Mapped[bool] = mapped_column(default=False)
    reserved_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    task: Mapped[Task] = relationship()
    assessor: Mapped[Assessor] = relationship()


class Judgement(Table):
    """Store one verdict with its reasons, in the order of the stored pair.

    An amendment is a new row with the next revision; the last revision counts.
    """

    __tablename__ = "judgements"
    __table_args__ = (UniqueConstraint("assignment_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"))
    revision: Mapped[int] = mapped_column(default=1)
    client_key: Mapped[str] = mapped_column(unique=True)
    verdict: Mapped[str]
    aspects: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tags: Mapped[dict[str, Any]] = mapped_column(default=dict)
    spans: Mapped[list[Any]] = mapped_column(default=list)
    comment: Mapped[str] = mapped_column(default="")
    confidence: Mapped[float | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    guideline_id: Mapped[int] = mapped_column(ForeignKey("guidelines.id"))
    channel: Mapped[str]
    seconds: Mapped[float] = mapped_column(default=0.0)
    active_seconds: Mapped[float] = mapped_column(default=0.0)
    created_at: Mapped[datetime] = mapped_column(default=now)

    assignment: Mapped[Assignment] = relationship()


class Event(Table):
    """Store that something happened in the ledger; the history is only ever added to."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_kind_id", "kind", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[str]
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"), index=True)
    assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"))
    assessor_id: Mapped[int | None] = mapped_column(ForeignKey("assessors.id"))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Preference(Table):
    """Store the aggregated verdict of a pair; rebuilt from the judgements at will."""

    __tablename__ = "preferences"
    __table_args__ = (Index("ix_preferences_verdict_pair_id", "verdict", "pair_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pair_id: Mapped[int] = mapped_column(ForeignKey("pairs.id"), unique=True)
    verdict: Mapped[str]
    posterior: Mapped[dict[str, Any]]
    margin: Mapped[float]
    votes: Mapped[list[Any]]
    people: Mapped[int]
    machines: Mapped[int]
    method: Mapped[str] = mapped_column(default="")
    uncertainty: Mapped[float] = mapped_column(default=0.0, index=True)
    lineage: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)

    pair: Mapped[Pair] = relationship()
