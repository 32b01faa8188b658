"""Campaigns: open one, change its rules, two people at once, pause, gold by hand; who may not."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select
from streamlit.testing.v1 import AppTest

from annotate.labelling import CampaignRules, open_campaign
from annotate.labelling.campaigns import find_campaign, set_rules
from annotate.store import AuditEntry, Campaign, Pair, Store


def texts(at: AppTest) -> str:
    bodies = [element.proto.body for element in at.get("html")]
    kinds = (at.markdown, at.caption, at.info, at.warning, at.error, at.success, at.subheader)
    return "\n".join([*bodies[1:], *(element.value for kind in kinds for element in kind)])


def part(at: AppTest, name: str) -> AppTest:
    """Turn to a part of the chosen campaign."""
    at.segmented_control(key="campaign-part").set_value(name).run()
    assert not at.exception, at.exception
    return at


def unused_pair(store: Store) -> int:
    """Turn a stored pair round: a pair that is no task yet."""
    with store.writing.begin() as session:
        known = session.get_one(Pair, 6)
        turned = Pair(question_id=known.question_id, first_id=known.second_id, second_id=known.first_id)
        session.add(turned)
        session.flush()
        return turned.id


@pytest.mark.parametrize("role", ["assessor", "engineer"])
def test_who_does_not_manage_campaigns_is_refused(workspace, show, role: str):
    at = show("campaigns", role)
    assert "campaign-add" not in {button.key for button in at.button}
    assert not at.dataframe


def test_a_campaign_without_pairs_says_how_they_come_in(empty_workspace, show):
    at = show("campaigns", "lead")
    assert "pairloop select" in at.info[0].value
    with empty_workspace.store.writing.begin() as session:
        session.execute(delete(Campaign))
    assert at.run().subheader[0].value == "No campaign yet"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_part_is_drawn(workspace, show, language: str):
    at = show("campaigns", "lead")
    at.selectbox(key="language").set_value(language).run()
    for name in ("overview", "rules", "gold", "guidelines", "routing"):
        part(at, name)
        assert not at.error
        assert len(at.dataframe) >= len(at.get("download_button")) > 0


def test_a_campaign_is_opened_with_the_rules_of_the_form(workspace, show):
    at = show("campaigns", "lead", "Lea")
    at.button(key="campaign-add").click().run()
    assert at.button(key="campaign-open").disabled
    at.text_input(key="campaign-name").set_value("Contracts").run()
    at.segmented_control(key="campaign-preset").set_value("careful").run()
    at.number_input(key="gold_share-new-careful").set_value(20.0).run()
    at.number_input(key="label_budget-new-careful").set_value(40).run()
    at.button(key="campaign-open").click().run()
    assert not at.exception, at.exception
    rules = find_campaign(workspace.store, "Contracts").rules
    assert (rules.overlap, rules.exam_required, rules.gold_share, rules.label_budget) == (3, True, 0.2, 40)
    assert "Contracts is open" in at.success[0].value
    with workspace.store.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "campaign.open")).one()
    assert (entry.actor, entry.target, entry.details["rules"]["overlap"]) == ("Lea", "Contracts", 3)


def test_a_name_that_is_taken_cannot_be_used(workspace, show):
    at = show("campaigns", "lead")
    at.button(key="campaign-add").click().run()
    at.text_input(key="campaign-name").set_value(" Default ").run()
    assert at.button(key="campaign-open").disabled
    assert "already" in at.error[0].value


def test_rules_that_contradict_themselves_cannot_be_saved(workspace, show):
    at = part(show("campaigns", "lead"), "rules")
    number = find_campaign(workspace.store, "default").id
    at.toggle(key=f"dynamic-{number}-0").set_value(True).run()
    at.number_input(key=f"overlap-{number}-0").set_value(9).run()
    assert "below the people it gets at first" in at.error[0].value
    assert at.button(key="rules-save").disabled


def test_an_edit_over_a_newer_one_is_refused_and_shown(workspace, show):
    at = part(show("campaigns", "lead"), "rules")
    number = find_campaign(workspace.store, "default").id
    at.number_input(key=f"overlap-{number}-0").set_value(3).run()
    set_rules(workspace.store, "default", daily_limit=7)
    at.button(key="rules-save").click().run()
    assert not at.exception, at.exception
    assert find_campaign(workspace.store, "default").rules == CampaignRules(daily_limit=7)
    assert "Pairs a day at most" in at.warning[0].value
    at.button(key="rules-newer").click().run()
    at.number_input(key=f"overlap-{number}-1").set_value(3).run()
    at.button(key="rules-save").click().run()
    assert find_campaign(workspace.store, "default").rules == CampaignRules(daily_limit=7, overlap=3)


def test_a_campaign_is_paused_and_goes_on(workspace, show):
    at = show("campaigns", "lead")
    at.button(key="turn-paused").click().run()
    assert find_campaign(workspace.store, "default").state == "paused"
    at.button(key="turn-open").click().run()
    assert find_campaign(workspace.store, "default").state == "open"
    at.button(key="turn-closed").click().run()
    assert "is over" in texts(at)


def test_a_pair_becomes_gold_by_hand_and_is_corrected(workspace, show):
    open_campaign(workspace.store, "fresh")
    free = unused_pair(workspace.store)
    at = show("campaigns", "lead")
    at.session_state["campaign"] = "fresh"
    part(at.run(), "gold")
    at.number_input(key="gold-pair").set_value(5).run()
    assert "is a task already" in at.warning[0].value
    at.number_input(key="gold-pair").set_value(free).run()
    at.button(key="gold-add").click().run()
    assert "say why" in at.error[0].value
    at.multiselect(key="gold-verdicts").set_value(["A_better"])
    at.text_input(key="gold-why").set_value("A declines although the passage answers.")
    at.button(key="gold-add").click().run()
    assert not at.exception, at.exception
    [row] = at.dataframe[-1].value.to_dict("records")
    assert (row["pair"], row["verdicts"], row["made_by"]) == (free, "A better", "by hand")
    at.selectbox(key="gold-task").set_value(row["task"]).run()
    assert "A declines" in texts(at)
    at.multiselect(key=f"correct-verdicts-{row['task']}").set_value(["A_much_better"])
    at.text_input(key=f"correct-why-{row['task']}").set_value("It is not even close.")
    at.button(key=f"correct-{row['task']}-send").click().run()
    [row] = at.dataframe[-1].value.to_dict("records")
    assert row["verdicts"] == "A much better"
