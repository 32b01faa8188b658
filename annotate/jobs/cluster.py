"""Cluster the questions and find what each cluster lacks: sources, labels or quality."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select

from active import Clusters, ClusterStats, Gap, cluster_queries, find_gaps, near_duplicates
from annotate.errors import JobError
from annotate.jobs.cluster_figures import Evidence, Whole, gather, measure
from annotate.jobs.cluster_numbers import keep_numbers
from annotate.jobs.cluster_titles import Group, title_clusters
from annotate.jobs.context import Context
from annotate.jobs.embeddings import embed_questions
from annotate.jobs.question_map import lay_out
from annotate.labelling.quotas import follow_clusters, highest_number
from annotate.store import Cluster, ClusterMember, Question

OUTLIERS = "other questions"
ALIKE = 0.9  # cosine of near-duplicates, the mean of the language taken off: paraphrases of real questions
MOST_ALIKE = 20  # groups of near-duplicates that are kept of a cluster
LISTED = 20  # outliers that are listed
EXAMPLES = 5  # questions nearest to the middle of a cluster, which stand for it


def find_question_gaps(context: Context) -> dict[str, Any]:
    """Cluster all questions anew, store the clusters with their gaps, and return a summary.

    A cluster that goes on keeps its number, so that quotas still mean it, and every task follows its
    question. Raises JobError when there are no questions.
    """
    with context.store.reading() as session:
        questions = list(session.scalars(select(Question).order_by(Question.id)))
        known = gather(session, questions)
        before = dict(
            session.execute(
                select(ClusterMember.question_id, Cluster.number).join(
                    Cluster, Cluster.id == ClusterMember.cluster_id
                )
            ).all()
        )
    if not questions:
        raise JobError("no questions to cluster; bring some in with `pairloop pairs --questions FILE`")
    texts = [question.text for question in questions]
    rng = np.random.default_rng(context.settings.seed)
    topics = without_language(embed_questions(context, texts), [question.language for question in questions])
    clusters = cluster_queries(topics, texts, rng, reduction="umap")
    ids, labels = [question.id for question in questions], clusters.labels.tolist()
    numbers = keep_numbers(before, ids, labels, highest_number(context.store), topics)
    names, unnamed = title_clusters(context, _groups(clusters, texts))
    rows, stats = _rows(clusters, names, ids, numbers, known, rng)
    alike = _alike(rows, topics, ids, [numbers[label] for label in labels])
    gaps = find_gaps(stats)
    _store(context, rows, gaps, _members(ids, labels, numbers, lay_out(topics, rng)))
    follow_clusters(context.store)
    return {
        "clusters": len(clusters),
        "outliers": len(clusters.outliers),
        "method": clusters.method,
        "near_duplicates": alike,
        "unnamed": unnamed,
        "gaps": [_as_row(gap) for gap in gaps],
    }


def without_language(vectors: NDArray[np.float32], languages: list[str]) -> NDArray[np.float64]:
    """Take from each vector the mean of its language, or questions would cluster by language first."""
    centred = vectors.astype(np.float64)
    for language in set(languages):
        of_language = np.array([other == language for other in languages])
        if of_language.sum() > 1:
            centred[of_language] -= centred[of_language].mean(axis=0)
    return centred


def _groups(clusters: Clusters, texts: Sequence[str]) -> list[Group]:
    return [
        Group(name, words, [texts[at] for at in exemplars])
        for name, words, exemplars in zip(clusters.names, clusters.keywords, clusters.exemplars, strict=True)
    ]


def _alike(
    rows: list[dict[str, Any]], topics: NDArray[np.float64], ids: Sequence[int], of: Sequence[int]
) -> int:
    """Write the groups of near-duplicates into the rows of their clusters; return how many there are."""
    groups: dict[int, list[list[int]]] = defaultdict(list)
    found = near_duplicates(topics, ALIKE, of)
    for members in found:
        groups[of[members[0]]].append([ids[at] for at in members])
    for row in rows:
        row["figures"]["near_duplicates"] = groups[row["number"]][:MOST_ALIKE]
        row["figures"]["near_duplicate_groups"] = len(groups[row["number"]])
    return len(found)


def _rows(
    clusters: Clusters,
    names: Sequence[str],
    ids: Sequence[int],
    numbers: dict[int, int],
    known: Evidence,
    rng: np.random.Generator,
) -> tuple[list[dict[str, Any]], list[ClusterStats]]:
    """Return the row of each cluster, and the statistics that its gaps are found by."""
    rows, stats = [], []
    of = dict(zip(ids, (numbers[label] for label in clusters.labels.tolist()), strict=True))
    whole = Whole(known.traffic(ids), sum(known.labels[one] for one in ids), known.drifts(of))
    for label in sorted(set(clusters.labels.tolist())):
        name = names[label] if label >= 0 else OUTLIERS
        members = [ids[at] for at in np.flatnonzero(clusters.labels == label)]
        examples = (
            [ids[at] for at in clusters.exemplars[label][:EXAMPLES]] if label >= 0 else members[:LISTED]
        )
        stat, figures = measure(numbers[label], name, members, known, whole, rng)
        stats.append(stat)
        rows.append(
            {
                "number": numbers[label],
                "name": name,
                "keywords": list(clusters.keywords[label]) if label >= 0 else [],
                "figures": figures | {"examples": examples},
            }
        )
    return rows, stats


def _members(
    ids: Sequence[int], labels: Sequence[int], numbers: dict[int, int], places: NDArray[np.float64]
) -> list[dict[str, Any]]:
    return [
        {"question_id": question, "cluster": numbers[label]} | _place(*place)
        for question, label, place in zip(ids, labels, places.tolist(), strict=True)
    ]


def _place(x: float, y: float) -> dict[str, float | None]:
    return {"x": None, "y": None} if np.isnan(x) else {"x": x, "y": y}


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
        "questions": gap.questions,
    }


def _store(
    context: Context, rows: list[dict[str, Any]], gaps: list[Gap], members: list[dict[str, Any]]
) -> None:
    by_cluster: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for gap in gaps:
        by_cluster[gap.cluster].append(_as_row(gap))
    with context.store.writing.begin() as session:
        session.execute(delete(ClusterMember))
        session.execute(delete(Cluster))
        found = [Cluster(**row, gaps=by_cluster[row["number"]]) for row in rows]
        session.add_all(found)
        session.flush()
        ids = {cluster.number: cluster.id for cluster in found}
        session.execute(
            insert(ClusterMember), [row | {"cluster_id": ids[row.pop("cluster")]} for row in members]
        )
