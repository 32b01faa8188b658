"""Read and write documents and chunks on a database engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from rag.chunkers import Chunker
from rag.corpus import chunk_queries, duplicates, embedding_cache
from rag.corpus.migrations import migrate
from rag.corpus.records import ChunkFilter, CorpusSize, DocumentStatus, Standing, StoredChunk
from rag.corpus.tables import ChunkRecord, DocumentRecord
from rag.corpus.writing import delete_documents, store_chunks
from rag.documents import Document, Failure
from rag.errors import CorpusError
from rag.preparation import Preparation, PreparedDocument, as_preparation


class Corpus:
    """Keep the documents, whether indexed or left out, and the chunks of the indexed ones."""

    def __init__(self, engine: Engine, writing: Engine | None = None) -> None:
        """Take an engine for reading and, where writers need another begin mode, one for writing."""
        self._reading = sessionmaker(engine)
        self._writing = sessionmaker(writing or engine)
        migrate(writing or engine)

    def put(self, document: Document, how: Preparation | Chunker) -> bool:
        """Store a document and its chunks in one transaction; return False if nothing changed.

        A bare chunker prepares plainly: the document is kept, and nothing is looked for in it.
        """
        standing = self.standing(document, how)
        if standing.unchanged:
            return False
        # Outside of a transaction: looking for names in a long document takes a while.
        self.store(as_preparation(how).prepare(document, keep=standing.kept), how)
        return True

    def standing(self, document: Document, how: Preparation | Chunker) -> Standing:
        """Tell how a document stands to what is stored; one that reads again as before has no error left."""
        preparation = as_preparation(how)
        with self._reading() as session:
            record = _find(session, document.key)
            if record is None:
                return Standing(unchanged=False, kept=False)
            standing = Standing(_unchanged(record, document, preparation), record.kept)
            failed = record.error is not None
        if standing.unchanged and failed:
            with self._writing.begin() as session:
                _existing(session, document.key).error = None
        return standing

    def store(self, prepared: PreparedDocument, how: Preparation | Chunker) -> None:
        """Store a document that was prepared in this way, and its chunks, in one transaction."""
        with self._writing.begin() as session:
            _store(session, prepared, as_preparation(how).version)

    def put_failure(self, failure: Failure) -> None:
        """Record that a document could not be read; a readable earlier version stays in place."""
        with self._writing.begin() as session:
            record = _find(session, failure.key) or _new(session, failure.key)
            record.source, record.error, record.updated_at = failure.source, failure.reason, datetime.now(UTC)

    def remove_missing(
        self, collection: str, present: Iterable[str], unread: Set[str] = frozenset()
    ) -> list[str]:
        """Delete the collection's documents whose keys are not `present`; return their keys.

        The parts (`file#part`) of a file that is `unread` stay: an earlier version could be read.
        """
        kept = set(present)
        with self._writing.begin() as session:
            rows = session.execute(
                select(DocumentRecord.id, DocumentRecord.key).where(DocumentRecord.collection == collection)
            )
            gone = {
                row.id: row.key
                for row in rows
                if row.key not in kept and row.key.partition("#")[0] not in unread
            }
            delete_documents(session, list(gone))
        return sorted(gone.values())

    def remove(self, keys: Sequence[str]) -> None:
        """Delete documents and their chunks, all or none; raise CorpusError for a key that is not there."""
        with self._writing.begin() as session:
            delete_documents(session, [_existing(session, key).id for key in keys])

    def regroup(self, how: Preparation | Chunker) -> list[str]:
        """Group near duplicates and index one of each group; return the keys whose state changed.

        A document whose representative has gone is indexed again.
        """
        preparation = as_preparation(how)
        if preparation.duplicate_threshold is None:
            return []
        with self._reading() as session:
            changes = duplicates.changes(session, preparation.duplicate_threshold)
            returning = {
                key: _document(_existing(session, key)) for key, original in changes.items() if not original
            }
        prepared = {key: preparation.prepare(document, keep=True) for key, document in returning.items()}
        with self._writing.begin() as session:
            duplicates.apply(session, changes, prepared)
        return sorted(changes)

    def put_back(self, key: str, how: Preparation | Chunker) -> None:
        """Index a document that was left out; raise CorpusError when there is none of this key."""
        preparation = as_preparation(how)
        with self._writing.begin() as session:
            record = _existing(session, key)
            if not record.content_hash:
                raise CorpusError(f"{key}: it could not be read ({record.error}), so it cannot be put back")
            record.kept = True
            document = _document(record)
        prepared = preparation.prepare(document, keep=True)
        with self._writing.begin() as session:
            _store(session, prepared, preparation.version)

    def size(self) -> CorpusSize:
        """Count documents, failures and chunks."""
        readable = DocumentRecord.content_hash != ""
        with self._reading() as session:
            failed = session.scalar(select(func.count()).where(DocumentRecord.error.is_not(None))) or 0
            counted = select(DocumentRecord.language, func.count()).where(readable)
            languages = session.execute(counted.group_by(DocumentRecord.language))
            counts = {row[0]: row[1] for row in languages}
            by_status = session.execute(
                select(DocumentRecord.status, func.count()).where(readable).group_by(DocumentRecord.status)
            )
            statuses = {row[0]: row[1] for row in by_status}
            chunks = session.scalar(select(func.count(ChunkRecord.id))) or 0
        left_out = statuses.get("junk", 0), statuses.get("duplicate", 0)
        return CorpusSize(sum(counts.values()), failed, chunks, counts, *left_out)

    def failures(self) -> list[Failure]:
        """List the documents that could not be read."""
        with self._reading() as session:
            rows = session.scalars(select(DocumentRecord).where(DocumentRecord.error.is_not(None)))
            return [Failure(row.key, row.source, row.error or "") for row in rows]

    def documents(self, status: str | None = None) -> list[DocumentStatus]:
        """List what became of the documents: all, or those of one status."""
        with self._reading() as session:
            found = chunk_queries.statuses(session)
        return [document for document in found if status in (None, document.status)]

    def originals(self) -> dict[str, str]:
        """Return for each near duplicate that was left out the key of the document indexed in its place."""
        with self._reading() as session:
            rows = session.execute(
                select(DocumentRecord.key, DocumentRecord.duplicate_of).where(
                    DocumentRecord.status == "duplicate", DocumentRecord.duplicate_of.is_not(None)
                )
            )
            return {key: str(original) for key, original in rows}

    def chunks(self, ids: Sequence[int] | None = None) -> list[StoredChunk]:
        """Return all chunks in order, or those with the given ids in the order of the ids."""
        with self._reading() as session:
            return chunk_queries.chunks(session, ids)

    def chunk_ids(self, allowed: ChunkFilter) -> list[int]:
        """Return the ids of the chunks that a filter allows, in order."""
        with self._reading() as session:
            return chunk_queries.chunk_ids(session, allowed)

    def neighbours(self, ids: Sequence[int], width: int = 1) -> dict[int, list[int]]:
        """Return for each chunk those up to `width` before and after it in its document, itself included."""
        with self._reading() as session:
            return chunk_queries.neighbours(session, ids, width)

    def related(self, ids: Sequence[int]) -> dict[int, list[int]]:
        """Return for each chunk the others that mention an entity it mentions, most shared first."""
        with self._reading() as session:
            return chunk_queries.related(session, ids)

    def version(self) -> str:
        """Return a hash over all chunks: equal versions hold equal texts under equal ids."""
        with self._reading() as session:
            return chunk_queries.version(session)

    def embeddings(self, fingerprint: str, hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the cached vectors of those texts that have one, by text hash."""
        with self._reading() as session:
            return embedding_cache.read(session, fingerprint, hashes)

    def put_embeddings(self, fingerprint: str, vectors: dict[str, NDArray[np.float32]]) -> None:
        """Cache vectors by text hash."""
        with self._writing.begin() as session:
            embedding_cache.write(session, fingerprint, vectors)


def _find(session: Session, key: str) -> DocumentRecord | None:
    return session.scalar(select(DocumentRecord).where(DocumentRecord.key == key))


def _existing(session: Session, key: str) -> DocumentRecord:
    record = _find(session, key)
    if record is None:
        raise CorpusError(f"{key}: no such document; `pairloop documents` lists them")
    return record


def _new(session: Session, key: str) -> DocumentRecord:
    record = DocumentRecord(key=key, collection=key.partition(":")[0], content_hash="", chunker="")
    record.updated_at = datetime.now(UTC)
    session.add(record)
    return record


def _unchanged(record: DocumentRecord, document: Document, preparation: Preparation) -> bool:
    return record.content_hash == document.content_hash and record.chunker == preparation.version


def _document(record: DocumentRecord) -> Document:
    return Document(record.key, record.title, record.text, record.source, record.published)


def _store(session: Session, prepared: PreparedDocument, version: str) -> None:
    document = prepared.document
    record = _find(session, document.key) or _new(session, document.key)
    record.title, record.text, record.source = document.title, document.text, document.source
    record.collection, record.language = document.collection, document.language
    record.content_hash, record.chunker = document.content_hash, version
    record.published, record.signature = prepared.published, prepared.signature
    record.status, record.reason = ("junk", prepared.junk) if prepared.junk else ("indexed", None)
    record.duplicate_of = record.error = None
    record.updated_at = datetime.now(UTC)
    session.flush()
    store_chunks(session, record, prepared.chunks)
