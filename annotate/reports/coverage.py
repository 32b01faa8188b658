"""Report the clusters of questions and what each one lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from annotate.store import Cluster, ClusterMember, Question, Store

EXAMPLES = 3


@dataclass(frozen=True)
class ClusterCoverage:
    """Describe one cluster: its name, size, figures and gaps, the gravest first."""

    number: int
    name: str
    keywords: tuple[str, ...]
    questions: int
    examples: tuple[str, ...]
    figures: dict[str, Any]
    gaps: tuple[dict[str, Any], ...]


def report_coverage(store: Store) -> list[ClusterCoverage]:
    """Return the clusters of the last clustering, those with the gravest gap first."""
    with store.reading() as session:
        members: dict[int, list[str]] = {}
        rows = session.execute(
            select(ClusterMember.cluster_id, Question.text)
            .join(Question, Question.id == ClusterMember.question_id)
            .order_by(Question.id)
        )
        for cluster_id, text in rows:
            members.setdefault(cluster_id, []).append(text)
        found = [
            ClusterCoverage(
                cluster.number,
                cluster.name,
                tuple(cluster.keywords),
                len(members.get(cluster.id, [])),
                tuple(members.get(cluster.id, [])[:EXAMPLES]),
                cluster.figures,
                tuple(cluster.gaps),
            )
            for cluster in session.scalars(select(Cluster).order_by(Cluster.number))
        ]
    return sorted(found, key=lambda cluster: (-_gravest(cluster), cluster.number))


def _gravest(cluster: ClusterCoverage) -> float:
    return max((float(gap["severity"]) for gap in cluster.gaps), default=0.0)
