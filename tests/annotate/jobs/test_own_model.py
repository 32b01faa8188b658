"""What the learner itself is sure of needs nobody, and is never passed off as anybody's verdict."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from annotate.jobs.context import Context
from annotate.jobs.own_model import ask_own_model, submit_own_verdicts
from annotate.jobs.pair_columns import OWN_MODEL, read_pairs
from annotate.jobs.route import follow, route, summarise
from annotate.labelling import ChosenPair, create_tasks, refresh_preferences
from annotate.store import Assessor, Event, Preference, Task
from tests.annotate.conftest import Ledger
from tests.annotate.jobs.test_route import make_pairs
from tests.annotate.labelling.machines.audits import judge_pairs

pytestmark = pytest.mark.models
TAUGHT, AUDITED, WAITING = 30, 60, 10


@pytest.fixture
def world(context: Context) -> tuple[list[int], list[int]]:
    """People prefer the answer that says "right", in pairs that teach and in the audit slice."""
    pairs = make_pairs(context, TAUGHT + AUDITED + WAITING)
    taught, audited, waiting = pairs[:TAUGHT], pairs[TAUGHT:-WAITING], pairs[-WAITING:]
    create_tasks(context.store, [ChosenPair(pair) for pair in taught], overlap=1)
    create_tasks(context.store, [ChosenPair(pair, audit=True) for pair in audited], overlap=1)
    create_tasks(context.store, [ChosenPair(pair) for pair in waiting], overlap=2)
    ledger = Ledger(context.store, context.guideline)
    said = dict.fromkeys([*taught, *audited], "A_better") | dict.fromkeys(taught[:3], "B_better")
    judge_pairs(ledger, "anna", "person", said)
    refresh_preferences(context.store)
    return audited, waiting


def test_sure_pairs_are_closed_and_stand_in_the_history_alone(
    context: Context, world: tuple[list[int], list[int]]
) -> None:
    _, waiting = world
    planned = route(context, [OWN_MODEL], 0.8)
    shown = summarise(planned)
    assert (shown["nobody"], shown["stand"], shown["people"], shown["ask"]) == (WAITING, 0, 0, {})
    assert shown["own_labels"] == TAUGHT  # not one of the audit
    assert shown["accuracy"]["low"] >= 0.8
    assert (shown["cost"], shown["judgements_saved"]) == (0.0, 2 * WAITING)
    done = follow(context, planned)
    assert (done["closed_to_people"], done["left_to_nobody"], done["left_to_people"]) == (WAITING, WAITING, 0)
    with context.store.reading() as session:
        assert not session.scalars(
            select(Task.id).where(Task.open_to_people, Task.pair_id.in_(waiting))
        ).all()
        proofs = session.scalars(select(Event.details).where(Event.kind == "routed")).all()
        labelled = set(session.scalars(select(Preference.pair_id)))
        machines = session.scalars(select(Assessor.name).where(Assessor.kind == "machine")).all()
    assert len(proofs) == WAITING
    assert {(one["verdict"], one["model_made"], one["machine"]) for one in proofs} == {
        ("A_better", True, OWN_MODEL)
    }
    assert not labelled & set(waiting)  # no preference, so nothing that could train
    assert machines == []


def test_verdicts_that_are_allowed_count_as_a_machines_and_do_not_teach_the_learner(
    context: Context, world: tuple[list[int], list[int]]
) -> None:
    audited, waiting = world
    model = ask_own_model(context, audited, waiting)
    assert model is not None
    assert submit_own_verdicts(context, model, waiting) == WAITING
    assert submit_own_verdicts(context, model, waiting) == 0
    refresh_preferences(context.store)
    with context.store.reading() as session:
        made = session.scalars(select(Preference).where(Preference.pair_id.in_(waiting))).all()
        assert {(one.people, one.machines) for one in made} == {(0, 1)}
        assert {vote["assessor"] for one in made for vote in one.votes} == {model.name}
    assert not set(read_pairs(context).preferences) & set(waiting)
    again = ask_own_model(context, audited, waiting)
    assert again is not None
    assert again.fingerprint == model.fingerprint


def test_too_few_labels_leave_the_learner_out(context: Context) -> None:
    pairs = make_pairs(context, 12)
    create_tasks(context.store, [ChosenPair(pair) for pair in pairs], overlap=1)
    judge_pairs(
        Ledger(context.store, context.guideline), "anna", "person", dict.fromkeys(pairs[:8], "A_better")
    )
    refresh_preferences(context.store)
    assert ask_own_model(context, [], pairs[8:]) is None
    assert route(context, [OWN_MODEL], 0.8).own is None
