"""Triggers: trainings that start by themselves, after so many new preferences or from time to time.

A preference is new when the verdict of a pair came or changed since the trigger last started a run.
A trigger whose last run is not over waits: what is due then is due once.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.run_options import RunOptions
from annotate.jobs.train import request_run
from annotate.jobs.workspace_recipes import check_recipe
from annotate.labelling.preference_changes import CHANGED
from annotate.store import Event, Run, Store, Trigger, now
from annotate.store.runs import QUEUED, RUNNING
from training.errors import TrainingError

LEAST_SECONDS = 60


@dataclass(frozen=True)
class TriggerWish:
    """Say what starts by itself, every so many preferences or seconds, or both."""

    name: str
    kind: str
    every_preferences: int | None = None
    every_seconds: int | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    options: RunOptions = field(default_factory=RunOptions)


@dataclass(frozen=True)
class TriggerReport:
    """Describe a trigger: `new_preferences` since its last run, when it is due, why it could not start."""

    id: int
    name: str
    kind: str
    every_preferences: int | None
    every_seconds: int | None
    active: bool
    new_preferences: int
    due_at: datetime | None
    fired_at: datetime | None
    run_id: int | None
    error: str
    changes: dict[str, Any]


def put_trigger(context: Context, wish: TriggerWish) -> TriggerReport:
    """Add a trigger, or change the one of this name; it counts from now.

    Raises JobError for a wish that names no occasion, an unknown kind or resources that are not
    there, training.RecipeError for values that no recipe of the kind takes.
    """
    if not wish.name.strip():
        raise JobError("a trigger needs a name")
    if wish.every_preferences is None and wish.every_seconds is None:
        raise JobError(f"trigger {wish.name}: say when: every so many preferences or seconds, or both")
    if wish.every_preferences is not None and wish.every_preferences < 1:
        raise JobError(f"trigger {wish.name}: it needs one new preference or more")
    if wish.every_seconds is not None and wish.every_seconds < LEAST_SECONDS:
        raise JobError(f"trigger {wish.name}: once a minute is the most")
    check_recipe(context, wish.kind, wish.changes)
    wish.options.columns(context)
    with context.store.writing.begin() as session:
        found = session.scalar(select(Trigger).where(Trigger.name == wish.name))
        if found is None:
            found = Trigger(name=wish.name, kind=wish.kind, seen_event=_last_event(session))
            session.add(found)
        found.kind, found.changes, found.options = wish.kind, wish.changes, asdict(wish.options)
        found.every_preferences, found.every_seconds = wish.every_preferences, wish.every_seconds
        found.active, found.error = True, ""
        session.flush()
        return _report(session, found)


def stop_trigger(store: Store, name: str, *, active: bool = False) -> TriggerReport:
    """Stop a trigger, or let it go on; raise JobError when there is none of the name."""
    with store.writing.begin() as session:
        found = _named(session, name)
        if active and not found.active:
            found.seen_event = _last_event(session)
        found.active = active
        session.flush()
        return _report(session, found)


def list_triggers(store: Store) -> list[TriggerReport]:
    """Return all triggers by name."""
    with store.reading() as session:
        return [_report(session, found) for found in session.scalars(select(Trigger).order_by(Trigger.name))]


def fire_triggers(context: Context) -> list[int]:
    """Start the runs of all triggers that are due; return their numbers. Failures are tried again later."""
    with context.store.reading() as session:
        active = list(session.scalars(select(Trigger).where(Trigger.active).order_by(Trigger.id)))
        due = [found for found in active if _is_due(session, found)]
    return [number for found in due if (number := fire(context, found.name)) is not None]


def fire(context: Context, name: str) -> int | None:
    """Start the run of a trigger now; return its number, or None where it could not start (see its error)."""
    with context.store.reading() as session:
        found = _named(session, name)
        seen = _last_event(session)
    options = RunOptions(**{**found.options, "trigger": found.name})
    run_id, reason = None, ""
    try:
        run_id = request_run(context, found.kind, found.changes, options)
    except (JobError, TrainingError) as error:
        reason = " ".join(str(error).split())
    with context.store.writing.begin() as session:
        found = _named(session, name)
        found.fired_at, found.error = now(), reason
        if run_id is not None:
            found.run_id, found.seen_event = run_id, seen
    return run_id


def _is_due(session: Session, trigger: Trigger) -> bool:
    if trigger.run_id is not None:
        last = session.get(Run, trigger.run_id)
        if last is not None and last.state in (QUEUED, RUNNING):
            return False
    if trigger.every_seconds is not None and now() >= _due_at(trigger, trigger.every_seconds):
        return True
    if trigger.every_preferences is None or _new_preferences(session, trigger) < trigger.every_preferences:
        return False
    # What could not start is not tried at every look.
    return not trigger.error or trigger.fired_at is None or now() >= trigger.fired_at + timedelta(minutes=5)


def _due_at(trigger: Trigger, every_seconds: int) -> datetime:
    return (trigger.fired_at or trigger.created_at) + timedelta(seconds=every_seconds)


def _new_preferences(session: Session, trigger: Trigger) -> int:
    """Count the verdicts of pairs that came or changed since the last run."""
    query = select(func.count(Event.id)).where(Event.kind == CHANGED, Event.id > trigger.seen_event)
    return session.scalar(query) or 0


def _last_event(session: Session) -> int:
    return session.scalar(select(func.max(Event.id)).where(Event.kind == CHANGED)) or 0


def _named(session: Session, name: str) -> Trigger:
    found = session.scalar(select(Trigger).where(Trigger.name == name))
    if found is None:
        raise JobError(f"no trigger called {name}; see `pairloop triggers`")
    return found


def _report(session: Session, found: Trigger) -> TriggerReport:
    every = found.every_seconds
    return TriggerReport(
        found.id,
        found.name,
        found.kind,
        found.every_preferences,
        every,
        found.active,
        _new_preferences(session, found),
        None if every is None else _due_at(found, every),
        found.fired_at,
        found.run_id,
        found.error,
        found.changes,
    )
