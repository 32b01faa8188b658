"""Put versions of the guidelines in force in somebody's name."""

from __future__ import annotations

from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.actions.campaigns import change_rules
from annotate.jobs.context import Context
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.campaigns import CampaignView
from annotate.labelling.guidelines import GuidelineVersion, adopt_guidelines, find_guideline


def adopt(context: Context, actor: Actor) -> GuidelineVersion:
    """Read the guidelines from their folder and make them the current version.

    Raises AccessDenied, or LabellingError when the folder holds none.
    """
    actor.demand(Permission.MANAGE_CAMPAIGNS)
    folder = context.workspace.guidelines
    with audited(context.store, actor, "guideline.adopt", str(folder.name)):
        adopted = adopt_guidelines(context.store, folder)
    context.__dict__["guideline"] = adopted  # the context remembers the version it read first
    return adopted


def pin(
    context: Context, actor: Actor, campaign: str, version: str, seen: CampaignRules | None = None
) -> CampaignView:
    """Let a campaign stay with one version, or follow the current one where `version` is empty.

    Raises AccessDenied, ChangedMeanwhile, or LabellingError for an unknown campaign or version.
    """
    actor.demand(Permission.MANAGE_CAMPAIGNS)
    wanted = find_guideline(context.store, version).content_hash if version else ""
    return change_rules(context, actor, campaign, {"guideline": wanted}, seen)
