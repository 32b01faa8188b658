"""Find in a query log the questions that are worth an answer ahead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rag.embedders import Embedder
from rag.precomputed.gate import same_question
from rag.precomputed.significant import normalise

MAX_DISTINCT = 3000  # clustering needs the square of it in memory
CLUSTER_DISTANCE = 0.08  # cosine distance of e5 within which questions are of one matter


@dataclass(frozen=True)
class FrequentQuestion:
    """Hold a question in its most frequent wording, how often it was asked, and its other wordings.

    `cluster` numbers the matter it is about, from the most asked on.
    """

    text: str
    asked: int
    wordings: tuple[str, ...]
    cluster: int


def frequent_questions(
    log: Mapping[str, int], embedder: Embedder, *, min_asked: int = 3, limit: int = 100
) -> list[FrequentQuestion]:
    """Return the most asked questions of a log of texts with counts, the most asked first.

    Wordings that are equal when normalised are one; the distinct ones are clustered by meaning
    (average linkage over cosine distances), and within a cluster those that the gate takes for the
    same question are joined. Others of a cluster stay questions of their own.
    """
    distinct = _distinct(log)[:MAX_DISTINCT]
    clusters = _clusters([text for text, _ in distinct], embedder)
    joined: list[FrequentQuestion] = []
    for number, members in enumerate(_by_weight(clusters, distinct)):
        for group in _same([distinct[at] for at in members]):
            wordings = tuple(text for text, _ in group)
            asked = sum(count for _, count in group)
            joined.append(FrequentQuestion(wordings[0], asked, wordings[1:], number))
    frequent = [question for question in joined if question.asked >= min_asked]
    return sorted(frequent, key=lambda question: (-question.asked, question.text))[:limit]


def _distinct(log: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return one wording and the count of each normalised question, the most asked first."""
    counts: Counter[str] = Counter()
    wording: dict[str, tuple[int, str]] = {}
    for text, count in sorted(log.items()):
        key = normalise(text)
        if key:
            counts[key] += count
            wording[key] = max(wording.get(key, (0, text)), (count, text), key=lambda pair: pair[0])
    return [(wording[key][1], count) for key, count in sorted(counts.items(), key=lambda x: (-x[1], x[0]))]


def _clusters(texts: list[str], embedder: Embedder) -> list[int]:
    if len(texts) < 2:
        return [0] * len(texts)
    from sklearn.cluster import AgglomerativeClustering

    vectors = embedder.embed_queries(texts)
    distances = np.clip(1.0 - vectors @ vectors.T, 0.0, 2.0)
    clustering = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=CLUSTER_DISTANCE
    )
    return [int(label) for label in clustering.fit_predict(distances)]


def _by_weight(labels: list[int], distinct: list[tuple[str, int]]) -> list[list[int]]:
    members: dict[int, list[int]] = {}
    for at, label in enumerate(labels):
        members.setdefault(label, []).append(at)
    return sorted(members.values(), key=lambda some: (-sum(distinct[at][1] for at in some), some[0]))


def _same(members: list[tuple[str, int]]) -> list[list[tuple[str, int]]]:
    """Group the questions that the gate takes for one, each under its most asked wording."""
    groups: list[list[tuple[str, int]]] = []
    for member in members:
        for group in groups:
            if same_question(group[0][0], member[0]).passes:
                group.append(member)
                break
        else:
            groups.append([member])
    return groups
