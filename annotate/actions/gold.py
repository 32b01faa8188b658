"""Keep the tasks whose verdict is known in somebody's name: by hand, and from worse twins of good answers."""

from __future__ import annotations

from collections.abc import Sequence

from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.jobs.context import Context
from annotate.jobs.errands import start_errand
from annotate.jobs.gold_drafts import discard_drafts, keep_drafts
from annotate.labelling.campaigns import find_campaign
from annotate.labelling.controls.gold import Known, add_control, correct_control


def add_gold(
    context: Context, actor: Actor, pair_id: int, known: Known, *, pool: str = "gold", campaign: str
) -> int:
    """Make a pair a task whose verdict is known; return the task's id.

    Raises AccessDenied, or LabellingError for an unknown pair, pool or campaign, or a pair that is a
    task already.
    """
    actor.demand(Permission.MANAGE_CAMPAIGNS)
    told = {"pair": pair_id, "pool": pool, "verdicts": list(known.verdicts), "why": known.why}
    with audited(context.store, actor, "gold.add", campaign, **told):
        return add_control(context.store, pair_id, known, pool=pool, campaign=campaign)


def correct_gold(context: Context, actor: Actor, task_id: int, verdicts: Sequence[str], why: str) -> None:
    """Correct a known verdict; raise AccessDenied, or LabellingError as the ledger does."""
    actor.demand(Permission.MANAGE_CAMPAIGNS)
    with audited(context.store, actor, "gold.correct", str(task_id), verdicts=list(verdicts), why=why):
        correct_control(context.store, task_id, verdicts, why, actor.name)


def draft_gold(
    context: Context, actor: Actor, count: int, kinds: Sequence[str], *, pool: str = "gold", campaign: str
) -> None:
    """Make worse twins of good answers in a process of its own; they are drafts until somebody keeps them.

    Raises AccessDenied, LabellingError for an unknown campaign, or JobError while twins are being made.
    """
    actor.demand(Permission.MANAGE_CAMPAIGNS)
    find_campaign(context.store, campaign)
    values = {"count": count, "kinds": list(kinds), "campaign": campaign, "pool": pool}
    start_errand(context, "gold_drafts", values, by=actor.name)


def keep_gold(context: Context, actor: Actor, wanted: Sequence[str]) -> int:
    """Store the drafts of these names as control tasks, drop the others; return how many were stored."""
    actor.demand(Permission.MANAGE_CAMPAIGNS)
    with audited(context.store, actor, "gold.keep", drafts=list(wanted)):
        return keep_drafts(context, wanted)


def discard_gold(context: Context, actor: Actor) -> None:
    """Forget the drafts."""
    actor.demand(Permission.MANAGE_CAMPAIGNS)
    discard_drafts(context)
