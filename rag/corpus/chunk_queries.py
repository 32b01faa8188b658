"""Read chunks: by id, by filter, by place in their document, by what they mention."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from rag.corpus.records import ChunkFilter, DocumentStatus, StoredChunk
from rag.corpus.tables import ChunkRecord, DocumentRecord, MentionRecord

_LOOKUP_SIZE = 500  # values of one IN list
_Value = TypeVar("_Value", int, str)


def batches(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    """Cut values into lists short enough for one IN."""
    for at in range(0, len(values), _LOOKUP_SIZE):
        yield values[at : at + _LOOKUP_SIZE]


def chunks(session: Session, ids: Sequence[int] | None) -> list[StoredChunk]:
    """Return all chunks in order, or those with the given ids in the order of the ids."""
    query = select(ChunkRecord, DocumentRecord.key, DocumentRecord.published).join(
        DocumentRecord, DocumentRecord.id == ChunkRecord.document_id
    )
    if ids is None:
        return [_stored(*row) for row in session.execute(query.order_by(ChunkRecord.id))]
    found = {
        row[0].id: _stored(*row)
        for some in batches(ids)
        for row in session.execute(query.where(ChunkRecord.id.in_(some)))
    }
    return [found[chunk_id] for chunk_id in ids if chunk_id in found]


def _stored(chunk: ChunkRecord, key: str, published: object) -> StoredChunk:
    return StoredChunk(
        *(chunk.id, key, chunk.title_path, chunk.text, chunk.text_hash, chunk.language, chunk.position),
        published=published,  # type: ignore[arg-type]  # a row does not keep the column's type
        keywords=tuple(chunk.keywords),
    )


def chunk_ids(session: Session, allowed: ChunkFilter) -> list[int]:
    """Return the ids of the chunks that a filter allows, in order."""
    query = select(ChunkRecord.id).join(DocumentRecord, DocumentRecord.id == ChunkRecord.document_id)
    return list(session.scalars(query.where(*_conditions(allowed)).order_by(ChunkRecord.id)))


def _conditions(allowed: ChunkFilter) -> Iterator[ColumnElement[bool]]:
    if allowed.languages:
        yield ChunkRecord.language.in_(allowed.languages)
    if allowed.collections:
        yield DocumentRecord.collection.in_(allowed.collections)
    if allowed.documents:
        yield DocumentRecord.key.in_(allowed.documents)
    if allowed.since:
        yield DocumentRecord.published >= allowed.since
    if allowed.until:
        yield DocumentRecord.published <= allowed.until


def neighbours(session: Session, ids: Sequence[int], width: int) -> dict[int, list[int]]:
    """Return for each chunk those up to `width` around it in its document, in order, itself included."""
    near = aliased(ChunkRecord)
    found: dict[int, list[int]] = {}
    for some in batches(ids):
        query = (
            select(ChunkRecord.id, near.id)
            .join(near, near.document_id == ChunkRecord.document_id)
            .where(ChunkRecord.id.in_(some))
            .where(near.position.between(ChunkRecord.position - width, ChunkRecord.position + width))
            .order_by(near.position)
        )
        for chunk_id, near_id in session.execute(query):
            found.setdefault(chunk_id, []).append(near_id)
    return found


def related(session: Session, ids: Sequence[int]) -> dict[int, list[int]]:
    """Return for each chunk the others that mention an entity it mentions, most shared first."""
    other = aliased(MentionRecord)
    shared: dict[int, Counter[int]] = {chunk_id: Counter() for chunk_id in ids}
    for some in batches(ids):
        query = (
            select(MentionRecord.chunk_id, other.chunk_id, func.count())
            .join(other, other.entity_id == MentionRecord.entity_id)
            .where(MentionRecord.chunk_id.in_(some), other.chunk_id != MentionRecord.chunk_id)
            .group_by(MentionRecord.chunk_id, other.chunk_id)
        )
        for chunk_id, other_id, count in session.execute(query):
            shared[chunk_id][other_id] = count
    return {
        chunk_id: sorted(counts, key=lambda other_id: (-counts[other_id], other_id))
        for chunk_id, counts in shared.items()
    }


def version(session: Session) -> str:
    """Return a hash over the ids and texts of all chunks."""
    digest = hashlib.sha256()
    for chunk_id, text_hash in session.execute(
        select(ChunkRecord.id, ChunkRecord.text_hash).order_by(ChunkRecord.id)
    ):
        digest.update(f"{chunk_id}:{text_hash};".encode())
    return digest.hexdigest()[:16]


def statuses(session: Session) -> list[DocumentStatus]:
    """Return what became of each document, by key."""
    query = (
        select(DocumentRecord, func.count(ChunkRecord.id))
        .outerjoin(ChunkRecord, ChunkRecord.document_id == DocumentRecord.id)
        .group_by(DocumentRecord.id)
        .order_by(DocumentRecord.key)
    )
    return [_status(*row) for row in session.execute(query)]


def _status(record: DocumentRecord, count: int) -> DocumentStatus:
    failed = record.error is not None
    return DocumentStatus(
        *(record.key, record.title, record.language, record.source),
        status="failed" if failed else record.status,
        reason=record.error if failed else record.reason,
        published=record.published,
        chunks=count,
        kept=record.kept,
        duplicate_of=record.duplicate_of,
    )
