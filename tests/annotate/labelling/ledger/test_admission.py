"""Why somebody may not work yet, in words."""

from __future__ import annotations

import pytest

from annotate.labelling import reserve, submit
from annotate.labelling.assessors import set_active
from annotate.labelling.campaigns import open_campaign, set_rules
from annotate.labelling.guidelines import adopt_guidelines, confirm_guideline
from annotate.labelling.ledger.admission import admitted_languages, reason_to_wait
from annotate.store import Assessor, Campaign


def why(ledger, assessor, guideline_id: int | None = None) -> str:
    with ledger.store.reading() as session:
        campaign = session.query(Campaign).filter_by(name="default").one()
        return reason_to_wait(session, session.get_one(Assessor, assessor.id), campaign, guideline_id)


@pytest.fixture
def anna(ledger):
    open_campaign(ledger.store, "default")
    return ledger.person()


def test_nothing_is_asked_by_default(ledger, anna) -> None:
    assert why(ledger, anna) == why(ledger, ledger.machine()) == ""


def test_a_stopped_assessor_is_told_why(ledger, anna) -> None:
    set_active(ledger.store, "anna", active=False)
    assert why(ledger, anna) == "paused: set by hand"


def test_the_day_has_a_limit(ledger, anna) -> None:
    set_rules(ledger.store, "default", daily_limit=1)
    ledger.tasks(2)
    [held] = reserve(ledger.store, anna.id)
    submit(ledger.store, held.id, anna.id, ledger.says())
    assert why(ledger, anna) == "the daily limit is reached"


def test_a_changed_guideline_is_confirmed_anew(ledger, anna, guidelines_folder) -> None:
    set_rules(ledger.store, "default", confirm_guideline=True)
    assert "confirm" in why(ledger, anna)
    confirm_guideline(ledger.store, anna.id, ledger.guideline.id)
    assert why(ledger, anna) == ""
    (guidelines_folder / "en" / "comparison.md").write_text("Compare again.", "utf-8")
    changed = adopt_guidelines(ledger.store, guidelines_folder)
    assert "confirm" in why(ledger, anna)
    assert why(ledger, anna, ledger.guideline.id) == ""
    confirm_guideline(ledger.store, anna.id, changed.id)
    assert why(ledger, anna) == ""


def test_training_and_exam_are_asked_of_people(ledger, anna) -> None:
    set_rules(ledger.store, "default", exam_required=True)
    assert why(ledger, anna) == "pass the exam first"
    set_rules(ledger.store, "default", training_required=True)
    assert why(ledger, anna) == "do the training first"
    assert why(ledger, ledger.machine()) == ""
    with ledger.store.reading() as session:
        campaign = session.query(Campaign).one()
        assert admitted_languages(session, session.get_one(Assessor, anna.id), campaign) == []
