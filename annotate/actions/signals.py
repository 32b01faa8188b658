"""Settle signs of careless work, and let people work again, in somebody's name."""

from __future__ import annotations

from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.jobs.context import Context
from annotate.jobs.errands import start_errand
from annotate.jobs.figures import QUALITY
from annotate.labelling.assessors import find_assessor
from annotate.labelling.controls.gold_rules import lift_acts
from annotate.labelling.controls.signals.settling import Consequence, settle_with


def settle_signal(context: Context, actor: Actor, signal: int, consequence: Consequence, reason: str) -> None:
    """Close a signal, with what follows for the assessor: nothing, a warning, a pause, or a ban.

    Raises AccessDenied, or LabellingError without a reason, or for a signal that somebody settled already.
    """
    actor.demand(Permission.REVIEW)
    with audited(context.store, actor, "signal.settle", str(signal), consequence=consequence, reason=reason):
        settle_with(context.store, signal, consequence, by=actor.name, reason=reason)


def let_work_again(
    context: Context, actor: Actor, assessor: str, reason: str, *, restore: bool = False
) -> None:
    """Let an assessor who was paused or banned work again; `restore` brings dropped judgements back.

    Raises AccessDenied, or LabellingError for an unknown assessor, or without a reason.
    """
    actor.demand(Permission.REVIEW)
    with audited(context.store, actor, "assessor.lift", assessor, reason=reason, restore=restore):
        number = find_assessor(context.store, assessor).id
        lift_acts(context.store, number, actor.name, reason, restore=restore)


def measure_again(context: Context, actor: Actor) -> None:
    """Compute the figures of quality anew in a process of its own.

    Raises AccessDenied, or JobError while it is being done.
    """
    actor.demand(Permission.READ_QUALITY)
    start_errand(context, QUALITY, {}, by=actor.name)
