"""Label known pairs batch by batch as a strategy asks for them, and measure the head after each batch."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from active.arrays import AnyArray, FloatArray, IntArray, as_column
from active.errors import InvalidOptionError
from active.heads import BradleyTerryHead
from active.heads.newton import log_loss
from active.pool import Labelled, Pool
from active.strategies import State, Strategy

CALIBRATION_BINS = 10

Ask = Callable[[State, Pool, int, np.random.Generator], IntArray]
"""Which pairs of the pool to label next: (state, pool, count, rng) to indices, (count,)."""


@dataclass(frozen=True, eq=False)
class Known:
    """Hold pairs whose verdicts are known: the pool to label from, what the oracle says, and the test.

    answers (n,): the oracle's target for each pair of the pool; test_features (m, d); test_truth (m,), 1
    where the first answer is better, else 0; folds (n,): which pairs are left out together when the ridge is
    chosen, by default the pool's groups.
    """

    pool: Pool
    answers: FloatArray
    test_features: FloatArray
    test_truth: FloatArray
    folds: AnyArray | None = None

    def __post_init__(self) -> None:
        if self.folds is not None:
            object.__setattr__(self, "folds", as_column(self.folds, "folds", len(self.pool)))

    def folds_of(self, rows: IntArray) -> AnyArray | None:
        """Return which of some rows are left out together; None where each stands for itself."""
        folds = self.pool.groups if self.folds is None else self.folds
        return None if folds is None else folds[rows]


@dataclass(frozen=True)
class Curve:
    """Hold the head's quality on the test after each batch, and the seconds that each selection took."""

    labels: tuple[int, ...]
    accuracy: tuple[float, ...]
    nll: tuple[float, ...]
    ece: tuple[float, ...]
    seconds: tuple[float, ...]

    @property
    def area(self) -> float:
        """Return the mean accuracy over the labels from the first batch to the last (trapezoids)."""
        width = self.labels[-1] - self.labels[0]
        return float(np.trapezoid(self.accuracy, self.labels) / width) if width else self.accuracy[0]

    def until(self, labels: int) -> "Curve":
        """Return the curve up to so many labels."""
        kept = max(1, int(np.searchsorted(self.labels, labels, side="right")))
        columns = (self.labels, self.accuracy, self.nll, self.ece, self.seconds)
        return Curve(*(column[:kept] for column in columns))  # type: ignore[arg-type]


def by_strategy(strategy: Strategy) -> Ask:
    """Return how a strategy of ours asks."""
    return lambda state, pool, count, rng: strategy.choose(state, pool, count, rng).indices


def learning_curve(
    known: Known,
    ask: Ask,
    *,
    start: int,
    batch: int,
    budget: int,
    rng: np.random.Generator,
    standardise: bool = True,
) -> Curve:
    """Label `start` pairs by lot, then batches as `ask` wants them, up to `budget` labels.

    The head and its choice of ridge, made anew after each batch, are the same whoever asks; the first pairs
    are the same for one seed. Raises InvalidOptionError where the pool is smaller than the budget or the
    start is empty.
    """
    if not 0 < start <= budget <= len(known.pool):
        raise InvalidOptionError(f"wanted: 0 < start ≤ budget ≤ {len(known.pool)} pairs of the pool")
    chosen = rng.choice(len(known.pool), size=start, replace=False)
    head = BradleyTerryHead(standardise=standardise, warm_start=True)
    rows: list[tuple[int, float, float, float, float]] = []
    seconds = 0.0
    while True:
        labelled = labels_of(known, chosen)
        head.fit(labelled.features, labelled.targets, groups=known.folds_of(chosen))
        rows.append(
            (len(chosen), *measure(head.decision_function(known.test_features), known.test_truth), seconds)
        )
        if len(chosen) >= budget:
            return Curve(*(tuple(column) for column in zip(*rows, strict=True)))
        left = np.setdiff1d(np.arange(len(known.pool)), chosen)
        began = time.perf_counter()
        asked = ask(State(labelled, head), rows_of(known.pool, left), min(batch, budget - len(chosen)), rng)
        seconds = time.perf_counter() - began
        chosen = np.concatenate([chosen, left[asked]])


def full_accuracy(known: Known, *, standardise: bool = True) -> float:
    """Return the accuracy on the test of a head that has the labels of the whole pool."""
    everything = np.arange(len(known.pool))
    head = BradleyTerryHead(standardise=standardise)
    head.fit(known.pool.features, known.answers, groups=known.folds_of(everything))
    return measure(head.decision_function(known.test_features), known.test_truth)[0]


def measure(logits: FloatArray, truth: FloatArray) -> tuple[float, float, float]:
    """Return accuracy, mean log loss and expected calibration error of logits against 0/1 truth."""
    p = expit(logits)
    accuracy = float(np.mean((logits > 0) == (truth > 0.5)))
    order = np.array_split(np.argsort(p, kind="stable"), CALIBRATION_BINS)
    gaps = sum(abs(p[part].mean() - truth[part].mean()) * len(part) for part in order if len(part))
    return accuracy, float(log_loss(logits, truth).mean()), float(gaps / len(p))


def rows_of(pool: Pool, rows: IntArray) -> Pool:
    """Return some rows of a pool."""
    columns = (pool.features, pool.queries, pool.clusters, pool.groups)
    return Pool(*(None if column is None else column[rows] for column in columns))  # type: ignore[arg-type]


def labels_of(known: Known, rows: IntArray) -> Labelled:
    """Return what the oracle says of some rows of the pool."""
    some = rows_of(known.pool, rows)
    return Labelled(some.features, some.queries, some.clusters, some.groups, targets=known.answers[rows])
