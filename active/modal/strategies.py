"""Let modAL's learners, committees and query strategies choose for our loop."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from modAL.models import ActiveLearner, Committee
from modAL.models.base import BaseCommittee, BaseLearner
from modAL.uncertainty import entropy_sampling

from active.arrays import AnyArray, BoolArray, FloatArray, IntArray, rows_at
from active.errors import InvalidOptionError, NotEnoughLabelsError
from active.heads import EnsembleHead
from active.modal.labels import decided, fit_columns, quiet_modal
from active.pool import Labelled, Pool
from active.strategies.base import Acquisition, State, Strategy, highest


@dataclass(frozen=True, eq=False)
class ModalStrategy(Strategy):
    """Ask a query strategy of modAL, within the rules of our batches: audit, quotas, one pair a question.

    learner: an ActiveLearner or a Committee, fitted anew on all labels at each batch (ties, which its
    classifiers do not know, are left out); without one, the query strategy sees our head as an ActiveLearner.
    query_strategy: any function of modAL's form, by default the learner's own. bag: fit each member of a
    committee on labels drawn with repetition, as modAL's `bootstrap`, but by our rng. The score of a pick is
    one over its rank in modAL's answer; the value that modAL tells of it is the evidence.

    Raises InvalidOptionError where there is neither a learner nor a query strategy.
    """

    query_strategy: Callable[..., Any] | None = None
    learner: BaseLearner | BaseCommittee | None = None
    bag: bool = False

    name: ClassVar[str] = "modal"
    reason: ClassVar[str] = "asked_by_modal"

    def __post_init__(self) -> None:
        if self.query_strategy is None and self.learner is None:
            raise InvalidOptionError("ModalStrategy needs a query strategy of modAL's, or a learner")

    @classmethod
    def of(cls, asked: Any) -> "ModalStrategy":
        """Return the strategy of a learner, a committee or a query function."""
        if isinstance(asked, BaseLearner | BaseCommittee):
            return cls(learner=asked)
        if callable(asked):
            return cls(query_strategy=asked)
        raise InvalidOptionError(f"a strategy is a name, a Strategy or something of modAL's, not {asked!r}")

    @property
    def fits_itself(self) -> bool:
        """Say whether the learner is modAL's, so that no head of ours needs a fit."""
        return self.learner is not None

    def begin(self, state: State, pool: Pool, count: int, rng: np.random.Generator) -> Acquisition:
        """Fit the learner and open the ranking."""
        if self.learner is None:
            learner = _around_head(state)
        else:
            learner = _taught(self.learner, state.labelled, rng if self.bag else None)
        return _Ranking(learner, self.query_strategy or learner.query_strategy, pool, count)


class _Ranking(Acquisition):
    """Hold modAL's answer; where none of it is eligible, ask again among those that are."""

    def __init__(self, learner: Any, ask: Callable[..., Any], pool: Pool, count: int) -> None:
        self._learner, self._ask, self._pool = learner, ask, pool
        self._left = count
        self._values = np.zeros(len(pool))
        self._metrics: dict[int, float] = {}
        self._rank = 0

    def scores(self) -> FloatArray:
        if not self._rank:
            self._rank_more(np.ones(len(self._pool), dtype=bool))
        return self._values

    def best(
        self, mask: BoolArray, rng: np.random.Generator, weights: FloatArray | None = None
    ) -> tuple[int, float]:
        if not (self._values[mask] > 0).any():
            self._rank_more(mask)
        values = self._values if weights is None else self._values * weights
        return highest(values, mask, rng)

    def take(self, index: int) -> None:
        self._values[index] = 0.0
        self._left -= 1

    def evidence(self, index: int) -> dict[str, float]:
        return {"metric": self._metrics[index]} if index in self._metrics else {}

    def _rank_more(self, mask: BoolArray) -> None:
        rows = np.flatnonzero(mask)
        wanted = min(max(self._left, 1), len(rows))
        with quiet_modal():
            answer = self._ask(self._learner, rows_at(self._pool.features, rows), n_instances=wanted)
        places, metrics = _parts(answer, len(rows))
        for place, index in enumerate(rows[places].tolist()):
            self._rank += 1
            self._values[index] = 1 / self._rank
            if metrics is not None and np.isfinite(metrics[place]):
                self._metrics[index] = float(metrics[place])


def _parts(answer: Any, size: int) -> tuple[IntArray, AnyArray | None]:
    """Return indices, without repetition, and the numbers told of them, from an answer of any form."""
    indices, extra = answer if isinstance(answer, tuple) and len(answer) == 2 else (answer, None)
    places = np.atleast_1d(np.asarray(indices))
    fits = places.ndim == 1 and np.issubdtype(places.dtype, np.integer) and len(places) > 0
    if not fits or places.min() < 0 or places.max() >= size:
        raise InvalidOptionError("the query strategy must return indices of the pool, as those of modAL do")
    kept = np.sort(np.unique(places, return_index=True)[1])
    metrics = None if extra is None else np.asarray(extra)
    told = metrics is not None and metrics.shape == places.shape and np.issubdtype(metrics.dtype, np.number)
    return places[kept].astype(np.int64), metrics[kept] if told and metrics is not None else None


def _around_head(state: State) -> ActiveLearner:
    learner = ActiveLearner(state.fitted_head(), entropy_sampling)
    learner.X_training, learner.y_training = state.labelled.features, state.labelled.targets
    return learner


def _taught(learner: Any, labelled: Labelled, rng: np.random.Generator | None) -> Any:
    """Return the learner, fitted on the labels that are no ties; its members on bags of them, given an rng.

    Raises NotEnoughLabelsError without labels of both verdicts.
    """
    known, classes = decided(labelled)
    if not known.has_both_verdicts:
        raise NotEnoughLabelsError("modAL's classifiers need labels of both verdicts: label a first batch")
    members = getattr(learner, "learner_list", [learner])
    with quiet_modal():
        for member in members:
            rows = np.arange(len(known)) if rng is None else _bag(classes, rng)
            drawn = known.at(rows)
            member.fit(drawn.features, classes[rows], **fit_columns(drawn, member.estimator))
    if members[0] is not learner:
        learner.X_training = known.features  # which its ranked batch looks for, and modAL forgets to set
        learner._set_classes()
    return learner


def _bag(classes: IntArray, rng: np.random.Generator) -> IntArray:
    """Return as many rows drawn with repetition, of each class as many as there are."""
    sides = [np.flatnonzero(classes == side) for side in (0, 1)]
    return np.concatenate([rng.choice(rows, size=len(rows)) for rows in sides])


def as_committee(ensemble: EnsembleHead, query_strategy: Callable[..., Any]) -> Committee:
    """Return the members of a fitted ensemble as a Committee of modAL's, for its disagreement strategies.

    Teaching that committee fits each member on all labels alike; fit the ensemble anew instead.
    """
    members = [ActiveLearner(head, entropy_sampling) for head in ensemble.member_heads()]
    return Committee(members, query_strategy)
