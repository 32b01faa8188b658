"""Report the versions of the guidelines: which is in force, since when, and who has confirmed it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.guidelines import ADOPTED, current_record
from annotate.store import Campaign, Confirmation, Event, Guideline, Store


@dataclass(frozen=True)
class VersionReport:
    """Show one version; `campaigns` are those that stay with it by a rule of their own."""

    id: int
    content_hash: str
    created_at: datetime
    adopted_at: datetime | None
    current: bool
    files: tuple[str, ...]
    confirmations: int
    campaigns: tuple[str, ...]


def report_versions(store: Store) -> list[VersionReport]:
    """Return the versions, the newest first."""
    with store.reading() as session:
        current = current_record(session)
        adopted: dict[int, datetime] = {}
        for event in session.scalars(select(Event).where(Event.kind == ADOPTED).order_by(Event.id)):
            adopted[int(event.details["guideline"])] = event.at
        confirmed = session.execute(
            select(Confirmation.guideline_id, func.count()).group_by(Confirmation.guideline_id)
        )
        confirmations = {version: number for version, number in confirmed}  # noqa: C416
        pinned: dict[str, list[str]] = {}
        for campaign in session.scalars(select(Campaign).order_by(Campaign.id)):
            pinned.setdefault(CampaignRules.of(campaign).guideline, []).append(campaign.name)
        return [
            VersionReport(
                record.id, record.content_hash, record.created_at, adopted.get(record.id),
                current is not None and record.id == current.id, tuple(sorted(record.texts)),
                confirmations.get(record.id, 0), tuple(pinned.get(record.content_hash, ())),
            )
            for record in session.scalars(select(Guideline).order_by(Guideline.id.desc()))
        ]  # fmt: skip
