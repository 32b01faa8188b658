from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from annotate.errors import LabellingError, NothingToLabel
from annotate.labelling import reserve, submit
from annotate.labelling.campaigns import set_rules
from annotate.labelling.controls.gold import Known, add_control
from annotate.labelling.controls.promotion import make_gold
from annotate.labelling.ledger.holds import count_held, extend_holds, hand_over, hold, open_seats, withdraw
from annotate.store import Assignment, Event, Task


def held(ledger: Any, task: int, wanted: int, **more: Any) -> int:
    seats = open_seats(ledger.store, "elsewhere", 3)
    return hold(ledger.store, {task: wanted}, seats, {task: False}, **more)[task]


def counters(ledger: Any, task: int) -> tuple[int, bool]:
    with ledger.store.reading() as session:
        found = session.get_one(Task, task)
        return found.people_places, found.open_to_people


def test_seats_take_free_places_and_no_more(ledger: Any) -> None:
    [pair] = ledger.tasks(1, overlap=2)
    task = ledger.task_of(pair)
    carl = ledger.person("carl")
    [mine] = reserve(ledger.store, carl.id)
    assert held(ledger, task, 3) == 1
    assert held(ledger, task, 3) == 1
    assert counters(ledger, task) == (2, False)
    with pytest.raises(NothingToLabel):
        reserve(ledger.store, ledger.person("dora").id)
    assert held(ledger, task, 0) == 0
    assert counters(ledger, task) == (1, True)
    submit(ledger.store, mine.id, carl.id, ledger.says())


def test_a_place_passes_from_the_seat_to_the_person(ledger: Any) -> None:
    [pair] = ledger.tasks(1, overlap=2)
    task = ledger.task_of(pair)
    seats = open_seats(ledger.store, "elsewhere", 2)
    hold(ledger.store, {task: 2}, seats, {task: True})
    for name in ("anna", "bob"):
        person = ledger.person(name)
        assignment, state = hand_over(ledger.store, task, person.id, seats, swapped=True)
        assert state == "reserved"
        assert hand_over(ledger.store, task, person.id, seats, swapped=True) == (assignment, "reserved")
        submit(ledger.store, assignment, person.id, ledger.says("A_better"))
        assert hand_over(ledger.store, task, person.id, seats, swapped=True) == (assignment, "submitted")
        assert counters(ledger, task) == (2, False)
    with pytest.raises(LabellingError, match="has all its judgements"):
        hand_over(ledger.store, task, ledger.person("late").id, seats, swapped=True)
    assert count_held(ledger.store, [task], seats) == {}
    with ledger.store.reading() as session:
        assert set(session.scalars(select(Assignment.swapped))) == {True}


def test_a_withdrawn_judgement_frees_its_place_and_stays_in_the_history(ledger: Any) -> None:
    [pair] = ledger.tasks(1, overlap=1)
    task, anna = ledger.task_of(pair), ledger.person("anna")
    assignment = ledger.judge(anna, "tie").id
    assert withdraw(ledger.store, assignment, anna.id, "deleted there") is True
    assert withdraw(ledger.store, assignment, anna.id, "deleted there") is False
    assert counters(ledger, task) == (0, True)
    with ledger.store.reading() as session:
        told = session.scalars(select(Event.details).where(Event.kind == "undone")).all()
    assert told == [{"why": "deleted there"}]


def test_leases_of_seats_end_when_nobody_extends_them(ledger: Any) -> None:
    [pair] = ledger.tasks(1, overlap=1)
    task = ledger.task_of(pair)
    seats = open_seats(ledger.store, "elsewhere", 1)
    hold(ledger.store, {task: 1}, seats, {task: False}, lease_seconds=3600)
    assert extend_holds(ledger.store, seats, [task], lease_seconds=-1) == 1
    assert extend_holds(ledger.store, seats, [task]) == 0
    assert len(reserve(ledger.store, ledger.person("carl").id)) == 1


def test_seats_hold_nothing_of_a_decided_task(ledger: Any) -> None:
    [pair] = ledger.tasks(1, overlap=2)
    set_rules(ledger.store, "default", dynamic=True, stop_lead=1, overlap=2, max_overlap=4)
    task = ledger.task_of(pair)
    assert held(ledger, task, 2) == 2
    seats = open_seats(ledger.store, "elsewhere", 3)
    anna = ledger.person("anna")
    assignment, _ = hand_over(ledger.store, task, anna.id, seats, swapped=False)
    submit(ledger.store, assignment, anna.id, ledger.says("A_much_better"))
    assert held(ledger, task, 2) == 0
    assert counters(ledger, task) == (1, False)


def test_controls_need_no_holding(ledger: Any) -> None:
    task = add_control(ledger.store, ledger.pair(), Known(("tie",), "because"))
    assert held(ledger, task, 2) == 0


def test_real_work_becomes_gold_once_its_verdict_is_known(ledger: Any) -> None:
    [pair] = ledger.tasks(1, overlap=1)
    task = ledger.task_of(pair)
    ledger.judge(ledger.person("anna"), "tie")
    make_gold(ledger.store, task, "both_bad", "the lead says so", "lead")
    make_gold(ledger.store, task, "tie", "on second thoughts", "lead")
    with ledger.store.reading() as session:
        found = session.get_one(Task, task)
        assert (found.pool, found.known["verdicts"], found.open_to_people) == ("gold", ["tie"], True)
        told = session.scalars(select(Event.details).where(Event.kind == "known").order_by(Event.id)).all()
    assert [(one["before"], one["after"]) for one in told] == [([], ["both_bad"]), (["both_bad"], ["tie"])]
    exam = add_control(ledger.store, ledger.pair(), Known(("tie",), "because"), pool="exam")
    with pytest.raises(LabellingError, match="exam"):
        make_gold(ledger.store, exam, "tie", "no", "lead")
