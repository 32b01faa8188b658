"""Run the loop with modAL: its ActiveLearner holds the labels, fits the head and asks the strategy."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from modAL.models import ActiveLearner
from numpy.typing import ArrayLike

from active.arrays import FloatArray
from active.heads.bradley_terry import BradleyTerryHead
from active.pool import Labelled, Pool
from active.strategies import Choice, Eligibility, State, Strategy

QueryStrategy = Callable[..., Any]


def as_query_strategy(strategy: Strategy, rng: np.random.Generator) -> QueryStrategy:
    """Return the strategy as a function that modAL's `ActiveLearner.query` can call.

    Called with (learner, X_pool, n_instances) it returns the indices and the whole Choice, which modAL
    hands on as metrics. `pool` adds the columns that X_pool lacks, `eligibility` the rules of the batch.
    """

    def query(
        learner: ActiveLearner,
        X_pool: FloatArray,
        n_instances: int = 1,
        pool: Pool | None = None,
        eligibility: Eligibility | None = None,
    ) -> tuple[Any, Choice]:
        table = Pool(X_pool) if pool is None else pool
        fitted = hasattr(learner.estimator, "classes_")
        state = State(_known(learner, table.width), learner.estimator if fitted else None)
        choice = strategy.choose(state, table, n_instances, rng, eligibility)
        return choice.indices, choice

    return query


class PreferenceLearner(ActiveLearner):  # type: ignore[misc]
    """Learn preferences from few labels: modAL's ActiveLearner around a Bradley-Terry head.

    `query_strategy` is one of our strategies, or any function of modAL such as
    `modAL.uncertainty.entropy_sampling`. `estimator` defaults to a BradleyTerryHead that chooses its ridge
    anew at each fit; any scikit-learn classifier will do for `entropy` and `margin`. Labels given at the
    start are fitted at once.

    Attributes: labelled, all labels so far (None before the first); estimator; X_training and y_training, as
    in modAL. `rng` draws whatever the strategy draws.
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
        super().__init__(BradleyTerryHead() if estimator is None else estimator, ask)
        self.rng = rng
        self.labelled: Labelled | None = None
        if labelled is not None and len(labelled):
            self.teach_pairs(labelled)

    def teach(self, X: ArrayLike, y: ArrayLike, **columns: Any) -> None:
        """Add labels and fit anew; X (n, d), y (n,) in [0, 1].

        `columns` are those of Labelled: groups, weights, queries, clusters; give each always or never.
        Raises InvalidFeaturesError and InvalidLabelsError.
        """
        self.teach_pairs(Labelled(np.asarray(X), targets=np.asarray(y), **columns))

    def teach_pairs(self, labelled: Labelled) -> None:
        """Add labels and fit anew. Raises InvalidLabelsError when their columns differ from those before."""
        self.labelled = labelled if self.labelled is None else self.labelled.joined(labelled)
        with warnings.catch_warnings():
            # modAL 0.4.2 still says `force_all_finite`, which scikit-learn 1.7 accepts with a warning.
            warnings.filterwarnings("ignore", "'force_all_finite' was renamed", FutureWarning)
            self._add_training_data(labelled.features, labelled.targets)
        self._fit_to_known(**_fit_columns(self.labelled))


def _fit_columns(labelled: Labelled) -> dict[str, Any]:
    """Return what `fit` takes beyond X and y; nothing where nothing was given, for any classifier to fit."""
    columns = {"groups": labelled.groups, "sample_weight": labelled.weights}
    return {name: values for name, values in columns.items() if values is not None}


def _known(learner: ActiveLearner, width: int) -> Labelled:
    """Return the learner's labels, whether it is ours or modAL's own."""
    labelled = getattr(learner, "labelled", None)
    if isinstance(labelled, Labelled):
        return labelled
    if learner.X_training is None:
        return Labelled.nothing(width)
    return Labelled(learner.X_training, targets=learner.y_training)
