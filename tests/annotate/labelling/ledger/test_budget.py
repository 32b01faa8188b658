"""The label budget of a campaign is never overrun, and opens again when raised or a label comes back."""

from __future__ import annotations

import threading

import pytest

from annotate.errors import NothingToLabel
from annotate.labelling import release, reserve, submit
from annotate.labelling.campaigns import set_rules
from annotate.labelling.ledger.budget import labels_taken
from tests.annotate.conftest import Ledger


def taken(ledger: Ledger) -> int:
    with ledger.store.reading() as session:
        return labels_taken(session, 1)


def test_no_more_is_handed_out_than_the_budget(ledger: Ledger) -> None:
    ledger.tasks(6)
    set_rules(ledger.store, "default", label_budget=3)
    anna, boris = ledger.person("anna"), ledger.person("boris")
    assert len(reserve(ledger.store, anna.id, count=5)) == 3
    with pytest.raises(NothingToLabel, match="the label budget of the campaign is spent"):
        reserve(ledger.store, boris.id)
    assert taken(ledger) == 3


def test_what_is_held_can_be_submitted_and_what_is_given_back_is_free_again(ledger: Ledger) -> None:
    ledger.tasks(6)
    set_rules(ledger.store, "default", label_budget=2)
    anna, boris = ledger.person("anna"), ledger.person("boris")
    first, second = reserve(ledger.store, anna.id, count=2)
    submit(ledger.store, first.id, anna.id, ledger.says())
    release(ledger.store, second.id, anna.id)
    assert len(reserve(ledger.store, boris.id, count=4)) == 1
    set_rules(ledger.store, "default", label_budget=5)
    assert len(reserve(ledger.store, boris.id, count=9)) == 4


def test_machines_spend_nothing(ledger: Ledger) -> None:
    ledger.tasks(4)
    set_rules(ledger.store, "default", label_budget=1)
    robot = ledger.machine()
    assert len(reserve(ledger.store, robot.id, count=4)) == 4
    assert taken(ledger) == 0


def test_many_at_once_do_not_overrun_it(ledger: Ledger) -> None:
    ledger.tasks(20, overlap=3)
    set_rules(ledger.store, "default", label_budget=7)
    people = [ledger.person(f"person {number}") for number in range(6)]
    together = threading.Barrier(len(people))
    got: list[int] = []

    def work(assessor: int) -> None:
        together.wait()
        for count in (1, 3, 5):
            try:
                got.append(len(reserve(ledger.store, assessor, count=count)))
            except NothingToLabel:
                return

    threads = [threading.Thread(target=work, args=(one.id,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got
    assert taken(ledger) == 7
