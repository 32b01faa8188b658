"""Measure agreement group by group: by language, cluster, aspect, guideline version, kind of assessor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeVar

import numpy as np

from annotate.labelling.agreement.cohen import cohen_kappa
from annotate.labelling.agreement.fleiss import fleiss_kappa
from annotate.labelling.agreement.gwet import gwet_ac1
from annotate.labelling.agreement.intervals import Estimate, Statistic, bootstrap
from annotate.labelling.agreement.krippendorff import interval_alpha, nominal_alpha, ordinal_alpha
from annotate.labelling.agreement.ratings import Ratings
from annotate.labelling.agreement.shares import percent_agreement

Group = TypeVar("Group", bound=Hashable)

COEFFICIENTS: Mapping[str, Callable[..., float | None]] = {
    "nominal_alpha": nominal_alpha,
    "ordinal_alpha": ordinal_alpha,
    "interval_alpha": interval_alpha,
    "fleiss_kappa": fleiss_kappa,
    "gwet_ac1": gwet_ac1,
    "percent": percent_agreement,
}


def collect(rows: Iterable[tuple[Group, int, float]]) -> dict[Group, dict[int, list[float]]]:
    """Gather (group, unit, value) rows into the ratings of each group."""
    groups: dict[Group, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for group, unit, value in rows:
        groups[group][unit].append(value)
    return {group: dict(units) for group, units in groups.items()}


def measure_by(
    statistic: Statistic,
    groups: Mapping[Group, Ratings],
    rng: np.random.Generator,
    draws: int = 500,
) -> dict[Group, Estimate | None]:
    """Return a coefficient with its interval in each group; None where it is not defined."""
    return {group: bootstrap(statistic, ratings, rng, draws) for group, ratings in groups.items()}


def measure_pairs(
    values: Mapping[str, Mapping[int, float]], rng: np.random.Generator, draws: int = 500
) -> dict[tuple[str, str], Estimate | None]:
    """Return Cohen's κ of every two raters over the units both rated.

    `values` holds, by rater, the value of each unit that the rater saw.
    """
    names = sorted(values)
    found: dict[tuple[str, str], Estimate | None] = {}
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            mine, theirs = values[one], values[other]
            shared = {unit: (mine[unit], theirs[unit]) for unit in mine.keys() & theirs.keys()}
            found[one, other] = bootstrap(cohen_kappa, shared, rng, draws)
    return found
