"""Report the clusters of questions as a map: where each lies, what it lacks, what steers work to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotate.labelling.agreement import Estimate
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.ledger.places import MAIN
from annotate.store import Campaign, Cluster, ClusterMember, Question, Store, Task
from annotate.store.ledger import CLOSED

SHOWN = 2_000  # points on the map at most, spread evenly over the questions
SHORT = 160  # characters of a question on the map
MEASURED = (
    "traffic_share",
    "label_share",
    "retrieval_support",
    "refusal_rate",
    "disagreement",
    "quality",
    "judge_gap",
    "reward",
    "drift",
)


@dataclass(frozen=True)
class MapGap:
    """Show what a cluster lacks: how badly, the share of traffic it hurts, what is to be done.

    Closing it takes `labels_needed` labels and documents or new answers for `questions` questions.
    """

    kind: str
    action: str
    severity: float
    impact: float
    measured: Estimate | None
    labels_needed: int
    questions: int = 0


@dataclass(frozen=True)
class Quota:
    """Show how a campaign is steered to a cluster: a share of what is handed out, a cap on its tasks."""

    campaign: str
    share: float | None
    count: int | None


@dataclass(frozen=True)
class MapCluster:
    """Show one cluster: `figures` by name with intervals, shares of all questions and of all labels.

    `waiting` are its tasks that people can take now, `asked` how often its questions were put to the system,
    `near_duplicates` groups of questions that say nearly the same, as texts, of which there are
    `near_duplicate_groups` in all.
    """

    number: int
    name: str
    keywords: tuple[str, ...]
    questions: int
    traffic_share: float
    labels: int
    label_share: float
    asked: int
    figures: dict[str, Estimate | None]
    examples: tuple[str, ...]
    gaps: tuple[MapGap, ...]
    quotas: tuple[Quota, ...]
    waiting: int
    near_duplicates: tuple[tuple[str, ...], ...] = ()
    near_duplicate_groups: int = 0

    @property
    def impact(self) -> float:
        """Return the greatest impact of its gaps."""
        return max((gap.impact for gap in self.gaps), default=0.0)


@dataclass(frozen=True)
class Point:
    """Place one question on the map, in the unit square."""

    question_id: int
    cluster: int
    x: float
    y: float
    text: str
    language: str


@dataclass(frozen=True)
class GapMap:
    """Hold the clusters, those with the gap of greatest impact first, and points of the map."""

    clusters: tuple[MapCluster, ...]
    points: tuple[Point, ...]
    questions: int
    clustered_at: datetime | None


def report_gap_map(store: Store) -> GapMap:
    """Return the clusters of the last clustering with their gaps, and up to SHOWN of their questions."""
    with store.reading() as session:
        records = list(session.scalars(select(Cluster).order_by(Cluster.number)))
        if not records:
            return GapMap((), (), 0, None)
        sizes = dict(
            session.execute(
                select(ClusterMember.cluster_id, func.count()).group_by(ClusterMember.cluster_id)
            ).all()
        )
        total = sum(sizes.values())
        labels = sum(int(record.figures.get("labels", 0)) for record in records)
        texts = _texts(session, [one for record in records for one in _named(record.figures)])
        quotas, waiting = _quotas(session), _waiting(session)
        clusters = [
            _cluster(
                record, sizes.get(record.id, 0), total, labels, texts,
                tuple(quotas[record.number]), waiting.get(record.number, 0),
            )
            for record in records
        ]  # fmt: skip
        points = _points(session, {record.id: record.number for record in records}, total)
    ranked = sorted(clusters, key=_rank)
    return GapMap(tuple(ranked), tuple(points), total, max(record.created_at for record in records))


def _rank(cluster: MapCluster) -> tuple[float, float, bool, int]:
    severity = max((gap.severity for gap in cluster.gaps), default=0.0)
    return -cluster.impact, -severity, cluster.number < 0, cluster.number


def _cluster(
    record: Cluster,
    size: int,
    total: int,
    labels: int,
    texts: Mapping[int, str],
    quotas: tuple[Quota, ...],
    waiting: int,
) -> MapCluster:
    figures, own = record.figures, int(record.figures.get("labels", 0))
    traffic = figures.get("traffic_share")
    return MapCluster(
        number=record.number,
        name=record.name,
        keywords=tuple(record.keywords),
        questions=size,
        traffic_share=size / max(total, 1) if traffic is None else float(traffic),
        labels=own,
        label_share=own / max(labels, 1),
        asked=int(figures.get("asked", 0)),
        figures={name: _estimate(figures, name) for name in MEASURED},
        examples=tuple(texts[one] for one in figures.get("examples", ()) if one in texts),
        gaps=tuple(_gap(gap) for gap in sorted(record.gaps, key=lambda gap: -float(gap["severity"]))),
        quotas=quotas,
        waiting=waiting,
        near_duplicates=tuple(
            tuple(texts[one] for one in group if one in texts) for group in figures.get("near_duplicates", ())
        ),
        near_duplicate_groups=int(figures.get("near_duplicate_groups", 0)),
    )


def _named(figures: Mapping[str, Any]) -> list[int]:
    """Return the ids of the questions whose texts are shown."""
    alike = [one for group in figures.get("near_duplicates", ()) for one in group]
    return [*figures.get("examples", ()), *alike]


def _estimate(figures: Mapping[str, Any], name: str) -> Estimate | None:
    value, interval = figures.get(name), figures.get("intervals", {}).get(name)
    if value is None or interval is None:
        return None
    low, high, n = interval
    return Estimate(float(value), float(low), float(high), int(n))


def _gap(row: Mapping[str, Any]) -> MapGap:
    measured, interval = row.get("measured"), row.get("interval")
    found = None
    if measured is not None and interval is not None:
        found = Estimate(float(measured), float(interval["low"]), float(interval["high"]), 0)
    return MapGap(
        kind=str(row["kind"]),
        action=str(row["action"]),
        severity=float(row["severity"]),
        impact=float(row.get("impact", 0.0)),
        measured=found,
        labels_needed=int(row.get("labels_needed", 0)),
        questions=int(row.get("questions", 0)),
    )


def _texts(session: Session, ids: Sequence[int]) -> dict[int, str]:
    return dict(session.execute(select(Question.id, Question.text).where(Question.id.in_(ids))).all())


def _quotas(session: Session) -> dict[int, list[Quota]]:
    found: dict[int, list[Quota]] = defaultdict(list)
    for campaign in session.scalars(select(Campaign).where(Campaign.state != CLOSED).order_by(Campaign.id)):
        rules = CampaignRules.of(campaign)
        for number in sorted({*rules.cluster_shares, *rules.cluster_counts}):
            share, count = rules.cluster_shares.get(number), rules.cluster_counts.get(number)
            found[number].append(Quota(campaign.name, share, count))
    return found


def _waiting(session: Session) -> dict[int, int]:
    rows = session.execute(
        select(Task.cluster, func.count())
        .where(Task.pool == MAIN, Task.open_to_people, Task.cluster.is_not(None))
        .group_by(Task.cluster)
    )
    return {cluster: count for cluster, count in rows if cluster is not None}


def _points(session: Session, numbers: Mapping[int, int], total: int) -> list[Point]:
    every = max(1, -(-total // SHOWN))
    rows = session.execute(
        select(
            ClusterMember.question_id,
            ClusterMember.cluster_id,
            ClusterMember.x,
            ClusterMember.y,
            func.substr(Question.text, 1, SHORT),
            Question.language,
        )
        .join(Question, Question.id == ClusterMember.question_id)
        .where(ClusterMember.x.is_not(None), ClusterMember.question_id % every == 0)
        .order_by(ClusterMember.question_id)
    )
    return [
        Point(question, numbers[cluster], x, y, text, language)
        for question, cluster, x, y, text, language in rows
    ]
