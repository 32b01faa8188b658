"""Define the corpus tables, apart from any other tables of the same database."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, DateTime, ForeignKey, LargeBinary, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class CorpusTable(DeclarativeBase):
    """Collect the corpus tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class DocumentRecord(CorpusTable):
    """Store one document, or the reason why it could not be read.

    `status` is `indexed`, `junk` or `duplicate`; only an indexed document has chunks. `kept`
    says that a person put it back, `duplicate_of` is the key of the one indexed in its place.
    `error` tells why the latest reading failed; an earlier version that could be read stays.
    """

    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    collection: Mapped[str] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="en")
    source: Mapped[str] = mapped_column(default="")
    content_hash: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    chunker: Mapped[str] = mapped_column(default="")
    error: Mapped[str | None]
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    published: Mapped[date | None]
    status: Mapped[str] = mapped_column(default="indexed", server_default="indexed", index=True)
    reason: Mapped[str | None]
    kept: Mapped[bool] = mapped_column(default=False, server_default="0")
    duplicate_of: Mapped[str | None]
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)


class ChunkRecord(CorpusTable):
    """Store one chunk with its offsets into the document's text."""

    __tablename__ = "chunks"

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    title_path: Mapped[str]
    text: Mapped[str]
    text_hash: Mapped[str] = mapped_column(index=True)
    language: Mapped[str] = mapped_column(default="en", server_default="en")
    keywords: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")


class EntityRecord(CorpusTable):
    """Store one named entity under its normalised name."""

    __tablename__ = "entities"
    __table_args__ = (UniqueConstraint("name", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]


class MentionRecord(CorpusTable):
    """Say that a chunk mentions an entity."""

    __tablename__ = "mentions"

    chunk_id: Mapped[int] = mapped_column(ForeignKey("chunks.id", ondelete="CASCADE"), primary_key=True)
    entity_id: Mapped[int] = mapped_column(
        ForeignKey("entities.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class EmbeddingRecord(CorpusTable):
    """Cache the vector of a text under the fingerprint of the model that made it."""

    __tablename__ = "embeddings"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    text_hash: Mapped[str] = mapped_column(primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)
