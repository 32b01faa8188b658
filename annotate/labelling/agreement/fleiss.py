"""Fleiss' κ: agreement of any number of raters beyond the common shares of the values."""

from __future__ import annotations

from annotate.labelling.agreement.ratings import Ratings, Table, tabulate
from annotate.labelling.agreement.shares import common_shares, mean_share_of_equal_pairs


def fleiss_kappa(ratings: Ratings | Table) -> float | None:
    """Return κ in its form for units with different numbers of values; None where it is not defined.

    κ = (p_a - p_e) / (1 - p_e) with p_e = Σ π², π the mean share of each value over all units, those
    with one value as well; p_a is the mean over units with several values.
    Source: Fleiss, "Measuring Nominal Scale Agreement Among Many Raters", 1971; for missing values
    Gwet, "Handbook of Inter-Rater Reliability", 2014, chapter 2.
    """
    table = tabulate(ratings)
    observed = mean_share_of_equal_pairs(table)
    if observed is None:
        return None
    chance = float((common_shares(table) ** 2).sum())
    return (observed - chance) / (1 - chance) if 1 - chance > 1e-12 else None
