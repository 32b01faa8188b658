"""Put beside a large ledger what else screens read: documents, requests, runs, messages, a quality board."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from sqlalchemy import func, insert, select

from annotate.jobs.routing_table import prove_machine
from annotate.reports.quality_board import compute_board, read_board, stamp, write_board
from annotate.store import (
    Asked,
    Delivery,
    DocumentRequest,
    Guideline,
    ModelVersion,
    Run,
    Store,
    Webhook,
    now,
)
from annotate.store.runs import FINISHED
from rag import Corpus
from rag.corpus.tables import ChunkRecord, DocumentRecord

ASKED = "asked-1"
DOCUMENTS, CHUNKS_EACH = 10_000, 3
REQUESTS, RUNS, DELIVERIES, VERSIONS = 500, 200, 20_000, 20


def surround(store: Store) -> None:
    """Add all of it, once; the board is computed as the job does it: about a minute for a large ledger."""
    with store.reading() as session:
        if session.scalar(select(func.count(Webhook.id))):
            return
    _fill_corpus(store)
    for table, rows in _rows().items():
        with store.writing.begin() as session:
            session.execute(insert(table), rows)
    if read_board(store) is None:
        _store_board(store)


def document_key(number: int) -> str:
    """Return the key of a document."""
    return f"documents/{number}.md"


def _store_board(store: Store) -> None:
    with store.reading() as session:
        before = stamp(session)
    began = time.perf_counter()
    board = compute_board(store, np.random.default_rng(0), prove_machine)
    write_board(store, board, before, time.perf_counter() - began)


def _fill_corpus(store: Store) -> None:
    Corpus(store.engine, store.writing_engine)  # makes its tables
    statuses = ("indexed", "indexed", "indexed", "junk", "duplicate")
    documents = [
        {
            "id": number, "key": document_key(number), "collection": f"collection {number % 7}",
            "title": f"About {number}", "language": ("en", "ru")[number % 2], "text": "A sentence. " * 200,
            "status": statuses[number % 5], "updated_at": now(),
            "duplicate_of": document_key(number // 5 * 5 + 5) if number % 5 == 4 else None,
        }
        for number in range(1, DOCUMENTS + 1)
    ]  # fmt: skip
    chunks = [
        {
            "document_id": document["id"], "position": at, "start": 800 * at, "end": 800 * at + 800,
            "title_path": "", "text": "A sentence. " * 66, "text_hash": f"{document['id']}-{at}",
        }
        for document in documents
        if document["status"] == "indexed"
        for at in range(CHUNKS_EACH)
    ]  # fmt: skip
    with store.writing.begin() as session:
        session.execute(insert(DocumentRecord), documents)
        session.execute(insert(ChunkRecord), chunks)


def _rows() -> dict[type[Any], list[dict[str, Any]]]:
    """Return rows by table, in an order that keeps the references."""
    questions = list(range(1, 11))
    return {
        Guideline: [
            {"id": 100 + n, "content_hash": f"{n:064x}", "texts": {"en/a": "Text. " * 500}}
            for n in range(VERSIONS)
        ],
        DocumentRequest: [
            {"cluster": n % 20, "name": f"cluster {n % 20}", "questions": questions,
             "state": ("open", "done")[n % 2]} for n in range(REQUESTS)
        ],
        Run: [
            {"kind": "dpo", "state": FINISHED, "recipe": {"epochs": 1}, "folder": f"runs/{n}",
             "result": {"seconds": 60.0 + n}} for n in range(RUNS)
        ],
        ModelVersion: [
            {"role": "generator", "path": f"models/{n}", "fingerprint": f"model {n}"} for n in range(RUNS)
        ],
        Webhook: [{"url": "https://example.org/hook"}],
        Delivery: [
            {"webhook_id": 1, "key": f"key {n}", "event": "judgement", "payload": {"id": n},
             "state": ("delivered", "waiting")[n % 50 == 0]} for n in range(DELIVERIES)
        ],
        Asked: [{"id": ASKED, "question_id": 1, "pair_id": 1, "answer_ids": [1, 2]}],
    }  # fmt: skip
