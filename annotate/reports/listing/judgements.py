"""List judgements: every revision, also those that no longer count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from annotate.store import Assessor, Assignment, Guideline, Judgement, Store, Task
from annotate.store.ledger import SUBMITTED


@dataclass(frozen=True)
class JudgementRow:
    """Show one judgement in the order of the stored pair; `counts` unless it was amended or taken back."""

    id: int
    pair_id: int
    task_id: int
    pool: str
    assessor: str
    kind: str
    verdict: str
    aspects: dict[str, str]
    tags: dict[str, list[str]]
    spans: list[dict[str, Any]]
    comment: str
    confidence: float | None
    channel: str
    guideline: str
    revision: int
    counts: bool
    swapped: bool
    seconds: float
    active_seconds: float
    created_at: datetime


def list_judgements(
    store: Store,
    *,
    before: int | None = None,
    limit: int = 50,
    pair: int | None = None,
    assessor: str | None = None,
) -> list[JudgementRow]:
    """Return up to `limit` judgements with an id below `before`, of one pair or of one assessor or of all."""
    later = aliased(Judgement)
    superseded = exists().where(
        later.assignment_id == Judgement.assignment_id, later.revision > Judgement.revision
    )
    query = (
        select(
            Judgement, Task.pair_id, Task.id, Task.pool, Assessor.name, Assessor.kind,
            Guideline.content_hash, Assignment.swapped,
            (Assignment.state == SUBMITTED) & ~superseded,
        )
        .join(Assignment, Assignment.id == Judgement.assignment_id)
        .join(Task, Task.id == Assignment.task_id)
        .join(Assessor, Assessor.id == Assignment.assessor_id)
        .join(Guideline, Guideline.id == Judgement.guideline_id)
        .limit(limit)
    )  # fmt: skip
    if before is not None:
        query = query.where(Judgement.id < before)
    if pair is not None:
        query = query.where(Task.pair_id == pair)
    if assessor is not None:
        query = query.where(Assessor.name == assessor)
    # Of few judgements among many: an order that no index has keeps SQLite from going through all.
    narrow = pair is not None or assessor is not None
    query = query.order_by((Judgement.id + 0).desc() if narrow else Judgement.id.desc())
    with store.reading() as session:
        return [_row(*row) for row in session.execute(query)]


def _row(
    said: Judgement,
    pair: int,
    task: int,
    pool: str,
    assessor: str,
    kind: str,
    guideline: str,
    swapped: bool,
    counts: bool,
) -> JudgementRow:
    return JudgementRow(
        said.id, pair, task, pool, assessor, kind, said.verdict, said.aspects, said.tags, said.spans,
        said.comment, said.confidence, said.channel, guideline, said.revision, bool(counts), swapped,
        said.seconds, said.active_seconds, said.created_at,
    )  # fmt: skip
