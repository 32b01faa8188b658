"""Steer a campaign towards clusters of questions, and keep its tasks with the clusters as they change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from sqlalchemy import bindparam, func, select, update

from annotate.errors import LabellingError
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.campaigns import CampaignView, campaign_named, find_campaign
from annotate.store import Campaign, Cluster, ClusterMember, Pair, Store, Task

Amount = TypeVar("Amount", int, float)
AT_ONCE = 1000  # tasks changed in one transaction, so that assessors need not wait


def set_quota(
    store: Store,
    campaign: str,
    cluster: int,
    *,
    share: float | None,
    count: int | None = None,
) -> CampaignView:
    """Give a cluster a share of what people get next, and cap how many of its tasks are taken in.

    None lifts the share or the cap. The other rules stay as they are at this moment. Raises LabellingError
    for an unknown campaign or cluster, or a share that leaves the others less than nothing.
    """
    with store.writing.begin() as session:
        home = campaign_named(session, campaign)
        session.refresh(home, with_for_update=True)
        given = share is not None or count is not None
        if given and session.scalar(select(Cluster.id).where(Cluster.number == cluster)) is None:
            raise LabellingError(f"no cluster {cluster}; see `pairloop gaps`")
        rules = CampaignRules.of(home)
        changes = {
            "cluster_shares": _with(rules.cluster_shares, cluster, share),
            "cluster_counts": _with(rules.cluster_counts, cluster, count),
        }
        home.rules = CampaignRules.read({**home.rules, **changes}).write()
    return find_campaign(store, campaign)


def follow_clusters(store: Store) -> int:
    """Give every task the cluster that its question belongs to now; return how many changed."""
    with store.reading() as session:
        rows = session.execute(
            select(Task.id, Cluster.number)
            .join(Pair, Pair.id == Task.pair_id)
            .outerjoin(ClusterMember, ClusterMember.question_id == Pair.question_id)
            .outerjoin(Cluster, Cluster.id == ClusterMember.cluster_id)
            .where(Task.cluster.is_distinct_from(Cluster.number))
        )
        changed: list[dict[str, int | None]] = [{"task": task, "number": number} for task, number in rows]
    for at in range(0, len(changed), AT_ONCE):
        _move(store, changed[at : at + AT_ONCE])
    return len(changed)


def highest_number(store: Store) -> int:
    """Return the highest number of a cluster that a task or a campaign refers to; -1 where none does."""
    with store.reading() as session:
        rules = [CampaignRules.of(campaign) for campaign in session.scalars(select(Campaign))]
        named = [number for one in rules for number in (*one.cluster_shares, *one.cluster_counts)]
        highest = session.scalar(select(func.max(Task.cluster)))
        return max([-1 if highest is None else highest, *named])


def _with(amounts: Mapping[int, Amount], cluster: int, amount: Amount | None) -> dict[int, Amount]:
    others = {number: own for number, own in amounts.items() if number != cluster}
    return others if amount is None else {**others, cluster: amount}


def _move(store: Store, changed: Sequence[dict[str, int | None]]) -> None:
    with store.writing.begin() as session:
        session.connection().execute(
            update(Task).where(Task.id == bindparam("task")).values(cluster=bindparam("number")),
            changed,
        )
