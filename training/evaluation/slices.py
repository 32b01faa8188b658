"""Held-out accuracy, whole and by language, cluster and aspect, beside how far people agree themselves."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from training.evaluation.scores import ScoredPair
from training.metrics import Interval, bootstrap_by_question, pair_wins

ALL = "all"
LEAST_PAIRS = 5  # fewer make no slice of their own


@dataclass(frozen=True)
class Slice:
    """Hold the accuracy on the pairs of one slice, and the agreement of people on those several judged.

    `ceiling` is None where no pair of the slice had two judgements by people.
    """

    by: str
    name: str
    accuracy: Interval
    ceiling: Interval | None


def accuracy_slices(pairs: Sequence[ScoredPair], rng: np.random.Generator) -> list[Slice]:
    """Return the accuracy on all pairs, then by language, cluster and aspect, each with its interval.

    A slice needs five pairs. On an aspect a pair is right where the model prefers the side that the
    assessors found better on that aspect; pairs without such a side are left out.
    """
    if not pairs:
        return []
    slices = [_slice(ALL, ALL, pairs, [pair.gap for pair in pairs], rng)]
    by: tuple[tuple[str, Callable[[ScoredPair], str]], ...] = (
        ("language", lambda pair: pair.language),
        ("cluster", lambda pair: pair.cluster),
    )
    for name, of in by:
        values = sorted({of(pair) for pair in pairs} - {""})
        for value in values if len(values) > 1 else ():
            some = [pair for pair in pairs if of(pair) == value]
            slices += _enough(name, value, some, [pair.gap for pair in some], rng)
    for aspect in sorted({name for pair in pairs for name in pair.aspects}):
        some = [pair for pair in pairs if pair.aspects.get(aspect)]
        slices += _enough("aspect", aspect, some, [pair.gap * pair.aspects[aspect] for pair in some], rng)
    return slices


def length_correlation(pairs: Iterable[ScoredPair]) -> float:
    """Give Spearman's correlation of score gaps and length gaps over pairs; NaN where either never varies.

    Both sides are counted in both orders, so that a model which only likes length has 1 whoever was chosen.
    """
    from scipy.stats import spearmanr

    gaps = np.array([(pair.gap, pair.longer) for pair in pairs], dtype=np.float64).reshape(-1, 2)
    both = np.vstack([gaps, -gaps])
    if len(gaps) < 2 or not both.any(axis=0).all():
        return float("nan")
    return float(spearmanr(both[:, 0], both[:, 1]).statistic)


def _enough(
    by: str, name: str, pairs: Sequence[ScoredPair], gaps: Sequence[float], rng: np.random.Generator
) -> list[Slice]:
    return [_slice(by, name, pairs, gaps, rng)] if len(pairs) >= LEAST_PAIRS else []


def _slice(
    by: str, name: str, pairs: Sequence[ScoredPair], gaps: Sequence[float], rng: np.random.Generator
) -> Slice:
    questions = [pair.question_id for pair in pairs]
    known = [(pair.agreement, pair.question_id) for pair in pairs if pair.agreement is not None]
    ceiling = (
        bootstrap_by_question([agreed for agreed, _ in known], [question for _, question in known], rng)
        if known
        else None
    )
    wins = pair_wins(gaps, np.zeros(len(gaps)))
    return Slice(by, name, bootstrap_by_question(wins, questions, rng), ceiling)
