"""Define the tables that tie the ledger to a Label Studio server: project, tasks, annotations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotate.store.base import Table, now
from annotate.store.ledger import Campaign, Task


class LinkedProject(Table):
    """Store which project of a server a campaign is labelled in, and how far it was read."""

    __tablename__ = "linked_projects"
    __table_args__ = (UniqueConstraint("base_url", "project"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    base_url: Mapped[str]
    project: Mapped[int]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"))
    config_hash: Mapped[str]
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)

    campaign: Mapped[Campaign] = relationship()


class LinkedTask(Table):
    """Store which remote task shows which task."""

    __tablename__ = "linked_tasks"
    __table_args__ = (
        UniqueConstraint("linked_project_id", "remote_id"),
        UniqueConstraint("linked_project_id", "task_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    linked_project_id: Mapped[int] = mapped_column(ForeignKey("linked_projects.id"))
    remote_id: Mapped[int]
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"), index=True)
    swapped: Mapped[bool] = mapped_column(default=False)

    task: Mapped[Task] = relationship()


class LinkedAnnotation(Table):
    """Store which state of a remote annotation was taken in, and as which judgement."""

    __tablename__ = "linked_annotations"
    __table_args__ = (UniqueConstraint("linked_project_id", "remote_id", "updated_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    linked_project_id: Mapped[int] = mapped_column(ForeignKey("linked_projects.id"))
    remote_id: Mapped[int]
    judgement_id: Mapped[int | None] = mapped_column(ForeignKey("judgements.id"))
    updated_at: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
