"""Keep a campaign within its label budget: the labels that people have given or hold of its real work.

The sum is read in the transaction that hands out, from an index that holds only tasks with labels: it
costs by the labels, not by the tasks. On PostgreSQL the campaign's row is locked first, so that two
cannot both take the last label; on SQLite one writes at a time anyway.
"""

from __future__ import annotations

import sys

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.ledger.places import MAIN, PERSON
from annotate.store import Campaign, Task
from annotate.store.prepared import Prepared

SPENT = "the label budget of the campaign is spent"
_TAKEN = Prepared(
    select(func.coalesce(func.sum(Task.people_places), 0).label("taken")).where(
        Task.campaign_id == bindparam("campaign"), Task.pool == MAIN, Task.people_places > 0
    )
)
_LOCK = Prepared(
    select(Campaign.id).where(Campaign.id == bindparam("campaign")).with_for_update(key_share=True)
)


def labels_taken(session: Session, campaign_id: int) -> int:
    """Return the labels that people have given or hold in the real work of a campaign."""
    return int(_TAKEN.scalar(session, {"campaign": campaign_id}))


def labels_left(session: Session, campaign_id: int, kind: str, rules: CampaignRules) -> int:
    """Return how many more labels of real work may be handed out; in a writing transaction that holds."""
    if rules.label_budget is None or kind != PERSON:
        return sys.maxsize
    _LOCK.all(session, {"campaign": campaign_id})
    return max(0, rules.label_budget - labels_taken(session, campaign_id))
