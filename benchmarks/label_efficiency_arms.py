"""Name the arms of the label-efficiency benchmark: our strategies, and modAL's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from active import Pool, State, strategy
from active.simulation import Ask, by_strategy

OURS = ("random", "entropy", "margin", "dopt", "vopt", "bald", "badge", "balpm")
MODAL = ("modAL uncertainty", "modAL ranked batch")


@dataclass(frozen=True)
class _Learner:
    """Look to modAL's query functions like one of its learners."""

    estimator: Any
    X_training: NDArray[np.float64]
    on_transformed: bool = False

    def predict_proba(self, X: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(self.estimator.predict_proba(X))


def _ours(name: str) -> Ask:
    return by_strategy(strategy(name))


def _uncertainty() -> Ask:
    from modAL.uncertainty import uncertainty_sampling

    return partial(_by_modal, uncertainty_sampling)


def _ranked() -> Ask:
    from modAL.batch import uncertainty_batch_sampling

    return partial(_by_modal, uncertainty_batch_sampling)


def _by_modal(
    query: Callable[..., Any],
    state: State,
    pool: Pool,
    count: int,
    rng: np.random.Generator,  # noqa: ARG001
) -> NDArray[np.int64]:
    learner = _Learner(state.fitted_head(), state.labelled.features)
    return np.asarray(query(learner, pool.features, n_instances=count)[0], dtype=np.int64)


ASKERS: dict[str, Callable[[], Ask]] = {
    **{name: partial(_ours, name) for name in OURS},
    MODAL[0]: _uncertainty,
    MODAL[1]: _ranked,
}
"""What makes the asking function of each arm."""
