"""Models that turn pair features into P(first better)."""

from active.heads.base import PreferenceHead
from active.heads.bradley_terry import BradleyTerryHead
from active.heads.ensembles import EnsembleHead
from active.heads.graded import GradedHead
from active.heads.weights import certainty_weights, reliability_weights, vote_weights

__all__ = [
    "BradleyTerryHead",
    "EnsembleHead",
    "GradedHead",
    "PreferenceHead",
    "certainty_weights",
    "reliability_weights",
    "vote_weights",
]
