"""Report the documents: what became of each, why, how large they are, and what lies in them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, or_, select
from sqlalchemy.orm import Session, sessionmaker

from annotate.jobs.context import Context
from annotate.reports.documents import (
    STATUSES,
    ChunkRow,
    CorpusReport,
    DocumentFilter,
    DocumentPage,
    DocumentReport,
    DocumentRow,
)
from annotate.store import AnswerRecord, Assignment, Event, Pair, Task
from rag.corpus.tables import ChunkRecord, DocumentRecord

PAGE = 100
CHUNKS = 200  # of one document that are shown
ANSWERS = 2000  # newest answers in which the use of a document is looked for

_STATUS = case((DocumentRecord.error.is_not(None), "failed"), else_=DocumentRecord.status)
_SIZE = func.coalesce(func.length(DocumentRecord.text), 0)


def describe_corpus(context: Context) -> CorpusReport:
    """Return the counts of the whole corpus."""
    with _reading(context) as session:
        columns = _STATUS.label("status"), DocumentRecord.language, DocumentRecord.collection
        number = func.count().label("number")
        groups = session.execute(select(*columns, number).group_by(*columns)).all()
        chunks = session.scalar(select(func.count(ChunkRecord.id))) or 0
    statuses = _sums(groups, "status")
    return CorpusReport(
        documents=sum(row.number for row in groups),
        chunks=chunks,
        statuses={status: statuses[status] for status in STATUSES},
        languages=dict(_sums(groups, "language").most_common()),
        collections=dict(_sums(groups, "collection").most_common()),
    )


def find_documents(
    context: Context, wanted: DocumentFilter | None = None, limit: int = PAGE, offset: int = 0
) -> DocumentPage:
    """Return one page of the documents that a filter allows."""
    conditions = _conditions(wanted or DocumentFilter())
    with _reading(context) as session:
        found = session.scalar(select(func.count(DocumentRecord.id)).where(*conditions)) or 0
        query = _rows().where(*conditions).order_by(DocumentRecord.key).limit(limit).offset(offset)
        return DocumentPage(found, tuple(_row(row) for row in session.execute(query)))


def describe_document(context: Context, key: str) -> DocumentReport | None:
    """Return one document with its chunks and use, or None where there is none of this key."""
    with _reading(context) as session:
        row = session.execute(_rows().where(DocumentRecord.key == key)).one_or_none()
        if row is None:
            return None
        text = session.scalar(select(DocumentRecord.text).where(DocumentRecord.key == key)) or ""
        chunks = session.scalars(
            select(ChunkRecord)
            .join(DocumentRecord, DocumentRecord.id == ChunkRecord.document_id)
            .where(DocumentRecord.key == key)
            .order_by(ChunkRecord.position)
            .limit(CHUNKS)
        )
        duplicates = session.scalars(
            select(DocumentRecord.key)
            .where(DocumentRecord.status == "duplicate", DocumentRecord.duplicate_of == key)
            .order_by(DocumentRecord.key)
        )
        using = _answers_using(session, key)
        return DocumentReport(
            _row(row), text, tuple(_chunk(chunk) for chunk in chunks), tuple(duplicates), len(using),
            tuple(_flags(session, using)),
        )  # fmt: skip


def _reading(context: Context) -> Session:
    _ = context.corpus  # its tables are made on first use
    return sessionmaker(context.store.engine)()


def _conditions(wanted: DocumentFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.status:
        found.append(_STATUS.in_([wanted.status]))
    if wanted.language:
        found.append(DocumentRecord.language == wanted.language)
    if wanted.collection:
        found.append(DocumentRecord.collection == wanted.collection)
    if text := wanted.text.strip():
        # SQLite folds the case of ASCII letters alone, so other letters are tried in both cases.
        tries = dict.fromkeys((text, text.lower(), text.capitalize(), text.upper()))
        columns = DocumentRecord.key, DocumentRecord.title
        found.append(or_(*(column.icontains(one, autoescape=True) for column in columns for one in tries)))
    return found


def _rows() -> Select[Any]:
    chunks = select(func.count()).where(ChunkRecord.document_id == DocumentRecord.id).scalar_subquery()
    record = DocumentRecord
    return select(
        record.key, record.title, record.collection, record.language, record.source,
        _STATUS.label("status"), record.reason, record.error, record.kept, record.duplicate_of,
        _SIZE.label("characters"), chunks.label("chunks"), record.published, record.updated_at,
    )  # fmt: skip


def _row(row: Row[Any]) -> DocumentRow:
    return DocumentRow(
        row.key, row.title, row.collection, row.language, row.source, row.status,
        row.error or row.reason or "", row.kept, row.duplicate_of or "", row.characters, row.chunks,
        row.published, row.updated_at,
    )  # fmt: skip


def _chunk(record: ChunkRecord) -> ChunkRow:
    return ChunkRow(
        record.id, record.position, record.start, record.end, record.title_path, record.text,
        record.language, tuple(record.keywords),
    )  # fmt: skip


def _sums(groups: Any, column: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in groups:
        found[getattr(row, column)] += row.number
    return found


def _answers_using(session: Session, key: str) -> list[int]:
    """Return the newest answers that have a passage of a document."""
    rows = session.execute(
        select(AnswerRecord.id, AnswerRecord.passages).order_by(AnswerRecord.id.desc()).limit(ANSWERS)
    )
    return [row.id for row in rows if any(part.get("document") == key for part in row.passages)]


def _flags(session: Session, answers: list[int]) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Event.at, Event.details, Event.task_id)
        .join(Task, Task.id == Event.task_id)
        .join(Pair, Pair.id == Task.pair_id)
        .join(Assignment, Assignment.id == Event.assignment_id)
        .where(
            Event.kind == "flagged",
            Assignment.flagged,
            or_(Pair.first_id.in_(answers[:500]), Pair.second_id.in_(answers[:500])),
        )
        .order_by(Event.id.desc())
        .limit(20)
    )
    return [{"at": row.at, "task": row.task_id, "reason": str(row.details.get("reason", ""))} for row in rows]
