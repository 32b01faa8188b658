"""Hold places of tasks for a platform outside, hand them over to who labelled there, take work back.

A platform outside gives out its tasks to people whom the ledger does not know yet. So that no pair is
given out beyond its overlap, its *seats*, assessors who never work, lease the places meanwhile;
the lease of a seat ends like any other when nobody extends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from annotate.errors import LabellingError
from annotate.labelling.assessors import register, set_active
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.leases import lock_lease, take_place, turn
from annotate.labelling.ledger.overlap import wanted_overlap
from annotate.labelling.ledger.places import MAIN, PERSON, Places, lock_places, people_votes
from annotate.store import Assignment, Store
from annotate.store.ledger import RELEASED, RESERVED, SKIPPED, SUBMITTED

HOLD_SECONDS = 7 * 86_400  # nobody extends it for a week: the platform is gone, the own screens go on
AT_ONCE = 500  # tasks in one statement
WORK_SECONDS = 3_600  # from the hand-over until the judgement is in: the rest of one import


def open_seats(store: Store, platform: str, count: int) -> list[int]:
    """Return the ids of the seats of a platform, `PLATFORM/seat-1` and so on, registered where missing."""
    ids = []
    for number in range(1, count + 1):
        seat = register(store, f"{platform}/seat-{number}", "person")
        if seat.active:
            set_active(store, seat.name, active=False)
        ids.append(seat.id)
    return ids


def hold(
    store: Store,
    wanted: Mapping[int, int],
    seats: Sequence[int],
    swapped: Mapping[int, bool],
    *,
    lease_seconds: int = HOLD_SECONDS,
) -> dict[int, int]:
    """Let seats hold `wanted` places of each task, no more than are free; return how many they hold now.

    Held places above what is wanted are given back. `swapped` is the order in which the platform
    shows each pair. Control tasks have places for all and need no holding.
    """
    with store.writing.begin() as session:
        moment = clock_now(session)
        until = moment + timedelta(seconds=lease_seconds)
        held: dict[int, int] = {}
        for task_id, task in lock_places(session, wanted).items():
            mine = _held(session, task_id, seats)
            count = min(wanted[task_id], _wanted(session, task, len(mine)))
            for seat in mine[count:]:
                _free(session, task, seat)
            room = max(min(count - len(mine), task.overlap - task.people), 0)
            free = [seat for seat in seats if seat not in mine][:room]
            for seat in free:
                take_place(
                    session, task, seat, PERSON,
                    swapped=swapped[task_id], moment=moment, expires_at=until,
                )  # fmt: skip
            held[task_id] = len(mine[:count]) + len(free)
        return held


def count_held(store: Store, task_ids: Sequence[int], seats: Sequence[int]) -> dict[int, int]:
    """Return how many places seats hold of each task; tasks of which they hold none do not appear."""
    with store.reading() as session:
        rows = session.execute(
            select(Assignment.task_id, func.count(Assignment.id).label("held"))
            .where(
                Assignment.task_id.in_(task_ids),
                Assignment.assessor_id.in_(seats),
                Assignment.state == RESERVED,
            )
            .group_by(Assignment.task_id)
        )
        return {row.task_id: row.held for row in rows}


def extend_holds(
    store: Store, seats: Sequence[int], task_ids: Sequence[int], *, lease_seconds: int = HOLD_SECONDS
) -> int:
    """Extend the leases that seats hold on tasks; return how many. One that ran out stays so."""
    extended = 0
    for at in range(0, len(task_ids), AT_ONCE):
        with store.writing.begin() as session:
            moment = clock_now(session)
            done = session.connection().execute(
                update(Assignment)
                .where(
                    Assignment.assessor_id.in_(seats),
                    Assignment.task_id.in_(task_ids[at : at + AT_ONCE]),
                    Assignment.state == RESERVED,
                    Assignment.expires_at >= moment,
                )
                .values(expires_at=moment + timedelta(seconds=lease_seconds))
            )
            extended += done.rowcount
    return extended


def hand_over(
    store: Store, task_id: int, assessor_id: int, seats: Sequence[int], *, swapped: bool
) -> tuple[int, str]:
    """Give the place of a seat to the person who labelled outside; return the assignment and its state.

    Without a seat a free place does. An assessor who passed on the task and came back gets it
    again. The state is `reserved`, or `submitted` where there is a judgement already. Raises
    LabellingError when no place is left or the assessor may not have it, and then changes nothing.
    """
    with store.writing.begin() as session:
        moment = clock_now(session)
        until = moment + timedelta(seconds=WORK_SECONDS)
        task = lock_places(session, [task_id]).get(task_id)
        if task is None:
            raise LabellingError(f"no task {task_id}")
        known = session.execute(
            select(Assignment.id, Assignment.state).where(
                Assignment.task_id == task_id, Assignment.assessor_id == assessor_id
            )
        ).one_or_none()
        if known is not None and known.state in (RESERVED, SUBMITTED):
            return known.id, known.state
        held = _held(session, task_id, seats)
        if held:
            _free(session, task, held[-1])
        if not task.has_room(PERSON):
            raise LabellingError(
                f"pair {task.pair_id} has all its judgements; raise the overlap to take more"
            )
        if known is not None and known.state == SKIPPED:
            lease = lock_lease(session, known.id, assessor_id)
            turn(session, lease, "reserved", RESERVED, columns={"expires_at": until, "reason": ""})
            return known.id, RESERVED
        taken = take_place(
            session, task, assessor_id, PERSON, swapped=swapped, moment=moment, expires_at=until
        )
        return taken, RESERVED


def withdraw(store: Store, assignment_id: int, assessor_id: int, why: str) -> bool:
    """Take a judgement that its assessor deleted outside off the votes; it stays in the history.

    Returns False when there is none that counts. The assessor may judge the pair again.
    """
    with store.writing.begin() as session:
        lease = lock_lease(session, assignment_id, assessor_id)
        if lease.state != SUBMITTED:
            return False
        turn(session, lease, "undone", RELEASED, why=why)
        return True


def _wanted(session: Session, task: Places, held: int) -> int:
    """Return how many places of a task seats may hold: none of a control, none once it is decided."""
    if task.pool != MAIN:
        return 0
    if not task.rules.dynamic:
        return task.overlap
    wanted = wanted_overlap(task.rules, people_votes(session, task.task_id))
    return max(wanted - (task.people - held), 0)


def _held(session: Session, task_id: int, seats: Sequence[int]) -> list[int]:
    """Return the seats that hold a place of a task, in the order of the seats."""
    found = set(
        session.scalars(
            select(Assignment.assessor_id).where(
                Assignment.task_id == task_id,
                Assignment.assessor_id.in_(seats),
                Assignment.state == RESERVED,
            )
        )
    )
    return [seat for seat in seats if seat in found]


def _free(session: Session, task: Places, seat: int) -> None:
    assignment_id = session.scalars(
        select(Assignment.id).where(Assignment.task_id == task.task_id, Assignment.assessor_id == seat)
    ).one()
    lease = lock_lease(session, assignment_id, seat)
    lease.task = task  # the counters of the lock that the caller holds, changed by earlier steps
    turn(session, lease, "released", RELEASED)
