"""Write the chunks of a document and what they mention."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from rag.corpus.tables import ChunkRecord, DocumentRecord, EntityRecord, MentionRecord
from rag.preparation import PreparedChunk


def delete_chunks(session: Session, document_id: int) -> None:
    """Delete the chunks of a document with their mentions."""
    # Explicitly, since SQLite cascades only where the engine asks it to.
    own = select(ChunkRecord.id).where(ChunkRecord.document_id == document_id)
    session.execute(delete(MentionRecord).where(MentionRecord.chunk_id.in_(own)))
    session.execute(delete(ChunkRecord).where(ChunkRecord.document_id == document_id))


def delete_documents(session: Session, ids: Sequence[int]) -> None:
    """Delete documents with their chunks."""
    for document_id in ids:
        delete_chunks(session, document_id)
        session.execute(delete(DocumentRecord).where(DocumentRecord.id == document_id))


def store_chunks(session: Session, record: DocumentRecord, chunks: Sequence[PreparedChunk]) -> None:
    """Replace the chunks of a document."""
    delete_chunks(session, record.id)
    records = [_chunk(record, position, prepared) for position, prepared in enumerate(chunks)]
    session.add_all(records)
    session.flush()
    entities = _entity_ids(session, {entity for prepared in chunks for entity in prepared.entities})
    mentions = [
        {"chunk_id": stored.id, "entity_id": entities[entity]}
        for stored, prepared in zip(records, chunks, strict=True)
        for entity in prepared.entities
    ]
    if mentions:
        session.execute(insert(MentionRecord), mentions)


def _chunk(record: DocumentRecord, position: int, prepared: PreparedChunk) -> ChunkRecord:
    chunk = prepared.chunk
    title = " › ".join(chunk.title_path) or record.title
    searchable = f"{title}\n{chunk.text}" if title else chunk.text
    return ChunkRecord(
        document_id=record.id,
        position=position,
        start=chunk.start,
        end=chunk.end,
        title_path=title,
        text=chunk.text,
        text_hash=hashlib.sha256(searchable.encode()).hexdigest(),
        language=prepared.language,
        keywords=list(prepared.keywords),
    )


def _entity_ids(session: Session, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    names = sorted({name for name, _ in wanted})
    found: dict[tuple[str, str], EntityRecord] = {}
    for at in range(0, len(names), 500):
        rows = session.scalars(select(EntityRecord).where(EntityRecord.name.in_(names[at : at + 500])))
        found |= {(row.name, row.kind): row for row in rows}
    fresh = {entity: EntityRecord(name=entity[0], kind=entity[1]) for entity in wanted - found.keys()}
    session.add_all(fresh[entity] for entity in sorted(fresh))
    session.flush()
    return {entity: row.id for entity, row in (found | fresh).items()}
