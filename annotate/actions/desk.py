"""Hand pairs to a person, and take verdicts in: what the labelling card asks for, in somebody's name.

A browser holds a few pairs ahead. It tells which it has (`holding`) and how many it wants (`count`), so
that every answer brings just the pairs that it lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from annotate.access.accounts import assessor_of
from annotate.access.permissions import Actor, Permission
from annotate.actions.waiting import Reason, reason_of
from annotate.errors import LabellingError, NothingToLabel, VerdictError
from annotate.jobs.context import Context
from annotate.labelling import (
    AssignmentView,
    CampaignRules,
    Submission,
    amend,
    flag,
    release,
    renew,
    reserve,
    skip,
    undo,
)
from annotate.labelling.guidelines import ADOPTED, GuidelineVersion, find_guideline, is_confirmed
from annotate.labelling.ledger.exchange import submit_and_reserve
from annotate.store import Assessor, Assignment, Campaign, Event, Guideline, Judgement, Task
from annotate.store.ledger import ACTIVE, OPEN, SUBMITTED

CHANNEL = "screen"
CHANGED = "the guidelines have changed since this pair was handed out; read them, then judge"
READ_FIRST = "the guidelines are new or changed; read them and confirm"
SAME_MOMENT = timedelta(milliseconds=2)  # the database keeps three digits of a second
MOST_AHEAD = 10  # pairs that one browser may hold
_KNOWN = select(Judgement.id).where(Judgement.client_key == bindparam("key"))
_GROUND = (
    select(Assignment.state, Campaign.rules)
    .join(Task, Task.id == Assignment.task_id)
    .join(Campaign, Campaign.id == Task.campaign_id)
    .where(Assignment.id == bindparam("assignment"))
)
_CAMPAIGNS_OF = (
    select(Assignment.id, Task.campaign_id, Campaign.rules)
    .join(Task, Task.id == Assignment.task_id)
    .join(Campaign, Campaign.id == Task.campaign_id)
    .where(Assignment.id.in_(bindparam("ids", expanding=True)))
)
_ADOPTED = select(Event.details).where(Event.kind == ADOPTED).order_by(Event.id.desc()).limit(1)


@dataclass(frozen=True)
class Dealt:
    """Hold one pair, the version of the guidelines that holds for it, and whether hints are shown."""

    view: AssignmentView
    guideline: int
    hints: bool


@dataclass(frozen=True)
class Hand:
    """Hold the pairs that a browser lacks; `waiting` says why there are none for it at all."""

    dealt: tuple[Dealt, ...] = ()
    waiting: Reason | None = None


@dataclass(frozen=True)
class Done:
    """Say what became of a step: `recorded`, `amended`, `again`, `undone`, `skipped`, `flagged`, or not.

    `lost` says that the pair is another's or dealt with already, `refused` that the step is not
    possible now; `reason` says why.
    """

    status: str
    reason: Reason | None = None
    expires_at: datetime | None = None


def take(context: Context, actor: Actor, *, count: int, holding: Sequence[int] = ()) -> Hand:
    """Lease pairs until `count` are on loan, and return those that are not in `holding`."""
    assessor_id = seat_of(context, actor)
    try:
        views = reserve(
            context.store, assessor_id, count=min(max(count, 1), MOST_AHEAD), seed=context.settings.seed
        )
    except LabellingError as error:
        return _hand(context, assessor_id, (), error)
    return _hand(context, assessor_id, views, holding=holding)


def judge(
    context: Context,
    actor: Actor,
    assignment: int,
    submission: Submission,
    *,
    count: int,
    holding: Sequence[int] = (),
    amending: bool = False,
) -> tuple[Done, Hand]:
    """Take a verdict in, and bring pairs as `take` does; the same client key again changes nothing.

    `amending` changes an earlier verdict. Raises VerdictError for one that is not well formed.
    """
    assessor_id = seat_of(context, actor)
    try:
        done = _settle(context, assessor_id, assignment, submission, amending=amending)
        if done is None:
            wanted = {"count": min(max(count, 1), MOST_AHEAD), "seed": context.settings.seed}
            found = submit_and_reserve(context.store, assignment, assessor_id, submission, **wanted)
            return Done("recorded"), _hand(context, assessor_id, found.views, found.obstacle, holding)
    except VerdictError:
        raise
    except LabellingError as error:
        done = Done("lost", reason_of(error))
    return done, take(context, actor, count=count, holding=holding)


def _settle(context: Context, assessor_id: int, at: int, said: Submission, *, amending: bool) -> Done | None:
    """Return what becomes of a verdict that is not a new one, or may not be given; None for all others."""
    with context.store.reading() as session:
        if session.scalar(_KNOWN, {"key": said.client_key}):
            return Done("again")
        state, rules = _ground(session, at)
        if not _holds(session, assessor_id, rules, said.guideline_id):
            return Done("refused", reason_of(CHANGED))
    if amending and state == SUBMITTED:
        amend(context.store, at, assessor_id, said)
        return Done("amended")
    return None


def pass_on(context: Context, actor: Actor, assignment: int, reason: str) -> Done:
    """Skip a pair for good."""
    assessor_id = seat_of(context, actor)
    try:
        skip(context.store, assignment, assessor_id, reason)
    except LabellingError as error:
        return Done("lost", reason_of(error))
    return Done("skipped")


def mark(context: Context, actor: Actor, assignment: int, reason: str) -> Done:
    """Flag a pair for review; it stays on loan."""
    assessor_id = seat_of(context, actor)
    try:
        flag(context.store, assignment, assessor_id, reason)
    except LabellingError as error:
        return Done("lost", reason_of(error))
    return Done("flagged")


def take_back(context: Context, actor: Actor, assignment: int) -> Done:
    """Undo the last verdict: the pair is on loan again, and the verdict no longer counts."""
    assessor_id = seat_of(context, actor)
    try:
        until = undo(context.store, assignment, assessor_id)
    except LabellingError as error:
        return Done("refused", reason_of(error))
    return Done("undone", expires_at=until)


def give_back(
    context: Context, actor: Actor, assignments: Sequence[int], seen: Mapping[int, datetime]
) -> list[int]:
    """Give pairs back so that others may have them at once; return those that were given back.

    `seen` tells until when the browser thought that it holds them: a page that closes must not give back
    what the next page has taken up since.
    """
    assessor_id = seat_of(context, actor)
    with context.store.reading() as session:
        rows = session.execute(
            select(Assignment.id, Assignment.expires_at).where(Assignment.id.in_(assignments[:MOST_AHEAD]))
        )
        until = {row.id: row.expires_at for row in rows}
    given = []
    for one in assignments[:MOST_AHEAD]:
        if one in seen and abs(until.get(one, seen[one]) - seen[one]) > SAME_MOMENT:
            continue
        try:
            release(context.store, one, assessor_id)
        except LabellingError:  # it ran out or was judged in another window meanwhile
            continue
        given.append(one)
    return given


def keep(context: Context, actor: Actor, assignments: Sequence[int]) -> tuple[dict[int, datetime], list[int]]:
    """Extend leases; return until when they last now, and which are lost."""
    assessor_id = seat_of(context, actor)
    held: dict[int, datetime] = {}
    lost: list[int] = []
    for one in assignments[:MOST_AHEAD]:
        try:
            held[one] = renew(context.store, one, assessor_id)
        except LabellingError:
            lost.append(one)
    return held, lost


def read_guideline(context: Context, actor: Actor, version: int | None = None) -> GuidelineVersion:
    """Return a version of the guidelines, by default the one in force."""
    actor.demand(Permission.LABEL)
    current = context.guideline
    if version in (None, current.id):
        return current
    return find_guideline(context.store, str(version))


def seat_of(context: Context, actor: Actor) -> int:
    """Return the assessor that an actor labels as, registered on first use; raise AccessDenied."""
    actor.demand(Permission.LABEL)
    return actor.assessor_id or assessor_of(context.store, actor).id


def _hand(
    context: Context,
    assessor_id: int,
    views: Sequence[AssignmentView],
    obstacle: LabellingError | None = None,
    holding: Sequence[int] = (),
) -> Hand:
    """Return of the pairs on loan those that are not in `holding`, or why there are none."""
    if isinstance(obstacle, NothingToLabel):
        return Hand(waiting=_why_nothing(context, obstacle))
    if obstacle is not None:
        return Hand(waiting=_why_stopped(context, assessor_id, obstacle))
    return _deal(context, assessor_id, [view for view in views if view.id not in set(holding)])


def _deal(context: Context, assessor_id: int, views: Sequence[AssignmentView]) -> Hand:
    """Put the terms of its campaign to each pair; leave out those whose guidelines are to be read first."""
    if not views:
        return Hand()
    with context.store.reading() as session:
        rows = session.execute(_CAMPAIGNS_OF, {"ids": [view.id for view in views]}).all()
        campaigns = {row.campaign_id: CampaignRules.read(row.rules) for row in rows}
        guidelines = {at: _guideline_of(session, rules) for at, rules in campaigns.items()}
        confirmed = {
            at: not rules.confirm_guideline or is_confirmed(session, assessor_id, guidelines[at] or 0)
            for at, rules in campaigns.items()
        }
    campaign_of = {row.id: row.campaign_id for row in rows}
    ready = [(view, campaign_of[view.id]) for view in views if confirmed[campaign_of[view.id]]]
    dealt = (Dealt(view, guidelines[at] or context.guideline.id, campaigns[at].hints) for view, at in ready)
    return Hand(tuple(dealt), None if ready else reason_of(READ_FIRST))


def _ground(session: Session, assignment: int) -> tuple[str, CampaignRules]:
    """Return the state of an assignment and the rules of its campaign."""
    row = session.execute(_GROUND, {"assignment": assignment}).one_or_none()
    return (row.state, CampaignRules.read(row.rules)) if row else ("", CampaignRules())


def _holds(session: Session, assessor_id: int, rules: CampaignRules, guideline: int) -> bool:
    """Tell whether a verdict may be given under a version: the one in force, confirmed where that is asked.

    Leases outlive a change of the guidelines, so that handing out alone cannot see to it.
    """
    if not rules.confirm_guideline:
        return session.scalar(select(Guideline.id).where(Guideline.id == guideline)) is not None
    return guideline == _guideline_of(session, rules) and is_confirmed(session, assessor_id, guideline)


def _guideline_of(session: Session, rules: CampaignRules) -> int | None:
    """Return the version in force by its number alone: its texts are long, and this is asked often."""
    if rules.guideline:
        return session.scalar(select(Guideline.id).where(Guideline.content_hash == rules.guideline))
    details = session.scalar(_ADOPTED)
    return int(details["guideline"]) if details else session.scalar(select(func.max(Guideline.id)))


def _why_nothing(context: Context, error: NothingToLabel) -> Reason:
    reason = reason_of(error)
    if reason.code != "nothing":
        return reason
    with context.store.reading() as session:
        states = set(session.scalars(select(Campaign.state)))
    return reason_of("no campaign is open") if states and OPEN not in states else reason


def _why_stopped(context: Context, assessor_id: int, error: LabellingError) -> Reason:
    with context.store.reading() as session:
        found = session.get(Assessor, assessor_id)
        if found is not None and found.state != ACTIVE:
            told = f"{found.state}: {found.state_reason}" if found.state_reason else found.state
            return Reason("stopped", told)
    return reason_of(error)
