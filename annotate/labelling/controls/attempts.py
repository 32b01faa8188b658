"""Say who may sit the training or an exam again and when, and which tasks an attempt gets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotate.errors import LabellingError
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.ledger.drawing import draw
from annotate.store import Assignment, Campaign, Sitting, Task


def sittings_of(
    session: Session, assessor_id: int, campaign_id: int, pool: str, language: str
) -> Sequence[Sitting]:
    """Return the attempts of an assessor in one pool and language of a campaign, oldest first."""
    return session.scalars(
        select(Sitting)
        .where(
            Sitting.assessor_id == assessor_id,
            Sitting.campaign_id == campaign_id,
            Sitting.pool == pool,
            Sitting.language == language,
        )
        .order_by(Sitting.attempt)
    ).all()


def check_attempt(earlier: Sequence[Sitting], rules: CampaignRules, moment: datetime) -> None:
    """Raise LabellingError when an exam is passed already, has no attempt left, or must wait."""
    if any(sitting.passed for sitting in earlier):
        raise LabellingError("this exam is passed already")
    if len(earlier) >= rules.exam_attempts:
        raise LabellingError(f"all {rules.exam_attempts} attempts at this exam are used up")
    again = again_at(earlier, rules)
    if again is not None and moment < again:
        raise LabellingError(f"the exam can be repeated from {again:%Y-%m-%d %H:%M} UTC")


def again_at(earlier: Sequence[Sitting], rules: CampaignRules) -> datetime | None:
    """Return before which moment an exam may not be repeated; None before its first end."""
    if not earlier or earlier[-1].ended_at is None:
        return None
    return earlier[-1].ended_at + timedelta(hours=rules.exam_wait_hours)


def draw_tasks(
    session: Session, assessor_id: int, campaign: Campaign, pool: str, language: str, attempt: int
) -> list[int]:
    """Return the tasks of a pool in the order to be given: new ones by lot, then those seen longest ago.

    Raises LabellingError when there is none.
    """
    seen = (
        select(Assignment.task_id, func.max(Assignment.reserved_at).label("at"))
        .where(Assignment.assessor_id == assessor_id)
        .group_by(Assignment.task_id)
        .subquery()
    )
    rows = session.execute(
        select(Task.id, seen.c.at)
        .outerjoin(seen, seen.c.task_id == Task.id)
        .where(Task.campaign_id == campaign.id, Task.pool == pool, Task.language == language)
    ).all()
    if not rows:
        raise LabellingError(f"there are no {pool} tasks in {language}; add some with `pairloop gold add`")
    new = [row.id for row in rows if row.at is None]
    new.sort(key=lambda task: draw(campaign.seed, pool, assessor_id, attempt, task))
    return new + [row.id for row in sorted((row for row in rows if row.at), key=lambda row: (row.at, row.id))]
