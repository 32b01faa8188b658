"""Queue tasks for a second look, and let a person decide them: the decided verdict is final.

A task comes up when somebody flagged it, and when its labelling is over and the assessors disagree:
where the campaign names `adjudicate_below`, that is a posterior below it; else people who name
different winners, or one of whom finds both answers bad and another does not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from annotate.errors import LabellingError
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.history import record
from annotate.labelling.preferences import refresh_pair
from annotate.labelling.verdicts import check_verdict, outcome
from annotate.store import (
    Assessor,
    Assignment,
    Campaign,
    Event,
    Judgement,
    Pair,
    Preference,
    Review,
    Store,
    Task,
)
from annotate.store.ledger import ACTIVE, OPEN, SUBMITTED
from annotate.store.quality import DECIDED

FLAGGED, LOW_POSTERIOR, DISAGREEMENT = "flagged", "low_posterior", "disagreement"
OPENED, ADJUDICATED, REOPENED = "review_opened", "adjudicated", "reopened"
BY_HAND = "by_hand"
MAIN = "main"


@dataclass(frozen=True)
class ReviewView:
    """Show one review; the verdict is about the stored order of the pair."""

    id: int
    task_id: int
    reason: str
    state: str
    verdict: str
    note: str
    decided_by: int | None
    opened_at: datetime
    decided_at: datetime | None


def open_reviews(store: Store, campaign: str | None = None) -> list[ReviewView]:
    """Open a review for each task that needs one and has none; return the new ones.

    A task that was decided comes up again only when it is flagged anew.
    """
    with store.writing.begin() as session:
        places = select(Campaign).order_by(Campaign.id).with_for_update(key_share=True)  # one looks at a time
        if campaign is not None:
            places = places.where(Campaign.name == campaign)
        found = session.scalars(places).all()
        if campaign is not None and not found:
            raise LabellingError(f"no campaign named {campaign}")
        made = [_open(session, task, reason) for place in found for task, reason in _due(session, place)]
        return [_view(review) for review in made]


def request_review(store: Store, task_id: int, assessor_id: int, why: str) -> ReviewView:
    """Open a review by hand, with the reason as its first event; return the one that is open already.

    Raises LabellingError for an unknown task, a control task, or without a reason.
    """
    if not why.strip():
        raise LabellingError("asking for a review needs a reason")
    with store.writing.begin() as session:
        task = session.get(Task, task_id, with_for_update={"key_share": True})
        if task is None or task.pool != MAIN:
            raise LabellingError(f"task {task_id} is unknown or no real work")
        known = session.scalar(select(Review).where(Review.task_id == task_id, Review.state == OPEN))
        return _view(known or _open(session, task_id, BY_HAND, assessor_id, why.strip()))


def decide(
    store: Store, review_id: int, assessor_id: int, verdict: str, note: str, *, forced: bool = False
) -> ReviewView:
    """Decide a review: the verdict, about the stored order of the pair, is final.

    Who judged the task must not decide it, unless `forced`. Raises LabellingError for that, for an
    unknown or decided review, without a note, or for a decider who is no active person.
    """
    check_verdict(verdict)
    if not note.strip():
        raise LabellingError("a decision needs a short explanation")
    with store.writing.begin() as session:
        review = _locked(session, review_id, OPEN)
        _check_decider(session, review.task_id, assessor_id, forced=forced)
        moment = clock_now(session)
        review.state, review.verdict, review.note = DECIDED, verdict, note.strip()
        review.assessor_id, review.decided_at = assessor_id, moment
        record(
            session, ADJUDICATED, moment, task_id=review.task_id, assessor_id=assessor_id,
            review=review.id, verdict=verdict, note=note.strip(), forced=forced,
        )  # fmt: skip
        session.flush()
        refresh_pair(session, review.task.pair_id)
        return _view(review)


def reopen(store: Store, review_id: int, assessor_id: int, why: str) -> ReviewView:
    """Open a decided review again; the former decision stays in the history and no longer counts.

    Raises LabellingError for an unknown or open review, or without a reason.
    """
    if not why.strip():
        raise LabellingError("reopening a review needs a reason")
    with store.writing.begin() as session:
        review = _locked(session, review_id, DECIDED)
        other = select(Review.id).where(Review.task_id == review.task_id, Review.state == OPEN)
        if session.scalar(other) is not None:
            raise LabellingError(f"task {review.task_id} has an open review already")
        record(
            session, REOPENED, clock_now(session), task_id=review.task_id, assessor_id=assessor_id,
            review=review.id, former=review.verdict, why=why.strip(),
        )  # fmt: skip
        review.state, review.verdict, review.note = OPEN, "", ""
        review.assessor_id, review.decided_at = None, None
        session.flush()
        refresh_pair(session, review.task.pair_id)
        return _view(review)


def disagree(verdicts: Iterable[str]) -> bool:
    """Tell whether verdicts name different winners, or some but not all find both answers bad."""
    named = {outcome(verdict) for verdict in verdicts}
    return {"first", "second"} <= named or ("both_bad" in named and len(named) > 1)


def _due(session: Session, campaign: Campaign) -> list[tuple[int, str]]:
    """Return the tasks of a campaign that need a review and have none, each with the reason."""
    due = dict.fromkeys(_flagged(session, campaign.id), FLAGGED)
    threshold = CampaignRules.of(campaign).adjudicate_below
    unsure = (
        dict.fromkeys(_unsure(session, campaign.id, threshold), LOW_POSTERIOR)
        if threshold
        else dict.fromkeys(_disputed(session, campaign.id), DISAGREEMENT)
    )
    return sorted((unsure | due).items())


def _flagged(session: Session, campaign_id: int) -> list[int]:
    """Return the tasks flagged since their last review, if any, was decided."""
    newer, review = aliased(Review), aliased(Review)
    flags = (
        select(Task.id)
        .join(Assignment, Assignment.task_id == Task.id)
        .outerjoin(review, review.task_id == Task.id)
        .where(Task.campaign_id == campaign_id, Task.pool == MAIN, Assignment.flagged)
    )
    never = set(session.scalars(flags.where(review.id.is_(None))))
    again = session.scalars(
        flags.where(
            review.state == DECIDED,
            ~exists().where(newer.task_id == Task.id, newer.id > review.id),
            exists().where(Event.task_id == Task.id, Event.kind == FLAGGED, Event.at > review.decided_at),
        )
    )
    return sorted(never | set(again))


def _unsure(session: Session, campaign_id: int, threshold: float) -> list[int]:
    rows = session.execute(
        select(Task.id, Preference.posterior)
        .join(Pair, Pair.id == Task.pair_id)
        .join(Preference, Preference.pair_id == Pair.id)
        .where(Task.campaign_id == campaign_id, Task.pool == MAIN, ~Task.open_to_people, _unreviewed())
    )
    return [task for task, posterior in rows if posterior and max(posterior.values()) < threshold]


def _disputed(session: Session, campaign_id: int) -> list[int]:
    rows = session.execute(
        select(Task.id, Assignment.id, Judgement.verdict)
        .join(Assignment, Assignment.task_id == Task.id)
        .join(Assessor, Assessor.id == Assignment.assessor_id)
        .join(Judgement, Judgement.assignment_id == Assignment.id)
        .where(Task.campaign_id == campaign_id, Task.pool == MAIN, ~Task.open_to_people, _unreviewed())
        .where(Assignment.state == SUBMITTED, Assessor.kind == "person")
        .order_by(Judgement.revision)
    )
    said: dict[int, dict[int, str]] = defaultdict(dict)
    for task, assignment, verdict in rows:
        said[task][assignment] = verdict
    return [task for task, verdicts in said.items() if disagree(verdicts.values())]


def _unreviewed() -> ColumnElement[bool]:
    return ~exists().where(Review.task_id == Task.id)


def _open(
    session: Session, task_id: int, reason: str, assessor_id: int | None = None, why: str = ""
) -> Review:
    moment = clock_now(session)
    review = Review(task_id=task_id, reason=reason, opened_at=moment)
    session.add(review)
    session.flush()
    record(
        session, OPENED, moment, task_id=task_id, assessor_id=assessor_id,
        review=review.id, reason=reason, why=why,
    )  # fmt: skip
    return review


def _locked(session: Session, review_id: int, state: str) -> Review:
    review = session.get(Review, review_id, with_for_update=True)
    if review is None:
        raise LabellingError(f"no review {review_id}")
    if review.state != state:
        raise LabellingError(f"review {review_id} is {review.state}")
    return review


def _check_decider(session: Session, task_id: int, assessor_id: int, *, forced: bool) -> None:
    decider = session.get(Assessor, assessor_id)
    if decider is None or decider.kind != "person" or decider.state != ACTIVE:
        raise LabellingError("a review is decided by a person who is registered and active")
    judged = (
        select(Judgement.id)
        .join(Assignment, Assignment.id == Judgement.assignment_id)
        .where(Assignment.task_id == task_id, Assignment.assessor_id == assessor_id)
        .limit(1)
    )
    if not forced and session.scalar(judged) is not None:
        raise LabellingError(f"{decider.name} judged this task and should not decide it")


def _view(review: Review) -> ReviewView:
    return ReviewView(
        review.id, review.task_id, review.reason, review.state, review.verdict, review.note,
        review.assessor_id, review.opened_at, review.decided_at,
    )  # fmt: skip
