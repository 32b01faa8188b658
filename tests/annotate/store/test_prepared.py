"""Prepared statements do what SQLAlchemy does with the same statement, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from annotate.store import Assessor, Event, Judgement, Store
from annotate.store.prepared import Prepared

MOMENT = datetime(2026, 5, 4, 3, 2, 1, 123000, tzinfo=UTC)
ADD = Prepared(insert(Assessor).returning(Assessor.id))
BY_NAME = Prepared(select(Assessor).where(Assessor.name == bindparam("wanted")))


def test_values_defaults_and_types_are_those_of_sqlalchemy(store: Store) -> None:
    known = {
        "name": "anna",
        "kind": "person",
        "languages": ["ru", "en"],
        "reliability": 0.25,
        "created_at": MOMENT,
    }
    with store.writing.begin() as session:
        number = ADD.scalar(session, known)
    with store.reading() as session:
        row = BY_NAME.first(session, {"wanted": "anna"})
        assert row == session.execute(select(Assessor.__table__)).one()
    assert (row.id, row.languages, row.skills, row.state) == (number, ["ru", "en"], [], "active")
    assert (row.reliability, row.created_at) == (0.25, MOMENT)


def test_it_takes_part_in_the_transaction_of_its_session(store: Store) -> None:
    with store.writing() as session:
        ADD.run(session, {"name": "anna", "kind": "person"})
        session.add(Assessor(name="boris", kind="person"))
        session.flush()
        assert BY_NAME.first(session, {"wanted": "boris"}) is not None
        session.rollback()
        assert BY_NAME.all(session, {"wanted": "anna"}) == []
        session.rollback()
        ADD.run(session, {"name": "clara", "kind": "person"})
        session.commit()
    with store.reading() as session:
        assert [one.name for one in session.scalars(select(Assessor))] == ["clara"]


def test_changes_are_counted_and_other_columns_left_alone(store: Store) -> None:
    change = Prepared(update(Assessor).where(Assessor.name == bindparam("wanted")))
    with store.writing.begin() as session:
        ADD.run(session, {"name": "anna", "kind": "person", "daily_limit": 5})
        assert change.run(session, {"wanted": "anna", "state": "paused"}) == 1
        assert change.run(session, {"wanted": "nobody", "state": "paused"}) == 0
        assert change.run(session, {"wanted": "anna", "state_reason": "asked to"}) == 1
        row = BY_NAME.first(session, {"wanted": "anna"})
    assert (row.state, row.state_reason, row.daily_limit) == ("paused", "asked to", 5)


def test_errors_are_those_of_sqlalchemy(store: Store) -> None:
    with store.writing.begin() as session:
        ADD.run(session, {"name": "anna", "kind": "person"})
    with pytest.raises(IntegrityError), store.writing.begin() as session:
        ADD.run(session, {"name": "anna", "kind": "person"})
    orphan = Prepared(insert(Judgement))
    values = {"assignment_id": 9, "client_key": "k", "verdict": "tie", "guideline_id": 1, "channel": "test"}
    with pytest.raises(IntegrityError), store.writing.begin() as session:
        orphan.run(session, values | {"confidence": None})


def test_a_list_of_values_is_refused(store: Store) -> None:
    listed = Prepared(select(Event.id).where(Event.kind.in_(("one", "two"))))
    with store.reading() as session, pytest.raises(ValueError, match="cannot be prepared"):
        listed.all(session, {})
