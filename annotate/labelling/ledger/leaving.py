"""End assignments without a judgement, or take a judgement back: skip, release, flag, expire, undo, drop."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from annotate.errors import LabellingError, LeaseLost
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.history import record
from annotate.labelling.ledger.leases import EXPIRE_AT_ONCE, end_leases, lock_lease, turn
from annotate.store import Assessor, Assignment, Judgement, Store
from annotate.store.ledger import DROPPED, EXPIRED, RELEASED, RESERVED, SKIPPED, SUBMITTED


def skip(store: Store, assignment_id: int, assessor_id: int, reason: str) -> None:
    """Pass on a pair for good, with a reason; another assessor gets it."""
    if not reason.strip():
        raise LabellingError("skipping needs a reason")
    _leave(store, assignment_id, assessor_id, SKIPPED, reason.strip())


def release(store: Store, assignment_id: int, assessor_id: int) -> None:
    """Give a pair back; the assessor may get it again."""
    _leave(store, assignment_id, assessor_id, RELEASED, "")


def flag(store: Store, assignment_id: int, assessor_id: int, reason: str) -> None:
    """Mark a pair for review; the lease goes on."""
    if not reason.strip():
        raise LabellingError("flagging needs a reason")
    with store.writing.begin() as session:
        lease = lock_lease(session, assignment_id, assessor_id)
        columns = {"flagged": True, "reason": reason.strip()}
        turn(session, lease, "flagged", lease.state, columns=columns, reason=reason.strip())


def expire(store: Store) -> int:
    """End the leases that ran out; return how many."""
    total = 0
    while True:
        with store.writing.begin() as session:
            ended = end_leases(session, clock_now(session))
        total += ended
        if ended < EXPIRE_AT_ONCE:
            return total


def undo(store: Store, assignment_id: int, assessor_id: int) -> datetime:
    """Take back one's last judgement: the pair is on loan again; return until when.

    The judgement stays in the history and no longer counts. Raises LabellingError when it is not the
    last one of this assessor, or older than the campaign's `undo_seconds`.
    """
    with store.writing.begin() as session:
        lease = lock_lease(session, assignment_id, assessor_id)
        if lease.state != SUBMITTED:
            raise LabellingError("there is no judgement to undo")
        mine = (Assignment.assessor_id == assessor_id, Assignment.state == SUBMITTED)
        last = _latest(session, *mine)
        own = _latest(session, Assignment.id == assignment_id)
        if last is None or own is None or last.id != own.id:
            raise LabellingError("only the last judgement can be undone")
        limit = lease.task.rules.undo_seconds
        if lease.moment - own.created_at > timedelta(seconds=limit):
            raise LabellingError(f"a judgement can be undone for {limit} seconds; amend it instead")
        until = lease.moment + timedelta(seconds=lease.task.rules.lease_seconds)
        turn(session, lease, "undone", RESERVED, columns={"expires_at": until}, judgement=own.id)
        return until


def drop_judgements(store: Store, assessor: str, since: datetime, reason: str) -> list[int]:
    """Take back all judgements that an assessor made since a moment; return their ids.

    They stay in the history and no longer count; their places open for others. Raises LabellingError
    for an unknown name or without a reason.
    """
    if not reason.strip():
        raise LabellingError("dropping judgements needs a reason")
    with store.writing.begin() as session:
        found = session.scalar(select(Assessor.id).where(Assessor.name == assessor))
        if found is None:
            raise LabellingError(f"no assessor named {assessor}")
        return drop(session, found, since, reason.strip(), clock_now(session))


def drop(session: Session, assessor_id: int, since: datetime, reason: str, moment: datetime) -> list[int]:
    """Do the same in a transaction under way."""
    rows = session.execute(
        select(Assignment.id, func.max(Judgement.id).label("judgement"))
        .join(Judgement, Judgement.assignment_id == Assignment.id)
        .where(Assignment.assessor_id == assessor_id, Assignment.state == SUBMITTED)
        .group_by(Assignment.id, Assignment.task_id)
        .having(func.max(Judgement.created_at) >= since)
        .order_by(Assignment.task_id)  # tasks are locked in this order everywhere
    ).all()
    dropped = []
    for row in rows:
        lease = lock_lease(session, row.id, assessor_id)
        if lease.state == SUBMITTED:
            turn(session, lease, "place dropped", DROPPED, columns={"reason": reason})
            dropped.append(int(row.judgement))
    record(
        session,
        DROPPED,
        moment,
        assessor_id=assessor_id,
        judgements=dropped,
        since=since.isoformat(),
        reason=reason,
    )
    return dropped


def restore(session: Session, judgement_ids: Sequence[int], reason: str, moment: datetime) -> list[int]:
    """Let dropped judgements count again, in a transaction under way; return those that do.

    A place that others took meanwhile is not taken from them: the task then has one more than it wants.
    """
    rows = session.execute(
        select(Judgement.id, Judgement.assignment_id, Assignment.assessor_id)
        .join(Assignment, Assignment.id == Judgement.assignment_id)
        .where(Judgement.id.in_(judgement_ids))
        .order_by(Assignment.task_id)
    ).all()
    restored = []
    for row in rows:
        lease = lock_lease(session, row.assignment_id, row.assessor_id)
        if lease.state == DROPPED:
            turn(session, lease, "place restored", SUBMITTED, columns={"reason": ""})
            restored.append(int(row.id))
    record(session, "restored", moment, judgements=restored, reason=reason)
    return restored


def _leave(store: Store, assignment_id: int, assessor_id: int, state: str, reason: str) -> None:
    with store.writing.begin() as session:
        lease = lock_lease(session, assignment_id, assessor_id)
        if lease.state not in (RESERVED, EXPIRED):
            raise LeaseLost(f"this pair is {lease.state} already")
        turn(session, lease, state, state, columns={"reason": reason}, reason=reason)


def _latest(session: Session, *conditions: ColumnElement[bool]) -> Any:
    return session.execute(
        select(Judgement.id, Judgement.created_at)
        .join(Assignment, Assignment.id == Judgement.assignment_id)
        .where(*conditions)
        .order_by(Judgement.id.desc())
        .limit(1)
    ).one_or_none()
