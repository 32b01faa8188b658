"""Report what waits for a second look: light rows, filtered and page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from annotate.reports.last_verdicts import last_verdicts
from annotate.store import Assessor, Campaign, Pair, Preference, Question, Review, Store, Task
from annotate.store.ledger import OPEN, SUBMITTED


@dataclass(frozen=True)
class ReviewFilter:
    """Choose reviews; an empty field allows everything."""

    state: str = OPEN
    reason: str = ""
    campaign: str = ""
    language: str = ""


@dataclass(frozen=True)
class ReviewRow:
    """Show one review in a list; `sure` is the probability of the likeliest outcome so far."""

    id: int
    task_id: int
    pair_id: int
    campaign: str
    language: str
    question: str
    reason: str
    state: str
    opened_at: datetime
    verdicts: tuple[str, ...]
    sure: float | None
    verdict: str
    note: str
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True)
class ReviewQueue:
    """Show a page of the reviews asked for, how many there are, and the open ones by reason."""

    rows: tuple[ReviewRow, ...]
    found: int
    reasons: dict[str, int]
    decided: int
    campaigns: tuple[str, ...]


def report_queue(
    store: Store, wanted: ReviewFilter | None = None, limit: int = 100, offset: int = 0
) -> ReviewQueue:
    """Return the reviews that a filter allows: open ones oldest first, decided ones newest first."""
    wanted = wanted or ReviewFilter()
    conditions = _conditions(wanted)
    order = (Review.opened_at, Review.id) if wanted.state == OPEN else (Review.decided_at.desc(), Review.id)
    with store.reading() as session:
        counts = session.execute(select(Review.state, Review.reason, func.count()).group_by(
            Review.state, Review.reason
        )).all()  # fmt: skip
        found = session.scalar(_joined(select(func.count(Review.id))).where(*conditions)) or 0
        shown = Review, Task.pair_id, Question.text, Question.language, Campaign.name
        query = _joined(select(*shown)).where(*conditions)
        rows = session.execute(query.order_by(*order).limit(limit).offset(offset)).all()
        return ReviewQueue(
            rows=tuple(_rows(session, rows)),
            found=found,
            reasons={reason: number for state, reason, number in counts if state == OPEN},
            decided=sum(number for state, _, number in counts if state != OPEN),
            campaigns=tuple(session.scalars(select(Campaign.name).order_by(Campaign.id))),
        )


def next_review(store: Store, wanted: ReviewFilter | None = None, after: int | None = None) -> int | None:
    """Return the open review that follows one in the queue, from the start again at its end; None of none."""
    with store.reading() as session:
        query = (
            _joined(select(Review.id))
            .where(*_conditions(wanted or ReviewFilter()), Review.state == OPEN)
            .order_by(Review.opened_at, Review.id)
            .limit(1)
        )
        known = session.get(Review, after) if after is not None else None
        if known is None:
            first: int | None = session.scalar(query)
            return first
        same = (Review.opened_at == known.opened_at) & (Review.id > known.id)
        later = or_(Review.opened_at > known.opened_at, same)
        found: int | None = session.scalar(query.where(later))
        if found is None:
            found = session.scalar(query)
        return found


def _joined(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.join(Task, Task.id == Review.task_id)
        .join(Pair, Pair.id == Task.pair_id)
        .join(Question, Question.id == Pair.question_id)
        .join(Campaign, Campaign.id == Task.campaign_id)
    )


def _conditions(wanted: ReviewFilter) -> list[ColumnElement[bool]]:
    given = (
        (wanted.state, Review.state),
        (wanted.reason, Review.reason),
        (wanted.campaign, Campaign.name),
        (wanted.language, Question.language),
    )
    return [column == value for value, column in given if value]


def _rows(session: Session, rows: Sequence[Any]) -> list[ReviewRow]:
    said = last_verdicts(session, [row.Review.task_id for row in rows], (SUBMITTED,))
    pairs = [row.pair_id for row in rows]
    sure = {
        pair: max(map(float, posterior.values()), default=None)
        for pair, posterior in session.execute(
            select(Preference.pair_id, Preference.posterior).where(Preference.pair_id.in_(pairs))
        )
    }
    deciders = {row.Review.assessor_id for row in rows} - {None}
    names = dict(session.execute(select(Assessor.id, Assessor.name).where(Assessor.id.in_(deciders))).all())
    return [
        ReviewRow(
            review.id, review.task_id, pair, campaign, language, question, review.reason, review.state,
            review.opened_at, tuple(said[review.task_id]), sure.get(pair), review.verdict, review.note,
            names.get(review.assessor_id, ""), review.decided_at,
        )
        for review, pair, question, language, campaign in rows
    ]  # fmt: skip
