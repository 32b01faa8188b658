"""Say whether an assessor may work in a campaign now, and if not, why; act on answers to control tasks."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.controls.gold_rules import act_on_gold
from annotate.labelling.guidelines import current_record, is_confirmed
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.limits import left_today
from annotate.store import Assessor, Campaign, Sitting, Task
from annotate.store.ledger import ACTIVE, BANNED, PAUSED

PERSON = "person"


def reason_to_wait(
    session: Session, assessor: Assessor, campaign: Campaign, guideline_id: int | None = None
) -> str:
    """Return why this assessor may not work in this campaign yet; empty when nothing stands in the way.

    `guideline_id` is the version to be confirmed, by default the one that the campaign works under.
    Training, exam and confirmation are asked of people only.
    """
    rules = CampaignRules.of(campaign)
    reason = _stopped(assessor) or _out_of_turn(session, assessor, campaign)
    if reason or assessor.kind != PERSON:
        return reason
    if rules.confirm_guideline:
        current = guideline_id or getattr(current_record(session, campaign), "id", None)
        if current is not None and not is_confirmed(session, assessor.id, current):
            return "the guidelines are new or changed; read them and confirm"
    if rules.training_required and not admitted_languages(session, assessor, campaign, "training"):
        return "do the training first"
    if rules.exam_required and not admitted_languages(session, assessor, campaign, "exam"):
        return "pass the exam first"
    return ""


def after_control(session: Session, assessor_id: int, campaign_id: int, task_id: int) -> None:
    """Act on a new answer to a control task, as the rules of the campaign say.

    Called in the transaction that records the answer; only gold tasks have rules.
    """
    task = session.get_one(Task, task_id)
    if task.pool == "gold":
        act_on_gold(session, assessor_id, session.get_one(Campaign, campaign_id), wait=False)


def admitted_languages(
    session: Session, assessor: Assessor, campaign: Campaign, pool: str = "exam"
) -> list[str]:
    """Return the languages in which the assessor has passed the exam, or done the training, of a campaign."""
    passed = select(Sitting.language).where(
        Sitting.assessor_id == assessor.id,
        Sitting.campaign_id == campaign.id,
        Sitting.pool == pool,
        Sitting.passed.is_(True),
    )
    return sorted(set(session.scalars(passed)))


def _stopped(assessor: Assessor) -> str:
    if assessor.state == ACTIVE:
        return ""
    stopped = {PAUSED: "paused", BANNED: "banned"}.get(assessor.state, assessor.state)
    return f"{stopped}: {assessor.state_reason}" if assessor.state_reason else stopped


def _out_of_turn(session: Session, assessor: Assessor, campaign: Campaign) -> str:
    if left_today(session, assessor, CampaignRules.of(campaign), clock_now(session)):
        return ""
    return "the daily limit is reached"
