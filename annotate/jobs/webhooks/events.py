"""Find what happened since a webhook was told last, and write the messages to be sent.

Each kind of event is read from the rows that it leaves: the history of the ledger, the gate's
decisions, the audit log, runs, feedback. A webhook keeps its own place in each of these streams, so
that nothing is lost while the server is down, and a message has a key, so that nothing is sent twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotate.labelling.preference_changes import CHANGED
from annotate.store import (
    AuditEntry,
    Campaign,
    Delivery,
    Event,
    Feedback,
    ModelVersion,
    Preference,
    Promotion,
    Run,
    Store,
    Task,
    Webhook,
    now,
)

PING = "ping"
AT_ONCE = 500
SETTLED = timedelta(seconds=2)  # rows of transactions that began earlier may still appear before newer ones
OVERLAP = timedelta(minutes=1)  # a run's end is known by the clock: what lies near is looked at again


@dataclass(frozen=True)
class Message:
    """Hold one event: a key that no other message has, where it stands in its stream, what it says."""

    key: str
    place: Any
    payload: dict[str, Any]


Stream = Callable[[Session, Any, datetime], Iterator[Message]]


def write_messages(store: Store, settled: timedelta = SETTLED) -> int:
    """Write the messages on what happened up to `settled` ago; return their number."""
    with store.reading() as session:
        hooks = list(session.scalars(select(Webhook.id).where(Webhook.active)))
    written = 0
    for hook in hooks:
        while found := _write_some(store, hook, now() - settled):
            written += found
    return written


def places_now(session: Session) -> dict[str, Any]:
    """Return the ends of all streams: a new webhook is told what happens from now on."""
    newest = {
        "preference.changed": Event.id,
        "model.promoted": Promotion.id,
        "campaign.changed": AuditEntry.id,
        "feedback.received": Feedback.id,
    }
    places: dict[str, Any] = {
        name: session.scalar(select(func.max(column))) or 0 for name, column in newest.items()
    }
    return places | {"run.finished": [now().isoformat()] * 2}


def message(event: str, payload: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Return the body of a message."""
    return {"type": event, "timestamp": at.isoformat(), "data": payload}


def _write_some(store: Store, hook_id: int, until: datetime) -> int:
    """Write a portion of each stream; return how many messages were new."""
    written = 0
    with store.writing.begin() as session:
        hook = session.get_one(Webhook, hook_id)
        places = dict(hook.seen)
        for event in hook.events:
            if event not in _STREAMS:
                continue
            start = places.setdefault(event, places_now(session)[event])
            found = list(_STREAMS[event](session, start, until))
            keys = [one.key for one in found]
            known = set(
                session.scalars(
                    select(Delivery.key).where(Delivery.webhook_id == hook_id, Delivery.key.in_(keys))
                )
            )
            for one in found:
                places[event] = one.place
                if one.key not in known:
                    body = message(event, one.payload, now())
                    session.add(Delivery(webhook_id=hook_id, key=one.key, event=event, payload=body))
                    written += 1
        hook.seen = places
    return written


def _preferences(session: Session, after: int, until: datetime) -> Iterator[Message]:
    rows = session.execute(
        select(Event.id, Event.details, Preference)
        .outerjoin(Task, Task.id == Event.task_id)
        .outerjoin(Preference, Preference.pair_id == Task.pair_id)
        .where(Event.id > after, Event.kind == CHANGED, Event.at < until)
        .order_by(Event.id)
        .limit(AT_ONCE)
    )
    for number, told, found in rows:
        payload = {"pair": told["pair"], "from": told["from"], "to": told["to"]}
        if found is not None:
            payload |= {
                "posterior": found.posterior, "margin": found.margin, "uncertainty": found.uncertainty,
                "people": found.people, "machines": found.machines, "method": found.method,
            }  # fmt: skip
        yield Message(f"preference.changed/{number}", number, payload)


def _promotions(session: Session, after: int, until: datetime) -> Iterator[Message]:
    rows = session.execute(
        select(Promotion, ModelVersion)
        .join(ModelVersion, ModelVersion.id == Promotion.model_id)
        .where(Promotion.id > after, Promotion.promoted, Promotion.created_at < until)
        .order_by(Promotion.id)
        .limit(AT_ONCE)
    )
    for made, model in rows:
        payload = {"role": model.role, "fingerprint": model.fingerprint, "run": model.run_id,
                   "reason": made.reason}  # fmt: skip
        yield Message(f"model.promoted/{made.id}", made.id, payload)


def _campaigns(session: Session, after: int, until: datetime) -> Iterator[Message]:
    """Yield the changes that the audit log tells of; one that failed afterwards is none."""
    rows = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.id > after, AuditEntry.action.like("campaign.%"), AuditEntry.at < until)
        .order_by(AuditEntry.id)
        .limit(AT_ONCE)
    ).all()
    failed = [(one.action.removesuffix(".failed"), one.target, one.actor) for one in rows if _is_failed(one)]
    for one in rows:
        known = (one.action, one.target, one.actor)
        if _is_failed(one) or known in failed:
            continue
        state = session.scalar(select(Campaign.state).where(Campaign.name == one.target))
        payload = {"campaign": one.target, "change": one.action.removeprefix("campaign."), "by": one.actor,
                   "state": state}  # fmt: skip
        yield Message(f"campaign.changed/{one.id}", one.id, payload)


def _is_failed(entry: AuditEntry) -> bool:
    return entry.action.endswith(".failed")


def _runs(session: Session, after: list[str], until: datetime) -> Iterator[Message]:
    """Yield the runs that ended; their place is when the webhook began to be told, and the last end told."""
    begun, last = (datetime.fromisoformat(moment) for moment in after)
    ended = Run.finished_at
    rows = session.scalars(
        select(Run)
        .where(ended > max(last - OVERLAP, begun), ended < until)
        .order_by(ended, Run.id)
        .limit(AT_ONCE)
    )
    for run in rows:
        moment = run.finished_at or until
        payload = {"run": run.id, "kind": run.kind, "state": run.state, "error": run.error,
                   "metrics": run.result.get("metrics", {})}  # fmt: skip
        place = [after[0], max(moment, last).isoformat()]
        yield Message(f"run.finished/{run.id}/{moment.isoformat()}", place, payload)


def _feedback(session: Session, after: int, until: datetime) -> Iterator[Message]:
    rows = session.scalars(
        select(Feedback)
        .where(Feedback.id > after, Feedback.created_at < until)
        .order_by(Feedback.id)
        .limit(AT_ONCE)
    )
    for one in rows:
        payload = {"asked": one.asked_id, "kind": one.kind, "answer": one.answer_id, "value": one.value,
                   "judgement": one.judgement_id}  # fmt: skip
        yield Message(f"feedback.received/{one.id}", one.id, payload)


_STREAMS: dict[str, Stream] = {
    "preference.changed": _preferences,
    "run.finished": _runs,
    "model.promoted": _promotions,
    "campaign.changed": _campaigns,
    "feedback.received": _feedback,
}
EVENTS = tuple(_STREAMS)
