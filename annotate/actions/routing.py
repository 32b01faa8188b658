"""Plan which pairs machines may label, and follow a plan, in somebody's name."""

from __future__ import annotations

from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.jobs.context import Context
from annotate.jobs.errands import start_errand
from annotate.labelling.campaigns import find_campaign


def plan_route(context: Context, actor: Actor, campaign: str, accuracy: float | None = None) -> None:
    """Make the plan in a process of its own; no machine is asked and nothing is spent.

    Raises AccessDenied, LabellingError for an unknown campaign, or JobError while one is being made.
    """
    actor.demand(Permission.MANAGE_CAMPAIGNS)
    find_campaign(context.store, campaign)
    start_errand(context, "route", {"campaign": campaign, "accuracy": accuracy}, by=actor.name)


def follow_route(
    context: Context,
    actor: Actor,
    campaign: str,
    accuracy: float | None = None,
    max_calls: int | None = None,
    max_cost: float | None = None,
) -> None:
    """Carry the plan out in a process of its own: machines judge, proven labels stand.

    Raises as `plan_route` does.
    """
    actor.demand(Permission.MANAGE_CAMPAIGNS)
    find_campaign(context.store, campaign)
    values = {"campaign": campaign, "accuracy": accuracy, "max_calls": max_calls, "max_cost": max_cost}
    with audited(context.store, actor, "campaign.route", campaign, **values):
        start_errand(context, "follow_route", values, by=actor.name)
