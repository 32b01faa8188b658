"""Take a judgement in and hand the next tasks out in one go: one writing transaction where two would do."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from annotate.errors import LabellingError
from annotate.labelling.ledger.choosing import SPARE, Plan, Wish, held_leases, make_plan
from annotate.labelling.ledger.places import MAIN
from annotate.labelling.ledger.reserving import carry_out, reserve
from annotate.labelling.ledger.submitting import (
    Submission,
    Taken,
    check_submission,
    follow_up,
    submit,
    take_in,
)
from annotate.labelling.views import AssignmentView, Lent, view_lent
from annotate.store import Store


@dataclass(frozen=True)
class Exchange:
    """Hold the judgement that was recorded and what was handed out for it; `obstacle` says why nothing."""

    judgement: int
    views: tuple[AssignmentView, ...]
    obstacle: LabellingError | None = None


def submit_and_reserve(
    store: Store,
    assignment_id: int,
    assessor_id: int,
    submission: Submission,
    *,
    count: int = 1,
    lease_seconds: int | None = None,
    seed: int = 0,
) -> Exchange:
    """Record a judgement, and lease tasks of the main pool until `count` are held, those held first.

    The same as `submit` and then `reserve`. Raises LeaseLost or VerdictError where the judgement is not
    taken; then nothing is recorded and nothing handed out. What only `reserve` can settle is left
    to it, in a second transaction: the answer to a control, after which rules may stop the assessor; a
    judgement sent again or after its lease; leases that ran out; tasks that others are taking now.
    """
    check_submission(submission)
    ahead = store.engine.dialect.name == "sqlite"  # as in `reserve`; it knows no locks of rows to wait for
    wish = Wish(count, lease_seconds, seed, None, MAIN, leaving=assignment_id, patient=ahead)
    with store.reading() as reading:
        plan = _plan(reading, assessor_id, wish) if ahead else None
        lent: list[Lent] = []
        try:
            with store.writing.begin() as session:
                taken = take_in(session, assignment_id, assessor_id, submission)
                if _is_plain(taken):
                    # Only now, and not waited for: who holds a task must not wait for an assessor.
                    plan = plan if ahead else _plan(session, assessor_id, wish)
                    lent = _hand_out(session, plan, assessor_id, wish)
        except IntegrityError:  # another window of the same assessor took the same task
            lent, judgement = [], submit(store, assignment_id, assessor_id, submission)
        else:
            judgement = taken.judgement
            follow_up(store, taken.lease)
        if lent:
            return Exchange(judgement, tuple(view_lent(reading, lent)))
    try:
        views = reserve(store, assessor_id, count=count, lease_seconds=lease_seconds, seed=seed)
    except LabellingError as error:
        return Exchange(judgement, (), error)
    return Exchange(judgement, tuple(views))


def _plan(session: Session, assessor_id: int, wish: Wish) -> Plan | None:
    """Plan what comes next; None where `reserve` has more to do, or to say."""
    try:
        plan = make_plan(session, assessor_id, wish, spare=SPARE)
    except LabellingError:
        return None
    wants_more = not plan.slots and len(plan.held) < wish.count
    return None if wants_more or plan.assessor.ran_out else plan


def _is_plain(taken: Taken) -> bool:
    return taken.lease is not None and taken.was_held and taken.lease.task.pool == MAIN


def _hand_out(session: Session, plan: Plan | None, assessor_id: int, wish: Wish) -> list[Lent]:
    """Carry a plan out, unless another window of the same assessor has changed what is held."""
    if plan is None:
        return []
    held = [row.id for row in held_leases(session, assessor_id, wish)]
    return carry_out(session, plan, wish) if held == [row.id for row in plan.held] else []
