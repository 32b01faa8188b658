"""Find pairs by their words and by their meaning, in indexes that grow with the database.

Words: BM25 over the stems of question and answers, in files of the workspace. Meaning: the cosine
of question vectors, in memory. Both take in what is new when asked; a long backlog is worked off by
a thread meanwhile, and the hits until then come from what is taken in.
"""

from __future__ import annotations

import time
from functools import cached_property
from pathlib import Path
from threading import Lock, Thread

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from annotate.jobs.context import Context
from annotate.jobs.embeddings import embed_questions
from annotate.store import AnswerRecord, Pair, Question
from rag import RagError
from rag.indexes.tantivy_index import TantivyIndex

HITS = 500
PATIENCE_SECONDS = 0.3  # that a search spends on what is new before it answers
BATCH = {"words": 500, "meaning": 32}  # rows taken in while somebody waits
BACKLOG = {"words": 4_000, "meaning": 64}  # and by the thread: more are cheaper for each
BLOCK = 16_384  # question vectors multiplied at a time


class PairSearch:
    """Search the pairs of one workspace."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._words = _Words(context)
        self._meaning = _Meaning(context)

    def by_words(self, text: str) -> list[int]:
        """Return the pairs whose question or answers share words with a text, best first."""
        return self._words.search(text)

    def by_meaning(self, text: str) -> list[int]:
        """Return the questions nearest to a text, best first."""
        return self._meaning.search(text)

    def missing(self, kind: str) -> int:
        """Count what `words` or `meaning` have not taken in yet."""
        return (self._words if kind == "words" else self._meaning).missing()


class _Growing:
    """Take in rows in order of their numbers: some at once, the rest in a thread."""

    kind: str

    def __init__(self, context: Context) -> None:
        self.context = context
        self._lock = Lock()
        self._thread: Thread | None = None

    def catch_up(self) -> None:
        """Take in what is new for a moment; leave the rest to a thread."""
        if self._thread is not None and self._thread.is_alive():
            return
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._take(BATCH[self.kind]):
            if time.monotonic() > deadline:
                self._thread = Thread(target=self._work, name=f"search-{self.kind}", daemon=True)
                self._thread.start()
                return

    def missing(self) -> int:
        """Count the rows not taken in yet."""
        raise NotImplementedError

    def add(self, count: int) -> int:
        """Take in at most so many rows; return how many there were."""
        raise NotImplementedError

    def _take(self, count: int) -> int:
        with self._lock:
            return self.add(count)

    def _work(self) -> None:
        while True:
            started = time.monotonic()
            try:
                if not self._take(BACKLOG[self.kind]):
                    return
            except RagError:
                return  # the next search meets it and says so
            time.sleep(time.monotonic() - started)  # people at work go first


class _Words(_Growing):
    kind = "words"

    @property
    def _folder(self) -> Path:
        return self.context.workspace.folder / "search"

    @cached_property
    def _index(self) -> TantivyIndex:
        try:
            return TantivyIndex.load(self._folder)
        except RagError:
            self._mark.unlink(missing_ok=True)
            return TantivyIndex.build([], self._folder)

    @property
    def _mark(self) -> Path:
        return self._folder / "through"

    def _through(self) -> int:
        return int(self._mark.read_text()) if self._mark.exists() else 0

    def search(self, text: str) -> list[int]:
        _ = self._index
        self.catch_up()
        [hits] = self._index.search([text], HITS)
        return [hit.chunk_id for hit in hits]

    def missing(self) -> int:
        with self.context.store.reading() as session:
            return session.scalar(select(func.count(Pair.id)).where(Pair.id > self._through())) or 0

    def add(self, count: int) -> int:
        first, second = aliased(AnswerRecord), aliased(AnswerRecord)
        query = (
            select(Pair.id, Question.text, first.text, second.text)
            .join(Question, Question.id == Pair.question_id)
            .join(first, first.id == Pair.first_id)
            .join(second, second.id == Pair.second_id)
            .where(Pair.id > self._through())
            .order_by(Pair.id)
            .limit(count)
        )
        with self.context.store.reading() as session:
            rows = session.execute(query).all()
        if rows:
            self._index.add((row[0], " ".join(row[1:])) for row in rows)
            draft = self._mark.with_suffix(".tmp")
            draft.write_text(str(rows[-1][0]))
            draft.replace(self._mark)  # whoever counts what is missing never reads half of it
        return len(rows)


class _Meaning(_Growing):
    kind = "meaning"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._ids: list[int] = []
        self._blocks: list[NDArray[np.float16]] = []

    def search(self, text: str) -> list[int]:
        self.catch_up()
        if not self._ids:
            return []
        vector = self.context.embedder.embed_queries([text])[0]
        scores = np.concatenate([block.astype(np.float32) @ vector for block in list(self._blocks)])
        best = np.argsort(-scores, kind="stable")[:HITS]
        return [self._ids[at] for at in best]

    def missing(self) -> int:
        last = self._ids[-1] if self._ids else 0
        with self.context.store.reading() as session:
            return session.scalar(select(func.count(Question.id)).where(Question.id > last)) or 0

    def add(self, count: int) -> int:
        last = self._ids[-1] if self._ids else 0
        query = select(Question.id, Question.text).where(Question.id > last).order_by(Question.id)
        with self.context.store.reading() as session:
            rows = session.execute(query.limit(count)).all()
        if rows:
            vectors = embed_questions(self.context, [text for _, text in rows]).astype(np.float16)
            # Numbers first: a search meanwhile must not find a vector without its number.
            self._ids.extend(number for number, _ in rows)
            self._keep(vectors)
        return len(rows)

    def _keep(self, vectors: NDArray[np.float16]) -> None:
        """Add vectors to the last block until it is full: few blocks are multiplied quickly."""
        if self._blocks and len(self._blocks[-1]) < BLOCK:
            self._blocks[-1] = np.concatenate([self._blocks[-1], vectors])
        else:
            self._blocks.append(vectors)
