"""Submitting and taking the next in one go: the same as one after the other, in one writing transaction."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select

from annotate.errors import LabellingError, LeaseLost, NothingToLabel, VerdictError
from annotate.labelling import adopt_guidelines, release, reserve, submit
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.campaigns import open_campaign, set_rules
from annotate.labelling.control_rules import GoldRule
from annotate.labelling.ledger.exchange import submit_and_reserve
from annotate.labelling.tasks import ChosenPair, create_tasks
from annotate.store import Assignment, Judgement, now, open_store
from tests.annotate.conftest import Ledger, in_order


def judgements(ledger: Ledger) -> list[int]:
    with ledger.store.reading() as session:
        return list(session.scalars(select(Judgement.assignment_id).order_by(Judgement.id)))


def states(ledger: Ledger) -> list[str]:
    with ledger.store.reading() as session:
        return list(session.scalars(select(Assignment.state).order_by(Assignment.id)))


def test_the_next_pairs_come_with_the_verdict_in_one_transaction(ledger: Ledger) -> None:
    ledger.tasks(5)
    anna = ledger.person()
    first, second = reserve(ledger.store, anna.id, count=2)
    written: list[object] = []
    event.listen(ledger.store.engine, "commit", written.append)
    found = submit_and_reserve(ledger.store, first.id, anna.id, ledger.says(), count=3)
    assert len(written) == 1
    assert judgements(ledger) == [first.id]
    assert found.views[0].id == second.id
    assert len({view.task_id for view in found.views} - {first.task_id}) == 3
    assert found.obstacle is None
    assert states(ledger) == ["submitted", "reserved", "reserved", "reserved"]
    assert found.views[0].expires_at > second.expires_at  # what is held is extended, as by reserving


def test_what_is_refused_changes_nothing(ledger: Ledger) -> None:
    ledger.tasks(3)
    anna, boris = ledger.person(), ledger.person("boris")
    [held] = reserve(ledger.store, anna.id)
    with pytest.raises(VerdictError):
        submit_and_reserve(ledger.store, held.id, anna.id, ledger.says("splendid"))
    with pytest.raises(LeaseLost):
        submit_and_reserve(ledger.store, held.id, boris.id, ledger.says())
    release(ledger.store, held.id, anna.id)
    with pytest.raises(LeaseLost):
        submit_and_reserve(ledger.store, held.id, anna.id, ledger.says())
    assert judgements(ledger) == []
    assert states(ledger) == ["released"]


def test_sending_again_changes_nothing_and_brings_the_same_pairs(ledger: Ledger) -> None:
    ledger.tasks(4)
    anna = ledger.person()
    [held] = reserve(ledger.store, anna.id)
    said = ledger.says(key="the same key")
    first, again = (submit_and_reserve(ledger.store, held.id, anna.id, said, count=2) for _ in range(2))
    assert first.judgement == again.judgement
    assert [view.id for view in first.views] == [view.id for view in again.views]
    with pytest.raises(LabellingError, match="used for another pair"):
        submit_and_reserve(ledger.store, first.views[0].id, anna.id, said)
    assert judgements(ledger) == [held.id]


def test_the_last_verdict_is_recorded_though_nothing_is_left(ledger: Ledger) -> None:
    ledger.tasks(1)
    anna = ledger.person()
    [held] = reserve(ledger.store, anna.id)
    found = submit_and_reserve(ledger.store, held.id, anna.id, ledger.says())
    assert found.views == ()
    assert isinstance(found.obstacle, NothingToLabel)
    assert judgements(ledger) == [held.id]


def test_who_is_stopped_by_a_wrong_gold_answer_gets_no_pair_for_it(ledger: Ledger) -> None:
    open_campaign(ledger.store, "default")
    rule = GoldRule("pause", 0.7, last=4, at_least=1)
    set_rules(ledger.store, "default", gold_share=0.99, gold_rules=(rule,))
    ledger.tasks(3)
    known = [ChosenPair(ledger.pair(), known={"verdicts": ["A_better"]}) for _ in range(3)]
    create_tasks(ledger.store, known, pool="gold")
    anna = ledger.person()
    [held] = reserve(ledger.store, anna.id)
    found = submit_and_reserve(ledger.store, held.id, anna.id, ledger.says(in_order(held, "B_better")))
    assert found.views == ()
    assert "not active" in str(found.obstacle)
    assert states(ledger) == ["submitted"]


@pytest.mark.parametrize("rules", [{"daily_limit": 3}, {"label_budget": 3}])
def test_limits_hold(ledger: Ledger, rules: dict[str, int]) -> None:
    open_campaign(ledger.store, "default")
    set_rules(ledger.store, "default", **rules)
    ledger.tasks(6)
    anna = ledger.person()
    [held] = reserve(ledger.store, anna.id)
    for _ in range(2):
        found = submit_and_reserve(ledger.store, held.id, anna.id, ledger.says())
        [held] = found.views
    found = submit_and_reserve(ledger.store, held.id, anna.id, ledger.says())
    assert found.views == ()
    assert isinstance(found.obstacle, NothingToLabel)
    assert len(judgements(ledger)) == 3


def test_a_late_verdict_counts_and_leases_that_ran_out_go_to_others(ledger: Ledger) -> None:
    ledger.tasks(2, overlap=1)
    anna, boris = ledger.person(), ledger.person("boris")
    [late] = reserve(ledger.store, anna.id)
    [gone] = reserve(ledger.store, boris.id)
    with ledger.store.writing.begin() as session:
        for one in (late, gone):
            session.get_one(Assignment, one.id).expires_at = now() - timedelta(seconds=1)
    found = submit_and_reserve(ledger.store, late.id, anna.id, ledger.says())
    assert [view.task_id for view in found.views] == [gone.task_id]
    assert states(ledger)[:2] == ["submitted", "expired"]


def test_two_windows_of_one_person_hold_the_same_pairs(ledger: Ledger) -> None:
    ledger.tasks(6)
    anna = ledger.person()
    first, second = reserve(ledger.store, anna.id, count=2)
    one = submit_and_reserve(ledger.store, first.id, anna.id, ledger.says(), count=2)
    other = submit_and_reserve(ledger.store, second.id, anna.id, ledger.says(), count=2)
    assert one.views[1].id == other.views[0].id
    assert states(ledger) == ["submitted", "submitted", "reserved", "reserved"]


def test_pairs_and_their_order_are_those_of_one_after_the_other(
    tmp_path: Path, guidelines_folder: Path
) -> None:
    seen = []
    for name in ("apart", "together"):
        store = open_store(f"sqlite:///{tmp_path / name}.db")
        ledger = Ledger(store, adopt_guidelines(store, guidelines_folder))
        open_campaign(store, "law", CampaignRules(gold_share=0.3), seed=7)
        create_tasks(store, [ChosenPair(ledger.pair()) for _ in range(12)], overlap=2, campaign="law")
        known = [ChosenPair(ledger.pair(), known={"verdicts": ["tie"]}) for _ in range(6)]
        create_tasks(store, known, campaign="law", pool="gold")
        anna = ledger.person()
        views, shown = reserve(store, anna.id, count=2), []
        while views:
            shown.append((views[0].task_id, views[0].pair.a.text))
            if name == "together":
                views = submit_and_reserve(store, views[0].id, anna.id, ledger.says(), count=2).views
                continue
            submit(store, views[0].id, anna.id, ledger.says())
            try:
                views = reserve(store, anna.id, count=2)
            except NothingToLabel:
                views = []
        seen.append(shown)
        store.engine.dispose()
    assert len(seen[0]) > 12
    assert seen[0] == seen[1]
