"""Define the tables of questions, contenders, answers and pairs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from annotate.store.base import Table, now


class Question(Table):
    """Store an information need, with the documents known to answer it, if any."""

    __tablename__ = "questions"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str]
    language: Mapped[str] = mapped_column(index=True)
    topic: Mapped[str] = mapped_column(default="")
    documents: Mapped[list[Any]] = mapped_column(default=list)
    retrieval: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)


class ContenderRecord(Table):
    """Store one way of answering under the fingerprint of its settings and weights."""

    __tablename__ = "contenders"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(unique=True)
    settings: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)


class AnswerRecord(Table):
    """Store an answer with all that made it: passages, prompt, weights, index.

    `sentences` holds the answer split up, each with the passage numbers it cites; `flags` what
    its checks found wrong; `circumstances` the launch decision with its reason, the check of each
    sentence, the embedder, the seed and the time it took.
    """

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("question_id", "contender_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    contender_id: Mapped[int] = mapped_column(ForeignKey("contenders.id"), index=True)
    text: Mapped[str]
    sentences: Mapped[list[Any]]
    passages: Mapped[list[Any]]
    prompt: Mapped[list[Any]]
    model_fingerprint: Mapped[str]
    index_fingerprint: Mapped[str]
    refused: Mapped[bool] = mapped_column(default=False)
    new_tokens: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[float] = mapped_column(default=0.0)
    flags: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    circumstances: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    created_at: Mapped[datetime] = mapped_column(default=now)

    contender: Mapped[ContenderRecord] = relationship()


class Pair(Table):
    """Store two answers to one question; the first is never the same as the second."""

    __tablename__ = "pairs"
    __table_args__ = (UniqueConstraint("first_id", "second_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("answers.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("answers.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)

    question: Mapped[Question] = relationship()
    first: Mapped[AnswerRecord] = relationship(foreign_keys=first_id)
    second: Mapped[AnswerRecord] = relationship(foreign_keys=second_id)
