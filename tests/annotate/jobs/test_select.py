from __future__ import annotations

import pytest
from sqlalchemy import select

from active import STRATEGIES, UnknownStrategyError
from annotate.errors import JobError, LabellingError
from annotate.jobs.context import Context
from annotate.jobs.select import select_pairs
from annotate.labelling import (
    CampaignRules,
    ChosenPair,
    create_tasks,
    open_campaign,
    refresh_preferences,
)
from annotate.store import Campaign, Task
from tests.annotate.conftest import Ledger
from tests.annotate.jobs.test_route import make_pairs
from tests.annotate.labelling.machines.audits import judge_pairs

pytestmark = pytest.mark.models


def test_a_batch_becomes_tasks_with_reasons_and_an_audit_slice(context: Context, pairs: list[int]) -> None:
    summary = select_pairs(context, 4)
    with context.store.reading() as session:
        tasks = list(session.scalars(select(Task)))
    assert summary["selected"] == len(tasks) == 4
    assert summary["strategy"] == "typiclust"  # no labels yet: cold start
    assert {task.pair_id for task in tasks} <= set(pairs)
    assert sum(task.audit for task in tasks) == summary["audit"] >= 1
    assert all(task.chosen_by["text"] for task in tasks)


def test_nothing_is_chosen_twice_and_the_end_is_said(context: Context, pairs: list[int]) -> None:
    assert select_pairs(context, 5)["selected"] == 5
    assert select_pairs(context, 5)["selected"] == 3
    with pytest.raises(JobError, match="task already"):
        select_pairs(context, 5)


def test_an_unknown_strategy_is_refused_before_anything_is_stored(context: Context, pairs: list[int]) -> None:
    with pytest.raises(UnknownStrategyError, match="entropy"):
        select_pairs(context, 2, "best")
    with context.store.reading() as session:
        assert session.scalars(select(Task)).all() == []


def test_a_batch_for_a_campaign_follows_its_rules(context: Context, pairs: list[int]) -> None:
    open_campaign(context.store, "contracts", CampaignRules(overlap=3))
    assert select_pairs(context, 2, campaign="contracts")["selected"] == 2
    with context.store.reading() as session:
        tasks = list(session.scalars(select(Task)))
        names = {session.get_one(Campaign, task.campaign_id).name for task in tasks}
    assert names == {"contracts"}
    assert {task.overlap for task in tasks} == {3}
    with pytest.raises(LabellingError, match="no campaign"):
        select_pairs(context, 2, campaign="nowhere")


def test_a_language_with_a_share_gets_it_and_a_shortage_is_told(context: Context, pairs: list[int]) -> None:
    open_campaign(context.store, "mixed", CampaignRules(language_shares={"en": 0.5, "ru": 0.5}))
    summary = select_pairs(context, 4, "random", campaign="mixed")
    assert summary["selected"] == 4
    assert summary["shortages"] == ["language ru: 0 of 2 pairs"]


def test_a_strategy_that_needs_clusters_says_how_to_get_them(context: Context, pairs: list[int]) -> None:
    for name in ("gap_weighted", "cluster_random"):
        with pytest.raises(JobError, match="pairloop gaps"):
            select_pairs(context, 2, name)


@pytest.mark.slow
def test_every_strategy_chooses_by_its_name_once_there_are_labels(context: Context) -> None:
    names = sorted(set(STRATEGIES) - {"gap_weighted", "cluster_random", "relabel"})
    pairs = make_pairs(context, 26 + 2 * len(names))
    create_tasks(context.store, [ChosenPair(pair) for pair in pairs[:26]], overlap=1)
    verdicts = [("A_better", "B_better", "tie", "A_much_better")[at % 4] for at in range(26)]
    ledger = Ledger(context.store, context.guideline)
    judge_pairs(ledger, "anna", "person", dict(zip(pairs, verdicts, strict=False)))
    refresh_preferences(context.store)
    for name in names:
        summary = select_pairs(context, 2, name)
        assert (summary["selected"], summary["strategy"], summary["cold_start"]) == (2, name, False)
