"""Report who changed what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from annotate.store import AuditEntry, Store

MOST = 1000  # entries shown at once


@dataclass(frozen=True)
class Entry:
    """Show one entry."""

    id: int
    at: datetime
    actor: str
    action: str
    target: str
    details: dict[str, Any]


@dataclass(frozen=True)
class AuditReport:
    """List the entries that fit a filter, the latest first; `total` counts those left out, too."""

    entries: list[Entry]
    total: int


@dataclass(frozen=True)
class AuditFilter:
    """Choose entries; what is empty chooses all. `until` is not included."""

    actor: str = ""
    action: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None


def report_audit(store: Store, chosen: AuditFilter | None = None, limit: int = MOST) -> AuditReport:
    """Return the entries that a filter chooses."""
    chosen = chosen or AuditFilter()
    with store.reading() as session:
        total = session.scalar(_choose(select(func.count(AuditEntry.id)), chosen)) or 0
        found = session.scalars(
            _choose(select(AuditEntry), chosen).order_by(AuditEntry.id.desc()).limit(limit)
        )
        entries = [
            Entry(one.id, one.at, one.actor, one.action, one.target, dict(one.details)) for one in found
        ]
    return AuditReport(entries, total)


def audit_names(store: Store) -> tuple[list[str], list[str]]:
    """Return the actors and the actions that the log knows."""
    with store.reading() as session:
        actors = session.scalars(select(AuditEntry.actor).distinct().order_by(AuditEntry.actor))
        actions = session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action))
        return list(actors), list(actions)


def _choose(wanted: Select[Any], chosen: AuditFilter) -> Select[Any]:
    if chosen.actor:
        wanted = wanted.where(AuditEntry.actor == chosen.actor)
    if chosen.action:
        wanted = wanted.where(AuditEntry.action == chosen.action)
    if chosen.target:
        wanted = wanted.where(AuditEntry.target.icontains(chosen.target, autoescape=True))
    if chosen.since:
        wanted = wanted.where(AuditEntry.at >= chosen.since)
    if chosen.until:
        wanted = wanted.where(AuditEntry.at < chosen.until)
    return wanted
