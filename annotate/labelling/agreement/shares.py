"""Count shares: of equal pairs of ratings, and of the values overall."""

from __future__ import annotations

from annotate.labelling.agreement.ratings import Floats, Ratings, Table, tabulate


def percent_agreement(ratings: Ratings | Table) -> float | None:
    """Return the share of equal pairs of ratings, over all pairs within units; None without pairs."""
    table = tabulate(ratings)
    pairs = float(table.weights @ (table.sizes * (table.sizes - 1)))
    return float(table.weights @ _equal(table)) / pairs if pairs else None


def mean_share_of_equal_pairs(table: Table) -> float | None:
    """Return the same as a mean over units: those with many ratings count no more than others."""
    several = table.of_several()
    if not several.comparable:
        return None
    shares = _equal(several) / (several.sizes * (several.sizes - 1))
    return float(several.weights @ shares / several.weights.sum())


def common_shares(table: Table) -> Floats:
    """Return the mean share of each level over all units, (levels,)."""
    shares: Floats = table.weights @ (table.counts / table.sizes[:, None]) / table.weights.sum()
    return shares


def _equal(table: Table) -> Floats:
    equal: Floats = (table.counts * (table.counts - 1)).sum(axis=1)
    return equal
