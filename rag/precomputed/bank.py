"""Keep answers made ahead, and serve one only where it is certain to be the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from rag.corpus.migrations import migrate
from rag.corpus.tables import ChunkRecord, DocumentRecord
from rag.embedders import Embedder
from rag.precomputed.gate import same_question
from rag.precomputed.significant import normalise
from rag.precomputed.table import PrecomputedRecord

MIN_SIMILARITY = 0.9  # cosine of e5 between questions, below which the gate is not asked
_CANDIDATES = 5


@dataclass(frozen=True)
class PrecomputedHit:
    """Hold an answer made ahead, the question it was made for, and why it serves this one."""

    question: str
    answer: dict[str, Any]
    kind: Literal["exact", "semantic"]
    reason: str


class PrecomputedAnswers:
    """Look answers up for one way of answering (`scope`) over one version of the indexes."""

    def __init__(
        self,
        engine: Engine,
        embedder: Embedder,
        *,
        scope: str,
        index_version: str,
        writing: Engine | None = None,
        min_similarity: float = MIN_SIMILARITY,
    ) -> None:
        """Take the engine of the corpus and, where writers need another begin mode, one for writing."""
        self._reading, self._writing = sessionmaker(engine), sessionmaker(writing or engine)
        self._embedder, self._scope, self._version = embedder, scope, index_version
        self._min_similarity = min_similarity
        self._loaded: tuple[tuple[int, int], list[int], NDArray[np.float32]] | None = None
        migrate(writing or engine)

    def put(
        self, question: str, answer: Mapping[str, Any], passages: Iterable[tuple[str, str]], asked: int = 1
    ) -> bool:
        """Keep an answer to a question; return False when its passages are no longer in the corpus.

        `answer` is any row that JSON can hold; `passages` are pairs of document key and text hash
        of the chunk, for every passage that the answer rests on; without any nothing is kept.
        """
        shown = list(passages)
        vector = self._embedder.embed_queries([question])[0].astype(np.float32).tobytes()
        with self._writing.begin() as session:
            hashes = _hashes(session, [key for key, _ in shown])
            if not shown or any(text_hash not in hashes.get(key, ()) for key, text_hash in shown):
                return False
            session.execute(
                delete(PrecomputedRecord).where(
                    PrecomputedRecord.scope == self._scope,
                    PrecomputedRecord.normalised == normalise(question),
                )
            )
            session.add(
                PrecomputedRecord(
                    scope=self._scope,
                    index_version=self._version,
                    question=question,
                    normalised=normalise(question),
                    vector=vector,
                    answer=dict(answer),
                    documents={key: _digest(found) for key, found in hashes.items()},
                    asked=asked,
                    made_at=datetime.now(UTC),
                )
            )
        return True

    def lookup(self, question: str) -> PrecomputedHit | None:
        """Return the answer made ahead for this very question or one that means the same, if it holds."""
        with self._reading() as session:
            exact = session.scalar(self._mine().where(PrecomputedRecord.normalised == normalise(question)))
            if exact is not None and self._holds(session, exact):
                return PrecomputedHit(
                    exact.question, exact.answer, "exact", "the same question, word for word"
                )
            for record_id, cosine in self._nearest(session, question):
                record = session.get(PrecomputedRecord, record_id)
                if record is None:
                    continue
                verdict = same_question(question, record.question)
                if verdict.passes and self._holds(session, record):
                    reason = f"cosine {cosine:.3f} to a question with {verdict.reason}"
                    return PrecomputedHit(record.question, record.answer, "semantic", reason)
        return None

    def questions(self) -> list[str]:
        """Return the questions whose answers still hold, the most asked first."""
        with self._reading() as session:
            records = session.scalars(self._mine().order_by(PrecomputedRecord.asked.desc()))
            return [record.question for record in records if self._holds(session, record)]

    def drop_stale(self) -> int:
        """Delete the answers of this scope that no longer hold; return how many those were."""
        with self._writing.begin() as session:
            records = session.scalars(
                select(PrecomputedRecord).where(PrecomputedRecord.scope == self._scope)
            ).all()
            stale = [
                record.id
                for record in records
                if record.index_version != self._version or not self._holds(session, record)
            ]
            for record_id in stale:
                session.execute(delete(PrecomputedRecord).where(PrecomputedRecord.id == record_id))
        return len(stale)

    def _mine(self) -> Any:
        return select(PrecomputedRecord).where(
            PrecomputedRecord.scope == self._scope, PrecomputedRecord.index_version == self._version
        )

    def _holds(self, session: Session, record: PrecomputedRecord) -> bool:
        """Tell whether every document that the answer rests on is as it was."""
        hashes = _hashes(session, list(record.documents))
        return all(_digest(hashes.get(key, [])) == digest for key, digest in record.documents.items())

    def _nearest(self, session: Session, question: str) -> list[tuple[int, float]]:
        ids, vectors = self._vectors(session)
        if not ids:
            return []
        cosines = vectors @ self._embedder.embed_queries([question])[0]
        best = np.argsort(-cosines)[:_CANDIDATES]
        return [(ids[at], float(cosines[at])) for at in best if cosines[at] >= self._min_similarity]

    def _vectors(self, session: Session) -> tuple[list[int], NDArray[np.float32]]:
        """Return ids and vectors, read again only when answers came or went."""
        mine = self._mine().subquery()
        row = session.execute(select(func.count(mine.c.id), func.coalesce(func.max(mine.c.id), 0))).one()
        state = (int(row[0]), int(row[1]))
        if self._loaded is None or self._loaded[0] != state:
            rows = session.execute(select(mine.c.id, mine.c.vector).order_by(mine.c.id)).all()
            vectors = [np.frombuffer(row.vector, np.float32) for row in rows]
            matrix = np.stack(vectors) if vectors else np.zeros((0, 0), np.float32)
            self._loaded = (state, [row.id for row in rows], matrix)
        return self._loaded[1], self._loaded[2]


def _hashes(session: Session, keys: Sequence[str]) -> dict[str, list[str]]:
    """Return the text hashes of each document's chunks, in order."""
    rows = session.execute(
        select(DocumentRecord.key, ChunkRecord.text_hash)
        .join(ChunkRecord, ChunkRecord.document_id == DocumentRecord.id)
        .where(DocumentRecord.key.in_(set(keys)))
        .order_by(DocumentRecord.key, ChunkRecord.position)
    )
    found: dict[str, list[str]] = {}
    for key, text_hash in rows:
        found.setdefault(key, []).append(text_hash)
    return found


def _digest(hashes: Iterable[str]) -> str:
    return hashlib.sha256("".join(hashes).encode()).hexdigest()
