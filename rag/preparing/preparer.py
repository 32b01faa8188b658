"""Prepare a stream of documents on all processors."""

from __future__ import annotations

import os
from concurrent.futures import Future
from functools import partial
from typing import Self

from rag.documents import Document
from rag.errors import DocumentError
from rag.preparation import Preparation, PreparedDocument
from rag.preparing.child import describe, prepare
from rag.preparing.worker import PREPARATION_LIMITS, PreparationWorker
from rag.workers import Pool

WORTH_A_PROCESS = 30_000  # characters: to prepare them takes about as long as to start a child
MAX_WORKERS = 8  # each holds models of some 200 MB
Prepared = Future[PreparedDocument | DocumentError]


class Preparer:
    """Prepare a little text at once and here, and what comes after it in child processes.

    Use as a context manager. `workers` is the number of children, by default one a processor; with
    0, and where the preparation cannot be written down for a child, all is done here.
    """

    def __init__(self, how: Preparation, workers: int | None = None) -> None:
        self._how = how
        self._count = min(len(os.sched_getaffinity(0)), MAX_WORKERS) if workers is None else workers
        self._described = describe(how) if self._count else None
        self._characters = 0
        self._pool: Pool[PreparationWorker] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.close()

    @property
    def ahead(self) -> int:
        """Return how many documents keep all children busy while one is waited for."""
        return self._pool.ahead if self._pool else 0

    def submit(self, document: Document, *, keep: bool) -> Prepared:
        """Return what becomes of the document, or the reason why it cannot be prepared."""
        self._characters += len(document.text)
        if self._described is None or self._characters < WORTH_A_PROCESS:
            return self._here(document, keep=keep)
        if self._pool is None:
            self._pool = Pool(lambda: PreparationWorker(PREPARATION_LIMITS), self._count)
        return self._pool.submit(
            partial(PreparationWorker.prepare, document=document, described=self._described, keep=keep)
        )

    def _here(self, document: Document, *, keep: bool) -> Prepared:
        done: Prepared = Future()
        try:
            done.set_result(prepare(document, self._how, keep=keep))
        except DocumentError as error:
            done.set_result(error)
        return done
