"""Send messages to webhooks: to public addresses only, signed, again and again with longer pauses."""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import httpx
from filelock import FileLock, Timeout
from sqlalchemy import select

from annotate.jobs.context import Context
from annotate.jobs.webhooks.events import write_messages
from annotate.jobs.webhooks.keys import key_of, server_secret, signed
from annotate.jobs.webhooks.registry import allows_private
from annotate.store import Delivery, Store, Webhook, now
from annotate.store.exchanges import DELIVERED, GIVEN_UP, WAITING
from rag.errors import DocumentError
from rag.sources.rules import USER_AGENT, FetchRules
from rag.sources.transport import Deadline, GuardedTransport

LOCK_FILE = "webhooks.lock"
MOST_ATTEMPTS = 9  # with the pauses below, over some thirteen hours
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 6 * 3600.0
SECONDS_PER_MESSAGE = 10.0
AT_ONCE, SENDERS = 100, 4
POLL_SECONDS, LOOK_AGAIN_SECONDS = 1.0, 10.0
GONE = 410  # the receiver wants no more
log = logging.getLogger("pairloop.webhooks")


@dataclass(frozen=True)
class _Outcome:
    """Hold how one message fared; `wait` is what the receiver asks for before the next try."""

    delivery_id: int
    status: int | None
    error: str
    wait: float = 0.0


def pause(attempts: int) -> float:
    """Return the seconds until the next try: four times as long each time, spread by a fifth."""
    seconds = min(FIRST_PAUSE_SECONDS * 4 ** (attempts - 1), LONGEST_PAUSE_SECONDS)
    return float(seconds * random.uniform(0.8, 1.2))  # noqa: S311 - spreads the tries, no secret


def deliver_due(context: Context) -> int:
    """Send the messages that are due, some webhooks at a time; return how many arrived."""
    with context.store.reading() as session:
        rows = session.execute(
            select(Delivery, Webhook)
            .join(Webhook, Webhook.id == Delivery.webhook_id)
            .where(Delivery.state == WAITING, Delivery.due_at <= now(), Webhook.active)
            .order_by(Delivery.due_at, Delivery.id)
            .limit(AT_ONCE)
        ).all()
    due = sorted(((hook, message) for message, hook in rows), key=lambda one: one[0].id)
    portions = [
        (hook, [message for _, message in some]) for hook, some in groupby(due, key=lambda one: one[0])
    ]
    if not portions:
        return 0
    secret = server_secret(context.workspace.folder)
    with ThreadPoolExecutor(min(SENDERS, len(portions)), "webhooks") as pool:
        sent = pool.map(
            lambda one: _send_all(
                context.store, one[0], one[1], key_of(secret, one[0].id), allows_private(context)
            ),
            portions,
        )
        return sum(sent)


def _send_all(store: Store, hook: Webhook, messages: Sequence[Delivery], key: str, private: bool) -> int:
    """Send the messages of one webhook one after the other; return how many arrived."""
    deadline = Deadline()
    rules = FetchRules(allow_private=private)
    arrived = 0
    with httpx.Client(transport=GuardedTransport(rules, deadline), follow_redirects=False) as client:
        for message in messages:
            deadline.restart(SECONDS_PER_MESSAGE)
            outcome = _send(client, hook.url, message, key)
            arrived += _note(store, hook.id, outcome)
            if outcome.status == GONE:
                break
    return arrived


def _send(client: httpx.Client, url: str, message: Delivery, key: str) -> _Outcome:
    body = json.dumps(message.payload, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"content-type": "application/json", "user-agent": USER_AGENT}
    headers |= signed(key, f"msg_{message.id}", int(time.time()), body)
    try:
        with client.stream("POST", url, content=body, headers=headers) as answer:
            status, wait = answer.status_code, _asked_to_wait(answer)
    except (DocumentError, httpx.HTTPError, httpx.InvalidURL) as error:
        return _Outcome(message.id, None, str(error)[:300] or type(error).__name__)
    return _Outcome(message.id, status, "" if 200 <= status < 300 else f"answered with {status}", wait)


def _asked_to_wait(answer: httpx.Response) -> float:
    given = answer.headers.get("retry-after", "")
    return min(float(given), LONGEST_PAUSE_SECONDS) if given.isdigit() else 0.0


def _note(store: Store, hook_id: int, outcome: _Outcome) -> bool:
    """Write down how a message fared; return whether it arrived."""
    moment = now()
    with store.writing.begin() as session:
        found = session.get(Delivery, outcome.delivery_id)
        if found is None:  # the webhook was deleted meanwhile
            return False
        found.attempts += 1
        found.status, found.error = outcome.status, outcome.error
        if not outcome.error:
            found.state, found.delivered_at = DELIVERED, moment
            return True
        if outcome.status == GONE:
            session.get_one(Webhook, hook_id).active = False
        if outcome.status == GONE or found.attempts >= MOST_ATTEMPTS:
            found.state = GIVEN_UP
            log.warning(
                "webhook %s: %s given up after %s tries: %s",
                hook_id,
                found.key,
                found.attempts,
                outcome.error,
            )
        else:
            found.due_at = _next(moment, found.attempts, outcome.wait)
    return False


def _next(moment: datetime, attempts: int, asked: float) -> datetime:
    return moment + timedelta(seconds=max(pause(attempts), asked))


@contextmanager
def delivering(context: Context) -> Iterator[None]:
    """Send messages in the background for as long as the context is open; one server a workspace does."""
    stopped = threading.Event()
    worker = threading.Thread(target=_deliver_until, args=(context, stopped), name="webhooks", daemon=True)
    worker.start()
    try:
        yield
    finally:
        stopped.set()
        worker.join(SECONDS_PER_MESSAGE)


def _deliver_until(context: Context, stopped: threading.Event) -> None:
    lock = FileLock(context.workspace.folder / LOCK_FILE)
    while not stopped.is_set():
        try:
            with lock.acquire(timeout=0):
                while not stopped.wait(POLL_SECONDS):
                    write_messages(context.store)
                    deliver_due(context)
        except Timeout:
            stopped.wait(LOOK_AGAIN_SECONDS)
        except Exception:
            log.exception("sending to webhooks failed; it goes on")
            stopped.wait(LOOK_AGAIN_SECONDS)
