"""Define the table of answers that were made ahead."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rag.corpus import CorpusTable


class PrecomputedRecord(CorpusTable):
    """Store one answer with what it rests on.

    `scope` names the contender and its weights, `index_version` the indexes, `documents` the
    digest of every document that was shown to the generator.
    """

    __tablename__ = "precomputed_answers"
    __table_args__ = (UniqueConstraint("scope", "normalised"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(index=True)
    index_version: Mapped[str]
    question: Mapped[str]
    normalised: Mapped[str]
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    documents: Mapped[dict[str, str]] = mapped_column(JSON)
    asked: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
