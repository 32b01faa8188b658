"""Define the tables of what programs ask and are told: questions asked, feedback, webhooks out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from annotate.store.base import Table, now

WAITING, DELIVERED, GIVEN_UP = "waiting", "delivered", "given up"


class Asked(Table):
    """Store a question that somebody asked the system, with the answers shown, for feedback later."""

    __tablename__ = "asked"

    id: Mapped[str] = mapped_column(primary_key=True)  # drawn at random, given to the asker
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    pair_id: Mapped[int | None] = mapped_column(ForeignKey("pairs.id"), index=True)
    answer_ids: Mapped[list[Any]] = mapped_column(default=list)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class Feedback(Table):
    """Store what an asker thought of an answer: a thumb, an edit, the alternative taken, a click."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)  # the client's, so that sending twice counts once
    asked_id: Mapped[str] = mapped_column(ForeignKey("asked.id"), index=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answers.id"))
    kind: Mapped[str]
    value: Mapped[dict[str, Any]] = mapped_column(default=dict)
    judgement_id: Mapped[int | None] = mapped_column(ForeignKey("judgements.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Webhook(Table):
    """Store an address that is told about events; its key is derived, not stored."""

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(unique=True)
    events: Mapped[list[Any]] = mapped_column(default=list)
    active: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[str] = mapped_column(default="")
    seen: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the last id that was sent, by stream
    created_at: Mapped[datetime] = mapped_column(default=now)


class Delivery(Table):
    """Store one message to one webhook until it arrived or was given up."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "key"),
        Index("ix_deliveries_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id"))
    key: Mapped[str]
    event: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default=WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=now)
    status: Mapped[int | None]
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    delivered_at: Mapped[datetime | None]
