"""Cluster the questions and find what each cluster lacks: sources, labels or quality."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, select

from active import Clusters, ClusterStats, Gap, cluster_queries, find_gaps
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.embeddings import embed_questions
from annotate.labelling.preferences import LedgerVote, current_votes
from annotate.labelling.verdicts import outcome
from annotate.store import Cluster, ClusterMember, Pair, Preference, Question

OUTLIERS = "other questions"


def find_question_gaps(context: Context) -> dict[str, Any]:
    """Cluster all questions anew, store the clusters with their gaps, and return a summary.

    Raises JobError when there are no questions.
    """
    with context.store.reading() as session:
        questions = list(session.scalars(select(Question).order_by(Question.id)))
        pairs = dict(session.execute(select(Pair.id, Pair.question_id)).all())
        preferences = {found.pair_id: found for found in session.scalars(select(Preference))}
        votes = current_votes(session)
    if not questions:
        raise JobError("no questions to cluster; bring some in with `pairloop pairs --questions FILE`")
    texts = [question.text for question in questions]
    rng = np.random.default_rng(context.settings.seed)
    languages = [question.language for question in questions]
    clusters = cluster_queries(_topics(embed_questions(context, texts), languages), texts, rng)
    stats = _statistics(questions, clusters, pairs, preferences, votes)
    gaps = find_gaps(stats)
    _store(context, questions, clusters, stats, gaps)
    return {
        "clusters": len(clusters),
        "outliers": len(clusters.outliers),
        "method": clusters.method,
        "gaps": [_as_row(gap) for gap in gaps],
    }


def _topics(vectors: NDArray[np.float32], languages: list[str]) -> NDArray[np.float64]:
    """Take from each vector the mean of its language, or questions would cluster by language first."""
    centred = vectors.astype(np.float64)
    for language in set(languages):
        of_language = np.array([other == language for other in languages])
        if of_language.sum() > 1:
            centred[of_language] -= centred[of_language].mean(axis=0)
    return centred


def _statistics(
    questions: list[Question],
    clusters: Clusters,
    pairs: dict[int, int],
    preferences: dict[int, Preference],
    votes: list[LedgerVote],
) -> list[ClusterStats]:
    labels: dict[int, list[Preference]] = defaultdict(list)
    for pair_id, preference in preferences.items():
        labels[pairs[pair_id]].append(preference)
    cast: dict[int, list[bool]] = defaultdict(list)
    for vote in votes:
        joint = outcome(preferences[vote.pair_id].verdict) if vote.pair_id in preferences else None
        cast[pairs[vote.pair_id]].append(outcome(vote.verdict) != joint)
    stats = []
    for number in sorted(set(clusters.labels.tolist())):
        members = [questions[at] for at in np.flatnonzero(clusters.labels == number)]
        name = clusters.names[number] if number >= 0 else OUTLIERS
        found = [preference for question in members for preference in labels[question.id]]
        against = [against for question in members for against in cast[question.id]]
        answered = [question for question in members if question.retrieval]
        stats.append(
            ClusterStats(
                cluster=number,
                name=name,
                queries=len(members),
                labels=len(found),
                retrieval_support=_mean([_supported(question) for question in answered]),
                refusal_rate=_mean([bool(question.retrieval["refused"]) for question in answered]),
                disagreement=_mean(against),
                quality=_mean([preference.verdict != "both_bad" for preference in found]),
            )
        )
    return stats


def _supported(question: Question) -> bool:
    """Tell whether a right document was retrieved; where none is known, whether any was."""
    found = set(question.retrieval["documents"])
    return bool(found & set(question.documents)) if question.documents else bool(found)


def _mean(values: list[bool]) -> float | None:
    return float(np.mean(values)) if values else None


def _as_row(gap: Gap) -> dict[str, Any]:
    return {
        "cluster": gap.cluster,
        "name": gap.name,
        "kind": str(gap.kind),
        "action": str(gap.action),
        "severity": gap.severity,
        "impact": gap.impact,
        "traffic_share": gap.traffic_share,
        "measured": gap.measured,
        "interval": {"low": gap.interval.low, "high": gap.interval.high},
        "labels_needed": gap.labels_needed,
    }


def _store(
    context: Context,
    questions: list[Question],
    clusters: Clusters,
    stats: list[ClusterStats],
    gaps: list[Gap],
) -> None:
    by_cluster: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for gap in gaps:
        by_cluster[gap.cluster].append(_as_row(gap))
    with context.store.writing.begin() as session:
        session.execute(delete(ClusterMember))
        session.execute(delete(Cluster))
        for row in stats:
            cluster = Cluster(
                number=row.cluster,
                name=row.name,
                keywords=list(clusters.keywords[row.cluster]) if row.cluster >= 0 else [],
                gaps=by_cluster[row.cluster],
                figures={
                    "questions": row.queries,
                    "labels": row.labels,
                    "retrieval_support": row.retrieval_support,
                    "refusal_rate": row.refusal_rate,
                    "disagreement": row.disagreement,
                    "quality": row.quality,
                },
            )
            session.add(cluster)
            session.flush()
            session.add_all(
                ClusterMember(question_id=questions[at].id, cluster_id=cluster.id)
                for at in np.flatnonzero(clusters.labels == row.cluster)
            )
