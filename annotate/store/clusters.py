"""Define the tables of question clusters and their gaps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from annotate.store.base import Table, now


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
    """Store which cluster a question belongs to."""

    __tablename__ = "cluster_members"

    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True)
    cluster_id: Mapped[int] = mapped_column(ForeignKey("clusters.id"), index=True)
