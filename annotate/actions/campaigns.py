"""Open, change, pause and close campaigns in somebody's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.errors import LabellingError
from annotate.jobs.context import Context
from annotate.labelling import campaigns as ledger
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.campaigns import CampaignState, CampaignView


def open_campaign(
    context: Context,
    actor: Actor,
    name: str,
    rules: Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> CampaignView:
    """Open a campaign under a name of its own.

    Raises AccessDenied, or LabellingError for a name that is taken or empty, and rules that
    contradict themselves.
    """
    actor.demand(Permission.MANAGE_CAMPAIGNS)
    name, wanted = name.strip(), CampaignRules.read(rules or {})
    if any(known.name == name for known in ledger.list_campaigns(context.store)):
        raise LabellingError(f"there is a campaign named {name} already; choose another name")
    with audited(context.store, actor, "campaign.open", name, rules=wanted.write()):
        return ledger.open_campaign(
            context.store, name, wanted, context.settings.seed if seed is None else seed
        )


def change_rules(
    context: Context,
    actor: Actor,
    name: str,
    changes: Mapping[str, Any],
    seen: CampaignRules | None = None,
) -> CampaignView:
    """Change rules of a campaign; `seen` are the rules that the change was made from.

    Raises AccessDenied, ChangedMeanwhile when somebody else changed them since, or LabellingError
    for an unknown campaign or rules that contradict themselves.
    """
    actor.demand(Permission.MANAGE_CAMPAIGNS)
    before = ledger.find_campaign(context.store, name).rules
    after = CampaignRules.read({**before.write(), **changes})
    told = {rule: [before.write().get(rule), after.write().get(rule)] for rule in changed(before, after)}
    with audited(context.store, actor, "campaign.rules", name, changes=told):
        return ledger.set_rules(context.store, name, seen=seen, **changes)


def turn_campaign(
    context: Context, actor: Actor, name: str, state: CampaignState, seen: str | None = None
) -> CampaignView:
    """Open, pause or close a campaign; what is on loan may still be submitted.

    Raises AccessDenied, ChangedMeanwhile when it is no longer in the state `seen`, or LabellingError
    for an unknown campaign.
    """
    actor.demand(Permission.MANAGE_CAMPAIGNS)
    with audited(context.store, actor, f"campaign.{state}", name):
        return ledger.set_campaign_state(context.store, name, state, seen=seen)


def changed(before: CampaignRules, after: CampaignRules) -> list[str]:
    """Name the rules in which two sets differ."""
    one, other = before.write(), after.write()
    return sorted(rule for rule in one.keys() | other.keys() if one.get(rule) != other.get(rule))
