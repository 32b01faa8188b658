"""Hand tasks out on a lease, and extend leases."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from annotate.errors import LabellingError, LeaseLost, NothingToLabel
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.ledger.budget import labels_left
from annotate.labelling.ledger.choosing import SPARE, Plan, Wish, draw_display, held_leases, make_plan
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.history import event, record_all
from annotate.labelling.ledger.leases import end_leases, lend, lock_lease, take_place, turn
from annotate.labelling.ledger.places import MAIN, Places, claim, lock_places
from annotate.labelling.ledger.waiting import Found, read_recent
from annotate.labelling.views import AssignmentView, Lent, view_lent
from annotate.store import Assessor, Assignment, Campaign, Store, Task
from annotate.store.ledger import RESERVED
from annotate.store.prepared import Prepared

EXPIRE_IN_PASSING = 50
NOTHING = "no pair is waiting for this assessor"
TRIES = 5  # plans that others may thwart before one is made while they wait
_EXTEND = Prepared(
    update(Assignment).where(Assignment.id == bindparam("assignment"), Assignment.state == RESERVED)
)


def reserve(
    store: Store,
    assessor_id: int,
    *,
    count: int = 1,
    lease_seconds: int | None = None,
    seed: int = 0,
    campaign: str | None = None,
    pool: str = MAIN,
) -> list[AssignmentView]:
    """Lease up to `count` tasks to an assessor, those already held first.

    Without `campaign` the open ones are tried in the order in which they were opened; without
    `lease_seconds` the campaign's rule holds. Work of the main pool is mixed with gold tasks at the
    campaign's share, which nothing in the answer tells. Raises NothingToLabel, saying why, when there
    is none, LabellingError for an inactive assessor.
    """
    wish = Wish(count, lease_seconds, seed, campaign, pool)
    ahead = store.engine.dialect.name == "sqlite"
    with store.reading() as reading:
        lent, reason = _try_ahead(store, reading, assessor_id, wish) if ahead else ([], "")
        if not lent and not reason:
            with store.writing.begin() as session:
                end_leases(session, clock_now(session), EXPIRE_IN_PASSING)
                plan = make_plan(session, assessor_id, wish)
                lent, reason = carry_out(session, plan, wish), plan.reason
        if not lent:
            raise NothingToLabel(reason or NOTHING)
        return view_lent(reading, lent)


def _try_ahead(store: Store, reading: Session, assessor_id: int, wish: Wish) -> tuple[list[Lent], str]:
    """On SQLite, where one writes at a time, plan before that: the others wait only for the writing.

    What others did in between is seen then, and the next candidate taken, or a new plan made.
    """
    for _ in range(TRIES):
        plan = make_plan(reading, assessor_id, wish, spare=SPARE)
        if plan.assessor.ran_out:
            with store.writing.begin() as session:
                end_leases(session, plan.assessor.moment, EXPIRE_IN_PASSING)
        elif plan.is_empty:
            return [], plan.reason or NOTHING
        else:
            try:
                with store.writing.begin() as session:
                    held = [row.id for row in held_leases(session, assessor_id, wish)]
                    is_as_planned = held == [row.id for row in plan.held]  # by another window of the same
                    lent = carry_out(session, plan, wish) if is_as_planned else []
                if lent:
                    return lent, ""
            except IntegrityError:  # another window of the same assessor took the same task
                pass
        reading.rollback()  # what is read next is what is there now
    return [], ""


def carry_out(session: Session, plan: Plan, wish: Wish) -> list[Lent]:
    """Extend what is held, and lend of each slot the first candidates that still have room."""
    moment = plan.assessor.moment
    lent = _extend(session, plan, wish)
    mine = {one.task_id for one in lent}
    for slot in plan.slots:
        kind, left = plan.assessor.kind, slot.count
        if slot.candidates and slot.candidates[0].pool == MAIN:
            left = min(left, labels_left(session, slot.campaign.id, kind, slot.rules))
        for found in slot.candidates:
            if not left:
                break
            if found.task_id in mine or not claim(session, found.task_id, kind, slot.rules):
                continue
            left -= 1
            mine.add(found.task_id)
            until = moment + timedelta(seconds=_seconds(wish, slot.rules))
            swapped = draw_display(slot.campaign.seed, slot.reader, found.task_id, found.turned, wish.seed)
            lent.append(
                lend(
                    session, _places(found, slot.rules), plan.assessor.id, kind, swapped=swapped,
                    moment=moment, expires_at=until, is_new=found.known is None, claimed=True,
                )
            )  # fmt: skip
    return lent


def _extend(session: Session, plan: Plan, wish: Wish) -> list[Lent]:
    """Extend every lease that is held as if it began now."""
    if not plan.held:
        return []
    moment, lent, events = plan.assessor.moment, [], []
    for row in plan.held:
        until = moment + timedelta(seconds=_seconds(wish, CampaignRules.read(row.rules)))
        if _EXTEND.run(session, {"assignment": row.id, "expires_at": until}):
            lent.append(Lent(row.id, row.task_id, row.pair_id, row.swapped, until, row.version))
            told = {"until": until.isoformat()}
            events.append(event("renewed", moment, row.task_id, row.id, plan.assessor.id, **told))
    record_all(session, events)
    return lent


def reserve_pair(
    store: Store,
    pair_id: int,
    assessor_id: int,
    *,
    lease_seconds: int = 1800,
    swapped: bool = False,
) -> AssignmentView:
    """Lease the task of one pair for a judgement made elsewhere, also beyond the overlap.

    `swapped` says that the second answer was shown first there. Raises LabellingError when the pair is
    no task or this assessor has dealt with it.
    """
    with store.writing.begin() as session:
        moment = clock_now(session)
        task_id = session.scalar(select(Task.id).where(Task.pair_id == pair_id))
        assessor = session.get(Assessor, assessor_id, with_for_update={"key_share": True})
        if task_id is None or assessor is None:
            raise LabellingError(f"pair {pair_id} is not up for labelling")
        task = lock_places(session, [task_id])[task_id]
        until = moment + timedelta(seconds=lease_seconds)
        try:
            lent = lend(
                session, task, assessor.id, assessor.kind, swapped=swapped, moment=moment, expires_at=until
            )
        except LeaseLost as error:
            raise LabellingError(f"{assessor.name}, pair {pair_id}: {error}") from error
        return view_lent(session, [lent])[0]


def lease_task(session: Session, task_id: int, assessor: Assessor, lease_seconds: int, seed: int = 0) -> int:
    """Lease one given task to an assessor, in a drawn order, in a transaction under way.

    Returns the id of the assignment; meant for control tasks, since it looks for no room. Raises
    LeaseLost when the assessor has dealt with it.
    """
    moment = clock_now(session)
    reader = read_recent(session, assessor.id, assessor.kind, assessor.languages)
    task = lock_places(session, [task_id])[task_id]
    campaign = session.get_one(Campaign, task.campaign_id)
    orders = session.scalars(select(Assignment.swapped).where(Assignment.task_id == task_id)).all()
    swapped = draw_display(campaign.seed, reader, task_id, sum(1 if one else -1 for one in orders), seed)
    until = moment + timedelta(seconds=lease_seconds)
    return take_place(
        session, task, assessor.id, assessor.kind, swapped=swapped, moment=moment, expires_at=until
    )


def renew(
    store: Store, assignment_id: int, assessor_id: int, *, lease_seconds: int | None = None
) -> datetime:
    """Extend a lease; return when it ends now. Raises LeaseLost when it is gone."""
    with store.writing.begin() as session:
        lease = lock_lease(session, assignment_id, assessor_id)
        if lease.state != RESERVED or lease.expires_at < lease.moment:
            raise LeaseLost("the lease ran out; the pair may be with someone else")
        seconds = lease.task.rules.lease_seconds if lease_seconds is None else lease_seconds
        until = lease.moment + timedelta(seconds=seconds)
        columns = {"expires_at": until}
        turn(session, lease, "renewed", RESERVED, columns=columns, until=until.isoformat())
        return until


def _places(row: Found, rules: CampaignRules) -> Places:
    return Places(
        row.task_id, row.campaign_id, row.pair_id, row.pool, row.overlap,
        row.people_places, row.machine_places, rules,
    )  # fmt: skip


def _seconds(wish: Wish, rules: CampaignRules) -> int:
    return rules.lease_seconds if wish.lease_seconds is None else wish.lease_seconds
