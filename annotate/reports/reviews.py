"""Report the reviews: the pair, what was said of it without names, and the discussion."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from annotate.labelling.controls.notes import NoteView
from annotate.labelling.controls.reviews import ADJUDICATED, OPENED, REOPENED
from annotate.labelling.views import WHOLE_PAIR, PairView, view_pair
from annotate.store import (
    Assessor,
    Assignment,
    Campaign,
    Event,
    Judgement,
    Note,
    Pair,
    Preference,
    Review,
    Store,
    Task,
)
from annotate.store.ledger import OPEN, SUBMITTED


@dataclass(frozen=True)
class Opinion:
    """Show one judgement that counts.

    `number` counts the people and the machines of a task; `assessor` is the name where it may be seen.
    """

    number: int
    kind: str
    verdict: str
    aspects: dict[str, str]
    tags: dict[str, list[str]]
    spans: tuple[dict[str, Any], ...]
    comment: str
    confidence: float | None
    assessor: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Step:
    """Show one step of a review: opened, adjudicated or reopened."""

    kind: str
    at: datetime
    by: str
    details: dict[str, Any]


@dataclass(frozen=True)
class ReviewReport:
    """Show a review with all that is needed to decide it; verdicts are about the stored order."""

    id: int
    task_id: int
    pair: PairView
    reason: str
    flags: tuple[str, ...]
    state: str
    verdict: str
    note: str
    decided_by: str
    opened_at: datetime
    decided_at: datetime | None
    posterior: dict[str, float]
    opinions: tuple[Opinion, ...]
    notes: tuple[NoteView, ...]
    steps: tuple[Step, ...]
    campaign: str = ""
    judged_by: tuple[int, ...] = ()  # the assessors, who should not decide it


def report_reviews(store: Store, state: str | None = OPEN, limit: int = 100) -> list[ReviewReport]:
    """Return reviews in a state (None: all), the oldest first."""
    with store.reading() as session:
        wanted = select(Review).order_by(Review.opened_at, Review.id).limit(limit)
        if state is not None:
            wanted = wanted.where(Review.state == state)
        return _reports(session, session.scalars(wanted).all())


def report_review(store: Store, review_id: int, *, named: bool = False) -> ReviewReport | None:
    """Return one review, or None where there is none of that number; `named` tells who said what."""
    with store.reading() as session:
        found = session.get(Review, review_id)
        return _reports(session, [found], named=named)[0] if found else None


def _reports(session: Session, reviews: Sequence[Review], *, named: bool = False) -> list[ReviewReport]:
    if not reviews:
        return []
    tasks = [review.task_id for review in reviews]
    rows = session.execute(
        select(Task, Pair, Preference, Campaign.name)
        .options(*WHOLE_PAIR)
        .join(Pair, Pair.id == Task.pair_id)
        .join(Campaign, Campaign.id == Task.campaign_id)
        .outerjoin(Preference, Preference.pair_id == Pair.id)
        .where(Task.id.in_(tasks))
    )
    known = {task.id: (pair, preference, name) for task, pair, preference, name in rows}
    opinions, flags = opinions_of(session, tasks, named=named), _flags(session, tasks)
    notes, steps, judged = _notes(session, tasks), _steps(session, tasks), _judged(session, tasks)
    names = _names(session, reviews, steps)
    made = []
    for review in reviews:
        pair, preference, campaign = known[review.task_id]
        made.append(
            ReviewReport(
                id=review.id,
                task_id=review.task_id,
                pair=view_pair(pair),
                reason=review.reason,
                flags=tuple(flags[review.task_id]),
                state=review.state,
                verdict=review.verdict,
                note=review.note,
                decided_by=names.get(review.assessor_id or 0, ""),
                opened_at=review.opened_at,
                decided_at=review.decided_at,
                posterior=dict(preference.posterior) if preference else {},
                opinions=tuple(opinions[review.task_id]),
                notes=tuple(notes[review.task_id]),
                steps=tuple(
                    Step(event.kind, event.at, names.get(event.assessor_id or 0, ""), event.details)
                    for event in steps[review.task_id]
                    if event.details.get("review") == review.id
                ),
                campaign=campaign,
                judged_by=tuple(judged[review.task_id]),
            )
        )
    return made


def opinions_of(session: Session, tasks: Sequence[int], *, named: bool) -> dict[int, list[Opinion]]:
    """Return what counts of each task, in the order in which it was said."""
    later = aliased(Judgement)
    rows = session.execute(
        select(Assignment.task_id, Assignment.state, Assessor.kind, Assessor.name, Judgement)
        .join(Assignment, Assignment.id == Judgement.assignment_id)
        .join(Assessor, Assessor.id == Assignment.assessor_id)
        .outerjoin(
            later,
            (later.assignment_id == Judgement.assignment_id) & (later.revision > Judgement.revision),
        )
        .where(later.id.is_(None), Assignment.task_id.in_(tasks))
        .order_by(Judgement.id)
    )
    found: dict[int, list[Opinion]] = defaultdict(list)
    for task, state, kind, name, said in rows:
        if state != SUBMITTED:  # asked of the database, it would look through all that were submitted
            continue
        found[task].append(
            Opinion(
                1 + sum(one.kind == kind for one in found[task]), kind, said.verdict, said.aspects,
                said.tags, tuple(said.spans), said.comment, said.confidence,
                name if named else "", said.active_seconds or said.seconds,
            )
        )  # fmt: skip
    return found


def _flags(session: Session, tasks: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = session.scalars(
        select(Event).where(Event.task_id.in_(tasks), Event.kind == "flagged").order_by(Event.id)
    )
    for event in rows:
        found[event.task_id or 0].append(str(event.details.get("reason", "")))
    return found


def _notes(session: Session, tasks: Sequence[int]) -> dict[int, list[NoteView]]:
    found: dict[int, list[NoteView]] = defaultdict(list)
    for note in session.scalars(select(Note).where(Note.task_id.in_(tasks)).order_by(Note.id)):
        found[note.task_id].append(NoteView(note.id, note.task_id, note.assessor.name, note.text, note.at))
    return found


def _steps(session: Session, tasks: Sequence[int]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = defaultdict(list)
    kinds = (OPENED, ADJUDICATED, REOPENED)
    wanted = select(Event).where(Event.task_id.in_(tasks), Event.kind.in_(kinds)).order_by(Event.id)
    for event in session.scalars(wanted):
        found[event.task_id or 0].append(event)
    return found


def _judged(session: Session, tasks: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    columns = Assignment.task_id, Assignment.assessor_id, Assignment.state
    for task, assessor, state in session.execute(select(*columns).where(Assignment.task_id.in_(tasks))):
        if state == SUBMITTED:
            found[task].append(assessor)
    return found


def _names(session: Session, reviews: Sequence[Review], steps: dict[int, list[Event]]) -> dict[int, str]:
    """Return the names of those who decided, opened or reopened."""
    wanted = {review.assessor_id for review in reviews}
    wanted |= {event.assessor_id for events in steps.values() for event in events}
    rows = session.execute(select(Assessor.id, Assessor.name).where(Assessor.id.in_(wanted - {None})))
    return {number: name for number, name in rows}  # noqa: C416
