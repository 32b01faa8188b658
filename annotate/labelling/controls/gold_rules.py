"""Act on gold answers as the rules of a campaign say: warn, pause, ban, drop the judgements since.

A rule looks at the last gold answers since it acted last, or since a lead lifted an act; each act is
an event. Nothing acts that the campaign does not name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.errors import LabellingError
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.campaigns import campaign_named
from annotate.labelling.control_rules import GoldRule
from annotate.labelling.controls.gold import GoldAnswer, gold_answers
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.history import record
from annotate.store import Assessor, Campaign, Event, Store
from annotate.store.ledger import ACTIVE, BANNED, PAUSED

ACTED = "gold_rule"  # one event for each act, beside the one that names what was done
WARNED = "warned"
LIFTED = "lifted"


@dataclass(frozen=True)
class Act:
    """Show what a rule did to an assessor: `right` of the last `of` gold answers were too few.

    `last` is the newest judgement that was looked at, `dropped` what no longer counts.
    """

    assessor_id: int
    campaign_id: int
    act: str
    below: float
    right: float
    of: int
    last: int
    dropped: tuple[int, ...] = ()


def apply_gold_rules(store: Store, campaign: str) -> list[Act]:
    """Look at the gold answers of everybody in a campaign, and act; return what was done."""
    with store.writing.begin() as session:
        found = campaign_named(session, campaign)
        return [
            act
            for assessor_id in sorted(gold_answers(session, found.id))
            for act in act_on_gold(session, assessor_id, found)
        ]


def act_on_gold(session: Session, assessor_id: int, campaign: Campaign, *, wait: bool = True) -> list[Act]:
    """Apply the campaign's rules to one assessor in the caller's transaction; return what was done.

    Without `wait` nothing is done while somebody else holds the assessor's row: the next gold answer
    looks at the same answers again, and no two transactions wait for each other.
    """
    rules = CampaignRules.of(campaign).gold_rules
    if not rules:
        return []
    locked = select(Assessor).where(Assessor.id == assessor_id)
    assessor = session.scalar(locked.with_for_update(key_share=True, skip_locked=not wait))
    if assessor is None:
        return []
    longest = max(rule.last for rule in rules)
    answers = gold_answers(session, campaign.id, assessor_id, longest).get(assessor_id, [])
    seen = _looked_at(session, assessor_id, campaign.id)
    acts = []
    for rule in rules:
        recent = [a for a in answers if a.judgement_id > seen.get(rule.act, 0)][-rule.last :]
        if falls_below(recent, rule):
            acts.append(_act(session, assessor, campaign.id, rule, recent))
    return acts


def falls_below(recent: Sequence[GoldAnswer], rule: GoldRule) -> bool:
    """Tell whether enough answers are there and too few of them right."""
    return len(recent) >= rule.at_least and sum(a.score for a in recent) / len(recent) < rule.below


def list_acts(store: Store, assessor_id: int | None = None) -> list[Act]:
    """Return what the rules did, oldest first, to one assessor or to all."""
    wanted = select(Event).where(Event.kind == ACTED).order_by(Event.id)
    if assessor_id is not None:
        wanted = wanted.where(Event.assessor_id == assessor_id)
    with store.reading() as session:
        return [
            Act(event.assessor_id or 0, **event.details | {"dropped": tuple(event.details["dropped"])})
            for event in session.scalars(wanted)
        ]


def lift_acts(store: Store, assessor_id: int, by: str, reason: str, *, restore: bool = False) -> None:
    """Let an assessor work again; the rules start anew with the next gold answer.

    `restore` makes the judgements count again that the rules dropped. Raises LabellingError for an
    unknown assessor, or without a name and a reason.
    """
    from annotate.labelling.assessors import set_state
    from annotate.labelling.ledger.leaving import restore as count_again

    if not by.strip() or not reason.strip():
        raise LabellingError("lifting an act needs who lifts it and a reason")
    with store.writing.begin() as session:
        assessor = session.get(Assessor, assessor_id, with_for_update=True)
        if assessor is None:
            raise LabellingError("no such assessor")
        moment = clock_now(session)
        dropped = _dropped(session, assessor_id) if restore else []
        restored = count_again(session, dropped, reason.strip(), moment) if dropped else []
        newest = [
            answer.judgement_id for answer in gold_answers(session, None, assessor_id).get(assessor_id, [])
        ]
        record(
            session, LIFTED, moment, assessor_id=assessor_id,
            by=by.strip(), reason=reason.strip(), last=max(newest, default=0), restored=restored,
        )  # fmt: skip
        if assessor.state != ACTIVE:
            set_state(session, assessor, ACTIVE, f"lifted by {by.strip()}: {reason.strip()}")


def _dropped(session: Session, assessor_id: int) -> list[int]:
    """Return the judgements that the rules dropped, oldest first."""
    wanted = select(Event).where(Event.kind == ACTED, Event.assessor_id == assessor_id).order_by(Event.id)
    return [judgement for event in session.scalars(wanted) for judgement in event.details["dropped"]]


def _looked_at(session: Session, assessor_id: int, campaign_id: int) -> dict[str, int]:
    """Return, for each kind of act, the newest judgement that no longer counts towards it."""
    seen: dict[str, int] = {}
    wanted = (Event.assessor_id == assessor_id) & Event.kind.in_((ACTED, LIFTED))
    for event in session.scalars(select(Event).where(wanted).order_by(Event.id)):
        if event.kind == LIFTED:
            seen |= dict.fromkeys(("warn", "pause", "ban", "drop"), int(event.details["last"]))
        elif event.details["campaign_id"] == campaign_id:
            seen[event.details["act"]] = int(event.details["last"])
    return seen


def _act(
    session: Session, assessor: Assessor, campaign_id: int, rule: GoldRule, recent: Sequence[GoldAnswer]
) -> Act:
    from annotate.labelling.assessors import set_state
    from annotate.labelling.ledger.leaving import drop

    right = sum(answer.score for answer in recent)
    reason = f"{right:g} of the last {len(recent)} gold answers right, below {rule.below:g}"
    moment = clock_now(session)
    dropped: list[int] = []
    if rule.act == "warn":
        record(session, WARNED, moment, assessor_id=assessor.id, reason=reason)
    elif rule.act == "drop":
        dropped = drop(session, assessor.id, recent[0].at, reason, moment)
    else:
        set_state(session, assessor, PAUSED if rule.act == "pause" else BANNED, reason)
    act = Act(
        assessor.id,
        campaign_id,
        rule.act,
        rule.below,
        right,
        len(recent),
        recent[-1].judgement_id,
        tuple(dropped),
    )
    details = {key: value for key, value in asdict(act).items() if key != "assessor_id"}
    record(session, ACTED, moment, assessor_id=assessor.id, **details)
    return act
