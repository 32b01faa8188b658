"""Manage webhooks: which addresses are told about which events, and how the messages fared."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from annotate.access.permissions import Actor, Permission
from annotate.actions import webhooks as actions
from annotate.api.context import InContext
from annotate.api.identity import require
from annotate.api.paging import Cursor, Limit, Page, make_page, read_cursor
from annotate.api.problems import NotFound
from annotate.api.schemas.webhooks import (
    AddedWebhook,
    DeliveryState,
    NewWebhook,
    Pinged,
    ShownDelivery,
    ShownWebhook,
    WebhookChange,
    WebhookKey,
    Webhooks,
)
from annotate.reports.webhooks import WebhookReport, list_deliveries, report_webhooks

router = APIRouter(prefix="/webhooks", tags=["webhooks"])
Keeper = Annotated[Actor, Depends(require(Permission.MANAGE_HOOKS))]
HookNumber = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("")
def webhooks(context: InContext, _actor: Keeper) -> Webhooks:
    """List the webhooks."""
    return Webhooks(items=[ShownWebhook.model_validate(one) for one in report_webhooks(context.store)])


@router.post("", status_code=201)
def add(wish: NewWebhook, context: InContext, actor: Keeper) -> AddedWebhook:
    """Add a webhook; it is told what happens from now on."""
    made = actions.add(context, actor, wish.url, wish.events)
    return AddedWebhook(webhook=ShownWebhook.model_validate(made), key=actions.key(context, actor, made.id))


@router.get("/{webhook}")
def webhook(webhook: HookNumber, context: InContext, _actor: Keeper) -> ShownWebhook:
    """Show one webhook."""
    return ShownWebhook.model_validate(_find(context, webhook))


@router.patch("/{webhook}")
def change(webhook: HookNumber, wish: WebhookChange, context: InContext, actor: Keeper) -> ShownWebhook:
    """Change what a webhook is told, or pause it."""
    _find(context, webhook)
    made = actions.change(context, actor, webhook, events=wish.events, active=wish.active)
    return ShownWebhook.model_validate(made)


@router.delete("/{webhook}", status_code=204, response_class=Response)
def remove(webhook: HookNumber, context: InContext, actor: Keeper) -> None:
    """Forget a webhook and the messages that wait for it."""
    _find(context, webhook)
    actions.remove(context, actor, webhook)


@router.get("/{webhook}/key")
def key(webhook: HookNumber, context: InContext, actor: Keeper) -> WebhookKey:
    """Show the key that the receiver checks signatures with."""
    _find(context, webhook)
    return WebhookKey(key=actions.key(context, actor, webhook))


@router.post("/{webhook}/ping", status_code=202)
def ping(webhook: HookNumber, context: InContext, actor: Keeper) -> Pinged:
    """Send a message that says nothing, to try the address."""
    _find(context, webhook)
    return Pinged(delivery=actions.ping(context, actor, webhook))


@router.get("/{webhook}/deliveries")
def deliveries(
    webhook: HookNumber,
    context: InContext,
    _actor: Keeper,
    cursor: Cursor = "",
    limit: Limit = 50,
    state: DeliveryState | None = None,
) -> Page[ShownDelivery]:
    """List the messages of a webhook, the newest first."""
    _find(context, webhook)
    wanted: dict[str, Any] = {"list": "deliveries", "webhook": webhook, "state": state}
    before = read_cursor(cursor, wanted)
    found = list_deliveries(context.store, webhook, before=before, limit=limit + 1, state=state)
    return Page[ShownDelivery].model_validate(make_page(found, limit, wanted))


@router.post("/{webhook}/deliveries/{delivery}/retry", status_code=202)
def retry(
    webhook: HookNumber, delivery: Annotated[int, Path(ge=1, lt=2**63)], context: InContext, actor: Keeper
) -> Pinged:
    """Send a message again, as if it had never been tried."""
    _find(context, webhook)
    actions.try_again(context, actor, webhook, delivery)
    return Pinged(delivery=delivery)


def _find(context: InContext, webhook: int) -> WebhookReport:
    found = report_webhooks(context.store, webhook)
    if not found:
        raise NotFound(f"no webhook number {webhook}")
    return found[0]
