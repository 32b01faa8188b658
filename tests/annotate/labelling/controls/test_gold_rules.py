"""Gold rules act as the campaign says and not otherwise; each act is visible and can be lifted."""

from __future__ import annotations

import pytest

from annotate.errors import LabellingError
from annotate.labelling import reserve, reserve_pair, submit
from annotate.labelling.campaigns import open_campaign, set_rules
from annotate.labelling.control_rules import GoldRule
from annotate.labelling.controls.gold import Known, add_control
from annotate.labelling.controls.gold_rules import apply_gold_rules, lift_acts, list_acts
from annotate.labelling.ledger.history import read_history
from annotate.labelling.preferences import current_votes
from annotate.store import Assessor


def campaign(ledger, *rules: GoldRule) -> None:
    """Give the default campaign gold rules."""
    open_campaign(ledger.store, "default")
    set_rules(ledger.store, "default", gold_rules=rules)


def gold(ledger, assessor, *right: bool) -> None:
    for one in right:
        pair = ledger.pair()
        add_control(ledger.store, pair, Known(("A_better",), "B invents a price."))
        held = reserve_pair(ledger.store, pair, assessor.id)
        submit(ledger.store, held.id, assessor.id, ledger.says("A_better" if one else "B_better"))


def state(ledger, assessor) -> tuple[str, str]:
    with ledger.store.reading() as session:
        found = session.get_one(Assessor, assessor.id)
        return found.state, found.state_reason


def test_nothing_acts_that_the_campaign_does_not_name(ledger) -> None:
    ledger.tasks(1)
    anna = ledger.person()
    gold(ledger, anna, *[False] * 12)
    assert apply_gold_rules(ledger.store, "default") == []
    assert state(ledger, anna)[0] == "active"


def test_too_few_right_answers_pause_and_a_lead_lifts_it(ledger) -> None:
    campaign(ledger, GoldRule("pause", 0.7, last=4, at_least=4))
    ledger.tasks(2)
    anna = ledger.person()
    gold(ledger, anna, True, False, True)
    assert state(ledger, anna)[0] == "active"
    gold(ledger, anna, False)
    assert state(ledger, anna) == ("paused", "2 of the last 4 gold answers right, below 0.7")
    with pytest.raises(LabellingError):
        reserve(ledger.store, anna.id)
    [act] = list_acts(ledger.store, anna.id)
    assert (act.act, act.right, act.of, act.below) == ("pause", 2, 4, 0.7)
    assert {"gold_rule", "paused"} <= {
        event.kind for event in read_history(ledger.store, assessor_id=anna.id)
    }
    lift_acts(ledger.store, anna.id, "lead", "did the training again")
    assert state(ledger, anna)[0] == "active"
    assert apply_gold_rules(ledger.store, "default") == []  # the rule starts anew
    reserve(ledger.store, anna.id)


def test_a_warning_is_given_once_and_a_ban_follows_its_own_mark(ledger) -> None:
    campaign(ledger, GoldRule("warn", 0.8, last=4, at_least=2), GoldRule("ban", 0.5, last=8, at_least=6))
    ledger.tasks(1)
    anna = ledger.person()
    gold(ledger, anna, True, False)
    assert [act.act for act in list_acts(ledger.store)] == ["warn"]
    gold(ledger, anna, False)
    assert [act.act for act in list_acts(ledger.store)] == ["warn"]
    gold(ledger, anna, False)
    assert [act.act for act in list_acts(ledger.store)] == ["warn", "warn"]
    assert state(ledger, anna)[0] == "active"
    gold(ledger, anna, True, False)
    assert state(ledger, anna)[0] == "banned"
    assert "warned" in {event.kind for event in read_history(ledger.store, assessor_id=anna.id)}


def test_judgements_since_are_dropped_and_can_be_restored(ledger) -> None:
    campaign(ledger, GoldRule("drop", 0.7, last=2, at_least=2))
    before, since, _ = ledger.tasks(3, overlap=1)
    anna = ledger.person()
    ledger.judge(anna, "A_better")
    gold(ledger, anna, False)
    ledger.judge(anna, "B_better")
    assert counting(ledger) == {before, since}
    gold(ledger, anna, False)
    assert counting(ledger) == {before}
    [act] = list_acts(ledger.store)
    assert act.act == "drop"
    assert act.dropped
    boris = ledger.person("boris")
    assert reserve(ledger.store, boris.id)[0].pair.pair_id == since  # the place is open again
    lift_acts(ledger.store, anna.id, "lead", "the gold was wrong", restore=True)
    assert since in counting(ledger)


def counting(ledger) -> set[int]:
    """The pairs whose judgements count."""
    with ledger.store.reading() as session:
        return {vote.pair_id for vote in current_votes(session)}


def test_new_rules_can_look_at_old_answers(ledger) -> None:
    ledger.tasks(1)
    anna = ledger.person()
    gold(ledger, anna, False, False)
    set_rules(ledger.store, "default", gold_rules=[{"act": "warn", "below": 0.5, "last": 2, "at_least": 2}])
    [act] = apply_gold_rules(ledger.store, "default")
    assert (act.act, act.right) == ("warn", 0)
    assert apply_gold_rules(ledger.store, "default") == []


@pytest.mark.parametrize(
    "row",
    [{}, {"act": "shout", "below": 0.5}, {"act": "warn", "below": 2}, {"act": "warn", "below": "x"},
     {"act": "warn", "below": 0.5, "last": 3, "at_least": 4}],
)  # fmt: skip
def test_a_bad_rule_is_refused(row) -> None:
    with pytest.raises(LabellingError, match="not a gold rule"):
        GoldRule.of(row)


def test_lifting_needs_a_name_and_a_reason(ledger) -> None:
    anna = ledger.person()
    with pytest.raises(LabellingError, match="needs who lifts it"):
        lift_acts(ledger.store, anna.id, "lead", "")
    with pytest.raises(LabellingError, match="no such assessor"):
        lift_acts(ledger.store, 999, "lead", "why")
