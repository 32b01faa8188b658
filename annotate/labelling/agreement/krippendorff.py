"""Krippendorff's α: agreement of any number of raters, with missing values, on any scale."""

from __future__ import annotations

from typing import Literal

import numpy as np

from annotate.labelling.agreement.ratings import Floats, Ratings, Table, tabulate

Scale = Literal["nominal", "ordinal", "interval"]


def krippendorff_alpha(ratings: Ratings | Table, scale: Scale = "ordinal") -> float | None:
    """Return α on the nominal, ordinal or interval scale; None where it is not defined.

    α = 1 - D_observed / D_expected over the coincidence matrix; units with one rating do not
    count, and α is undefined when all values are equal.
    Source: Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011.
    """
    table = tabulate(ratings).of_several()
    if not table.comparable:
        return None
    shared = table.weights / (table.sizes - 1)
    coincidences = (table.counts * shared[:, None]).T @ table.counts
    coincidences -= np.diag(shared @ table.counts)
    totals = coincidences.sum(axis=0)
    expected = (np.outer(totals, totals) - np.diag(totals)) / (totals.sum() - 1)
    distance = _distance(scale, table.levels, totals)
    disagreement = float((expected * distance).sum())
    return 1.0 - float((coincidences * distance).sum()) / disagreement if disagreement > 0 else None


def nominal_alpha(ratings: Ratings | Table) -> float | None:
    """Return α with any two different values equally far apart."""
    return krippendorff_alpha(ratings, "nominal")


def ordinal_alpha(ratings: Ratings | Table) -> float | None:
    """Return α with values as far apart as there are ratings between them."""
    return krippendorff_alpha(ratings, "ordinal")


def interval_alpha(ratings: Ratings | Table) -> float | None:
    """Return α with values as far apart as the square of their difference."""
    return krippendorff_alpha(ratings, "interval")


def _distance(scale: Scale, levels: Floats, totals: Floats) -> Floats:
    if scale == "nominal":
        return np.ones((len(levels), len(levels))) - np.eye(len(levels))
    # Cumulative mid-ranks: the distance of two ordinal levels is the squared difference of these.
    places = np.cumsum(totals) - totals / 2 if scale == "ordinal" else levels
    distance: Floats = (places[:, None] - places[None, :]) ** 2
    return distance
