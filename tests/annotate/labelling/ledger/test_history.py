"""The history: every step leaves its event, and nothing is ever changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from annotate.errors import LabellingError, VerdictError
from annotate.labelling import (
    amend,
    drop_judgements,
    expire,
    flag,
    release,
    renew,
    reserve,
    set_active,
    skip,
    submit,
    undo,
)
from annotate.labelling.campaigns import set_rules
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.history import read_history
from annotate.labelling.ledger.leaving import restore
from annotate.labelling.ledger.places import recount
from annotate.store import Assignment, Judgement, now
from tests.annotate.conftest import Ledger


def kinds(ledger: Ledger, assessor_id: int) -> list[str]:
    return [event.kind for event in read_history(ledger.store, assessor_id=assessor_id)]


def test_every_step_leaves_an_event(ledger: Ledger) -> None:
    ledger.tasks(4, overlap=1)
    anna = ledger.person()
    first, second, third, fourth = reserve(ledger.store, anna.id, count=4, lease_seconds=60)
    renew(ledger.store, first.id, anna.id)
    flag(ledger.store, first.id, anna.id, "odd")
    submit(ledger.store, first.id, anna.id, ledger.says("tie"))
    amend(ledger.store, first.id, anna.id, ledger.says("A_better"))
    undo(ledger.store, first.id, anna.id)
    submit(ledger.store, first.id, anna.id, ledger.says("tie"))
    skip(ledger.store, second.id, anna.id, "not mine")
    release(ledger.store, third.id, anna.id)
    with ledger.store.writing.begin() as session:
        session.get_one(Assignment, fourth.id).expires_at = now() - timedelta(seconds=1)
    assert expire(ledger.store) == 1
    set_active(ledger.store, "anna", False)
    assert kinds(ledger, anna.id) == [
        *["reserved"] * 4,
        *("renewed", "flagged", "submitted", "amended", "undone", "submitted", "skipped", "released"),
        *("expired", "paused"),
    ]
    [reserved, *_, last] = read_history(ledger.store, task_id=first.task_id)
    assert (reserved.kind, reserved.assessor, reserved.assignment_id) == ("reserved", "anna", first.id)
    assert last.details["judgement"] == 3
    assert read_history(ledger.store, task_id=first.task_id, limit=1) == [last]


@pytest.mark.parametrize("table", ["judgements", "events"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_it(ledger: Ledger, table: str, change: str) -> None:
    ledger.tasks(1)
    ledger.judge(ledger.person(), "tie")
    with (
        pytest.raises(DBAPIError, match="append-only"),
        ledger.store.writing.begin() as session,
    ):
        session.execute(text(change.format(table)))


def test_undoing_keeps_the_judgement_and_only_the_last_can_be_undone(ledger: Ledger) -> None:
    ledger.tasks(2, overlap=1)
    anna = ledger.person()
    first, second = ledger.judge(anna, "tie"), ledger.judge(anna, "A_better")
    with pytest.raises(LabellingError, match="only the last"):
        undo(ledger.store, first.id, anna.id)
    undo(ledger.store, second.id, anna.id)
    with pytest.raises(LabellingError, match="no judgement to undo"):
        undo(ledger.store, second.id, anna.id)
    [again] = reserve(ledger.store, anna.id)
    assert (again.id, again.pair) == (second.id, second.pair)
    submit(ledger.store, second.id, anna.id, ledger.says("tie"))
    with ledger.store.reading() as session:
        rows = session.query(Judgement).filter_by(assignment_id=second.id).order_by(Judgement.revision)
        assert [row.revision for row in rows] == [1, 2]
    set_rules(ledger.store, "default", undo_seconds=0)
    with pytest.raises(LabellingError, match="can be undone for 0 seconds"):
        undo(ledger.store, second.id, anna.id)


def test_dropping_opens_the_places_and_restoring_takes_them_again(ledger: Ledger) -> None:
    ledger.tasks(2, overlap=1)
    anna, boris = ledger.person("anna"), ledger.person("boris")
    before = now() - timedelta(hours=1)
    for _ in range(2):
        ledger.judge(anna, "tie")
    with pytest.raises(LabellingError, match="needs a reason"):
        drop_judgements(ledger.store, "anna", before, " ")
    assert drop_judgements(ledger.store, "anna", now() + timedelta(hours=1), "late") == []
    dropped = drop_judgements(ledger.store, "anna", before, "careless")
    assert len(dropped) == 2
    held = ledger.judge(boris, "tie")
    with ledger.store.writing.begin() as session:
        assert restore(session, dropped, "was right", clock_now(session)) == dropped
        assert recount(session) == 0
    assert kinds(ledger, anna.id).count("place restored") == 2
    assert held.task_id


def test_what_was_changed_meanwhile_is_not_overwritten(ledger: Ledger) -> None:
    ledger.tasks(1)
    anna = ledger.person()
    [held] = reserve(ledger.store, anna.id)
    submit(ledger.store, held.id, anna.id, ledger.says("tie"))
    version = held.version + 1
    amend(ledger.store, held.id, anna.id, ledger.says("A_better"), expected_version=version)
    with pytest.raises(LabellingError, match="changed meanwhile"):
        amend(ledger.store, held.id, anna.id, ledger.says("tie"), expected_version=version)


def test_marks_turn_with_the_order_and_must_be_well_formed(ledger: Ledger) -> None:
    ledger.tasks(6, overlap=1)
    anna = ledger.person()
    sides = set()
    for held in reserve(ledger.store, anna.id, count=6):
        mark = {"side": "A", "start": 0, "end": 4, "kind": "unsupported"}
        made = submit(ledger.store, held.id, anna.id, ledger.says(spans=[mark], active_seconds=2.0))
        with ledger.store.reading() as session:
            found = session.get_one(Judgement, made)
        turned = held.pair.a.text.startswith("second")
        assert found.spans == [mark | {"side": "B" if turned else "A"}]
        assert found.active_seconds == 2.0
        sides.add(turned)
    with pytest.raises(VerdictError, match="not a mark"):
        submit(ledger.store, 1, anna.id, ledger.says(spans=[{"side": "C"}]))
    wrong = {"side": "A", "start": 4, "end": 4, "kind": "unsafe"}
    with pytest.raises(VerdictError, match="marks nothing"):
        submit(ledger.store, 1, anna.id, ledger.says(spans=[wrong]))
