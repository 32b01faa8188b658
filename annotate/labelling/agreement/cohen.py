"""Cohen's κ: agreement of two raters beyond what their own habits would bring about."""

from __future__ import annotations

import numpy as np

from annotate.labelling.agreement.ratings import Ratings, Table, tabulate


def cohen_kappa(ratings: Ratings | Table) -> float | None:
    """Return κ of two raters; None where it is not defined.

    Each unit holds the value of the one rater and then that of the other; units with one value
    do not count. κ = (p_o - p_e) / (1 - p_e), with p_e from the two raters' own shares; undefined
    when both only ever give one and the same value. Raises ValueError for a unit with three values.
    Source: Cohen, "A Coefficient of Agreement for Nominal Scales", 1960.
    """
    table = tabulate(ratings)
    if table.codes.shape[1] > 2:
        raise ValueError("Cohen's kappa compares two raters; for more take Fleiss' kappa")
    table = table.of_several()
    if not table.comparable:
        return None
    joint = np.zeros((len(table.levels), len(table.levels)))
    np.add.at(joint, (table.codes[:, 0], table.codes[:, 1]), table.weights)
    joint /= joint.sum()
    chance = float(joint.sum(axis=0) @ joint.sum(axis=1))
    return (float(np.trace(joint)) - chance) / (1 - chance) if chance < 1 else None
