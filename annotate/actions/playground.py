"""Make a pair to label of what was tried in the playground."""

from __future__ import annotations

from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.jobs.context import Context
from annotate.jobs.playground import Trial, keep_pair


def make_pair(context: Context, actor: Actor, trial: Trial, campaign: str | None = None) -> int:
    """Store the two answers of a trial as a pair and make it a task; return the pair's number.

    Without a campaign the default one is meant. Raises AccessDenied, JobError where there are not
    two different answers, LabellingError for an unknown campaign.
    """
    if not actor.may(Permission.MANAGE_CAMPAIGNS):
        actor.demand(Permission.TRAIN)
    with audited(context.store, actor, "pair.make", question=trial.choice.question[:200], campaign=campaign):
        return keep_pair(context, trial, by=actor.name, campaign=campaign)
