"""Keep the trainings that start by themselves: make, change, stop, start now."""

from __future__ import annotations

from dataclasses import asdict

from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.triggers import TriggerReport, TriggerWish, fire, list_triggers, put_trigger, stop_trigger


def save_trigger(context: Context, actor: Actor, wish: TriggerWish) -> TriggerReport:
    """Make a trigger or change the one of its name.

    Raises AccessDenied, JobError or training.RecipeError for what cannot be trained.
    """
    actor.demand(Permission.TRAIN)
    with audited(context.store, actor, "trigger.save", wish.name, wish=asdict(wish)):
        return put_trigger(context, wish)


def switch_trigger(context: Context, actor: Actor, name: str, *, active: bool) -> TriggerReport:
    """Stop a trigger or let it go on; raise AccessDenied, or JobError when there is none of the name."""
    actor.demand(Permission.TRAIN)
    with audited(context.store, actor, "trigger.start" if active else "trigger.stop", name):
        return stop_trigger(context.store, name, active=active)


def fire_trigger(context: Context, actor: Actor, name: str) -> TriggerReport:
    """Start the run of a trigger now; raise AccessDenied, or JobError saying why it could not start."""
    actor.demand(Permission.TRAIN)
    with audited(context.store, actor, "trigger.fire", name):
        started = fire(context, name)
        found = next(each for each in list_triggers(context.store) if each.name == name)
        if started is None:
            raise JobError(found.error)
        return found
