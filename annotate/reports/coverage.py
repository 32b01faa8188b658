"""Report the clusters of questions and what each one lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

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
        sizes = dict(
            session.execute(
                select(ClusterMember.cluster_id, func.count()).group_by(ClusterMember.cluster_id)
            ).all()
        )
        found = [
            ClusterCoverage(
                cluster.number,
                cluster.name,
                tuple(cluster.keywords),
                sizes.get(cluster.id, 0),
                _examples(session, cluster.id),
                cluster.figures,
                tuple(cluster.gaps),
            )
            for cluster in session.scalars(select(Cluster).order_by(Cluster.number)).all()
        ]
    return sorted(found, key=lambda cluster: (-_gravest(cluster), cluster.number))


def _examples(session: Session, cluster_id: int) -> tuple[str, ...]:
    """Return the first questions of a cluster; each asked for by itself, so that no others are read."""
    wanted = (
        select(Question.text)
        .join(ClusterMember, ClusterMember.question_id == Question.id)
        .where(ClusterMember.cluster_id == cluster_id)
        .order_by(ClusterMember.question_id)
        .limit(EXAMPLES)
    )
    return tuple(session.scalars(wanted))


def _gravest(cluster: ClusterCoverage) -> float:
    return max((float(gap["severity"]) for gap in cluster.gaps), default=0.0)
