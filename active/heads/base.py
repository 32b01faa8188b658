"""Say what a strategy may ask of a fitted head."""

from typing import Protocol

import numpy as np

from active.arrays import FloatArray


class PreferenceHead(Protocol):
    """Predict preferences and tell how sure the prediction is.

    All methods raise scikit-learn's NotFittedError before `fit`.
    """

    def predict_proba(self, X: FloatArray) -> FloatArray:
        """Return (n, 2): P(second better), P(first better)."""

    def posterior_variance(self, X: FloatArray) -> FloatArray:
        """Return (n,) variances of the logit of each row."""

    def posterior_solve(self, X: FloatArray) -> FloatArray:
        """Return (n, d): row i is V⁻¹xᵢ, V the posterior precision of the weights."""

    def posterior_sample(self, count: int, rng: np.random.Generator) -> FloatArray:
        """Return (count, d) weight vectors drawn from the posterior."""
