"""Quotas by cluster steer what is handed out, and survive a new clustering."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from annotate.errors import LabellingError
from annotate.labelling import reserve
from annotate.labelling.campaigns import find_campaign, set_rules
from annotate.labelling.quotas import follow_clusters, highest_number, set_quota
from annotate.store import Cluster, ClusterMember, Pair, Store, Task
from tests.annotate.conftest import Ledger


def cluster(store: Store, groups: dict[int, list[int]]) -> None:
    """Put the questions of pairs into clusters, in place of those before."""
    with store.writing.begin() as session:
        session.query(ClusterMember).delete()
        session.query(Cluster).delete()
        for number, pairs in groups.items():
            made = Cluster(number=number, name=f"c{number}", keywords=[])
            session.add(made)
            session.flush()
            for pair in session.query(Pair).filter(Pair.id.in_(pairs)):
                session.add(ClusterMember(question_id=pair.question_id, cluster_id=made.id))


def clusters_of(store: Store, pairs: list[int]) -> list[int | None]:
    with store.reading() as session:
        found = dict(session.query(Task.pair_id, Task.cluster).filter(Task.pair_id.in_(pairs)).all())
    return [found[pair] for pair in pairs]


@pytest.mark.parametrize("steps", [range(1, 7), [6]], ids=["one by one", "at once"])
def test_a_share_of_all_hands_out_that_cluster_first(ledger: Ledger, steps: Sequence[int]) -> None:
    pairs = ledger.tasks(8)
    cluster(ledger.store, {0: pairs[:4], 1: pairs[4:]})
    assert follow_clusters(ledger.store) == 8
    set_quota(ledger.store, "default", 1, share=1.0)
    anna = ledger.person()
    for count in steps:
        held = reserve(ledger.store, anna.id, count=count)
    given = clusters_of(ledger.store, [one.pair.pair_id for one in held])
    assert given == [1, 1, 1, 1, 0, 0]  # those of the quota first, then the rest


def test_a_quota_leaves_the_other_rules_alone(ledger: Ledger) -> None:
    pairs = ledger.tasks(2)
    cluster(ledger.store, {0: pairs[:1], 1: pairs[1:]})
    set_rules(ledger.store, "default", daily_limit=7)
    set_quota(ledger.store, "default", 0, share=0.25, count=10)
    set_quota(ledger.store, "default", 1, share=0.5)
    rules = find_campaign(ledger.store, "default").rules
    assert (rules.daily_limit, rules.cluster_shares) == (7, {0: 0.25, 1: 0.5})
    assert rules.cluster_counts == {0: 10}
    set_quota(ledger.store, "default", 0, share=None)
    rules = find_campaign(ledger.store, "default").rules
    assert (rules.cluster_shares, rules.cluster_counts) == ({1: 0.5}, {})


def test_unknown_clusters_and_too_large_shares_are_refused(ledger: Ledger) -> None:
    pairs = ledger.tasks(2)
    cluster(ledger.store, {0: pairs[:1], 1: pairs[1:]})
    with pytest.raises(LabellingError, match="no cluster 9"):
        set_quota(ledger.store, "default", 9, share=0.5)
    set_quota(ledger.store, "default", 0, share=0.7)
    with pytest.raises(LabellingError, match="add up"):
        set_quota(ledger.store, "default", 1, share=0.4)
    with pytest.raises(LabellingError, match="no campaign"):
        set_quota(ledger.store, "nowhere", 0, share=0.1)


def test_tasks_follow_their_questions_into_new_clusters(ledger: Ledger) -> None:
    pairs = ledger.tasks(3)
    assert highest_number(ledger.store) == -1
    cluster(ledger.store, {0: pairs[:1], 4: pairs[1:2]})
    assert follow_clusters(ledger.store) == 2
    assert clusters_of(ledger.store, pairs) == [0, 4, None]
    assert highest_number(ledger.store) == 4
    cluster(ledger.store, {0: pairs})
    assert follow_clusters(ledger.store) == 2
    assert clusters_of(ledger.store, pairs) == [0, 0, 0]
    assert follow_clusters(ledger.store) == 0
