"""Tell how one pair came about and what became of it: from its documents to the models it trained."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from annotate.errors import JobError
from annotate.labelling.views import PairView, view_pair
from annotate.reports.training_rows import RowLine, rows_of_pair
from annotate.store import (
    AnswerRecord,
    Assignment,
    Cluster,
    ClusterMember,
    Guideline,
    Judgement,
    Pair,
    Preference,
    Store,
    Task,
)


@dataclass(frozen=True)
class AnswerLineage:
    """Hold what made one answer; passages are as they were stored with it."""

    contender: str
    contender_fingerprint: str
    settings: dict[str, Any]
    model: str
    index: str
    embedder: str
    reranker: str
    decision: dict[str, Any]
    seed: int | None
    passages: tuple[dict[str, Any], ...]
    flags: tuple[dict[str, Any], ...]
    checks: tuple[dict[str, Any], ...]
    tokens: int
    seconds: float
    created_at: datetime


@dataclass(frozen=True)
class Selection:
    """Hold why and for what a pair became a task."""

    task: int
    campaign: str
    pool: str
    batch: int
    audit: bool
    priority: float
    overlap: int
    chosen_by: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True)
class JudgementLine:
    """Hold one judgement, in the order of the stored pair; earlier revisions are there too."""

    id: int
    assessor: str
    kind: str
    verdict: str
    revision: int
    aspects: dict[str, Any]
    tags: dict[str, Any]
    comment: str
    confidence: float | None
    seconds: float
    swapped: bool
    channel: str
    guideline: str
    created_at: datetime


@dataclass(frozen=True)
class AssignmentLine:
    """Hold one lease on the task."""

    id: int
    assessor: str
    kind: str
    state: str
    reason: str
    flagged: bool
    reserved_at: datetime


@dataclass(frozen=True)
class PreferenceLine:
    """Hold what the judgements came to."""

    verdict: str
    posterior: dict[str, float]
    margin: float
    method: str
    uncertainty: float
    people: int
    machines: int
    votes: tuple[dict[str, Any], ...]
    created_at: datetime


@dataclass(frozen=True)
class Lineage:
    """Hold everything that is known of one pair."""

    pair: PairView
    question_key: str
    topic: str
    cluster: str
    created_at: datetime
    answers: tuple[AnswerLineage, AnswerLineage]
    selection: Selection | None = None
    assignments: tuple[AssignmentLine, ...] = ()
    judgements: tuple[JudgementLine, ...] = ()
    preference: PreferenceLine | None = None
    rows: tuple[RowLine, ...] = field(default=())


def report_lineage(store: Store, pair_id: int) -> Lineage:
    """Return the lineage of a pair; raise JobError when there is none of that number."""
    with store.reading() as session:
        pair = session.get(Pair, pair_id)
        if pair is None:
            raise JobError(f"no pair number {pair_id}")
        task = session.scalar(select(Task).where(Task.pair_id == pair_id))
        preference = session.scalar(select(Preference).where(Preference.pair_id == pair_id))
        cluster = session.scalar(
            select(Cluster.name)
            .join(ClusterMember, ClusterMember.cluster_id == Cluster.id)
            .where(ClusterMember.question_id == pair.question_id)
        )
        return Lineage(
            pair=view_pair(pair),
            question_key=pair.question.key,
            topic=pair.question.topic,
            cluster=cluster or "",
            created_at=pair.created_at,
            answers=(_answer(pair.first), _answer(pair.second)),
            selection=_selection(task) if task else None,
            assignments=_assignments(session, task) if task else (),
            judgements=_judgements(session, task) if task else (),
            preference=_preference(preference) if preference else None,
            rows=rows_of_pair(session, pair_id) if preference else (),
        )


def _answer(record: AnswerRecord) -> AnswerLineage:
    told = record.circumstances
    return AnswerLineage(
        record.contender.name,
        record.contender.fingerprint,
        record.contender.settings,
        record.model_fingerprint,
        record.index_fingerprint,
        str(told.get("embedder", "")),
        str(told.get("reranker", "")),
        told.get("decision") or {},
        told.get("seed"),
        tuple(record.passages),
        tuple(record.flags),
        tuple(told.get("checks") or ()),
        record.new_tokens,
        record.seconds,
        record.created_at,
    )


def _selection(task: Task) -> Selection:
    return Selection(
        task.id,
        task.campaign.name,
        task.pool,
        task.batch,
        task.audit,
        task.priority,
        task.overlap,
        task.chosen_by,
        task.created_at,
    )


def _assignments(session: Session, task: Task) -> tuple[AssignmentLine, ...]:
    query = select(Assignment).options(joinedload(Assignment.assessor)).where(Assignment.task_id == task.id)
    return tuple(
        AssignmentLine(
            one.id,
            one.assessor.name,
            one.assessor.kind,
            one.state,
            one.reason,
            one.flagged,
            one.reserved_at,
        )
        for one in session.scalars(query.order_by(Assignment.id))
    )


def _judgements(session: Session, task: Task) -> tuple[JudgementLine, ...]:
    query = (
        select(Judgement, Guideline.content_hash)
        .join(Judgement.assignment)
        .join(Guideline, Guideline.id == Judgement.guideline_id)
        .options(joinedload(Judgement.assignment).joinedload(Assignment.assessor))
        .where(Assignment.task_id == task.id)
        .order_by(Judgement.id)
    )
    return tuple(
        JudgementLine(
            one.id,
            one.assignment.assessor.name,
            one.assignment.assessor.kind,
            one.verdict,
            one.revision,
            one.aspects,
            one.tags,
            one.comment,
            one.confidence,
            one.seconds,
            one.assignment.swapped,
            one.channel,
            guideline,
            one.created_at,
        )
        for one, guideline in session.execute(query)
    )


def _preference(record: Preference) -> PreferenceLine:
    return PreferenceLine(
        record.verdict,
        record.posterior,
        record.margin,
        record.method,
        record.uncertainty,
        record.people,
        record.machines,
        tuple(record.votes),
        record.created_at,
    )
