"""Keep one of each group of near duplicates in the index, and remember the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rag.corpus.tables import DocumentRecord
from rag.corpus.writing import delete_chunks, store_chunks
from rag.preparation import PreparedDocument


def changes(session: Session, threshold: float) -> dict[str, str]:
    """Return what must change: a document's key → the key it duplicates, or "" where it stands alone.

    The representative of a group is the one that was put back by a person, else the one that
    already is indexed; then the one that came first.
    """
    from rag.cleaning.near_duplicates import group, unpack

    rows = session.execute(
        select(
            DocumentRecord.id,
            DocumentRecord.key,
            DocumentRecord.status,
            DocumentRecord.kept,
            DocumentRecord.duplicate_of,
            DocumentRecord.signature,
        ).where(DocumentRecord.signature.is_not(None), DocumentRecord.status != "junk")
    ).all()
    by_key = {row.key: row for row in rows}
    wanted = dict.fromkeys(by_key, "")
    signatures = {row.key: unpack(row.signature) for row in rows}
    for keys in group(signatures, threshold):
        first = min(keys, key=lambda key: _rank(by_key[key]))
        wanted |= {key: first for key in keys if key != first and not by_key[key].kept}
    return {key: original for key, original in wanted.items() if original != (by_key[key].duplicate_of or "")}


def _rank(row: Any) -> tuple[bool, bool, int]:
    return not row.kept, row.status != "indexed", row.id


def apply(session: Session, changed: Mapping[str, str], prepared: Mapping[str, PreparedDocument]) -> None:
    """Write the changes; the documents that return to the index come prepared."""
    records = {
        record.key: record
        for record in session.scalars(select(DocumentRecord).where(DocumentRecord.key.in_(changed)))
    }
    for key, original in changed.items():
        record = records[key]
        if original:
            record.status, record.reason = "duplicate", f"nearly the same as {original}"
            record.duplicate_of = original
            delete_chunks(session, record.id)
        else:
            record.status, record.reason, record.duplicate_of = "indexed", None, None
            store_chunks(session, record, prepared[key].chunks)
