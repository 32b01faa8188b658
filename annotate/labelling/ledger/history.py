"""Write and read the ledger's history: one event a step, never changed afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from annotate.store import Assessor, Event, Store
from annotate.store.prepared import Prepared

_INSERT = Prepared(insert(Event))
DROPPED = "dropped"  # a lead took the judgement back; the assessor does not get the task again


@dataclass(frozen=True)
class EventView:
    """Show what happened, when, to which task, and who did it."""

    id: int
    at: datetime
    kind: str
    task_id: int | None
    assignment_id: int | None
    assessor: str
    details: dict[str, Any]


def record(
    session: Session,
    kind: str,
    moment: datetime,
    *,
    task_id: int | None = None,
    assignment_id: int | None = None,
    assessor_id: int | None = None,
    **details: Any,
) -> None:
    """Add one event to the history, in the transaction of what it tells about."""
    record_all(session, [event(kind, moment, task_id, assignment_id, assessor_id, **details)])


def event(
    kind: str,
    moment: datetime,
    task_id: int | None = None,
    assignment_id: int | None = None,
    assessor_id: int | None = None,
    **details: Any,
) -> dict[str, Any]:
    """Return the row of an event, for `record_all`."""
    return {
        "kind": kind,
        "at": moment,
        "task_id": task_id,
        "assignment_id": assignment_id,
        "assessor_id": assessor_id,
        "details": details,
    }


def record_all(session: Session, events: Sequence[dict[str, Any]]) -> None:
    """Add events to the history."""
    for one in events:
        _INSERT.run(session, one)


def read_history(
    store: Store, *, task_id: int | None = None, assessor_id: int | None = None, limit: int = 1000
) -> list[EventView]:
    """Return the events of a task or of an assessor, or of both, oldest first; the last `limit` of them."""
    query = select(Event, Assessor.name).outerjoin(Assessor, Assessor.id == Event.assessor_id)
    if task_id is not None:
        query = query.where(Event.task_id == task_id)
    if assessor_id is not None:
        query = query.where(Event.assessor_id == assessor_id)
    with store.reading() as session:
        rows = session.execute(query.order_by(Event.id.desc()).limit(limit)).all()
    return [
        EventView(row.id, row.at, row.kind, row.task_id, row.assignment_id, name or "", row.details)
        for row, name in reversed(rows)
    ]
