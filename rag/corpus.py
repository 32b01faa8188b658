"""Keep documents and chunks in SQL, the truth from which every index is derived."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import DateTime, Engine, ForeignKey, LargeBinary, MetaData, delete, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from rag.chunkers import Chunk, Chunker
from rag.documents import Document, Failure

_LOOKUP_SIZE = 500  # values of one IN list
_Value = TypeVar("_Value", int, str)


class CorpusTable(DeclarativeBase):
    """Collect the corpus tables, apart from any other tables of the same database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class DocumentRecord(CorpusTable):
    """Store one document, or the reason why it could not be read."""

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


class EmbeddingRecord(CorpusTable):
    """Cache the vector of a text under the fingerprint of the model that made it."""

    __tablename__ = "embeddings"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    text_hash: Mapped[str] = mapped_column(primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class StoredChunk:
    """Hold one chunk as the rest of the library sees it."""

    id: int
    document_key: str
    title: str
    text: str
    text_hash: str
    language: str

    @property
    def searchable(self) -> str:
        """Return the text with its headings, which is what gets embedded and indexed."""
        return f"{self.title}\n{self.text}" if self.title else self.text


@dataclass(frozen=True)
class CorpusSize:
    """Count what the corpus holds."""

    documents: int
    failed: int
    chunks: int
    languages: dict[str, int]


class Corpus:
    """Read and write documents and chunks on a database engine."""

    def __init__(self, engine: Engine, writing: Engine | None = None) -> None:
        """Take an engine for reading and, where writers need another begin mode, one for writing."""
        self._reading = sessionmaker(engine)
        self._writing = sessionmaker(writing or engine)
        CorpusTable.metadata.create_all(writing or engine)

    def put(self, document: Document, chunker: Chunker) -> bool:
        """Store a document and its chunks in one transaction; return False if nothing changed."""
        with self._writing.begin() as session:
            record = _find(session, document.key)
            record.error = None
            if record.content_hash == document.content_hash and record.chunker == chunker.version:
                return False
            record.title, record.text, record.source = document.title, document.text, document.source
            record.collection, record.language = document.collection, document.language
            record.content_hash, record.chunker = document.content_hash, chunker.version
            record.updated_at = datetime.now(UTC)
            session.flush()
            session.execute(delete(ChunkRecord).where(ChunkRecord.document_id == record.id))
            session.add_all(_records(record, chunker.chunk(document.text)))
        return True

    def put_failure(self, failure: Failure) -> None:
        """Record that a document could not be read; a readable earlier version stays in place."""
        with self._writing.begin() as session:
            record = _find(session, failure.key)
            record.collection = failure.key.partition(":")[0]
            record.source, record.error, record.updated_at = failure.source, failure.reason, datetime.now(UTC)

    def remove_missing(self, collection: str, present: Iterable[str]) -> list[str]:
        """Delete the collection's documents whose keys are not `present`; return their keys."""
        kept = set(present)
        with self._writing.begin() as session:
            rows = session.execute(
                select(DocumentRecord.id, DocumentRecord.key).where(DocumentRecord.collection == collection)
            )
            gone = {row.id: row.key for row in rows if row.key not in kept}
            for record_id in gone:
                session.execute(delete(ChunkRecord).where(ChunkRecord.document_id == record_id))
                session.execute(delete(DocumentRecord).where(DocumentRecord.id == record_id))
        return sorted(gone.values())

    def size(self) -> CorpusSize:
        """Count documents, failures and chunks."""
        with self._reading() as session:
            failed = session.scalar(select(func.count()).where(DocumentRecord.error.is_not(None))) or 0
            languages = session.execute(
                select(DocumentRecord.language, func.count())
                .where(DocumentRecord.content_hash != "")
                .group_by(DocumentRecord.language)
            )
            counts = {row[0]: row[1] for row in languages}
            chunks = session.scalar(select(func.count(ChunkRecord.id))) or 0
        return CorpusSize(sum(counts.values()), failed, chunks, counts)

    def failures(self) -> list[Failure]:
        """List the documents that could not be read."""
        with self._reading() as session:
            rows = session.scalars(select(DocumentRecord).where(DocumentRecord.error.is_not(None)))
            return [Failure(row.key, row.source, row.error or "") for row in rows]

    def chunks(self, ids: Sequence[int] | None = None) -> list[StoredChunk]:
        """Return all chunks in order, or those with the given ids in the order of the ids."""
        query = select(ChunkRecord, DocumentRecord.key, DocumentRecord.language).join(
            DocumentRecord, DocumentRecord.id == ChunkRecord.document_id
        )
        with self._reading() as session:
            if ids is None:
                return [_stored(*row) for row in session.execute(query.order_by(ChunkRecord.id))]
            found = {
                chunk.id: _stored(chunk, key, language)
                for some in _batches(ids)
                for chunk, key, language in session.execute(query.where(ChunkRecord.id.in_(some)))
            }
        return [found[chunk_id] for chunk_id in ids if chunk_id in found]

    def embeddings(self, fingerprint: str, hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the cached vectors of those texts that have one, by text hash."""
        found: dict[str, NDArray[np.float32]] = {}
        with self._reading() as session:
            for some in _batches(hashes):
                rows = session.execute(
                    select(EmbeddingRecord.text_hash, EmbeddingRecord.vector).where(
                        EmbeddingRecord.fingerprint == fingerprint, EmbeddingRecord.text_hash.in_(some)
                    )
                )
                found |= {row.text_hash: np.frombuffer(row.vector, np.float32) for row in rows}
        return found

    def put_embeddings(self, fingerprint: str, vectors: dict[str, NDArray[np.float32]]) -> None:
        """Cache vectors by text hash."""
        with self._writing.begin() as session:
            for text_hash, vector in vectors.items():
                session.merge(
                    EmbeddingRecord(
                        fingerprint=fingerprint,
                        text_hash=text_hash,
                        vector=vector.astype(np.float32).tobytes(),
                    )
                )


def _find(session: Session, key: str) -> DocumentRecord:
    record = session.scalar(select(DocumentRecord).where(DocumentRecord.key == key))
    if record is None:
        record = DocumentRecord(key=key, collection="", content_hash="", chunker="")
        record.updated_at = datetime.now(UTC)
        session.add(record)
    return record


def _records(record: DocumentRecord, chunks: Sequence[Chunk]) -> list[ChunkRecord]:
    records = []
    for position, chunk in enumerate(chunks):
        title = " › ".join(chunk.title_path) or record.title
        searchable = f"{title}\n{chunk.text}" if title else chunk.text
        records.append(
            ChunkRecord(
                document_id=record.id,
                position=position,
                start=chunk.start,
                end=chunk.end,
                title_path=title,
                text=chunk.text,
                text_hash=hashlib.sha256(searchable.encode()).hexdigest(),
            )
        )
    return records


def _stored(chunk: ChunkRecord, key: str, language: str) -> StoredChunk:
    return StoredChunk(chunk.id, key, chunk.title_path, chunk.text, chunk.text_hash, language)


def _batches(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    for at in range(0, len(values), _LOOKUP_SIZE):
        yield values[at : at + _LOOKUP_SIZE]
