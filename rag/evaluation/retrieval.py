"""Measure retrieval against the documents or texts that answer each question."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from rag.evaluation.intervals import Measure, mean_of
from rag.language import words
from rag.retrieval import Passage

CUTOFFS = (1, 3, 5, 10)


@dataclass(frozen=True)
class Evidence:
    """Name what answers a question: keys of documents, and texts that a passage must hold."""

    documents: frozenset[str] = frozenset()
    texts: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.documents) + len(self.texts)

    def met_by(self, passage: Passage) -> set[str]:
        """Return the keys and texts that a passage stands for; words count, not spaces and case."""
        found = {passage.document_key} & self.documents
        if self.texts:
            written = _plain(passage.text)
            found |= {text for text in self.texts if _plain(text) in written}
        return set(found)


@dataclass(frozen=True)
class RetrievalQuality:
    """Hold means over the questions: 1 is best, None where no question could be measured.

    `hit_rate` is the share of questions with anything right among the first k, `recall` the share
    of what is right. `measures` holds each of them, as in `ndcg@10`, `mrr`, `map`, with its
    interval and coverage.
    """

    questions: int
    recall: dict[int, float | None]
    mean_reciprocal_rank: float | None
    hit_rate: dict[int, float | None]
    ndcg: dict[int, float | None]
    mean_average_precision: float | None
    measures: dict[str, Measure]


def measure_retrieval(
    found: Sequence[Sequence[Passage]],
    relevant: Sequence[Set[str] | Evidence],
    cutoffs: Sequence[int] = CUTOFFS,
    rng: np.random.Generator | None = None,
) -> RetrievalQuality:
    """Compare passages with the documents, or the texts, that hold each answer.

    A right document counts where its first passage stands; further passages of it gain nothing.
    Questions without anything relevant are not measured, which the coverage tells. With `rng`,
    each measure has a bootstrap interval. Raises ValueError when there is no question.

    Source of nDCG: Järvelin & Kekäläinen (2002), ACM TOIS 20(4), with gain 1.
    """
    if not found:
        raise ValueError("no question to measure retrieval on")
    single = [
        _measure_one(_gains(passages, keys), len(keys), cutoffs) if keys else None
        for passages, keys in zip(found, relevant, strict=True)
    ]
    names = _names(cutoffs)
    measures = {name: mean_of([one[name] if one else None for one in single], rng) for name in names}

    def by_cutoff(name: str) -> dict[int, float | None]:
        return {k: measures[f"{name}@{k}"].value for k in cutoffs}

    return RetrievalQuality(
        questions=len(found),
        recall=by_cutoff("recall"),
        mean_reciprocal_rank=measures["mrr"].value,
        hit_rate=by_cutoff("hit_rate"),
        ndcg=by_cutoff("ndcg"),
        mean_average_precision=measures["map"].value,
        measures=measures,
    )


def measure_by_group(
    found: Sequence[Sequence[Passage]],
    relevant: Sequence[Set[str] | Evidence],
    groups: Sequence[str],
    cutoffs: Sequence[int] = CUTOFFS,
    rng: np.random.Generator | None = None,
) -> dict[str, RetrievalQuality]:
    """Measure the questions of each group (a language, a cluster) apart; groups in order of name."""
    places: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        places.setdefault(group, []).append(place)
    return {
        group: measure_retrieval([found[at] for at in own], [relevant[at] for at in own], cutoffs, rng)
        for group, own in sorted(places.items())
    }


def _gains(passages: Sequence[Passage], relevant: Set[str] | Evidence) -> list[int]:
    """Return for each passage how many relevant things it is the first to bring."""
    wanted = relevant if isinstance(relevant, Evidence) else Evidence(frozenset(relevant))
    seen: set[str] = set()
    gains = []
    for passage in passages:
        fresh = wanted.met_by(passage) - seen
        gains.append(len(fresh))
        seen |= fresh
    return gains


def _measure_one(gains: Sequence[int], relevant: int, cutoffs: Sequence[int]) -> Mapping[str, float]:
    first = next((rank for rank, gain in enumerate(gains, 1) if gain), None)
    found = 0
    precisions = 0.0
    for rank, gain in enumerate(gains, 1):
        found += gain
        # A passage can bring two right things at once; no precision is above 1.
        precisions += gain * min(found / rank, 1.0)
    values = {"mrr": 1 / first if first else 0.0, "map": precisions / relevant}
    for k in cutoffs:
        values[f"recall@{k}"] = sum(gains[:k]) / relevant
        values[f"hit_rate@{k}"] = float(first is not None and first <= k)
        ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(relevant, k) + 1))
        # Gain 1 a passage, as in the ideal ranking, even where one brings two things.
        gained = sum(min(gain, 1) / math.log2(rank + 1) for rank, gain in enumerate(gains[:k], 1))
        values[f"ndcg@{k}"] = min(gained / ideal, 1.0)
    return values


def _names(cutoffs: Sequence[int]) -> list[str]:
    return [f"{name}@{k}" for name in ("recall", "hit_rate", "ndcg") for k in cutoffs] + ["mrr", "map"]


def _plain(text: str) -> str:
    return f" {' '.join(words(text))} "
