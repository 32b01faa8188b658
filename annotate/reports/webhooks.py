"""Report the webhooks and how their messages fared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from annotate.store import Delivery, Store, Webhook
from annotate.store.exchanges import DELIVERED, GIVEN_UP, WAITING


@dataclass(frozen=True)
class WebhookReport:
    """Show one webhook, with the numbers of its messages by state."""

    id: int
    url: str
    events: tuple[str, ...]
    active: bool
    created_by: str
    created_at: datetime
    waiting: int
    delivered: int
    given_up: int


@dataclass(frozen=True)
class DeliveryRow:
    """Show one message: how often it was tried, what the receiver answered, when it is tried next."""

    id: int
    event: str
    state: str
    attempts: int
    due_at: datetime
    status: int | None
    error: str
    payload: dict[str, Any]
    created_at: datetime
    delivered_at: datetime | None


def report_webhooks(store: Store, number: int | None = None) -> list[WebhookReport]:
    """Return all webhooks, or the one of a number, by number."""
    hooks = select(Webhook).order_by(Webhook.id)
    counts = select(Delivery.webhook_id, Delivery.state, func.count()).group_by(
        Delivery.webhook_id, Delivery.state
    )
    if number is not None:
        hooks = hooks.where(Webhook.id == number)
        counts = counts.where(Delivery.webhook_id == number)
    with store.reading() as session:
        by_state = {(hook, state): count for hook, state, count in session.execute(counts)}
        return [
            WebhookReport(
                hook.id, hook.url, tuple(hook.events), hook.active, hook.created_by, hook.created_at,
                *(by_state.get((hook.id, state), 0) for state in (WAITING, DELIVERED, GIVEN_UP)),
            )
            for hook in session.scalars(hooks)
        ]  # fmt: skip


def list_deliveries(
    store: Store, webhook: int, *, before: int | None = None, limit: int = 50, state: str | None = None
) -> list[DeliveryRow]:
    """Return up to `limit` messages of a webhook with an id below `before`, the newest first."""
    query = select(Delivery).where(Delivery.webhook_id == webhook).order_by(Delivery.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Delivery.id < before)
    if state is not None:
        query = query.where(Delivery.state == state)
    with store.reading() as session:
        return [
            DeliveryRow(
                one.id, one.event, one.state, one.attempts, one.due_at, one.status, one.error, one.payload,
                one.created_at, one.delivered_at,
            )
            for one in session.scalars(query)
        ]  # fmt: skip
