"""Campaigns, gold, guidelines and reviews by action: who may, what is logged, what is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from annotate.access.accounts import create_account
from annotate.access.permissions import Actor, operator
from annotate.actions.campaigns import change_rules, open_campaign, turn_campaign
from annotate.actions.documents import check_indexes, put_back, rebuild_indexes
from annotate.actions.gold import add_gold, correct_gold, discard_gold, draft_gold, keep_gold
from annotate.actions.guidelines import adopt, pin
from annotate.actions.reviews import (
    ask_for_review,
    decide_review,
    discuss,
    look_for_reviews,
    reopen_review,
)
from annotate.actions.routing import follow_route, plan_route
from annotate.errors import AccessDenied, AccessError, ChangedMeanwhile, JobError, LabellingError
from annotate.jobs.context import Context
from annotate.labelling import CampaignRules
from annotate.labelling.campaigns import find_campaign
from annotate.labelling.controls.gold import Known
from annotate.settings import SETTINGS_FILE
from annotate.store import AuditEntry

KNOWN = Known(("A_better",), "The first one answers.")
MANAGING = {
    "open": lambda context, actor: open_campaign(context, actor, "Spring"),
    "rules": lambda context, actor: change_rules(context, actor, "default", {"overlap": 3}),
    "turn": lambda context, actor: turn_campaign(context, actor, "default", "paused"),
    "gold": lambda context, actor: add_gold(context, actor, 1, KNOWN, campaign="default"),
    "correct": lambda context, actor: correct_gold(context, actor, 1, ["tie"], "It is even."),
    "draft": lambda context, actor: draft_gold(context, actor, 1, ["dropped_fact"], campaign="default"),
    "keep": lambda context, actor: keep_gold(context, actor, []),
    "discard": lambda context, actor: discard_gold(context, actor),
    "adopt": lambda context, actor: adopt(context, actor),
    "pin": lambda context, actor: pin(context, actor, "default", ""),
    "plan": lambda context, actor: plan_route(context, actor, "default"),
    "follow": lambda context, actor: follow_route(context, actor, "default"),
}
REVIEWING = {
    "look": lambda context, actor: look_for_reviews(context, actor),
    "ask": lambda context, actor: ask_for_review(context, actor, 1, "Odd."),
    "decide": lambda context, actor: decide_review(context, actor, 1, "tie", "Even."),
    "reopen": lambda context, actor: reopen_review(context, actor, 1, "New source."),
    "discuss": lambda context, actor: discuss(context, actor, 1, "Look."),
}
KEEPING = {
    "put_back": lambda context, actor: put_back(context, actor, ["a"]),
    "check": lambda context, actor: check_indexes(context, actor),
    "rebuild": lambda context, actor: rebuild_indexes(context, actor),
}


@pytest.fixture
def context(tmp_path) -> Iterator[Context]:
    (tmp_path / SETTINGS_FILE).touch()
    opened = Context.open(tmp_path)
    yield opened
    opened.store.engine.dispose()


def actor(context: Context, role: str) -> Actor:
    return create_account(context.store, f"one {role}", role, email=f"{role}@example.org").actor


def logged(context: Context) -> list[tuple[str, str]]:
    with context.store.reading() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(entry.action, entry.target) for entry in rows]


@pytest.mark.parametrize(
    ("acts", "roles"),
    [
        (MANAGING, ("assessor", "engineer")),
        (REVIEWING, ("assessor", "engineer")),
        (KEEPING, ("assessor", "lead")),
    ],
)
def test_who_may_not_is_refused_and_nothing_happens(context, acts, roles):
    for role in roles:
        somebody = actor(context, role)
        for act in acts.values():
            with pytest.raises(AccessDenied):
                act(context, somebody)
    assert logged(context) == []
    assert find_campaign(context.store, "default").rules == CampaignRules()


def test_every_change_of_a_campaign_is_logged_before_it_is_tried(context):
    lead = actor(context, "lead")
    open_campaign(context, lead, " Spring ", {"overlap": 3})
    with pytest.raises(LabellingError, match="already"):
        open_campaign(context, lead, "Spring")
    with pytest.raises(LabellingError, match="cannot be kept"):
        change_rules(context, lead, "Spring", {"gold_share": 2})
    change_rules(context, lead, "Spring", {"gold_share": 0.1, "label_budget": 50})
    turn_campaign(context, lead, "Spring", "paused")
    assert logged(context) == [
        ("campaign.open", "Spring"), ("campaign.rules", "Spring"), ("campaign.paused", "Spring"),
    ]  # fmt: skip
    with context.store.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "campaign.rules")).one()
    assert entry.details == {"changes": {"gold_share": [None, 0.1], "label_budget": [None, 50]}}


def test_of_two_edits_from_the_same_rules_the_second_is_refused(context):
    lead = actor(context, "lead")
    seen = open_campaign(context, lead, "Spring").rules
    change_rules(context, lead, "Spring", {"overlap": 3}, seen)
    with pytest.raises(ChangedMeanwhile):
        change_rules(context, lead, "Spring", {"overlap": 4}, seen)
    turn_campaign(context, lead, "Spring", "closed", seen="open")
    with pytest.raises(ChangedMeanwhile):
        turn_campaign(context, lead, "Spring", "paused", seen="open")
    now = find_campaign(context.store, "Spring")
    assert (now.rules.overlap, now.state) == (3, "closed")
    assert logged(context)[-1] == ("campaign.paused.failed", "Spring")


def test_guidelines_are_adopted_anew_and_pinned(context, tmp_path, monkeypatch):
    lead, folder = actor(context, "lead"), tmp_path / "guidelines" / "en"
    folder.mkdir(parents=True)
    monkeypatch.setattr(type(context.workspace), "guidelines", property(lambda _: folder.parent))
    (folder / "comparison.md").write_text("Compare.", "utf-8")
    first = adopt(context, lead)
    (folder / "comparison.md").write_text("Compare well.", "utf-8")
    second = adopt(context, lead)
    assert (context.guideline.id, second.id) == (second.id, first.id + 1)
    pin(context, lead, "default", str(first.id))
    assert find_campaign(context.store, "default").rules.guideline == first.content_hash
    with pytest.raises(LabellingError, match="no version 99"):
        pin(context, lead, "default", "99")


def test_the_operator_decides_nothing_without_an_account(context):
    with pytest.raises(AccessError, match="account"):
        decide_review(context, operator(), 1, "tie", "Even.")


def test_without_drafts_there_is_nothing_to_keep(context):
    with pytest.raises(JobError, match="no drafts"):
        keep_gold(context, actor(context, "lead"), ["1-dropped_fact"])
