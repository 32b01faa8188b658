"""The audit slice: what counts as right, who is left out, the lot, and labels that stand."""

import numpy as np
import pytest
from sqlalchemy import select

from annotate.errors import NothingToLabel
from annotate.labelling import reserve
from annotate.labelling.machines.audit import draw_audit, let_stand, read_audit, waiting_pairs
from annotate.store import Event, Store, Task
from tests.annotate.conftest import Ledger
from tests.annotate.labelling.machines.audits import audit, judge_pairs


def test_a_machine_is_right_where_it_names_the_outcome_of_the_people(ledger: Ledger) -> None:
    pairs = ledger.tasks(3, languages=("en", "ru", "en"), audit=True)
    judge_pairs(ledger, "anna", "person", dict(zip(pairs, ["A_better", "tie", "both_bad"], strict=True)))
    said = dict(zip(pairs, ["A_much_better", "both_bad", "both_bad"], strict=True))
    judge_pairs(ledger, "robot", "machine", said, confidence=0.7)
    found = read_audit(ledger.store)
    observed = found.observed(found.machines["robot"])
    assert [(one.pair_id, one.right, one.language) for one in observed] == [
        (pairs[0], True, "en"),
        (pairs[1], False, "ru"),
        (pairs[2], True, "en"),
    ]
    assert {one.confidence for one in observed} == {0.7}


def test_only_people_make_the_truth_and_even_votes_make_none(ledger: Ledger) -> None:
    judged, split, machine_only = ledger.tasks(3, audit=True)
    [not_audited] = ledger.tasks(1)
    judge_pairs(ledger, "anna", "person", {judged: "A_better", split: "A_better", not_audited: "tie"})
    judge_pairs(ledger, "boris", "person", {judged: "A_better", split: "B_better"})
    everything = (judged, split, machine_only, not_audited)
    for name in ("robot", "android"):
        judge_pairs(ledger, name, "machine", dict.fromkeys(everything, "B_better"))
    found = read_audit(ledger.store)
    assert found.truth == {judged: "first"}
    assert set(found.machines["robot"]) == set(everything)


def test_audited_and_begun_pairs_are_not_up_for_routing(ledger: Ledger) -> None:
    audited = audit(ledger, {}, pairs=2)
    begun, waiting = ledger.tasks(2, overlap=3)
    judge_pairs(ledger, "boris", "person", {begun: "tie"})
    assert [(one.pair_id, one.people, one.language) for one in waiting_pairs(ledger.store)] == [
        (waiting, 3, "en")
    ]
    assert audited


def test_the_lot_falls_on_waiting_pairs_only_and_evenly(ledger: Ledger) -> None:
    pairs = ledger.tasks(30)
    assert draw_audit(ledger.store, 10, np.random.default_rng(0)) == 10
    with ledger.store.reading() as session:
        drawn = set(session.scalars(select(Task.pair_id).where(Task.audit)))
        assert session.query(Event).filter_by(kind="audited").count() == 10
    assert drawn < set(pairs)
    assert {one.pair_id for one in waiting_pairs(ledger.store)} == set(pairs) - drawn
    assert draw_audit(ledger.store, 100, np.random.default_rng(0)) == 20


def test_a_label_that_stands_closes_its_pair_to_people_and_says_why(ledger: Ledger, store: Store) -> None:
    first, second = ledger.tasks(2)
    judge_pairs(ledger, "robot", "machine", {first: "A_better", second: "A_better"})
    proof = {"machine": "robot", "low": 0.91}
    assert let_stand(store, {first: proof}) == 1
    assert let_stand(store, {first: proof}) == 0
    anna = ledger.person("anna")
    assert [held.pair.pair_id for held in reserve(store, anna.id, count=5)] == [second]
    assert let_stand(store, {second: proof}) == 0  # anna has it
    with pytest.raises(NothingToLabel):
        reserve(store, ledger.person("boris", languages=["ru"]).id)
    with store.reading() as session:
        [event] = session.query(Event).filter_by(kind="routed").all()
        assert event.details == proof | {"overlap": 2}
        task = session.scalars(select(Task).where(Task.pair_id == first)).one()
        assert not task.open_to_people
