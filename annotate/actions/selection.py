"""Choose the pairs that are worth a label."""

from __future__ import annotations

from typing import Any

from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.jobs.context import Context


def choose_pairs(
    context: Context, actor: Actor, count: int | None = None, strategy: str | None = None
) -> dict[str, Any]:
    """Let the active learner choose a batch of pairs and make tasks of them; return what was chosen.

    Raises AccessDenied, JobError when every pair is a task already, active.ActiveError for a bad strategy.
    """
    actor.demand(Permission.TRAIN)
    # The learner's libraries are slow to import, and few servers choose pairs.
    from annotate.jobs.select import select_pairs

    with audited(context.store, actor, "pairs.choose", count=count, strategy=strategy):
        return select_pairs(context, count, strategy)
