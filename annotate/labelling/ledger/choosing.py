"""Choose what an assessor gets next: what is held already, then gold by lot, then the most urgent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Boolean, Row, bindparam, exists, or_, select, true
from sqlalchemy.orm import Session

from annotate.errors import LabellingError, NothingToLabel
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.campaigns import campaign_named
from annotate.labelling.ledger.admission import admitted_languages, reason_to_wait
from annotate.labelling.ledger.budget import SPENT, labels_left
from annotate.labelling.ledger.clock import clock
from annotate.labelling.ledger.drawing import draw, draw_order, draw_share
from annotate.labelling.ledger.limits import left_today
from annotate.labelling.ledger.places import MAIN, PERSON
from annotate.labelling.ledger.waiting import Found, Reader, Shelf, find_tasks, read_recent, unseen_ids
from annotate.store import Assessor, Assignment, Campaign, Task
from annotate.store.ledger import ACTIVE, OPEN, RESERVED
from annotate.store.prepared import Prepared

GOLD = "gold"
SPARE = 4  # candidates beyond those wanted, should others be faster
_HELD = Prepared(
    select(
        Assignment.id,
        Assignment.task_id,
        Assignment.swapped,
        Assignment.version,
        Task.pair_id,
        Campaign.rules,
    )
    .join(Task, Task.id == Assignment.task_id)
    .join(Campaign, Campaign.id == Task.campaign_id)
    .where(Assignment.assessor_id == bindparam("assessor"), Assignment.state == RESERVED)
    .where(or_(Task.pool == bindparam("pool"), Task.pool == bindparam("mixed_in")))
    .where(or_(Campaign.name == bindparam("campaign"), bindparam("any_campaign", type_=Boolean) == true()))
    .order_by(Assignment.reserved_at, Assignment.id)  # as the index has them
    .limit(bindparam("count"))
)
_CAMPAIGNS = Prepared(
    select(Campaign.id, Campaign.name, Campaign.state, Campaign.rules, Campaign.seed).order_by(Campaign.id)
)
_ASSESSOR_QUERY = select(
    Assessor.id,
    Assessor.kind,
    Assessor.state,
    Assessor.languages,
    Assessor.skills,
    Assessor.daily_limit,
    clock().label("moment"),
    exists()
    .where(Assignment.state == RESERVED, Assignment.expires_at < clock())
    .correlate(None)
    .label("ran_out"),
).where(Assessor.id == bindparam("assessor"))
_ASSESSOR = {
    patient: Prepared(_ASSESSOR_QUERY.with_for_update(of=Assessor, key_share=True, skip_locked=not patient))
    for patient in (False, True)
}


@dataclass(frozen=True)
class Wish:
    """Hold what is asked for: how many tasks, of which campaign and pool, for how long.

    `leaving` is an assignment that is held no longer when they are handed out; without `patient`
    nothing is waited for that others have locked.
    """

    count: int
    lease_seconds: int | None
    seed: int
    campaign: str | None
    pool: str
    leaving: int = 0
    patient: bool = True


@dataclass(frozen=True)
class Slot:
    """Hold candidates for a number of places in a plan, the best first."""

    count: int
    candidates: list[Found]
    campaign: Row[Any]
    rules: CampaignRules
    reader: Reader


@dataclass
class Plan:
    """Hold what an assessor holds already and may get; `reason` says why it is not more."""

    assessor: Row[Any]
    held: Sequence[Row[Any]]
    slots: list[Slot] = field(default_factory=list)
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing in it."""
        return not self.held and not any(slot.candidates for slot in self.slots)


def make_plan(session: Session, assessor_id: int, wish: Wish, *, spare: int = 0) -> Plan:
    """Plan what to hand out; on PostgreSQL in a writing transaction the candidates are locked by it.

    Raises LabellingError for an unknown or inactive assessor or campaign, NothingToLabel for a campaign
    that is not open.
    """
    assessor = _ASSESSOR[wish.patient].first(session, {"assessor": assessor_id})
    if assessor is None or assessor.state != ACTIVE:
        raise LabellingError("this assessor is unknown or not active")
    plan = Plan(assessor, held_leases(session, assessor_id, wish))
    wanted = wish.count - len(plan.held)
    for campaign in _campaigns(session, wish) if wanted > 0 else ():
        slots, reason = _slots(session, assessor, campaign, wish, wanted, spare)
        if not slots and not wish.patient:
            break  # who waits may yet find something here, before the next campaign's turn
        plan.slots += slots
        plan.reason = plan.reason or reason
        wanted -= sum(min(slot.count, len(slot.candidates)) for slot in slots)
        if wanted <= 0:
            break
    return plan


def draw_display(campaign_seed: int, reader: Reader, task_id: int, turned: int, seed: int) -> bool:
    """Draw whether the second answer is shown first; `turned` is the balance of the task so far."""
    drawn = draw("order", campaign_seed, seed, task_id, reader.assessor_id)
    return draw_order(turned, reader.turned, drawn)


def _campaigns(session: Session, wish: Wish) -> Sequence[Row[Any]]:
    found = _CAMPAIGNS.all(session, {})
    if wish.campaign is None:
        return [row for row in found if row.state == OPEN]
    named = [row for row in found if row.name == wish.campaign]
    if not named:
        campaign_named(session, wish.campaign)  # says which there are
    elif named[0].state != OPEN:
        raise NothingToLabel(f"the campaign {wish.campaign} is {named[0].state}")
    return named


def held_leases(session: Session, assessor_id: int, wish: Wish) -> Sequence[Row[Any]]:
    """Return what an assessor holds of what is wished for.

    A query of its own, after the assessor's row was locked: on PostgreSQL a subquery of the locking
    one would not see what another window committed while it waited.
    """
    wanted = {
        "assessor": assessor_id,
        "pool": wish.pool,
        "mixed_in": GOLD if wish.pool == MAIN else wish.pool,
        "count": wish.count + bool(wish.leaving),
        "campaign": wish.campaign or "",
        "any_campaign": wish.campaign is None,
    }
    found = [row for row in _HELD.all(session, wanted) if row.id != wish.leaving]
    return found[: wish.count]


def _slots(
    session: Session, assessor: Row[Any], campaign: Row[Any], wish: Wish, count: int, spare: int
) -> tuple[list[Slot], str]:
    """Find candidates in one campaign; return them, or why the assessor may not have any."""
    rules = CampaignRules.read(campaign.rules)
    if wish.pool == MAIN:
        count = min(count, left_today(session, assessor, rules, assessor.moment))
        reason = _obstacle(session, assessor, campaign, rules, count)
        if reason:
            return [], reason
        if rules.label_budget is not None and not wish.patient:
            return [], ""  # the budget is counted under a lock
        left = labels_left(session, campaign.id, assessor.kind, rules)
        if left < 1:
            return [], SPENT
        count = min(count, left)
    reader = read_recent(session, assessor.id, assessor.kind, assessor.languages)
    if rules.exam_required and wish.pool == MAIN and assessor.kind == PERSON:
        who, where = session.get_one(Assessor, assessor.id), session.get_one(Campaign, campaign.id)
        passed = admitted_languages(session, who, where)
        reader.languages = tuple(one for one in reader.languages or passed if one in passed)
    # For tasks that others are taking now only where there are no others.
    for wait in (False, True) if wish.patient else (False,):
        reader.wait, reader.taken = wait, []
        slots = [
            Slot(number, found, campaign, rules, reader)
            for number, found in _picks(session, reader, campaign, rules, wish, count, spare)
        ]
        if slots:
            return slots, ""
    return [], ""


def _obstacle(
    session: Session, assessor: Row[Any], campaign: Row[Any], rules: CampaignRules, left: int
) -> str:
    if left < 1:
        return f"the daily limit of {assessor.daily_limit or rules.daily_limit} pairs is reached"
    if assessor.kind == PERSON and (lacking := sorted(set(rules.skills) - set(assessor.skills))):
        return f"the campaign {campaign.name} asks for skills: {', '.join(lacking)}"
    if rules.confirm_guideline or rules.training_required or rules.exam_required:
        who, where = session.get_one(Assessor, assessor.id), session.get_one(Campaign, campaign.id)
        return reason_to_wait(session, who, where, None)
    return ""


def _picks(
    session: Session,
    reader: Reader,
    campaign: Row[Any],
    rules: CampaignRules,
    wish: Wish,
    count: int,
    spare: int,
) -> Iterator[tuple[int, list[Found]]]:
    shelf = Shelf(campaign.id, wish.pool)
    steered = rules.gold_share or rules.cluster_shares or rules.language_shares
    if wish.pool != MAIN or reader.kind != PERSON or not steered:
        found = find_tasks(session, reader, shelf, count + spare)
        if found:
            yield count, found
        return
    for number in range(count):
        lot = (campaign.seed, wish.seed, reader.assessor_id, reader.latest, number)
        found = _pick(session, reader, shelf, rules, lot, 1 + spare)
        if not found:
            return
        reader.taken.append(found[0].task_id)  # the spare ones may be another's first
        yield 1, found


def _pick(
    session: Session, reader: Reader, shelf: Shelf, rules: CampaignRules, lot: tuple[int, ...], count: int
) -> list[Found]:
    """Pick one task: gold by lot, else one of the cluster and language whose turn it is, else any."""
    if draw("gold", *lot) < rules.gold_share:
        gold = replace(shelf, pool=GOLD)
        waiting = unseen_ids(session, reader, gold)
        if waiting:
            chosen = waiting[int(draw("which", *lot) * len(waiting))]
            return find_tasks(session, reader, gold, 1, only=chosen)
    for part in _turns(shelf, rules, lot):
        found = find_tasks(session, reader, part, count)
        if found:
            return found
    return []


def _turns(shelf: Shelf, rules: CampaignRules, lot: tuple[int, ...]) -> list[Shelf]:
    """Return the parts of a campaign in the order in which they are tried."""
    by_cluster = by_language = both = shelf
    if rules.cluster_shares:
        cluster = draw_share(rules.cluster_shares, draw("cluster", *lot))
        rest = tuple(rules.cluster_shares) if cluster is None else ()
        by_cluster = replace(shelf, cluster=cluster, but_clusters=rest)
        both = replace(both, cluster=cluster, but_clusters=rest)
    if rules.language_shares:
        language = draw_share(rules.language_shares, draw("language", *lot))
        others = tuple(rules.language_shares) if language is None else ()
        by_language = replace(shelf, language=language, but_languages=others)
        both = replace(both, language=language, but_languages=others)
    return list(dict.fromkeys((both, by_cluster, by_language, shelf)))
