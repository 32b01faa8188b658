"""Add, change and try webhooks; receive those of Label Studio."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.bridges.label_studio.client import LabelStudioClient
from annotate.bridges.label_studio.links import list_links
from annotate.bridges.label_studio.webhook import Receiver
from annotate.errors import BridgeError
from annotate.jobs.context import Context
from annotate.jobs.label_studio import webhook_secret
from annotate.jobs.webhooks import registry
from annotate.reports.webhooks import WebhookReport, report_webhooks


def add(context: Context, actor: Actor, url: str, events: Sequence[str]) -> WebhookReport:
    """Add an address that is told about events from now on; raise JobError for one that will not do."""
    actor.demand(Permission.MANAGE_HOOKS)
    with audited(context.store, actor, "webhook.add", _host(url), events=list(events)):
        number = registry.add_webhook(context, url, events, actor.name)
    return report_webhooks(context.store, number)[0]


def change(
    context: Context, actor: Actor, number: int, *, events: Sequence[str] | None, active: bool | None
) -> WebhookReport:
    """Change what an address is told, or whether it is told anything."""
    actor.demand(Permission.MANAGE_HOOKS)
    told = {"events": list(events) if events is not None else None, "active": active}
    with audited(context.store, actor, "webhook.change", str(number), **told):
        registry.change_webhook(context, number, events=events, active=active)
    return report_webhooks(context.store, number)[0]


def remove(context: Context, actor: Actor, number: int) -> None:
    """Forget an address and the messages that wait for it."""
    actor.demand(Permission.MANAGE_HOOKS)
    with audited(context.store, actor, "webhook.remove", str(number)):
        registry.remove_webhook(context, number)


def key(context: Context, actor: Actor, number: int) -> str:
    """Return the key that the receiver checks signatures with; that it was looked at is logged."""
    actor.demand(Permission.MANAGE_HOOKS)
    with audited(context.store, actor, "webhook.key", str(number)):
        return registry.webhook_key(context, number)


def ping(context: Context, actor: Actor, number: int) -> int:
    """Send a message that says nothing; return the number of the delivery."""
    actor.demand(Permission.MANAGE_HOOKS)
    return registry.ping(context, number)


def try_again(context: Context, actor: Actor, number: int, delivery: int) -> None:
    """Send a message again."""
    actor.demand(Permission.MANAGE_HOOKS)
    registry.try_again(context, number, delivery)


def _host(url: str) -> str:
    """Return what may be logged of an address: the rest of it may hold a secret."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def label_studio_receiver(context: Context, server: str = "") -> Receiver:
    """Return what takes the events of a linked Label Studio in; it checks their secret itself.

    Raises BridgeError without a secret or a token in the environment, or where `server` is not the
    address of a linked server, or none is given and several are linked.
    """
    secret = webhook_secret()
    linked = {link.base_url for link in list_links(context.store)}
    chosen = linked & {server.rstrip("/")} if server else linked
    if len(chosen) != 1:
        raise BridgeError(
            "name the one linked server that sends this, as in ?server=https://labels.example.org"
        )
    return Receiver(context.store, LabelStudioClient.from_environment(chosen.pop()), secret)
