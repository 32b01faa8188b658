"""Gwet's AC1: agreement beyond chance that does not collapse where one value is much the commonest."""

from __future__ import annotations

from annotate.labelling.agreement.ratings import Ratings, Table, tabulate
from annotate.labelling.agreement.shares import common_shares, mean_share_of_equal_pairs


def gwet_ac1(ratings: Ratings | Table) -> float | None:
    """Return AC1; None where it is not defined: without pairs of ratings, or with one value only.

    AC1 = (p_a - p_e) / (1 - p_e) with p_e = Σ π(1 - π) / (k - 1) over the k values that occur; π
    and p_a are those of Fleiss' κ.
    Source: Gwet, "Computing Inter-Rater Reliability and Its Variance in the Presence of High
    Agreement", British Journal of Mathematical and Statistical Psychology 61, 2008.
    """
    table = tabulate(ratings)
    observed = mean_share_of_equal_pairs(table)
    if observed is None or len(table.levels) < 2:
        return None
    shares = common_shares(table)
    chance = float((shares * (1 - shares)).sum()) / (len(shares) - 1)
    return (observed - chance) / (1 - chance)
