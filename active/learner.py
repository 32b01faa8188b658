"""Run the loop with modAL: its ActiveLearner holds the labels, fits the head and asks the strategy."""

from typing import Any

import numpy as np
from modAL.models import ActiveLearner
from numpy.typing import ArrayLike

from active.heads import BradleyTerryHead
from active.modal.labels import decided, fit_columns, quiet_modal, takes_soft_targets
from active.modal.queries import QueryStrategy, as_query_strategy
from active.pool import Labelled
from active.strategies import Strategy

__all__ = ["PreferenceLearner", "QueryStrategy", "as_query_strategy"]


class PreferenceLearner(ActiveLearner):  # type: ignore[misc]
    """Learn preferences from few labels: modAL's ActiveLearner around a Bradley-Terry head.

    `query_strategy` is one of our strategies, or any function of modAL such as
    `modAL.uncertainty.entropy_sampling`. `estimator` defaults to a calibrated BradleyTerryHead that chooses
    its ridge anew at each fit. Any scikit-learn classifier will do: it is fitted on the classes 0 and 1, so
    without the ties, and where a strategy asks how sure it is, a Bradley-Terry head on the same labels
    answers (`modal.borrowed`). Labels given at the start are fitted at once.

    Attributes: labelled, all labels so far (None before the first); estimator; X_training and y_training, as
    in modAL, what the estimator was fitted on. `rng` draws whatever the strategy draws.
    """

    def __init__(
        self,
        query_strategy: Strategy | QueryStrategy,
        rng: np.random.Generator,
        estimator: Any = None,
        labelled: Labelled | None = None,
    ) -> None:
        ask = (
            as_query_strategy(query_strategy, rng) if isinstance(query_strategy, Strategy) else query_strategy
        )
        super().__init__(BradleyTerryHead(calibrate=True) if estimator is None else estimator, ask)
        self.rng = rng
        self.labelled: Labelled | None = None
        if labelled is not None and len(labelled):
            self.teach_pairs(labelled)

    def teach(self, X: ArrayLike, y: ArrayLike, **columns: Any) -> None:
        """Add labels and fit anew; X (n, d), y (n,) in [0, 1].

        `columns` are those of Labelled: groups, weights, verdicts and so on; give each always or never.
        Raises InvalidFeaturesError and InvalidLabelsError.
        """
        self.teach_pairs(Labelled(np.asarray(X), targets=np.asarray(y), **columns))

    def teach_pairs(self, labelled: Labelled) -> None:
        """Add labels and fit anew. Raises InvalidLabelsError when their columns differ from those before."""
        self.labelled = labelled if self.labelled is None else self.labelled.joined(labelled)
        known, targets = self.labelled, self.labelled.targets
        if not takes_soft_targets(self.estimator):
            known, classes = decided(self.labelled)
            targets = classes.astype(np.float64)
        with quiet_modal():
            self.fit(known.features, targets, **fit_columns(known, self.estimator))
