"""Look over the work of the assessors: what a lead would do each evening, in one go."""

from __future__ import annotations

from annotate.jobs.context import Context
from annotate.labelling import refresh_preferences
from annotate.labelling.campaigns import list_campaigns
from annotate.labelling.controls.gold_rules import apply_gold_rules
from annotate.labelling.controls.reviews import open_reviews
from annotate.labelling.controls.signals import find_signals


def look_over(context: Context) -> dict[str, int]:
    """Refresh the preferences, open reviews, raise signals and apply the gold rules of every campaign.

    Returns how many of each there were; again it finds only what is new.
    """
    store = context.store
    return {
        "preferences": refresh_preferences(store),
        "gold_acts": sum(len(apply_gold_rules(store, one.name)) for one in list_campaigns(store)),
        "new_reviews": len(open_reviews(store)),
        "new_signals": len(find_signals(store)),
    }
