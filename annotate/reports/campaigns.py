"""Report the campaigns: their rules, how far each one is, and how its quotas are filled."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotate.labelling.campaign_rules import CampaignRules
from annotate.store import Assessor, Assignment, Campaign, Cluster, Review, Store, Task
from annotate.store.ledger import OPEN, RESERVED

MAIN = "main"
LANGUAGES = ("en", "ru")  # those that every campaign may have quotas for


@dataclass(frozen=True)
class CampaignReport:
    """Show a campaign: its tasks, and the people's labels that they want and have.

    `done` counts tasks that want nobody any more; `labels` those given, without the `held` that are on
    loan; `pools` the control tasks; `price` is that of one label where the caller named it.
    """

    id: int
    name: str
    state: str
    rules: CampaignRules
    seed: int
    created_at: datetime
    tasks: int
    done: int
    wanted: int
    labels: int
    held: int
    pools: dict[str, int]
    reviews: int
    price: float = 0.0

    @property
    def progress(self) -> float:
        """Return the share of the wanted labels that were given; 0 without tasks."""
        return min(1.0, self.labels / self.wanted) if self.wanted else 0.0

    @property
    def spent(self) -> float:
        """Return what the labels cost."""
        return self.labels * self.price


@dataclass(frozen=True)
class QuotaReport:
    """Show one quota: the tasks of a cluster or language, its cap, and its share of the work."""

    kind: str
    key: str
    name: str
    tasks: int
    done: int
    cap: int | None
    share: float | None


@dataclass
class _Counts:
    tasks: int = 0
    done: int = 0
    wanted: int = 0
    places: int = 0
    pools: dict[str, int] = field(default_factory=dict)


def report_campaigns(store: Store, price: float = 0.0) -> list[CampaignReport]:
    """Return all campaigns, those at work first, the newest of them at the top."""
    with store.reading() as session:
        counts, held, reviews = _counts(session), _held(session), _reviews(session)
        found = [
            _report(campaign, counts[campaign.id], held.get(campaign.id, 0), reviews, price)
            for campaign in session.scalars(select(Campaign).order_by(Campaign.id.desc()))
        ]
    order = ("open", "paused", "closed")
    return sorted(found, key=lambda one: order.index(one.state))


def report_campaign(store: Store, name: str, price: float = 0.0) -> CampaignReport | None:
    """Return one campaign by name, or None."""
    with store.reading() as session:
        campaign = session.scalar(select(Campaign).where(Campaign.name == name))
        if campaign is None:
            return None
        number = campaign.id
        held = _held(session, number).get(number, 0)
        return _report(campaign, _counts(session, number)[number], held, _reviews(session, number), price)


def report_quotas(store: Store, name: str) -> list[QuotaReport]:
    """Return the languages and clusters of a campaign's tasks, and those that its rules name."""
    with store.reading() as session:
        campaign = session.scalar(select(Campaign).where(Campaign.name == name))
        return _quotas(session, campaign.id, CampaignRules.of(campaign), {}) if campaign else []


def quota_places(store: Store, rules: CampaignRules, name: str | None = None) -> list[QuotaReport]:
    """Return all languages and clusters that rules could name, with the tasks that a campaign has there."""
    with store.reading() as session:
        number = session.scalar(select(Campaign.id).where(Campaign.name == name)) if name else None
        clusters: dict[Any, tuple[int, int]] = dict.fromkeys(
            session.scalars(select(Cluster.number).where(Cluster.number >= 0)), (0, 0)
        )
        return _quotas(session, number, rules, clusters | dict.fromkeys(LANGUAGES, (0, 0)))


def _quotas(
    session: Session, campaign_id: int | None, rules: CampaignRules, more: dict[Any, tuple[int, int]]
) -> list[QuotaReport]:
    names = {cluster.number: cluster.name for cluster in session.scalars(select(Cluster))}
    languages = {key: count for key, count in more.items() if isinstance(key, str)}
    languages |= _places(session, campaign_id, "language")
    numbers = {key: count for key, count in more.items() if isinstance(key, int)}
    numbers |= _places(session, campaign_id, "cluster")
    return [
        QuotaReport(
            "language", key, key, *languages.get(key, (0, 0)),
            cap=rules.language_counts.get(key), share=rules.language_shares.get(key),
        )
        for key in sorted({*languages, *rules.language_counts, *rules.language_shares})
        if key
    ] + [
        QuotaReport(
            "cluster", str(key), names.get(key, str(key)), *numbers.get(key, (0, 0)),
            cap=rules.cluster_counts.get(key), share=rules.cluster_shares.get(key),
        )
        for key in sorted({*numbers, *rules.cluster_counts, *rules.cluster_shares} - {None})
    ]  # fmt: skip


def _places(session: Session, campaign_id: int | None, column: str) -> dict[Any, tuple[int, int]]:
    """Return tasks and finished tasks by the values of a column."""
    place = getattr(Task, column)
    rows = session.execute(
        select(place, Task.open_to_people, func.count())
        .where(Task.campaign_id == campaign_id, Task.pool == MAIN)
        .group_by(place, Task.open_to_people)
    )
    found: dict[Any, tuple[int, int]] = {}
    for key, is_open, number in rows:
        tasks, done = found.get(key, (0, 0))
        found[key] = tasks + number, done + (0 if is_open else number)
    return found


def _report(
    campaign: Campaign, counts: _Counts, held: int, reviews: dict[int, int], price: float
) -> CampaignReport:
    return CampaignReport(
        campaign.id, campaign.name, campaign.state, CampaignRules.of(campaign), campaign.seed,
        campaign.created_at, counts.tasks, counts.done, counts.wanted, counts.places - held, held,
        counts.pools, reviews.get(campaign.id, 0), price,
    )  # fmt: skip


def _counts(session: Session, campaign_id: int | None = None) -> dict[int, _Counts]:
    columns = func.sum(Task.overlap), func.sum(Task.people_places)
    query = select(Task.campaign_id, Task.pool, Task.open_to_people, func.count(), *columns)
    if campaign_id is not None:
        query = query.where(Task.campaign_id == campaign_id)
    found: dict[int, _Counts] = defaultdict(_Counts)
    for campaign, pool, is_open, number, wanted, places in session.execute(
        query.group_by(Task.campaign_id, Task.pool, Task.open_to_people)
    ):
        counts = found[campaign]
        if pool != MAIN:
            counts.pools[pool] = counts.pools.get(pool, 0) + number
            continue
        counts.tasks += number
        counts.done += 0 if is_open else number
        counts.wanted += int(wanted or 0)
        counts.places += int(places or 0)
    return found


def _held(session: Session, campaign_id: int | None = None) -> dict[int, int]:
    query = (
        select(Task.campaign_id, func.count())
        .join(Assignment, Assignment.task_id == Task.id)
        .join(Assessor, Assessor.id == Assignment.assessor_id)
        .where(Assignment.state == RESERVED, Task.pool == MAIN, Assessor.kind == "person")
        .group_by(Task.campaign_id)
    )
    if campaign_id is not None:
        query = query.where(Task.campaign_id == campaign_id)
    return {campaign: number for campaign, number in session.execute(query)}  # noqa: C416


def _reviews(session: Session, campaign_id: int | None = None) -> dict[int, int]:
    query = (
        select(Task.campaign_id, func.count())
        .join(Review, Review.task_id == Task.id)
        .where(Review.state == OPEN)
        .group_by(Task.campaign_id)
    )
    if campaign_id is not None:
        query = query.where(Task.campaign_id == campaign_id)
    return {campaign: number for campaign, number in session.execute(query)}  # noqa: C416
