"""Lock an assignment together with its task, change its state, and keep places and history in step.

The order of locks is the same everywhere: the assessor, then tasks, then assignments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from annotate.errors import LeaseLost
from annotate.labelling.ledger.clock import clock
from annotate.labelling.ledger.history import event, record, record_all
from annotate.labelling.ledger.places import PLACES, Places, lock_places, read_places, settle
from annotate.labelling.views import Lent
from annotate.store import Assessor, Assignment, Campaign, Task
from annotate.store.ledger import EXPIRED, HELD, RELEASED, RESERVED, SUBMITTED
from annotate.store.prepared import Prepared

EXPIRE_AT_ONCE = 500  # leases ended in one go

_LEASE = Prepared(
    select(
        *PLACES,
        Assignment.id,
        Assignment.assessor_id,
        Assignment.state,
        Assignment.swapped,
        Assignment.expires_at,
        Assignment.version,
        Assessor.kind,
        clock().label("moment"),
    )
    .select_from(Task)
    .join(Assignment, Assignment.task_id == Task.id)
    .join(Assessor, Assessor.id == Assignment.assessor_id)
    .join(Campaign, Campaign.id == Task.campaign_id)
    .where(Assignment.id == bindparam("assignment"))
    .with_for_update(of=[Task, Assignment], key_share=True)
)
_CHANGE = Prepared(update(Assignment).where(Assignment.id == bindparam("assignment")))
_KNOWN = Prepared(
    select(Assignment.id, Assignment.state, Assignment.version, Assignment.swapped)
    .where(Assignment.task_id == bindparam("task"), Assignment.assessor_id == bindparam("assessor"))
    .with_for_update(key_share=True)
)
_INSERT = Prepared(insert(Assignment).returning(Assignment.id))


@dataclass
class Lease:
    """Hold one assignment as of the lock on its row, with the places of its task and the time."""

    id: int
    assessor_id: int
    kind: str
    state: str
    swapped: bool
    expires_at: datetime
    version: int
    task: Places
    moment: datetime


def lock_lease(session: Session, assignment_id: int, assessor_id: int) -> Lease:
    """Lock an assignment and its task; raise LeaseLost when it is not this assessor's."""
    session.flush()
    row = _LEASE.first(session, {"assignment": assignment_id})
    if row is None or row.assessor_id != assessor_id:
        raise LeaseLost("this pair is not leased to this assessor")
    return Lease(
        row.id,
        row.assessor_id,
        row.kind,
        row.state,
        row.swapped,
        row.expires_at,
        row.version,
        read_places(row),
        row.moment,
    )


def turn(
    session: Session,
    lease: Lease,
    kind: str,
    state: str,
    *,
    columns: dict[str, Any] | None = None,
    **told: Any,
) -> None:
    """Move an assignment to a state, take or free its place, and record the event `kind`.

    `columns` are further columns of the assignment, `told` the details of the event. Judgements made in
    the same step must be written before.
    """
    change = int(state in HELD) - int(lease.state in HELD)
    lease.version += 1
    values = {"assignment": lease.id, "state": state, "version": lease.version} | (columns or {})
    _CHANGE.run(session, values)
    if change or (lease.task.rules.dynamic and SUBMITTED in (state, lease.state)):
        settle(session, lease.task, lease.kind, change)
    lease.state = state
    record(
        session,
        kind,
        lease.moment,
        task_id=lease.task.task_id,
        assignment_id=lease.id,
        assessor_id=lease.assessor_id,
        **told,
    )


def take_place(
    session: Session,
    task: Places,
    assessor_id: int,
    kind: str,
    *,
    swapped: bool,
    moment: datetime,
    expires_at: datetime,
) -> int:
    """Lend a task as `lend` does; return the id of the assignment."""
    lent = lend(session, task, assessor_id, kind, swapped=swapped, moment=moment, expires_at=expires_at)
    return lent.assignment_id


def lend(
    session: Session,
    task: Places,
    assessor_id: int,
    kind: str,
    *,
    swapped: bool,
    moment: datetime,
    expires_at: datetime,
    is_new: bool = False,
    claimed: bool = False,
) -> Lent:
    """Lease a task, whose row is locked, to an assessor.

    An assignment that was given back or ran out is taken up again, in the order it was shown; `is_new`
    says that there is none, `claimed` that its place is counted already. Whether there is room is for
    the caller to see. Raises LeaseLost when the assessor has dealt with the task.
    """
    lent = _take_up(session, task, assessor_id, swapped, moment, expires_at, is_new)
    if not claimed:
        settle(session, task, kind, +1, weigh=False)
    record(
        session,
        "reserved",
        moment,
        task_id=task.task_id,
        assignment_id=lent.assignment_id,
        assessor_id=assessor_id,
        until=expires_at.isoformat(),
        swapped=lent.swapped,
    )
    return lent


def _take_up(
    session: Session,
    task: Places,
    assessor_id: int,
    swapped: bool,
    moment: datetime,
    expires_at: datetime,
    is_new: bool,
) -> Lent:
    held = {"task_id": task.task_id, "assessor_id": assessor_id, "swapped": swapped}
    times = {"state": RESERVED, "reserved_at": moment, "expires_at": expires_at}
    known = None
    if not is_new:
        known = _KNOWN.first(session, {"task": task.task_id, "assessor": assessor_id})
    if known is None:
        lent = Lent(
            _INSERT.scalar(session, held | times),
            task.task_id, task.pair_id, swapped, expires_at, 1,
        )  # fmt: skip
    elif known.state in (RELEASED, EXPIRED):
        version = known.version + 1
        again = {"assignment": known.id, "version": version, "reason": ""}
        _CHANGE.run(session, again | times)
        lent = Lent(known.id, task.task_id, task.pair_id, known.swapped, expires_at, version)
    else:
        raise LeaseLost(f"this assessor has had the task already ({known.state})")
    return lent


def end_leases(session: Session, moment: datetime, limit: int = EXPIRE_AT_ONCE) -> int:
    """End leases that ran out before a moment, at most `limit`; return how many.

    Tasks that somebody else is at work on are left for the next time.
    """
    ran_out = (Assignment.state == RESERVED, Assignment.expires_at < moment)
    found = session.execute(select(Assignment.id, Assignment.task_id).where(*ran_out).limit(limit)).all()
    if not found:
        return 0
    tasks = lock_places(session, [row.task_id for row in found], wait=False)
    mine = [row.id for row in found if row.task_id in tasks]
    ended = session.execute(
        select(Assignment.id, Assignment.task_id, Assignment.assessor_id, Assessor.kind)
        .join(Assessor, Assessor.id == Assignment.assessor_id)
        .where(Assignment.id.in_(mine), *ran_out)
        .with_for_update(of=Assignment, key_share=True)
    ).all()
    _end(session, [row.id for row in ended])
    for row in ended:
        settle(session, tasks[row.task_id], row.kind, -1)
    record_all(session, [event("expired", moment, row.task_id, row.id, row.assessor_id) for row in ended])
    return len(ended)


def _end(session: Session, ids: Sequence[int]) -> None:
    session.connection().execute(
        update(Assignment).where(Assignment.id.in_(ids)).values(state=EXPIRED, version=Assignment.version + 1)
    )
