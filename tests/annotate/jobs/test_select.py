from __future__ import annotations

import pytest
from sqlalchemy import select

from active import UnknownStrategyError
from annotate.errors import JobError, LabellingError
from annotate.jobs.context import Context
from annotate.jobs.select import select_pairs
from annotate.labelling import CampaignRules, open_campaign
from annotate.store import Campaign, Task

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
