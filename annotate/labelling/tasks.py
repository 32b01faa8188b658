"""Turn chosen pairs into tasks of a campaign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.campaigns import campaign_named, default_campaign
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.history import record
from annotate.labelling.ledger.places import MAIN
from annotate.store import Campaign, Cluster, ClusterMember, Pair, Question, Store, Task

AT_ONCE = 1000  # pairs looked up in one statement


@dataclass(frozen=True)
class ChosenPair:
    """Name a pair, how urgent it is, and why it was chosen; `known` is the right verdict of a control."""

    pair_id: int
    priority: float = 0.0
    audit: bool = False
    chosen_by: dict[str, Any] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)


def create_tasks(
    store: Store,
    chosen: Sequence[ChosenPair],
    overlap: int | None = None,
    *,
    campaign: str | None = None,
    pool: str = MAIN,
) -> int:
    """Add the pairs as one new batch of tasks; a pair that is a task already stays as it is.

    Without `overlap` that of the campaign holds, without `campaign` the default one is meant. A main
    pair whose cluster or language has as many tasks as the campaign's counts allow is left out.
    Returns the number of new tasks.
    """
    with store.writing.begin() as session:
        return add_tasks(session, chosen, overlap, campaign=campaign, pool=pool)


def add_tasks(
    session: Session,
    chosen: Sequence[ChosenPair],
    overlap: int | None = None,
    *,
    campaign: str | None = None,
    pool: str = MAIN,
) -> int:
    """Do the same in a transaction under way."""
    home = campaign_named(session, campaign) if campaign else default_campaign(session)
    rules = CampaignRules.of(home)
    moment = clock_now(session)
    batch = (session.scalar(select(func.max(Task.batch))) or 0) + 1
    first = {choice.pair_id: choice for choice in reversed(chosen)}
    places = _places_of(session, list(first))
    room = _Room(session, home, rules)
    rows = [
        _row(home, rules, choice, overlap, pool, places[pair_id], batch, moment)
        for pair_id, choice in reversed(first.items())
        if pair_id in places and (pool != MAIN or room.take(*places[pair_id]))
    ]
    if rows:
        session.connection().execute(insert(Task), rows)
        record(session, "created", moment, campaign=home.name, pool=pool, batch=batch, tasks=len(rows))
    return len(rows)


def _row(
    campaign: Campaign,
    rules: CampaignRules,
    choice: ChosenPair,
    overlap: int | None,
    pool: str,
    place: tuple[str, int | None],
    batch: int,
    moment: datetime,
) -> dict[str, Any]:
    wanted = rules.overlap if overlap is None or rules.dynamic else overlap
    return {
        "campaign_id": campaign.id,
        "pair_id": choice.pair_id,
        "pool": pool,
        "known": choice.known,
        "language": place[0],
        "cluster": place[1],
        "overlap": wanted,
        "max_overlap": rules.max_overlap if rules.dynamic else wanted,
        "priority": choice.priority,
        "batch": batch,
        "audit": choice.audit,
        "chosen_by": choice.chosen_by,
        "created_at": moment,
    }


def _places_of(session: Session, pair_ids: Sequence[int]) -> dict[int, tuple[str, int | None]]:
    """Return the language and cluster of each pair that is no task yet."""
    found: dict[int, tuple[str, int | None]] = {}
    for some in _portions(pair_ids):
        rows = session.execute(
            select(Pair.id, Question.language, Cluster.number)
            .join(Question, Question.id == Pair.question_id)
            .outerjoin(ClusterMember, ClusterMember.question_id == Question.id)
            .outerjoin(Cluster, Cluster.id == ClusterMember.cluster_id)
            .outerjoin(Task, Task.pair_id == Pair.id)
            .where(Pair.id.in_(some), Task.id.is_(None))
        )
        found |= {pair_id: (language, cluster) for pair_id, language, cluster in rows}
    return found


def _portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(ids), AT_ONCE):
        yield ids[at : at + AT_ONCE]


class _Room:
    """Count down what a campaign still takes in of each language and cluster."""

    def __init__(self, session: Session, campaign: Campaign, rules: CampaignRules) -> None:
        self.rules = rules
        self.languages = self._taken(session, campaign, Task.language, rules.language_counts)
        self.clusters = self._taken(session, campaign, Task.cluster, rules.cluster_counts)

    @staticmethod
    def _taken(session: Session, campaign: Campaign, column: Any, caps: Mapping[Any, int]) -> Counter[Any]:
        if not caps:
            return Counter()
        rows = session.execute(
            select(column, func.count(Task.id))
            .where(Task.campaign_id == campaign.id, Task.pool == MAIN, column.in_(caps))
            .group_by(column)
        )
        return Counter({name: count for name, count in rows})  # noqa: C416

    def take(self, language: str, cluster: int | None) -> bool:
        """Take one task in; return whether there is room for it."""
        caps = self.rules.language_counts, self.rules.cluster_counts
        if language in caps[0] and self.languages[language] >= caps[0][language]:
            return False
        if cluster is not None and cluster in caps[1] and self.clusters[cluster] >= caps[1][cluster]:
            return False
        self.languages[language] += 1
        self.clusters[cluster] += 1
        return True
