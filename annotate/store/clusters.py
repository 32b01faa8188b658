"""Define the tables of question clusters, their gaps, and the documents asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from annotate.store.base import Table, now
from annotate.store.ledger import OPEN


class Cluster(Table):
    """Store a group of similar questions and what it lacks; -1 numbers the outliers."""

    __tablename__ = "clusters"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    name: Mapped[str]
    keywords: Mapped[list[Any]]
    gaps: Mapped[list[Any]] = mapped_column(default=list)
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)


class ClusterMember(Table):
    """Store which cluster a question belongs to, and its place on the map."""

    __tablename__ = "cluster_members"

    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True)
    cluster_id: Mapped[int] = mapped_column(ForeignKey("clusters.id"), index=True)
    x: Mapped[float | None]
    y: Mapped[float | None]


class DocumentRequest(Table):
    """Store that somebody asks for documents on what a cluster of questions is about.

    It outlives a new clustering, so it names the cluster instead of pointing at it.
    """

    __tablename__ = "document_requests"
    __table_args__ = (Index("ix_document_requests_state_id", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cluster: Mapped[int]  # its number
    name: Mapped[str]
    questions: Mapped[list[Any]] = mapped_column(default=list)  # ids of those the documents should answer
    note: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=OPEN)  # open, done or dropped
    requested_by: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    settled_by: Mapped[str] = mapped_column(default="")
    settled_at: Mapped[datetime | None]
