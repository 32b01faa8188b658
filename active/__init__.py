"""Choose which pairs of answers are worth a label: arrays in, choices out.

The usual way through: `pair_features` turns answers into rows, `select_batch` picks the next batch and
explains it, `BradleyTerryHead` learns from the verdicts; `cluster_queries` and `find_gaps` show where the
labels, sources or quality are thin. Every random choice is drawn from the generator handed in.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from active.batches import COLD_START_LABELS, Batch, Explanation, Pick, select_batch
from active.clustering.duplicates import near_duplicates
from active.clustering.identity import continued
from active.clusters import Clusters, cluster_queries
from active.drift import Drift, traffic_drift
from active.errors import (
    ActiveError,
    ChangedEmbeddingsError,
    DamagedFeaturesError,
    EmptyPoolError,
    InvalidFeaturesError,
    InvalidLabelsError,
    InvalidOptionError,
    NotEnoughLabelsError,
    UnknownStrategyError,
)
from active.features import (
    LEXICAL_NAMES,
    FeatureCache,
    FeatureFile,
    ItemEffects,
    effect_scale,
    feature_fingerprint,
    lexical_features,
    pair_features,
)
from active.gaps import ClusterStats, Gap, GapAction, GapKind, GapRules, find_gaps
from active.heads import (
    BradleyTerryHead,
    EnsembleHead,
    GradedHead,
    PreferenceHead,
    certainty_weights,
    reliability_weights,
    vote_weights,
)
from active.intervals import Interval, bootstrap_interval, wilson_interval
from active.pool import Labelled, Pool
from active.quotas import Quotas, Shortage
from active.strategies import STRATEGIES, Choice, Eligibility, State, Strategy, strategy

if TYPE_CHECKING:
    from active.learner import PreferenceLearner
    from active.modal import ModalStrategy, as_committee, as_query_strategy

__all__ = [
    "COLD_START_LABELS",
    "LEXICAL_NAMES",
    "STRATEGIES",
    "ActiveError",
    "Batch",
    "BradleyTerryHead",
    "ChangedEmbeddingsError",
    "Choice",
    "ClusterStats",
    "Clusters",
    "DamagedFeaturesError",
    "Drift",
    "Eligibility",
    "EmptyPoolError",
    "EnsembleHead",
    "Explanation",
    "FeatureCache",
    "FeatureFile",
    "Gap",
    "GapAction",
    "GapKind",
    "GapRules",
    "GradedHead",
    "Interval",
    "InvalidFeaturesError",
    "InvalidLabelsError",
    "InvalidOptionError",
    "ItemEffects",
    "Labelled",
    "ModalStrategy",
    "NotEnoughLabelsError",
    "Pick",
    "Pool",
    "PreferenceHead",
    "PreferenceLearner",
    "Quotas",
    "Shortage",
    "State",
    "Strategy",
    "UnknownStrategyError",
    "as_committee",
    "as_query_strategy",
    "bootstrap_interval",
    "certainty_weights",
    "cluster_queries",
    "continued",
    "effect_scale",
    "feature_fingerprint",
    "find_gaps",
    "lexical_features",
    "near_duplicates",
    "pair_features",
    "reliability_weights",
    "select_batch",
    "strategy",
    "traffic_drift",
    "vote_weights",
    "wilson_interval",
]


def __getattr__(name: str) -> Any:
    """Load what needs modAL on first use: modAL brings torch along, which takes seconds."""
    if name == "PreferenceLearner":
        return import_module("active.learner").PreferenceLearner
    if name in ("ModalStrategy", "as_committee", "as_query_strategy"):
        return getattr(import_module("active.modal"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
