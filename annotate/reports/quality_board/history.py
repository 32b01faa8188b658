"""Follow agreement over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from annotate.labelling.agreement import (
    Estimate,
    bootstrap,
    gwet_ac1,
    ordinal_alpha,
    percent_agreement,
)
from annotate.reports.quality_board.votes import Integers, Said

DRAWS = 200  # bootstrap draws a period
MOST_DAYS = 45  # a longer history is told by weeks
MOST_PERIODS = 60  # the latest ones are shown
Step = Literal["day", "week"]


@dataclass(frozen=True)
class Period:
    """Hold the agreement on the pairs whose last judgement fell into a period, by its first day."""

    start: date
    pairs: int
    judgements: int
    alpha: Estimate | None
    ac1: Estimate | None
    percent: Estimate | None


def follow(said: Said, rng: np.random.Generator) -> tuple[Step, tuple[Period, ...]]:
    """Return the agreement by day, or by week where the history is long; a pair counts once, at its end."""
    if not len(said):
        return "day", ()
    step: Step = "day" if said.days.max() - said.days.min() < MOST_DAYS else "week"
    ends = _last_days(said)
    starts = ends if step == "day" else ends - (ends - 1) % 7  # ordinal 1 was a Monday
    found = np.unique(starts)[-MOST_PERIODS:]
    return step, tuple(_period(said, starts == start, int(start), rng) for start in found.tolist())


def _last_days(said: Said) -> Integers:
    """Return for each judgement the day on which its pair was last judged, (n,)."""
    pairs, rows = np.unique(said.pairs, return_inverse=True)
    last = np.zeros(len(pairs), dtype=np.int64)
    np.maximum.at(last, rows.reshape(-1), said.days)
    ends: Integers = last[rows.reshape(-1)]
    return ends


def _period(said: Said, inside: NDArray[np.bool_], start: int, rng: np.random.Generator) -> Period:
    outcomes = said.rated(inside)
    return Period(
        start=date.min + timedelta(days=start - 1),
        pairs=len(outcomes),
        judgements=int(inside.sum()),
        alpha=bootstrap(ordinal_alpha, said.grades(inside), rng, DRAWS),
        ac1=bootstrap(gwet_ac1, outcomes, rng, DRAWS),
        percent=bootstrap(percent_agreement, outcomes, rng, DRAWS),
    )
