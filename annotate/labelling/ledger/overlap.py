"""Decide how many people a task wants, from the votes it has; pure functions, no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from annotate.labelling.aggregation import quick_posterior
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.verdicts import outcome

Votes = Sequence[tuple[str, float]]  # a verdict and the reliability of who gave it


def wanted_overlap(rules: CampaignRules, votes: Votes) -> int:
    """Return how many people a task wants: no more once it is decided, else one more up to the maximum."""
    if is_decided(rules, votes):
        return len(votes)
    return max(rules.overlap, min(len(votes) + 1, rules.max_overlap))


def is_decided(rules: CampaignRules, votes: Votes) -> bool:
    """Tell whether one outcome leads by enough votes, or is probable enough."""
    if not votes:
        return False
    first, second, *_ = [*sorted(Counter(outcome(verdict) for verdict, _ in votes).values())[::-1], 0]
    if 0 < rules.stop_lead <= first - second:
        return True
    return max(quick_posterior(votes).values()) >= rules.stop_posterior
