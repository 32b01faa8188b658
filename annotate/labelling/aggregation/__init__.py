"""Join the judgements of several assessors into one verdict; pure functions, no database.

The default is the one-coin model, since it is near the best wherever it was measured, and quick. On votes
of people that the fits were not shown (`python -m benchmarks.aggregation`, means over splits) the share of
right sides is

| votes to learn from | majority | one_coin | dawid_skene | mace | bradley_terry |
|---|---|---|---|---|---|
| UKPConvArg1, 2 a pair | 0.703 | 0.703 | 0.700 | **0.706** | 0.703 |
| UKPConvArg1, 4 a pair | 0.734 | 0.736 | 0.733 | 0.735 | **0.737** |
| PandaLM, 2 people and 2 judges | 0.925 | **0.955** | **0.955** | **0.955** | 0.953 |

where differences below 0.01 are chance. The priors and the tie rule of `bradley_terry` were chosen while
looking at these two data sets, so its figures flatter it. The posteriors of one_coin are too sure: at 4 votes
a pair its log-loss is 0.70 nats and that of `bradley_terry` 0.58. Take that one where probabilities matter
more than verdicts, where assessors lean to the left, or where strengths of contenders are wanted; it calls
fewer true ties.

Items whose truth is known (`Votes.truths`, gold tasks) are held to it in every method: they teach whom to
trust and get no verdict. Gold tasks are mostly easier than the work, so that with many of them all seem a
little more reliable than they are; who fails them weighs less than others either way.
"""

from __future__ import annotations

from collections.abc import Sequence

from annotate.labelling.aggregation.base import (
    ASKER_RELIABILITY,
    MUCH_BETTER,
    PRIOR_RELIABILITY,
    PRIOR_RIGHT,
    PRIOR_WRONG,
    Aggregate,
    Aggregation,
    Method,
)
from annotate.labelling.aggregation.bradley_terry import BradleyTerry
from annotate.labelling.aggregation.dawid_skene import DawidSkene
from annotate.labelling.aggregation.mace import Mace
from annotate.labelling.aggregation.majority import Majority
from annotate.labelling.aggregation.one_coin import OneCoin
from annotate.labelling.aggregation.quick import quick_posterior
from annotate.labelling.aggregation.votes import Vote, Votes, as_columns

__all__ = [
    "ASKER_RELIABILITY",
    "DEFAULT",
    "METHODS",
    "MUCH_BETTER",
    "PRIOR_RELIABILITY",
    "PRIOR_RIGHT",
    "PRIOR_WRONG",
    "Aggregate",
    "Aggregation",
    "BradleyTerry",
    "DawidSkene",
    "Mace",
    "Majority",
    "Method",
    "OneCoin",
    "Vote",
    "Votes",
    "aggregate",
    "quick_posterior",
]

DEFAULT: Method = OneCoin()
METHODS: dict[str, Method] = {
    method.name: method for method in (OneCoin(), Majority(), DawidSkene(), Mace(), BradleyTerry())
}


def aggregate(votes: Sequence[Vote] | Votes, method: Method = DEFAULT) -> Aggregation:
    """Return the joint verdict of each item and how reliable each assessor seems."""
    return method.fit(as_columns(votes))
