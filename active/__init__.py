"""Choose which pairs of answers are worth a label: arrays in, choices out.

The usual way through: `pair_features` turns answers into rows, `select_batch` picks the next batch and
explains it, `BradleyTerryHead` learns from the verdicts; `cluster_queries` and `find_gaps` show where the
labels, sources or quality are thin. Every random choice is drawn from the generator handed in.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from active.batches import COLD_START_LABELS, Batch, Explanation, Pick, select_batch
from active.clusters import Clusters, cluster_queries
from active.errors import (
    ActiveError,
    EmptyPoolError,
    InvalidFeaturesError,
    InvalidLabelsError,
    InvalidOptionError,
    NotEnoughLabelsError,
    UnknownStrategyError,
)
from active.features import LEXICAL_NAMES, lexical_features, pair_features
from active.gaps import ClusterStats, Gap, GapAction, GapKind, GapRules, find_gaps
from active.heads import BradleyTerryHead, PreferenceHead
from active.intervals import Interval, bootstrap_interval, wilson_interval
from active.pool import Labelled, Pool
from active.strategies import STRATEGIES, Choice, Eligibility, State, Strategy, strategy

if TYPE_CHECKING:
    from active.learner import PreferenceLearner, as_query_strategy

__all__ = [
    "COLD_START_LABELS",
    "LEXICAL_NAMES",
    "STRATEGIES",
    "ActiveError",
    "Batch",
    "BradleyTerryHead",
    "Choice",
    "ClusterStats",
    "Clusters",
    "Eligibility",
    "EmptyPoolError",
    "Explanation",
    "Gap",
    "GapAction",
    "GapKind",
    "GapRules",
    "Interval",
    "InvalidFeaturesError",
    "InvalidLabelsError",
    "InvalidOptionError",
    "Labelled",
    "NotEnoughLabelsError",
    "Pick",
    "Pool",
    "PreferenceHead",
    "PreferenceLearner",
    "State",
    "Strategy",
    "UnknownStrategyError",
    "as_query_strategy",
    "bootstrap_interval",
    "cluster_queries",
    "find_gaps",
    "lexical_features",
    "pair_features",
    "select_batch",
    "strategy",
    "wilson_interval",
]


def __getattr__(name: str) -> Any:
    """Load the learner on first use: modAL brings torch along, which takes seconds."""
    if name in ("PreferenceLearner", "as_query_strategy"):
        return getattr(import_module("active.learner"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
