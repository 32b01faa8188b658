"""Count a day's work: an assessor's own daily limit, else that of the campaign."""

from __future__ import annotations

import sys
from datetime import datetime, time
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from annotate.labelling.campaign_rules import CampaignRules
from annotate.store import Assessor, Assignment
from annotate.store.ledger import HELD


def left_today(
    session: Session, assessor: Assessor | Row[Any], rules: CampaignRules, moment: datetime
) -> int:
    """Return how many more pairs an assessor may take on the day (in UTC) of a moment."""
    limit = assessor.daily_limit or rules.daily_limit
    if limit is None:
        return sys.maxsize
    midnight = datetime.combine(moment.date(), time(), moment.tzinfo)
    taken = session.scalar(
        select(func.count(Assignment.id)).where(
            Assignment.assessor_id == assessor.id,
            Assignment.state.in_(HELD),
            Assignment.reserved_at >= midnight,
        )
    )
    return max(0, limit - (taken or 0))
