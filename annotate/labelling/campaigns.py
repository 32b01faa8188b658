"""Open campaigns of labelling and set their rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.errors import ChangedMeanwhile, LabellingError
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.ledger.places import settle_campaign
from annotate.store import Campaign, Store
from annotate.store.ledger import OPEN

DEFAULT = "default"  # the campaign of whoever names none
CampaignState = Literal["open", "paused", "closed"]


@dataclass(frozen=True)
class CampaignView:
    """Show one campaign."""

    id: int
    name: str
    state: str
    rules: CampaignRules
    seed: int
    created_at: datetime


def open_campaign(store: Store, name: str, rules: CampaignRules | None = None, seed: int = 0) -> CampaignView:
    """Open a campaign, or return the one of that name; raise LabellingError when it has other rules."""
    name = name.strip()
    if not name:
        raise LabellingError("a campaign needs a name")
    with store.writing.begin() as session:
        found = session.scalar(select(Campaign).where(Campaign.name == name))
        if found is None:
            found = Campaign(name=name, rules=(rules or CampaignRules()).write(), seed=seed)
            session.add(found)
            session.flush()
        elif rules is not None and CampaignRules.of(found) != rules:
            raise LabellingError(f"campaign {name} has other rules; set them with `pairloop campaigns set`")
        return _view(found)


def list_campaigns(store: Store) -> list[CampaignView]:
    """Return all campaigns, the oldest first."""
    with store.reading() as session:
        return [_view(found) for found in session.scalars(select(Campaign).order_by(Campaign.id))]


def find_campaign(store: Store, name: str) -> CampaignView:
    """Return a campaign; raise LabellingError for an unknown name."""
    with store.reading() as session:
        return _view(campaign_named(session, name))


def set_campaign_state(
    store: Store, name: str, state: CampaignState, *, seen: str | None = None
) -> CampaignView:
    """Open, pause or close a campaign; what is on loan may still be submitted.

    Raises ChangedMeanwhile when it is no longer in the state `seen`.
    """
    with store.writing.begin() as session:
        found = campaign_named(session, name, locked=True)
        if seen not in (None, found.state):
            raise ChangedMeanwhile(f"campaign {name} is {found.state} by now; look at it before you turn it")
        found.state = state
        return _view(found)


def set_rules(store: Store, name: str, *, seen: CampaignRules | None = None, **changes: Any) -> CampaignView:
    """Change rules of a campaign; its tasks are opened and closed to fit.

    `seen` are the rules that the change was made from. Raises ChangedMeanwhile when they no longer
    hold, LabellingError for an unknown campaign or rule, or rules that contradict themselves.
    """
    with store.writing.begin() as session:
        found = campaign_named(session, name, locked=True)
        if seen not in (None, CampaignRules.of(found)):
            raise ChangedMeanwhile(f"somebody changed the rules of {name} meanwhile; look at them first")
        found.rules = CampaignRules.read({**found.rules, **changes}).write()
        session.flush()
        settle_campaign(session, found)
        return _view(found)


def campaign_named(session: Session, name: str, *, locked: bool = False) -> Campaign:
    """Return the record of a campaign, `locked` against other changes; raise LabellingError for no such."""
    wanted = select(Campaign).where(Campaign.name == name)
    found = session.scalar(wanted.with_for_update(key_share=True) if locked else wanted)
    if found is None:
        known = ", ".join(session.scalars(select(Campaign.name).order_by(Campaign.id))) or "none"
        raise LabellingError(f"no campaign named {name}; known: {known}")
    return found


def default_campaign(session: Session) -> Campaign:
    """Return the record of the campaign of whoever names none, made when it is missing."""
    found = session.scalar(select(Campaign).where(Campaign.name == DEFAULT))
    if found is None:
        found = Campaign(name=DEFAULT, state=OPEN)
        session.add(found)
        session.flush()
    return found


def _view(record: Campaign) -> CampaignView:
    return CampaignView(
        record.id, record.name, record.state, CampaignRules.of(record), record.seed, record.created_at
    )
