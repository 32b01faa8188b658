"""Choose the next batch to label, and say of each pair why it is in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from active.arrays import FloatArray, IntArray, rows_at, unit_rows
from active.errors import EmptyPoolError, InvalidOptionError
from active.pool import Labelled, Pool
from active.quotas import Quotas, Shortage
from active.strategies import Choice, Eligibility, Random, State, Strategy, TypiClust, strategy
from active.strategies.base import check_request

COLD_START_LABELS = 20
"""With fewer labels than this, a head ranks pairs hardly better than chance, and typiclust picks instead."""

AUDIT_REASON = "audit"

NEAREST_ROWS = 128
"""Picks that are compared with all labels at a time, to spare memory."""


@dataclass(frozen=True)
class Explanation:
    """Say why a pair was picked.

    rank: 1 for the first pick of its strategy; strategy: the one that picked it; reason: the strategy's
    short key (such as `uncertain`; `audit` for the slice drawn by lot); score: its value to the strategy when
    picked; values: the numbers behind it; nearest_label: position of the most similar labelled pair;
    similarity: |cosine| to it over features, in [0, 1] (both None without labels); cluster: the pair's, if
    known.
    """

    rank: int
    strategy: str
    reason: str
    score: float
    values: Mapping[str, float]
    nearest_label: int | None
    similarity: float | None
    cluster: int | None

    def __str__(self) -> str:
        numbers = ", ".join(f"{name} {value:.3g}" for name, value in self.values.items())
        parts = [f"pick {self.rank} of {self.strategy}: {self.reason}" + (f" ({numbers})" if numbers else "")]
        if self.nearest_label is not None:
            parts.append(f"nearest label {self.nearest_label} at {self.similarity:.2f}")
        if self.cluster is not None:
            parts.append(f"cluster {self.cluster}")
        return "; ".join(parts)


@dataclass(frozen=True)
class Pick:
    """Hold one chosen pair: its index in the pool, whether it is of the random audit slice, and why."""

    index: int
    is_audit: bool
    explanation: Explanation


@dataclass(frozen=True)
class Batch:
    """Hold the chosen pairs in the order to label them; audit pairs are scattered among the others.

    strategy: the one asked for; cold_start: whether typiclust stood in for it; l2: the ridge of the head that
    was fitted, None where none was needed; shortages: the quotas that the pool or the batch could not fill.
    """

    picks: tuple[Pick, ...]
    strategy: str
    cold_start: bool
    l2: float | None
    shortages: tuple[Shortage, ...] = ()

    def __len__(self) -> int:
        return len(self.picks)

    def __iter__(self) -> Iterator[Pick]:
        return iter(self.picks)

    def __str__(self) -> str:
        chosen = f"{len(self) - len(self.audit_indices)} by " + (
            "typiclust" if self.cold_start else self.strategy
        )
        short = "".join(f"; too few of {shortage}" for shortage in self.shortages)
        return f"Batch of {len(self)} pairs: {chosen}, {len(self.audit_indices)} for the audit{short}"

    @property
    def indices(self) -> IntArray:
        """Return the indices into the pool, in the order to label them."""
        return np.array([pick.index for pick in self.picks], dtype=np.int64)

    @property
    def audit_indices(self) -> IntArray:
        """Return the indices of the audit slice: the labels that honest estimates may use."""
        return np.array([pick.index for pick in self.picks if pick.is_audit], dtype=np.int64)


def select_batch(
    strategy_name: str | Strategy | Any,
    pool: Pool,
    labelled: Labelled,
    count: int,
    *,
    rng: np.random.Generator,
    audit_share: float = 0.15,
    quotas: Mapping[int, int] | Quotas | None = None,
    head: Any = None,
    cold_start_labels: int = COLD_START_LABELS,
    excluded: ArrayLike | None = None,
) -> Batch:
    """Choose `count` pairs of the pool to label next, or all where there are fewer.

    First an audit slice is drawn by lot (see `audit_size`) from what the quotas allow, then the strategy
    picks the rest. strategy_name: a name, a Strategy, or a learner, committee or query strategy of modAL's
    (see `modal.ModalStrategy`). No two pairs of one question (`pool.groups`) meet in a batch unless the pool
    forces it. quotas: {cluster: at least so many pairs}, audit included, or `Quotas` of clusters, languages
    and contenders together; see `Eligibility`. With fewer than `cold_start_labels` labels, or one-sided
    verdicts, typiclust stands in for a strategy that needs a head. head: an estimator, fitted anew in place;
    by default a calibrated BradleyTerryHead that chooses its ridge. excluded: indices or a mask of pairs
    not to pick, so that a pool on the disk need not be written anew for each batch.

    Raises EmptyPoolError, UnknownStrategyError, InvalidOptionError (count below one, audit_share outside
    [0, 1], impossible quotas, missing columns), InvalidFeaturesError (labels and pool of different widths),
    ChangedEmbeddingsError (labels and pool of different fingerprints).
    """
    asked = _strategy(strategy_name)
    state = State(labelled)
    check_request(state, pool, count)
    rules = Eligibility(pool, count, quotas, excluded)
    size = min(count, rules.left)
    if not size:
        raise EmptyPoolError
    cold = asked.needs_head and (len(labelled) < cold_start_labels or not labelled.has_both_verdicts)
    acting = TypiClust() if cold else asked
    picks: list[Pick] = []
    audited = audit_size(size, audit_share, rng)
    if audited:
        lot = Random().choose(state, pool, audited, rng, rules)
        picks += _explained(lot, Random.name, AUDIT_REASON, pool, labelled)
    l2 = None
    if audited < size:
        choice, l2 = _ask(acting, pool, labelled, size - audited, rules, head, rng)
        picks += _explained(choice, acting.name, acting.reason, pool, labelled)
    return Batch(_scattered(picks, audited, rng), asked.name, cold, l2, rules.shortages)


def _strategy(asked: Any) -> Strategy:
    if isinstance(asked, str):
        return strategy(asked)
    if isinstance(asked, Strategy):
        return asked
    from active.modal import ModalStrategy  # loads modAL, and torch with it

    return ModalStrategy.of(asked)


def audit_size(count: int, share: float, rng: np.random.Generator) -> int:
    """Return the size of the audit slice: `share` of the batch, rounded, at least one pair of two or more.

    A batch of one is an audit with probability `share`. Share 0 turns the audit off (for benchmarks only).
    Raises InvalidOptionError for a share outside [0, 1].
    """
    if not 0 <= share <= 1:
        raise InvalidOptionError(f"audit_share must lie in [0, 1], not {share}")
    if share == 0:
        return 0
    if count == 1:
        return int(rng.random() < share)
    return max(1, round(share * count))


def _ask(
    acting: Strategy,
    pool: Pool,
    labelled: Labelled,
    count: int,
    rules: Eligibility,
    head: Any,
    rng: np.random.Generator,
) -> tuple[Choice, float | None]:
    """Fit through modAL where the strategy needs it, and let modAL put the question."""
    from active.learner import PreferenceLearner  # loads modAL, and torch with it

    learner = PreferenceLearner(acting, rng, head)
    if acting.needs_head and not getattr(acting, "fits_itself", False):
        learner.teach_pairs(labelled)
    else:
        learner.labelled = labelled  # typiclust and gap weights read the labels without a fit
    _, _, choice = learner.query(
        pool.features, n_instances=count, pool=pool, eligibility=rules, return_metrics=True
    )
    return choice, getattr(learner.estimator, "l2_", None)


def _explained(choice: Choice, name: str, reason: str, pool: Pool, labelled: Labelled) -> list[Pick]:
    nearest, similarity = _nearest_labels(rows_at(pool.features, choice.indices), labelled)
    return [
        Pick(
            index=int(index),
            is_audit=reason == AUDIT_REASON,
            explanation=Explanation(
                rank=place + 1,
                strategy=name,
                reason=reason,
                score=float(choice.scores[place]),
                values=choice.evidence[place],
                nearest_label=int(nearest[place]) if len(labelled) else None,
                similarity=float(similarity[place]) if len(labelled) else None,
                cluster=None if pool.clusters is None else int(pool.clusters[index]),
            ),
        )
        for place, index in enumerate(choice.indices)
    ]


def _nearest_labels(features: FloatArray, labelled: Labelled) -> tuple[IntArray, FloatArray]:
    """Return the most similar labelled pair of each row and |cosine| to it: z and −z are the same pair."""
    if not len(labelled):
        return np.zeros(len(features), dtype=np.int64), np.zeros(len(features))
    known = unit_rows(labelled.features)
    nearest, similarity = np.empty(len(features), dtype=np.int64), np.empty(len(features))
    for start in range(0, len(features), NEAREST_ROWS):
        part = slice(start, start + NEAREST_ROWS)
        cosines = np.abs(unit_rows(features[part]) @ known.T)
        nearest[part] = np.argmax(cosines, axis=1)
        similarity[part] = np.minimum(cosines.max(axis=1), 1.0)
    return nearest, similarity


def _scattered(picks: list[Pick], audited: int, rng: np.random.Generator) -> tuple[Pick, ...]:
    """Put the audit, which comes first, at random places, so that its place tells the assessor nothing."""
    places = set(rng.choice(len(picks), size=audited, replace=False).tolist())
    audit, others = iter(picks[:audited]), iter(picks[audited:])
    return tuple(next(audit) if place in places else next(others) for place in range(len(picks)))
