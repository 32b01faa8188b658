"""Run the label-efficiency protocol on labelled pairs: split, label again by each strategy, sum up."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from active.arrays import AnyArray, FloatArray, IntArray, as_column, as_matrix, as_targets
from active.errors import InvalidOptionError, NotEnoughLabelsError
from active.pool import Pool
from active.simulation.curves import Curve, Known, by_strategy, full_accuracy, learning_curve
from active.simulation.summaries import BASE, ArmSummary, summarise
from active.strategies import strategy

MIN_PAIRS = 60
"""Fewer labelled pairs than this say nothing of a strategy."""


@dataclass(frozen=True)
class Protocol:
    """Say how a proof is made.

    strategies: the arms; "random" is always one more; seeds: how many splits; start: pairs labelled by lot
    before the first choice; batch; budget: labels at the end, by default half of the pool (random goes on
    through all of it); test_share: of the pairs, or of the questions; by_question: no question is on both
    sides. Raises InvalidOptionError for numbers out of range.
    """

    strategies: Sequence[str] = ("dopt", "vopt", "entropy", "badge")
    seeds: int = 10
    start: int = 20
    batch: int = 20
    budget: int | None = None
    test_share: float = 0.3
    by_question: bool = False

    def __post_init__(self) -> None:
        if min(self.seeds, self.start, self.batch) < 1 or not 0 < self.test_share < 1:
            raise InvalidOptionError("seeds, start and batch must be at least 1, test_share between 0 and 1")
        if self.budget is not None and self.budget <= self.start:
            raise InvalidOptionError(f"budget must be above the {self.start} labels of the start")

    @property
    def arms(self) -> tuple[str, ...]:
        """Return all arms, the lot first."""
        return (BASE, *(name for name in dict.fromkeys(self.strategies) if name != BASE))


@dataclass(frozen=True)
class Proof:
    """Hold what the protocol found: sizes, the accuracy by all labels of the pool, arms and curves."""

    pool: int
    test: int
    full: float
    arms: tuple[ArmSummary, ...]
    curves: dict[str, list[Curve]]


def prove(
    features: ArrayLike,
    targets: ArrayLike,
    groups: ArrayLike | None,
    protocol: Protocol,
    rng: np.random.Generator,
    progress: Callable[[int, int], None] = lambda done, total: None,  # noqa: ARG005
) -> Proof:
    """Split known pairs `seeds` times, label each pool again by every arm, and compare the arms.

    features (n, d), scaled alike, for they are fitted as they are; targets (n,) in [0, 1], ties are left
    out; groups (n,) name the questions. Raises NotEnoughLabelsError below MIN_PAIRS pairs, InvalidOptionError
    for a split by question without groups or a budget above the pool, and what the strategies raise.
    """
    rows = as_matrix(features, "features")
    wanted = as_targets(targets, len(rows))
    decided = np.flatnonzero(wanted != 0.5)
    if len(decided) < MIN_PAIRS:
        raise NotEnoughLabelsError(
            f"only {len(decided)} labelled pairs have a winner: a proof needs {MIN_PAIRS}; label more first"
        )
    names = None if groups is None else as_column(groups, "groups", len(rows))[decided]
    if protocol.by_question and (names is None or len(np.unique(names)) < 2):
        raise InvalidOptionError("a split by question needs pairs of at least two questions")
    splits = list(_splits(rows[decided], (wanted[decided] > 0.5).astype(np.float64), names, protocol, rng))
    smallest = min(len(known.pool) for known in splits)
    budget = protocol.budget or max(protocol.start + 1, smallest // 2)
    if not protocol.start < budget <= smallest:
        raise InvalidOptionError(
            f"the budget must lie between {protocol.start} and the {smallest} pairs of a pool"
        )
    curves: dict[str, list[Curve]] = {name: [] for name in protocol.arms}
    full: list[float] = []
    for seed, known in enumerate(splits):
        full.append(full_accuracy(known, standardise=False))
        for place, name in enumerate(protocol.arms):
            curves[name].append(_curve(known, name, protocol, smallest if name == BASE else budget, seed))
            progress(seed * len(curves) + place + 1, len(splits) * len(curves))
    known = splits[0]
    summaries = summarise(curves, full, rng, at=(budget,))
    return Proof(smallest, len(known.test_truth), float(np.mean(full)), tuple(summaries), curves)


def _curve(known: Known, name: str, protocol: Protocol, budget: int, seed: int) -> Curve:
    return learning_curve(
        known,
        by_strategy(strategy(name)),
        start=protocol.start,
        batch=protocol.batch,
        budget=budget,
        rng=np.random.default_rng(seed),
        standardise=False,
    )


def _splits(
    features: FloatArray,
    targets: FloatArray,
    groups: AnyArray | None,
    protocol: Protocol,
    rng: np.random.Generator,
) -> Iterator[Known]:
    """Yield the splits; a group may meet itself in a batch, for all pairs of the pool are wanted in turn."""
    for _ in range(protocol.seeds):
        pool, test = _sides(len(features), groups if protocol.by_question else None, protocol, rng)
        folds = groups[pool] if protocol.by_question and groups is not None else None
        yield Known(Pool(features[pool]), targets[pool], features[test], targets[test], folds)


def _sides(
    count: int, groups: AnyArray | None, protocol: Protocol, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    names = np.arange(count) if groups is None else groups
    shuffled = rng.permutation(np.unique(names))
    tested = np.isin(names, shuffled[: max(1, round(protocol.test_share * len(shuffled)))])
    return np.flatnonzero(~tested), np.flatnonzero(tested)
