"""The ledger of assignments, on SQLite and PostgreSQL."""

import time
from collections import Counter
from datetime import timedelta

import pytest

from annotate.errors import LabellingError, LeaseLost, NothingToLabel, VerdictError
from annotate.labelling import (
    AssignmentView,
    ChosenPair,
    amend,
    create_tasks,
    expire,
    flag,
    release,
    renew,
    reserve,
    reserve_pair,
    skip,
    submit,
)
from annotate.store import Assignment, Judgement, now
from tests.annotate.conftest import Ledger, in_order


def stored(ledger: Ledger, assignment_id: int) -> Assignment:
    with ledger.store.reading() as session:
        return session.get_one(Assignment, assignment_id)


def judgements(ledger: Ledger) -> list[Judgement]:
    with ledger.store.reading() as session:
        return session.query(Judgement).order_by(Judgement.id).all()


def let_it_run_out(ledger: Ledger, held: AssignmentView) -> None:
    """Move the end of a lease into the past."""
    with ledger.store.writing.begin() as session:
        session.get_one(Assignment, held.id).expires_at = now() - timedelta(seconds=1)


class TestReserving:
    def test_the_most_urgent_task_comes_first_with_its_pair(self, ledger: Ledger) -> None:
        low, high = ledger.pair("Low?"), ledger.pair("High?")
        create_tasks(ledger.store, [ChosenPair(low, 1.0), ChosenPair(high, 2.0)], overlap=1)
        before = now()
        [held] = reserve(ledger.store, ledger.person().id, lease_seconds=60)
        assert (held.pair.pair_id, held.pair.question) == (high, "High?")
        assert {held.pair.a.text[:5], held.pair.b.text[:5]} == {"first", "secon"}
        assert timedelta(seconds=59) < held.expires_at - before < timedelta(seconds=70)

    def test_what_is_held_comes_again_first(self, ledger: Ledger) -> None:
        ledger.tasks(3)
        anna = ledger.person()
        [first] = reserve(ledger.store, anna.id)
        assert [held.id for held in reserve(ledger.store, anna.id)] == [first.id]
        more = reserve(ledger.store, anna.id, count=5)
        assert more[0].id == first.id
        assert len(more) == 3
        assert [held.pair.a.text for held in more][:1] == [first.pair.a.text]

    def test_an_assessor_never_gets_a_task_twice(self, ledger: Ledger) -> None:
        ledger.tasks(3, overlap=5)
        anna = ledger.person()
        seen = [ledger.judge(anna, "tie").task_id for _ in range(3)]
        assert len(set(seen)) == 3
        with pytest.raises(NothingToLabel):
            reserve(ledger.store, anna.id)

    def test_overlap_counts_people_and_machines_apart(self, ledger: Ledger) -> None:
        ledger.tasks(1, overlap=2)
        people = [ledger.person(name) for name in ("anna", "boris", "clara")]
        machines = [ledger.machine(name) for name in ("m1", "m2", "m3")]
        for assessor in (machines[0], people[0], machines[1], people[1]):
            assert len(reserve(ledger.store, assessor.id)) == 1
        for assessor in (people[2], machines[2]):
            with pytest.raises(NothingToLabel):
                reserve(ledger.store, assessor.id)

    def test_only_the_assessors_languages_are_handed_out(self, ledger: Ledger) -> None:
        ledger.tasks(4, overlap=3, languages=("en", "ru"))
        russian = reserve(ledger.store, ledger.person("anna", languages=["ru"]).id, count=9)
        assert [held.pair.language for held in russian] == ["ru", "ru"]
        both = reserve(ledger.store, ledger.person("boris", languages=["ru", "en"]).id, count=9)
        assert len(both) == 4
        anything = reserve(ledger.store, ledger.person("clara", languages=[]).id, count=9)
        assert len(anything) == 4
        with pytest.raises(NothingToLabel):
            reserve(ledger.store, ledger.person("dora", languages=["de"]).id)

    def test_the_orders_of_display_balance_within_a_task(self, ledger: Ledger) -> None:
        ledger.tasks(6, overlap=4)
        orders: dict[int, list[str]] = {}
        for name in ("anna", "boris", "clara", "dora"):
            for held in reserve(ledger.store, ledger.person(name).id, count=6, seed=3):
                orders.setdefault(held.task_id, []).append(held.pair.a.text.split()[0])
        assert all(Counter(shown) == {"first": 2, "second": 2} for shown in orders.values())

    def test_the_first_order_is_drawn_by_the_seed(self, ledger: Ledger) -> None:
        ledger.tasks(40, overlap=1)
        held = reserve(ledger.store, ledger.person().id, count=40)
        turned = sum(view.pair.a.text.startswith("second") for view in held)
        assert 8 < turned < 32

    @pytest.mark.parametrize("assessor_id", [0, 77])
    def test_an_unknown_assessor_is_refused(self, ledger: Ledger, assessor_id: int) -> None:
        with pytest.raises(LabellingError, match="unknown"):
            reserve(ledger.store, assessor_id)

    def test_one_pair_can_be_reserved_by_name_in_the_stored_order(self, ledger: Ledger) -> None:
        pairs = ledger.tasks(3)
        anna = ledger.person()
        held = reserve_pair(ledger.store, pairs[1], anna.id)
        assert held.pair.pair_id == pairs[1]
        assert held.pair.a.text.startswith("first")
        with pytest.raises(LabellingError, match="already"):
            reserve_pair(ledger.store, pairs[1], anna.id)
        with pytest.raises(LabellingError, match="not up for labelling"):
            reserve_pair(ledger.store, ledger.pair(), anna.id)


class TestLeases:
    def test_renewing_moves_the_end(self, ledger: Ledger) -> None:
        ledger.tasks(1)
        anna = ledger.person()
        [held] = reserve(ledger.store, anna.id, lease_seconds=10)
        assert renew(ledger.store, held.id, anna.id, lease_seconds=1000) > held.expires_at

    def test_a_lease_that_ran_out_goes_to_the_next(self, ledger: Ledger) -> None:
        ledger.tasks(1, overlap=1)
        anna, boris = ledger.person("anna"), ledger.person("boris")
        [held] = reserve(ledger.store, anna.id)
        with pytest.raises(NothingToLabel):
            reserve(ledger.store, boris.id)
        let_it_run_out(ledger, held)
        assert reserve(ledger.store, boris.id)[0].task_id == held.task_id
        assert stored(ledger, held.id).state == "expired"
        with pytest.raises(LeaseLost, match="ran out"):
            renew(ledger.store, held.id, anna.id)

    def test_expiring_counts_only_what_ran_out(self, ledger: Ledger) -> None:
        ledger.tasks(3)
        anna = ledger.person()
        held = reserve(ledger.store, anna.id, count=3)
        let_it_run_out(ledger, held[0])
        let_it_run_out(ledger, held[1])
        submit(ledger.store, held[1].id, anna.id, ledger.says())
        assert expire(ledger.store) == 1
        assert expire(ledger.store) == 0
        assert [stored(ledger, view.id).state for view in held] == ["expired", "submitted", "reserved"]

    def test_a_short_lease_really_runs_out(self, ledger: Ledger) -> None:
        ledger.tasks(1, overlap=1)
        reserve(ledger.store, ledger.person("anna").id, lease_seconds=0)
        time.sleep(0.01)
        assert len(reserve(ledger.store, ledger.person("boris").id)) == 1

    def test_a_task_given_back_may_come_again_in_the_same_order(self, ledger: Ledger) -> None:
        ledger.tasks(1, overlap=1)
        anna = ledger.person()
        [held] = reserve(ledger.store, anna.id)
        release(ledger.store, held.id, anna.id)
        [again] = reserve(ledger.store, anna.id, seed=99)
        assert (again.id, again.pair) == (held.id, held.pair)

    def test_after_skipping_another_gets_the_task_and_the_skipper_never(self, ledger: Ledger) -> None:
        ledger.tasks(1, overlap=1)
        anna, boris = ledger.person("anna"), ledger.person("boris")
        [held] = reserve(ledger.store, anna.id)
        skip(ledger.store, held.id, anna.id, "not my field")
        with pytest.raises(NothingToLabel):
            reserve(ledger.store, anna.id)
        assert reserve(ledger.store, boris.id)[0].task_id == held.task_id
        assert stored(ledger, held.id).reason == "not my field"

    def test_flagging_keeps_the_lease(self, ledger: Ledger) -> None:
        ledger.tasks(1)
        anna = ledger.person()
        [held] = reserve(ledger.store, anna.id)
        flag(ledger.store, held.id, anna.id, " personal data ")
        found = stored(ledger, held.id)
        assert (found.flagged, found.reason, found.state) == (True, "personal data", "reserved")
        submit(ledger.store, held.id, anna.id, ledger.says())

    @pytest.mark.parametrize("leave", [skip, flag])
    def test_skipping_and_flagging_need_a_reason(self, ledger: Ledger, leave: object) -> None:
        ledger.tasks(1)
        anna = ledger.person()
        [held] = reserve(ledger.store, anna.id)
        with pytest.raises(LabellingError, match="needs a reason"):
            leave(ledger.store, held.id, anna.id, "  ")  # type: ignore[operator]
        assert stored(ledger, held.id).state == "reserved"

    def test_nobody_touches_the_lease_of_another(self, ledger: Ledger) -> None:
        ledger.tasks(1, overlap=2)
        anna, boris = ledger.person("anna"), ledger.person("boris")
        [held] = reserve(ledger.store, anna.id)
        for step in (
            lambda: renew(ledger.store, held.id, boris.id),
            lambda: submit(ledger.store, held.id, boris.id, ledger.says()),
            lambda: amend(ledger.store, held.id, boris.id, ledger.says()),
            lambda: skip(ledger.store, held.id, boris.id, "x"),
            lambda: flag(ledger.store, held.id, boris.id, "x"),
            lambda: release(ledger.store, held.id, boris.id),
            lambda: submit(ledger.store, 999, anna.id, ledger.says()),
        ):
            with pytest.raises(LeaseLost):
                step()
        assert stored(ledger, held.id).state == "reserved"
        assert judgements(ledger) == []


class TestSubmitting:
    def test_a_judgement_is_stored_in_the_order_of_the_pair(self, ledger: Ledger) -> None:
        ledger.tasks(8, overlap=1)
        anna = ledger.person()
        turned = 0
        for held in reserve(ledger.store, anna.id, count=8):
            shown_turned = held.pair.a.text.startswith("second")
            turned += shown_turned
            said = ledger.says(
                "A_much_better",
                aspects={"citations": "A", "safety": "tie"},
                tags={"B": ["hallucination"]},
                comment=" why ",
                confidence=0.75,
                details={"probability": 0.75},
                seconds=12.5,
            )
            made = submit(ledger.store, held.id, anna.id, said)
            found = next(one for one in judgements(ledger) if one.id == made)
            assert found.verdict == ("B_much_better" if shown_turned else "A_much_better")
            assert found.aspects == {"citations": "B" if shown_turned else "A", "safety": "tie"}
            assert found.tags == {"A" if shown_turned else "B": ["hallucination"]}
            assert (found.comment, found.confidence, found.seconds) == ("why", 0.75, 12.5)
            assert (found.revision, found.channel, found.details) == (1, "test", {"probability": 0.75})
            assert found.guideline_id == ledger.guideline.id
        assert 0 < turned < 8

    def test_sending_again_changes_nothing(self, ledger: Ledger) -> None:
        ledger.tasks(2)
        anna = ledger.person()
        first, second = reserve(ledger.store, anna.id, count=2)
        said = ledger.says("A_better", key="same")
        made = submit(ledger.store, first.id, anna.id, said)
        assert submit(ledger.store, first.id, anna.id, said) == made
        assert amend(ledger.store, first.id, anna.id, said) == made
        assert len(judgements(ledger)) == 1
        with pytest.raises(LabellingError, match="another pair"):
            submit(ledger.store, second.id, anna.id, said)
        assert stored(ledger, second.id).state == "reserved"

    def test_a_second_judgement_needs_amending(self, ledger: Ledger) -> None:
        ledger.tasks(1)
        anna = ledger.person()
        held = ledger.judge(anna, "A_better")
        with pytest.raises(LeaseLost, match="submitted already"):
            submit(ledger.store, held.id, anna.id, ledger.says())
        amend(ledger.store, held.id, anna.id, ledger.says(in_order(held, "B_better")))
        amend(ledger.store, held.id, anna.id, ledger.says("tie"))
        found = judgements(ledger)
        assert [(one.revision, one.verdict) for one in found] == [
            (1, "A_better"),
            (2, "B_better"),
            (3, "tie"),
        ]

    def test_there_is_nothing_to_amend_before_submitting(self, ledger: Ledger) -> None:
        ledger.tasks(1)
        anna = ledger.person()
        [held] = reserve(ledger.store, anna.id)
        with pytest.raises(LabellingError, match="no judgement to amend"):
            amend(ledger.store, held.id, anna.id, ledger.says())

    @pytest.mark.parametrize(
        "wrong",
        [
            {"verdict": "A_wins"},
            {"aspects": {"beauty": "A"}},
            {"aspects": {"safety": "left"}},
            {"tags": {"A": ["boring"]}},
            {"tags": {"C": ["loop"]}},
        ],
    )
    def test_what_is_not_well_formed_is_refused_and_nothing_recorded(
        self, ledger: Ledger, wrong: dict[str, object]
    ) -> None:
        ledger.tasks(1)
        anna = ledger.person()
        [held] = reserve(ledger.store, anna.id)
        with pytest.raises(VerdictError):
            submit(ledger.store, held.id, anna.id, ledger.says(**wrong))  # type: ignore[arg-type]
        assert judgements(ledger) == []
        assert stored(ledger, held.id).state == "reserved"

    def test_a_late_judgement_counts_while_there_is_room(self, ledger: Ledger) -> None:
        ledger.tasks(1, overlap=1)
        anna, boris = ledger.person("anna"), ledger.person("boris")
        [held] = reserve(ledger.store, anna.id)
        let_it_run_out(ledger, held)
        expire(ledger.store)
        submit(ledger.store, held.id, anna.id, ledger.says())
        assert stored(ledger, held.id).state == "submitted"
        with pytest.raises(NothingToLabel):
            reserve(ledger.store, boris.id)

    def test_a_late_judgement_is_refused_when_the_place_is_taken(self, ledger: Ledger) -> None:
        ledger.tasks(1, overlap=1)
        anna, boris = ledger.person("anna"), ledger.person("boris")
        [held] = reserve(ledger.store, anna.id)
        let_it_run_out(ledger, held)
        reserve(ledger.store, boris.id)
        with pytest.raises(LeaseLost, match="others have judged"):
            submit(ledger.store, held.id, anna.id, ledger.says())
        assert judgements(ledger) == []

    def test_a_machine_does_not_take_the_room_of_a_late_person(self, ledger: Ledger) -> None:
        ledger.tasks(1, overlap=1)
        anna = ledger.person("anna")
        [held] = reserve(ledger.store, anna.id)
        let_it_run_out(ledger, held)
        ledger.judge(ledger.machine(), "tie")
        submit(ledger.store, held.id, anna.id, ledger.says())

    @pytest.mark.parametrize("leave", ["skip", "release"])
    def test_what_was_left_cannot_be_submitted(self, ledger: Ledger, leave: str) -> None:
        ledger.tasks(1)
        anna = ledger.person()
        [held] = reserve(ledger.store, anna.id)
        if leave == "skip":
            skip(ledger.store, held.id, anna.id, "x")
        else:
            release(ledger.store, held.id, anna.id)
        with pytest.raises(LeaseLost, match="already"):
            submit(ledger.store, held.id, anna.id, ledger.says())

    def test_what_was_submitted_cannot_be_left(self, ledger: Ledger) -> None:
        ledger.tasks(1)
        anna = ledger.person()
        held = ledger.judge(anna, "tie")
        with pytest.raises(LeaseLost, match="submitted already"):
            skip(ledger.store, held.id, anna.id, "x")
        with pytest.raises(LeaseLost, match="submitted already"):
            release(ledger.store, held.id, anna.id)
