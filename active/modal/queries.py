"""Let modAL's own learners and committees ask our strategies."""

from collections.abc import Callable
from typing import Any

import numpy as np

from active.arrays import FloatArray
from active.modal.borrowed import head_of
from active.modal.labels import as_classes_targets
from active.pool import Labelled, Pool
from active.strategies import Choice, Eligibility, State, Strategy

QueryStrategy = Callable[..., Any]


def as_query_strategy(strategy: Strategy, rng: np.random.Generator) -> QueryStrategy:
    """Return the strategy as a function that modAL's `ActiveLearner` and `Committee` can query with.

    Called with (learner, X_pool, n_instances) it returns the indices and the whole Choice, which modAL
    hands on as metrics. `pool` adds the columns that X_pool lacks, `eligibility` the rules of the batch.
    The learner's labels are X_training and y_training (of a committee, its first member's); classes may be
    numbers in [0, 1] or any two, of which the second means "first better". Its estimator may be anything
    with `predict_proba`: see `borrowed`.
    """

    def query(
        learner: Any,
        X_pool: FloatArray,
        n_instances: int = 1,
        pool: Pool | None = None,
        eligibility: Eligibility | None = None,
    ) -> tuple[Any, Choice]:
        table = Pool(np.asarray(X_pool)) if pool is None else pool
        labelled = known_labels(learner, table.width)
        state = State(labelled, head_of(learner, labelled))
        choice = strategy.choose(state, table, n_instances, rng, eligibility)
        return choice.indices, choice

    return query


def known_labels(learner: Any, width: int) -> Labelled:
    """Return the labels of a learner or committee, ours or modAL's own; none before the first."""
    labelled = getattr(learner, "labelled", None)
    if isinstance(labelled, Labelled):
        return labelled
    for one in getattr(learner, "learner_list", [learner]):
        if getattr(one, "X_training", None) is not None:
            classes = getattr(one.estimator, "classes_", None)
            return Labelled(np.asarray(one.X_training), targets=as_classes_targets(one.y_training, classes))
    return Labelled.nothing(width)
