"""Write the audit log: who changed what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from annotate.access.permissions import Actor
from annotate.store import AuditEntry, Store


@contextmanager
def audited(store: Store, actor: Actor, action: str, target: str = "", **details: Any) -> Iterator[None]:
    """Log an action (such as `campaign.open`) before it is tried, and once more if it fails.

    Logged first, so that no change can stand without its entry. Details are plain JSON, never secrets.
    """
    note(store, actor, action, target, **details)
    try:
        yield
    except Exception as error:
        note(store, actor, f"{action}.failed", target, reason=str(error)[:500])
        raise


def note(store: Store, actor: Actor, action: str, target: str = "", **details: Any) -> None:
    """Add one entry."""
    with store.writing.begin() as session:
        session.add(
            AuditEntry(
                account_id=actor.account_id, actor=actor.name, action=action, target=target, details=details
            )
        )
