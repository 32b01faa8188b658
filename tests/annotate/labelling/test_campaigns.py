"""Campaigns: their rules, and what these do to what is handed out."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import insert

from annotate.errors import LabellingError, NothingToLabel
from annotate.labelling import create_tasks, release, reserve, submit
from annotate.labelling.assessors import describe
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.campaigns import (
    find_campaign,
    list_campaigns,
    open_campaign,
    set_campaign_state,
    set_rules,
)
from annotate.labelling.control_rules import GoldRule
from annotate.labelling.ledger.drawing import draw, draw_order, draw_share
from annotate.labelling.tasks import ChosenPair
from annotate.store import Cluster, ClusterMember, Pair, Task
from tests.annotate.conftest import Ledger

FULL = CampaignRules(
    overlap=3,
    dynamic=True,
    stop_posterior=0.9,
    gold_share=0.1,
    skills=("law",),
    daily_limit=50,
    machine_accuracy=0.85,
    cluster_shares={2: 0.5},
    language_counts={"ru": 40},
    gold_rules=(GoldRule("warn", 0.7),),
)


class TestRules:
    def test_they_survive_json(self) -> None:
        assert CampaignRules.read(FULL.write()) == FULL
        assert CampaignRules().write() == {}

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"overlop": 3}, "unknown rule overlop"),
            ({"overlap": 0}, "overlap is at least 1"),
            ({"dynamic": True, "overlap": 4, "max_overlap": 3}, "max_overlap"),
            ({"gold_share": 1.0}, "gold_share"),
            ({"cluster_shares": {"1": 0.7, "2": 0.7}}, "shares"),
            ({"overlap": "many"}, "wrong kind"),
            ({"dynamic": "perhaps"}, "wrong kind"),
            ({"overlap": 2.5}, "wrong kind"),
            ({"gold_rules": [{"act": "shout", "below": 0.5}]}, "gold rule"),
        ],
    )
    def test_rules_that_cannot_be_kept_are_refused(self, wrong: dict[str, Any], said: str) -> None:
        with pytest.raises(LabellingError, match=said):
            CampaignRules.read(wrong)


class TestCampaigns:
    def test_opening_again_is_the_same_unless_the_rules_differ(self, ledger: Ledger) -> None:
        made = open_campaign(ledger.store, "law", FULL, seed=7)
        assert open_campaign(ledger.store, "law") == made == find_campaign(ledger.store, "law")
        assert (made.rules, made.seed, made.state) == (FULL, 7, "open")
        with pytest.raises(LabellingError, match="other rules"):
            open_campaign(ledger.store, "law", replace(FULL, overlap=4))
        with pytest.raises(LabellingError, match=r"no campaign named physics; known: .*law"):
            find_campaign(ledger.store, "physics")
        assert set_rules(ledger.store, "law", overlap=4).rules == replace(FULL, overlap=4)
        assert "law" in [campaign.name for campaign in list_campaigns(ledger.store)]

    def test_a_paused_campaign_hands_out_nothing_but_takes_what_is_on_loan(self, ledger: Ledger) -> None:
        ledger.tasks(2)
        anna = ledger.person()
        [held] = reserve(ledger.store, anna.id)
        set_campaign_state(ledger.store, "default", "paused")
        submit(ledger.store, held.id, anna.id, ledger.says())
        with pytest.raises(NothingToLabel):
            reserve(ledger.store, anna.id)
        with pytest.raises(NothingToLabel, match="paused"):
            reserve(ledger.store, anna.id, campaign="default")
        set_campaign_state(ledger.store, "default", "open")
        assert reserve(ledger.store, anna.id)

    def test_a_campaign_can_be_asked_for_by_name(self, ledger: Ledger) -> None:
        ledger.tasks(1)
        open_campaign(ledger.store, "law")
        pair = ledger.pair()
        create_tasks(ledger.store, [ChosenPair(pair)], campaign="law")
        anna = ledger.person()
        assert reserve(ledger.store, anna.id, campaign="law")[0].pair.pair_id == pair

    def test_skills_and_daily_limits_are_said(self, ledger: Ledger) -> None:
        open_campaign(ledger.store, "law", CampaignRules(skills=("law",), daily_limit=2))
        create_tasks(ledger.store, [ChosenPair(ledger.pair()) for _ in range(4)], campaign="law")
        anna = ledger.person()
        with pytest.raises(NothingToLabel, match="asks for skills: law"):
            reserve(ledger.store, anna.id)
        describe(ledger.store, "anna", skills=["law"])
        assert len(reserve(ledger.store, anna.id, count=9)) == 2
        for _ in range(2):
            ledger.judge(anna, "tie")
        with pytest.raises(NothingToLabel, match="daily limit of 2"):
            reserve(ledger.store, anna.id)
        describe(ledger.store, "anna", daily_limit=3)
        ledger.judge(anna, "tie")
        with pytest.raises(NothingToLabel, match="daily limit of 3"):
            reserve(ledger.store, anna.id)


def in_clusters(ledger: Ledger, count: int, clusters: int) -> list[ChosenPair]:
    """Store pairs whose questions lie in the clusters by turns."""
    pairs = [ledger.pair() for _ in range(count)]
    with ledger.store.writing.begin() as session:
        for number in range(clusters):
            session.add(Cluster(id=number + 1, number=number, name=str(number), keywords=[]))
        session.flush()
        for at, pair in enumerate(pairs):
            question = session.get_one(Pair, pair).question_id
            session.execute(insert(ClusterMember).values(question_id=question, cluster_id=at % clusters + 1))
    return [ChosenPair(pair) for pair in pairs]


class TestQuotas:
    def test_counts_cap_what_is_taken_in(self, ledger: Ledger) -> None:
        open_campaign(ledger.store, "capped", CampaignRules(cluster_counts={0: 2}, language_counts={"en": 5}))
        chosen = in_clusters(ledger, 12, 3)
        assert create_tasks(ledger.store, chosen, campaign="capped") == 5
        assert create_tasks(ledger.store, chosen, campaign="capped") == 0
        with ledger.store.reading() as session:
            assert Counter(task.cluster for task in session.query(Task))[0] == 2

    def test_shares_steer_what_people_get(self, sqlite_ledger: Ledger) -> None:
        ledger = sqlite_ledger
        open_campaign(ledger.store, "steered", CampaignRules(cluster_shares={2: 0.7}), seed=3)
        create_tasks(ledger.store, in_clusters(ledger, 90, 3), campaign="steered")
        anna = ledger.person()
        got = Counter(cluster_of(ledger, ledger.judge(anna, "tie").task_id) for _ in range(30))
        assert 15 <= got[2] <= 27
        machine = ledger.machine()
        assert Counter(cluster_of(ledger, ledger.judge(machine, "tie").task_id) for _ in range(6))[2] == 2


def cluster_of(ledger: Ledger, task_id: int) -> int | None:
    with ledger.store.reading() as session:
        return session.get_one(Task, task_id).cluster


def pool_of(ledger: Ledger, task_id: int) -> str:
    with ledger.store.reading() as session:
        return session.get_one(Task, task_id).pool


class TestGold:
    def test_it_is_mixed_in_at_its_share_and_seen_once(self, sqlite_ledger: Ledger) -> None:
        ledger = sqlite_ledger
        open_campaign(ledger.store, "checked", CampaignRules(gold_share=0.3, overlap=5), seed=1)
        create_tasks(ledger.store, [ChosenPair(ledger.pair()) for _ in range(60)], campaign="checked")
        gold = [ChosenPair(ledger.pair(), known={"verdicts": ["tie"]}) for _ in range(30)]
        create_tasks(ledger.store, gold, campaign="checked", pool="gold")
        drawn = []
        for name in ("anna", "boris"):
            seen = [ledger.judge(ledger.person(name), "tie").task_id for _ in range(40)]
            assert len(set(seen)) == 40
            drawn.append([pool_of(ledger, task) == "gold" for task in seen])
            assert 5 <= sum(drawn[-1]) <= 20
        assert drawn[0] != drawn[1]  # what one gets tells nothing of another

    def test_giving_it_back_brings_it_back(self, sqlite_ledger: Ledger) -> None:
        ledger = sqlite_ledger
        open_campaign(ledger.store, "checked", CampaignRules(gold_share=0.99))
        gold = [ChosenPair(ledger.pair(), known={"verdicts": ["tie"]}) for _ in range(5)]
        create_tasks(ledger.store, gold, campaign="checked", pool="gold")
        anna = ledger.person()
        [held] = reserve(ledger.store, anna.id)
        release(ledger.store, held.id, anna.id)
        assert pool_of(ledger, reserve(ledger.store, anna.id)[0].task_id) == "gold"

    def test_machines_get_none(self, sqlite_ledger: Ledger) -> None:
        ledger = sqlite_ledger
        open_campaign(ledger.store, "checked", CampaignRules(gold_share=0.9))
        gold = [ChosenPair(ledger.pair(), known={"verdicts": ["tie"]})]
        create_tasks(ledger.store, gold, campaign="checked", pool="gold")
        with pytest.raises(NothingToLabel):
            reserve(ledger.store, ledger.machine().id)


class TestDrawing:
    def test_the_rarer_order_of_the_task_comes_first_then_that_of_the_assessor(self) -> None:
        assert draw_order(-1, 9, 0.99)
        assert not draw_order(1, -9, 0.0)
        drawn = [draw("order", n) for n in range(3000)]
        assert 0.6 < sum(draw_order(0, -3, one) for one in drawn) / 3000 < 0.72
        assert 0.28 < sum(draw_order(0, 3, one) for one in drawn) / 3000 < 0.4
        assert 0.46 < sum(draw_order(0, 0, one) for one in drawn) / 3000 < 0.54

    def test_shares_hold_in_the_long_run(self) -> None:
        drawn = Counter(draw_share({"a": 0.5, "b": 0.2}, draw("share", n)) for n in range(4000))
        assert abs(drawn["a"] / 4000 - 0.5) < 0.03
        assert abs(drawn["b"] / 4000 - 0.2) < 0.03
        assert abs(drawn[None] / 4000 - 0.3) < 0.03
