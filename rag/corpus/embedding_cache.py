"""Keep vectors by the hash of their text and the fingerprint of their model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from rag.corpus.chunk_queries import batches
from rag.corpus.tables import EmbeddingRecord


def read(session: Session, fingerprint: str, hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """Return the cached vectors of those texts that have one."""
    found: dict[str, NDArray[np.float32]] = {}
    for some in batches(hashes):
        rows = session.execute(
            select(EmbeddingRecord.text_hash, EmbeddingRecord.vector).where(
                EmbeddingRecord.fingerprint == fingerprint, EmbeddingRecord.text_hash.in_(some)
            )
        )
        found |= {row.text_hash: np.frombuffer(row.vector, np.float32) for row in rows}
    return found


def write(session: Session, fingerprint: str, vectors: dict[str, NDArray[np.float32]]) -> None:
    """Store vectors, in place of older ones."""
    rows = [
        {"fingerprint": fingerprint, "text_hash": text_hash, "vector": vector.astype(np.float32).tobytes()}
        for text_hash, vector in vectors.items()
    ]
    for some in batches(list(vectors)):
        session.execute(
            delete(EmbeddingRecord).where(
                EmbeddingRecord.fingerprint == fingerprint, EmbeddingRecord.text_hash.in_(some)
            )
        )
    if rows:
        session.execute(insert(EmbeddingRecord), rows)
