"""Steer campaigns to clusters of questions, and ask for documents, in somebody's name."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.jobs.context import Context
from annotate.jobs.errands import start_errand
from annotate.labelling import document_requests, quotas
from annotate.labelling.campaigns import CampaignView
from annotate.labelling.document_requests import RequestState


def make_quota(
    context: Context,
    actor: Actor,
    campaign: str,
    cluster: int,
    *,
    share: float | None,
    count: int | None = None,
) -> CampaignView:
    """Give a cluster a share of what people get next in a campaign, and cap its tasks; None lifts either.

    Raises AccessDenied, or LabellingError for shares that add up to more than all, an unknown cluster or
    campaign.
    """
    actor.demand(Permission.MANAGE_CAMPAIGNS)
    with audited(context.store, actor, "campaign.quota", campaign, cluster=cluster, share=share, count=count):
        return quotas.set_quota(context.store, campaign, cluster, share=share, count=count)


def request_documents(
    context: Context, actor: Actor, cluster: int, questions: Sequence[int], note: str
) -> int:
    """Ask for documents that answer questions of a cluster; return the number of the request.

    Raises AccessDenied, or LabellingError for an unknown cluster, or questions that are not its own.
    """
    actor.demand(Permission.MANAGE_CAMPAIGNS)
    return document_requests.request_documents(context.store, cluster, questions, note=note, by=actor.name)


def settle_request(context: Context, actor: Actor, request: int, state: RequestState) -> None:
    """Close a request for documents: they are there (`done`), or will not come (`dropped`).

    Those who manage campaigns may, and those who bring documents in. Raises AccessDenied, or
    LabellingError for a request that is unknown or closed.
    """
    if not actor.may(Permission.TRAIN):
        actor.demand(Permission.MANAGE_CAMPAIGNS)
    document_requests.settle_request(context.store, request, state, by=actor.name)


def look_for_gaps(context: Context, actor: Actor) -> None:
    """Cluster the questions anew in a process of its own.

    Those who manage campaigns may, and those who bring questions in. Raises AccessDenied, or JobError
    while it is being done.
    """
    look_at_texts(context, actor, "questions")


def look_at_texts(context: Context, actor: Actor, of: str) -> None:
    """Cluster `questions`, `answers` or `passages` anew in a process of its own.

    The same people may as for questions. Raises AccessDenied, or JobError while it is being done.
    """
    if not actor.may(Permission.TRAIN):
        actor.demand(Permission.MANAGE_CAMPAIGNS)
    start_errand(context, "gaps", {"of": of}, by=actor.name)
