"""Define webhooks and their deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from annotate.api.schemas.base import Shown, Wish

Event = Literal[
    "preference.changed", "run.finished", "model.promoted", "campaign.changed", "feedback.received"
]
Events = Annotated[list[Event], Field(min_length=1, max_length=20)]
DeliveryState = Literal["waiting", "delivered", "given up"]


class NewWebhook(Wish):
    """Ask that an address be told about events."""

    url: str = Field(min_length=10, max_length=2000)
    events: Events


class WebhookChange(Wish):
    """Change what an address is told, or whether."""

    events: Events | None = None
    active: bool | None = None


class ShownWebhook(Shown):
    """Show a webhook, with the numbers of its messages by state."""

    id: int
    url: str
    events: tuple[str, ...]
    active: bool
    created_by: str
    created_at: datetime
    waiting: int
    delivered: int
    given_up: int


class Webhooks(Shown):
    """Hold all webhooks."""

    items: list[ShownWebhook]


class WebhookKey(Shown):
    """Hold the key of a webhook: messages are signed as Standard Webhooks says (HMAC-SHA256)."""

    key: str


class AddedWebhook(Shown):
    """Hold a new webhook and its key."""

    webhook: ShownWebhook
    key: str


class ShownDelivery(Shown):
    """Show a message: how often it was tried, what the receiver answered, when it is tried next."""

    id: int
    event: str
    state: DeliveryState
    attempts: int
    due_at: datetime
    status: int | None
    error: str
    payload: dict[str, Any]
    created_at: datetime
    delivered_at: datetime | None


class Pinged(Shown):
    """Name the delivery that was put on its way."""

    delivery: int
