"""Hand tasks out and take judgements in: reserve, renew, submit, amend, skip, flag, release, expire.

Each function is one transaction. Machines never use up the places of people: a task wants
`overlap` judgements from people and as many from machines.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from annotate.errors import LabellingError, LeaseLost, NothingToLabel
from annotate.labelling.verdicts import (
    check_reasons,
    check_verdict,
    swap_aspects,
    swap_tags,
    swap_verdict,
)
from annotate.labelling.views import AssignmentView, view_assignment
from annotate.store import Assessor, Assignment, Judgement, Pair, Question, Store, Task, now
from annotate.store.ledger import EXPIRED, HELD, RELEASED, RESERVED, SKIPPED, SUBMITTED


@dataclass(frozen=True)
class Submission:
    """Hold what an assessor says about a pair, in the order in which it was shown.

    `client_key` makes sending idempotent: the same key is the same judgement.
    """

    client_key: str
    verdict: str
    guideline_id: int
    channel: str
    aspects: dict[str, str] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    comment: str = ""
    confidence: float | None = None
    details: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


def reserve(
    store: Store, assessor_id: int, *, count: int = 1, lease_seconds: int = 1800, seed: int = 0
) -> list[AssignmentView]:
    """Lease up to `count` tasks to an assessor, those already held first.

    Raises NothingToLabel when there is none, LabellingError for an inactive assessor.
    """
    with store.writing.begin() as session:
        moment = now()
        _expire(session, moment)
        assessor = session.get(Assessor, assessor_id)
        if assessor is None or not assessor.active:
            raise LabellingError("this assessor is unknown or not active")
        held = list(
            session.scalars(
                select(Assignment)
                .where(Assignment.assessor_id == assessor_id, Assignment.state == RESERVED)
                .order_by(Assignment.id)
                .limit(count)
            )
        )
        fresh = _open_tasks(session, assessor, count - len(held))
        held += [_lease(session, task, assessor, moment, seed) for task in fresh]
        if not held:
            raise NothingToLabel("no pair is waiting for this assessor")
        for assignment in held:
            assignment.expires_at = moment + timedelta(seconds=lease_seconds)
        session.flush()
        return [view_assignment(assignment) for assignment in held]


def reserve_pair(
    store: Store, pair_id: int, assessor_id: int, *, lease_seconds: int = 1800
) -> AssignmentView:
    """Lease the task of one pair, in the stored order, for a judgement made elsewhere.

    Raises LabellingError when the pair is no task or this assessor has dealt with it.
    """
    with store.writing.begin() as session:
        task = session.scalar(select(Task).where(Task.pair_id == pair_id).with_for_update())
        assessor = session.get(Assessor, assessor_id)
        if task is None or assessor is None:
            raise LabellingError(f"pair {pair_id} is not up for labelling")
        known = session.scalar(
            select(Assignment).where(Assignment.task_id == task.id, Assignment.assessor_id == assessor_id)
        )
        if known is not None:
            raise LabellingError(f"{assessor.name} has had pair {pair_id} already ({known.state})")
        moment = now()
        assignment = Assignment(
            task=task,
            assessor=assessor,
            state=RESERVED,
            swapped=False,
            reserved_at=moment,
            expires_at=moment + timedelta(seconds=lease_seconds),
        )
        session.add(assignment)
        session.flush()
        return view_assignment(assignment)


def renew(store: Store, assignment_id: int, assessor_id: int, *, lease_seconds: int = 1800) -> datetime:
    """Extend a lease; return when it ends now. Raises LeaseLost when it is gone."""
    with store.writing.begin() as session:
        assignment = _own(session, assignment_id, assessor_id)
        if assignment.state != RESERVED or assignment.expires_at < now():
            raise LeaseLost("the lease ran out; the pair may be with someone else")
        assignment.expires_at = now() + timedelta(seconds=lease_seconds)
        return assignment.expires_at


def submit(store: Store, assignment_id: int, assessor_id: int, submission: Submission) -> int:
    """Record a judgement and return its id; sending the same client key again changes nothing.

    A lease that ran out is honoured while the task still has room. Raises LeaseLost or
    VerdictError; then nothing is recorded.
    """
    with store.writing.begin() as session:
        assignment = _own(session, assignment_id, assessor_id)
        if (known := _known(session, submission, assignment_id)) is not None:
            return known
        if assignment.state not in (RESERVED, EXPIRED):
            raise LeaseLost(f"this pair is {assignment.state} already")
        if assignment.state == EXPIRED and not _has_room(session, assignment):
            raise LeaseLost("the lease ran out and others have judged this pair meanwhile")
        assignment.state = SUBMITTED
        return _record(session, assignment, submission, revision=1)


def amend(store: Store, assignment_id: int, assessor_id: int, submission: Submission) -> int:
    """Record a new revision of a judgement and return its id; the earlier one stays in the history.

    Raises LabellingError when there is nothing to amend.
    """
    with store.writing.begin() as session:
        assignment = _own(session, assignment_id, assessor_id)
        if (known := _known(session, submission, assignment_id)) is not None:
            return known
        if assignment.state != SUBMITTED:
            raise LabellingError("there is no judgement to amend")
        last = session.scalar(
            select(func.max(Judgement.revision)).where(Judgement.assignment_id == assignment_id)
        )
        return _record(session, assignment, submission, revision=(last or 0) + 1)


def skip(store: Store, assignment_id: int, assessor_id: int, reason: str) -> None:
    """Pass on a pair for good, with a reason; another assessor gets it."""
    if not reason.strip():
        raise LabellingError("skipping needs a reason")
    _leave(store, assignment_id, assessor_id, SKIPPED, reason)


def release(store: Store, assignment_id: int, assessor_id: int) -> None:
    """Give a pair back; the assessor may get it again."""
    _leave(store, assignment_id, assessor_id, RELEASED, "")


def flag(store: Store, assignment_id: int, assessor_id: int, reason: str) -> None:
    """Mark a pair for review; the lease goes on."""
    if not reason.strip():
        raise LabellingError("flagging needs a reason")
    with store.writing.begin() as session:
        assignment = _own(session, assignment_id, assessor_id)
        assignment.flagged, assignment.reason = True, reason.strip()


def expire(store: Store) -> int:
    """End the leases that ran out; return how many."""
    with store.writing.begin() as session:
        return _expire(session, now())


def _expire(session: Session, moment: datetime) -> int:
    done = session.execute(
        update(Assignment)
        .where(Assignment.state == RESERVED, Assignment.expires_at < moment)
        .values(state=EXPIRED)
        .returning(Assignment.id)
    )
    return len(done.all())


def _open_tasks(session: Session, assessor: Assessor, count: int) -> list[Task]:
    if count <= 0:
        return []
    is_open = (_places(Task.id, assessor.kind).scalar_subquery() < Task.overlap) & ~_seen(assessor.id)
    query = (
        select(Task)
        .join(Pair, Pair.id == Task.pair_id)
        .join(Question, Question.id == Pair.question_id)
        .where(is_open)
        .order_by(Task.priority.desc(), Task.id)
        .limit(count)
        .with_for_update(of=Task)
    )
    if assessor.languages:
        query = query.where(Question.language.in_(assessor.languages))
    # On PostgreSQL a place may go while this waits for the lock: look again under the lock.
    while locked := list(session.scalars(query)):
        still = set(session.scalars(select(Task.id).where(Task.id.in_([t.id for t in locked]), is_open)))
        if still:
            return [task for task in locked if task.id in still]
    return []


def _places(task_id: int | InstrumentedAttribute[int], kind: str) -> Select[int]:
    """Count the places of a task that assessors of one kind hold."""
    return (
        select(func.count(Assignment.id))
        .join(Assessor)
        .where(Assignment.task_id == task_id, Assignment.state.in_(HELD), Assessor.kind == kind)
    )


def _seen(assessor_id: int) -> ColumnElement[bool]:
    return exists().where(
        Assignment.task_id == Task.id,
        Assignment.assessor_id == assessor_id,
        Assignment.state.in_((*HELD, SKIPPED)),
    )


def _lease(session: Session, task: Task, assessor: Assessor, moment: datetime, seed: int) -> Assignment:
    assignment = session.scalar(
        select(Assignment).where(Assignment.task_id == task.id, Assignment.assessor_id == assessor.id)
    )
    if assignment is None:
        assignment = Assignment(
            task=task, assessor=assessor, swapped=_draw_order(session, task, assessor, seed)
        )
        session.add(assignment)
    assignment.state, assignment.reserved_at, assignment.expires_at = RESERVED, moment, moment
    return assignment


def _draw_order(session: Session, task: Task, assessor: Assessor, seed: int) -> bool:
    """Draw the order of display by the stored seed, the rarer order of this task first."""
    orders = list(session.scalars(select(Assignment.swapped).where(Assignment.task_id == task.id)))
    if 2 * sum(orders) != len(orders):
        return 2 * sum(orders) < len(orders)
    digest = hashlib.sha256(f"{seed}:{task.id}:{assessor.name}".encode()).digest()
    return bool(digest[0] & 1)


def _own(session: Session, assignment_id: int, assessor_id: int) -> Assignment:
    assignment = session.get(Assignment, assignment_id, with_for_update=True)
    if assignment is None or assignment.assessor_id != assessor_id:
        raise LeaseLost("this pair is not leased to this assessor")
    return assignment


def _known(session: Session, submission: Submission, assignment_id: int) -> int | None:
    found = session.scalar(select(Judgement).where(Judgement.client_key == submission.client_key))
    if found is None:
        return None
    if found.assignment_id != assignment_id:
        raise LabellingError("this client key was used for another pair")
    return found.id


def _has_room(session: Session, assignment: Assignment) -> bool:
    session.get(Task, assignment.task_id, with_for_update=True)  # two late ones must not take one place
    places = session.scalar(_places(assignment.task_id, assignment.assessor.kind))
    return (places or 0) < assignment.task.overlap


def _record(session: Session, assignment: Assignment, submission: Submission, revision: int) -> int:
    check_verdict(submission.verdict)
    check_reasons(submission.aspects, submission.tags)
    turned = assignment.swapped
    judgement = Judgement(
        assignment=assignment,
        revision=revision,
        client_key=submission.client_key,
        verdict=swap_verdict(submission.verdict) if turned else submission.verdict,
        aspects=swap_aspects(submission.aspects) if turned else submission.aspects,
        tags=swap_tags(submission.tags) if turned else submission.tags,
        comment=submission.comment.strip(),
        confidence=submission.confidence,
        details=submission.details,
        guideline_id=submission.guideline_id,
        channel=submission.channel,
        seconds=submission.seconds,
    )
    session.add(judgement)
    session.flush()
    return judgement.id


def _leave(store: Store, assignment_id: int, assessor_id: int, state: str, reason: str) -> None:
    with store.writing.begin() as session:
        assignment = _own(session, assignment_id, assessor_id)
        if assignment.state not in (RESERVED, EXPIRED):
            raise LeaseLost(f"this pair is {assignment.state} already")
        assignment.state, assignment.reason = state, reason.strip()
