from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from annotate.errors import LabellingError
from annotate.labelling import refresh_preferences
from annotate.labelling.feedback import Sign, give_feedback, verdict_of
from annotate.labelling.ledger.history import read_history
from annotate.labelling.ledger.places import recount
from annotate.labelling.preference_changes import CHANGED
from annotate.store import Account, Asked, Assessor, Pair, Preference, Task

FIRST, SECOND = 1, 2
SIGN = st.one_of(
    st.tuples(st.just("thumb"), st.sampled_from([FIRST, SECOND]), st.booleans()),
    st.tuples(st.just("choice"), st.sampled_from([FIRST, SECOND, None]), st.just(False)),
    st.tuples(st.just("click"), st.sampled_from([FIRST, SECOND]), st.just(False)),
)


@pytest.mark.parametrize(
    ("signs", "verdict"),
    [
        ([("thumb", FIRST, True)], "A_better"),
        ([("thumb", FIRST, False)], "B_better"),
        ([("thumb", FIRST, True), ("thumb", SECOND, True)], "tie"),
        ([("thumb", FIRST, False), ("thumb", SECOND, False)], "both_bad"),
        ([("thumb", FIRST, False), ("thumb", FIRST, True)], "A_better"),
        ([("choice", None, False)], "both_bad"),
        ([("choice", SECOND, False), ("thumb", FIRST, True)], "B_better"),
        ([("click", FIRST, False)], "A_better"),
        ([("click", FIRST, False), ("click", SECOND, False)], ""),
        ([], ""),
    ],
)
def test_what_signs_say_of_a_pair(signs, verdict):
    assert verdict_of(signs, FIRST, SECOND) == verdict


@given(st.lists(SIGN, max_size=8))
def test_turning_the_pair_turns_the_verdict(signs):
    turned = {"A_better": "B_better", "B_better": "A_better"}
    one = verdict_of(signs, FIRST, SECOND)
    assert verdict_of(signs, SECOND, FIRST) == turned.get(one, one)


def asked_by(ledger, pair_id, account="asker"):
    with ledger.store.writing.begin() as session:
        who = session.scalar(select(Account).where(Account.name == account))
        if who is None:
            who = Account(name=account, role="assessor", email=None)
            session.add(who)
            session.flush()
        pair = session.get_one(Pair, pair_id)
        number = f"asked-{account}-{pair_id}"
        session.add(
            Asked(id=number, question_id=pair.question_id, pair_id=pair_id, account_id=who.id,
                  answer_ids=[pair.first_id, pair.second_id])
        )  # fmt: skip
        return number, who.id, pair.first_id


def test_feedback_beside_judgements_changes_neither_places_nor_trust_in_people(ledger):
    [pair, *_] = ledger.tasks(3)
    anna = ledger.person()
    for _ in range(3):
        ledger.judge(anna, "A_better")
    refresh_preferences(ledger.store)
    with ledger.store.reading() as session:
        trusted = session.scalar(select(Assessor.reliability).where(Assessor.name == "anna"))
        before = session.scalars(select(Preference).where(Preference.pair_id == pair)).one()
    for number in range(2):
        asked, account, first = asked_by(ledger, pair, f"asker {number}")
        said = Sign(f"sign-{number}", "thumb", first, up=False)
        give_feedback(ledger.store, asked, account, said, ledger.guideline.id)
    with ledger.store.writing.begin() as session:
        assert recount(session) == 0
    refresh_preferences(ledger.store)
    with ledger.store.reading() as session:
        assert session.scalar(select(Assessor.reliability).where(Assessor.name == "anna")) == trusted
        after = session.scalars(select(Preference).where(Preference.pair_id == pair)).one()
        task = session.scalars(select(Task).where(Task.pair_id == pair)).one()
    assert (task.people_places, after.people, after.machines, len(after.votes)) == (1, 1, 0, 3)
    assert after.posterior["first"] < before.posterior["first"]
    assert after.posterior["first"] > after.posterior["second"]  # two askers weigh less than one person


def test_a_pair_that_people_judged_alike_does_not_become_more_urgent(ledger):
    [pair] = ledger.tasks(1)
    ledger.judge(ledger.person(), "A_better")
    refresh_preferences(ledger.store)
    asked, account, first = asked_by(ledger, pair)

    def priority():
        with ledger.store.reading() as session:
            return session.scalar(select(Task.priority).where(Task.pair_id == pair))

    before = priority()
    give_feedback(ledger.store, asked, account, Sign("one", "thumb", first, up=True), ledger.guideline.id)
    assert priority() == before
    give_feedback(ledger.store, asked, account, Sign("two", "thumb", first, up=False), ledger.guideline.id)
    assert priority() > before


def test_control_pairs_are_not_judged_by_feedback(ledger):
    [pair] = ledger.tasks(1)
    with ledger.store.writing.begin() as session:
        session.scalars(select(Task).where(Task.pair_id == pair)).one().pool = "gold"
    asked, account, first = asked_by(ledger, pair)
    found = give_feedback(
        ledger.store, asked, account, Sign("one", "thumb", first, up=True), ledger.guideline.id
    )
    assert (found.judgement_id, found.verdict) == (None, "")


def test_feedback_on_a_foreign_question_is_refused(ledger):
    [pair] = ledger.tasks(1)
    asked, account, first = asked_by(ledger, pair)
    with pytest.raises(LabellingError):
        give_feedback(
            ledger.store, asked, account + 1, Sign("one", "thumb", first, up=True), ledger.guideline.id
        )


def test_a_changed_preference_is_told_in_the_history_once(ledger):
    [pair] = ledger.tasks(1)
    ledger.judge(ledger.person(), "A_better")
    refresh_preferences(ledger.store)
    refresh_preferences(ledger.store)
    told = [one.details for one in read_history(ledger.store) if one.kind == CHANGED]
    assert told == [{"pair": pair, "from": None, "to": "A_better"}]
