"""Tell a person how their own work stands, in the words of the desk protocol."""

from __future__ import annotations

from typing import Any

from annotate.access.permissions import Actor, Permission
from annotate.jobs.context import Context
from annotate.reports.assessor import report_standing


def standing(context: Context, actor: Actor) -> dict[str, Any]:
    """Return the actor's own figures as JSON; what does not apply is None.

    `per_hour` is the pace of the median pair. `break.since` stays the same while one and the same
    stretch of work lasts, so that a suggestion waved away need not come back.
    """
    actor.demand(Permission.LABEL)
    if actor.assessor_id is None:
        return {}
    found = report_standing(context.store, actor.assessor_id)
    gold, consensus, since = found.gold, found.consensus, found.break_since
    return {
        "done_today": found.today,
        "total": found.total,
        "left_today": found.left_today,
        "median_seconds": found.median_seconds and round(found.median_seconds, 1),
        "per_hour": found.median_seconds and round(3600 / found.median_seconds, 1),
        "streak_days": found.streak,
        "gold": gold and {"right": gold.right, "of": gold.of},
        "consensus": consensus and {"share": round(consensus.share, 3), "of": consensus.of},
        "break": since and {"minutes": found.break_minutes, "since": since.isoformat()},
    }
