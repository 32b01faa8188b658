"""Keep the addresses that are told about events."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.webhooks.events import EVENTS, PING, message, places_now
from annotate.jobs.webhooks.keys import key_of, server_secret
from annotate.store import Delivery, Webhook, now
from annotate.store.exchanges import WAITING

MOST_WEBHOOKS = 50


def add_webhook(context: Context, url: str, events: Sequence[str], by: str) -> int:
    """Add an address and return its number; it is told what happens from now on.

    Raises JobError for an address or event that will not do, or an address that is there already.
    """
    _check(context, url, events)
    with context.store.writing.begin() as session:
        known = list(session.scalars(select(Webhook.url)))
        if url in known:
            raise JobError("this address is a webhook already")
        if len(known) >= MOST_WEBHOOKS:
            raise JobError(f"there are {MOST_WEBHOOKS} webhooks already; delete one first")
        hook = Webhook(url=url, events=list(dict.fromkeys(events)), created_by=by, seen=places_now(session))
        session.add(hook)
        session.flush()
        return hook.id


def change_webhook(
    context: Context, number: int, *, events: Sequence[str] | None = None, active: bool | None = None
) -> None:
    """Change what an address is told, or whether; after a pause it is told what happened meanwhile."""
    with context.store.writing.begin() as session:
        hook = _load(session, number)
        if events is not None:
            _check(context, hook.url, events)
            fresh = places_now(session)
            hook.seen = {**hook.seen, **{name: fresh[name] for name in events if name not in hook.events}}
            hook.events = list(dict.fromkeys(events))
        if active is not None:
            hook.active = active


def remove_webhook(context: Context, number: int) -> None:
    """Forget an address and what was to be sent there."""
    with context.store.writing.begin() as session:
        hook = _load(session, number)
        session.execute(delete(Delivery).where(Delivery.webhook_id == number))
        session.delete(hook)


def ping(context: Context, number: int) -> int:
    """Send a message that says nothing, to try an address; return the number of the delivery."""
    with context.store.writing.begin() as session:
        _load(session, number)
        moment = now()
        sent = Delivery(
            webhook_id=number, key=f"{PING}/{secrets.token_hex(8)}", event=PING,
            payload=message(PING, {}, moment),
        )  # fmt: skip
        session.add(sent)
        session.flush()
        return sent.id


def try_again(context: Context, number: int, delivery: int) -> None:
    """Send a message again, as if it had never been tried."""
    with context.store.writing.begin() as session:
        found = session.get(Delivery, delivery)
        if found is None or found.webhook_id != number:
            raise JobError(f"webhook {number} has no delivery number {delivery}")
        found.state, found.attempts, found.due_at = WAITING, 0, now()


def webhook_key(context: Context, number: int) -> str:
    """Return the key that the receiver checks signatures with."""
    return key_of(server_secret(context.workspace.folder), number)


def allows_private(context: Context) -> bool:
    """Tell whether the settings let webhooks go to private addresses."""
    return context.settings.webhooks.allow_private


def _check(context: Context, url: str, events: Sequence[str]) -> None:
    try:
        parts = urlsplit(url)
        is_address = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise JobError("not the address of a web server") from None
    schemes = ("https", "http") if allows_private(context) else ("https",)
    if parts.scheme not in schemes or not is_address:
        raise JobError(f"not the address of a web server over {' or '.join(schemes)}")
    if parts.username or parts.password or parts.fragment:
        raise JobError("the address must hold no user, password or fragment; messages are signed instead")
    unknown = [name for name in events if name not in EVENTS]
    if unknown or not events:
        raise JobError(f"name events among {', '.join(EVENTS)}" + (f", not {unknown[0]}" if unknown else ""))


def _load(session: Any, number: int) -> Webhook:
    hook: Webhook | None = session.get(Webhook, number)
    if hook is None:
        raise JobError(f"no webhook number {number}")
    return hook
