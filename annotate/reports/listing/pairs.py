"""Show one pair with all that made its answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from annotate.labelling.views import SentenceView
from annotate.store import AnswerRecord, Campaign, Pair, Preference, Question, Store, Task


@dataclass(frozen=True)
class PairSummary:
    """Show what was asked, whether the pair is a task, and its verdict, if any."""

    id: int
    question_id: int
    question: str
    language: str
    first_id: int
    second_id: int
    task_id: int | None
    pool: str
    campaign: str
    verdict: str
    margin: float | None
    created_at: datetime


@dataclass(frozen=True)
class SourceRow:
    """Show a passage that an answer was given, with its score."""

    number: int
    document: str
    title: str
    text: str
    score: float | None
    similarity: float | None
    published: str | None


@dataclass(frozen=True)
class AnswerRow:
    """Show an answer with what made it: contender, weights, index, sources, launch decision, flags.

    `champion` is the fingerprint of the version of the policy that wrote it, where it was one;
    `reranker` that of what ranked its passages again.
    """

    id: int
    text: str
    refused: bool
    sentences: tuple[SentenceView, ...]
    sources: tuple[SourceRow, ...]
    contender: str
    contender_fingerprint: str
    model_fingerprint: str
    index_fingerprint: str
    champion: str
    reranker: str
    decision: dict[str, Any]
    flags: tuple[dict[str, Any], ...]
    new_tokens: int
    seconds: float
    created_at: datetime


@dataclass(frozen=True)
class PairDetails:
    """Show a pair with both answers, and why and how urgently it was chosen for labelling."""

    pair: PairSummary
    first: AnswerRow
    second: AnswerRow
    priority: float | None
    chosen_by: dict[str, Any]


def read_pair(store: Store, pair_id: int) -> PairDetails | None:
    """Return one pair, or None where there is none of this number."""
    with store.reading() as session:
        found = session.execute(_query().where(Pair.id == pair_id)).one_or_none()
        if found is None:
            return None
        row = _row(found)
        task = session.get(Task, row.task_id) if row.task_id else None
        return PairDetails(
            row,
            read_answer(session, row.first_id),
            read_answer(session, row.second_id),
            task.priority if task else None,
            task.chosen_by if task else {},
        )


def read_answer(session: Any, answer_id: int) -> AnswerRow:
    """Return one answer, in a transaction under way."""
    found: AnswerRecord = session.get_one(
        AnswerRecord, answer_id, options=[joinedload(AnswerRecord.contender)]
    )
    return AnswerRow(
        id=found.id,
        text=found.text,
        refused=found.refused,
        sentences=tuple(SentenceView(part["text"], tuple(part["cited"])) for part in found.sentences),
        sources=tuple(_source(number, part) for number, part in enumerate(found.passages, start=1)),
        contender=found.contender.name,
        contender_fingerprint=found.contender.fingerprint,
        model_fingerprint=found.model_fingerprint,
        index_fingerprint=found.index_fingerprint,
        champion=found.circumstances.get("champion", ""),
        reranker=found.circumstances.get("reranker", ""),
        decision=found.circumstances.get("decision", {}),
        flags=tuple(found.flags),
        new_tokens=found.new_tokens,
        seconds=found.seconds,
        created_at=found.created_at,
    )


def _source(number: int, part: dict[str, Any]) -> SourceRow:
    return SourceRow(
        number, part["document"], part["title"], part["text"], part.get("score"), part.get("similarity"),
        part.get("published"),
    )  # fmt: skip


def _query() -> Any:
    return (
        select(
            Pair.id.label("pair"), Pair.question_id, Question.text.label("question"), Question.language,
            Pair.first_id, Pair.second_id, Task.id.label("task"), Task.pool, Campaign.name.label("campaign"),
            Preference.verdict, Preference.margin, Pair.created_at,
        )
        .join(Question, Question.id == Pair.question_id)
        .outerjoin(Task, Task.pair_id == Pair.id)
        .outerjoin(Campaign, Campaign.id == Task.campaign_id)
        .outerjoin(Preference, Preference.pair_id == Pair.id)
    )  # fmt: skip


def _row(found: Any) -> PairSummary:
    return PairSummary(
        id=found.pair,
        question_id=found.question_id,
        question=found.question,
        language=found.language,
        first_id=found.first_id,
        second_id=found.second_id,
        task_id=found.task,
        pool=found.pool or "",
        campaign=found.campaign or "",
        verdict=found.verdict or "",
        margin=found.margin,
        created_at=found.created_at,
    )
