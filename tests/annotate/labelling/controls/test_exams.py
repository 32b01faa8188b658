"""Training and exam: what is drawn, what is told, what is passed, when it can be repeated."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from annotate.errors import LabellingError
from annotate.labelling import AssessorView, reserve
from annotate.labelling.campaigns import open_campaign, set_rules
from annotate.labelling.controls.exams import (
    Feedback,
    SittingView,
    answer_in_sitting,
    list_sittings,
    next_in_sitting,
    read_sitting,
    start_sitting,
)
from annotate.labelling.controls.gold import Known, add_control
from annotate.store import Sitting
from tests.annotate.conftest import in_order

PLACE = "comparison#Order"


def pool(ledger, name: str, count: int, language: str = "en", **known: str) -> list[int]:
    pairs = [ledger.pair(language=language) for _ in range(count)]
    for pair in pairs:
        add_control(
            ledger.store,
            pair,
            Known(("A_better", "A_much_better"), "B invents.", guideline=PLACE, **known),
            pool=name,
        )
    return pairs


def rules(ledger, **changes) -> None:
    open_campaign(ledger.store, "default")
    set_rules(
        ledger.store, "default", **{"exam_tasks": 4, "training_tasks": 2, "exam_pass_mark": 0.75} | changes
    )


def sit(
    ledger, assessor: AssessorView, kind: str, *verdicts: str
) -> tuple[SittingView, list[Feedback | None], list[int]]:
    sitting = start_sitting(ledger.store, assessor.id, kind, language="en")
    told, seen = [], []
    for verdict in verdicts:
        held = next_in_sitting(ledger.store, sitting.id, assessor.id)
        seen.append(held.pair.pair_id)
        said = ledger.says(in_order(held, verdict))
        told.append(answer_in_sitting(ledger.store, sitting.id, held.id, assessor.id, said))
    return read_sitting(ledger.store, sitting.id), told, seen


def test_training_tells_after_each_answer_and_an_exam_only_at_the_end(ledger, guidelines_folder) -> None:
    rules(ledger)
    pool(ledger, "training", 2), pool(ledger, "exam", 4)
    anna = ledger.person()
    done, told, _ = sit(ledger, anna, "training", "A_better", "tie")
    assert [one.right for one in told] == [True, False]
    assert [one.why for one in told] == ["B invents."] * 2
    assert {outcome[0] for one in told for outcome in one.verdicts} <= {"A", "B"}
    assert (done.right, done.total, done.passed) == (1, 2, True)
    half, told, _ = sit(ledger, anna, "exam", "A_better", "A_better")
    assert told == [None, None]
    assert (half.answered, half.right, half.passed, half.ended_at) == (2, None, None, None)
    whole, _, _ = sit(ledger, anna, "exam", "A_much_better", "B_better")
    assert (whole.id, whole.right, whole.passed) == (half.id, 3, True)
    assert next_in_sitting(ledger.store, whole.id, anna.id) is None


def test_who_fails_waits_and_gets_other_tasks(ledger) -> None:
    rules(ledger, exam_wait_hours=24)
    pool(ledger, "exam", 8)
    anna = ledger.person()
    failed, _, first = sit(ledger, anna, "exam", "A_better", "tie", "tie", "B_better")
    assert (failed.right, failed.passed) == (1, False)
    with pytest.raises(LabellingError, match="can be repeated from"):
        start_sitting(ledger.store, anna.id, "exam", language="en")
    a_day_passes(ledger)
    again, _, second = sit(ledger, anna, "exam", *["A_better"] * 4)
    assert (again.attempt, again.passed) == (2, True)
    assert not set(first) & set(second)
    with pytest.raises(LabellingError, match="passed already"):
        start_sitting(ledger.store, anna.id, "exam", language="en")


def test_a_small_pool_repeats_its_tasks_and_the_attempts_end(ledger) -> None:
    rules(ledger, exam_wait_hours=0, exam_attempts=2)
    pairs = pool(ledger, "exam", 3)
    anna = ledger.person()
    first, _, _ = sit(ledger, anna, "exam", "tie", "tie", "tie")
    second, _, seen = sit(ledger, anna, "exam", "A_better", "A_better", "tie")
    assert (first.right, first.total, second.right, second.passed) == (0, 3, 2, False)
    assert sorted(seen) == sorted(pairs)
    with pytest.raises(LabellingError, match="all 2 attempts"):
        start_sitting(ledger.store, anna.id, "exam", language="en")
    assert [one.attempt for one in list_sittings(ledger.store, anna.id)] == [1, 2]


def a_day_passes(ledger) -> None:
    with ledger.store.writing.begin() as session:
        for sitting in session.scalars(select(Sitting)):
            sitting.ended_at -= timedelta(days=1)


def test_the_first_answer_counts_and_sending_it_twice_changes_nothing(ledger) -> None:
    rules(ledger)
    pool(ledger, "exam", 4)
    anna = ledger.person()
    sitting = start_sitting(ledger.store, anna.id, "exam", language="en")
    held = next_in_sitting(ledger.store, sitting.id, anna.id)
    assert next_in_sitting(ledger.store, sitting.id, anna.id) == held
    said = ledger.says(in_order(held, "tie"))
    for _ in range(2):
        answer_in_sitting(ledger.store, sitting.id, held.id, anna.id, said)
    with pytest.raises(LabellingError, match="first answer counts"):
        answer_in_sitting(ledger.store, sitting.id, held.id, anna.id, ledger.says(in_order(held, "A_better")))
    assert read_sitting(ledger.store, sitting.id).answered == 1
    boris = ledger.person("boris")
    with pytest.raises(LabellingError, match="not this assessor's"):
        next_in_sitting(ledger.store, sitting.id, boris.id)


def test_whoever_prefers_an_unsafe_answer_fails(ledger) -> None:
    rules(ledger, exam_pass_mark=0.5)
    pool(ledger, "exam", 4, unsafe="B")
    done, _, _ = sit(ledger, ledger.person(), "exam", "A_better", "A_better", "A_better", "B_better")
    assert (done.right, done.passed) == (3, False)


def test_the_exam_opens_work_in_its_own_language_only(ledger) -> None:
    rules(ledger, exam_required=True)
    pool(ledger, "exam", 4)
    english, _ = ledger.tasks(2, languages=("en", "ru"))
    anna = ledger.person()
    with pytest.raises(LabellingError, match="pass the exam first"):
        reserve(ledger.store, anna.id)
    with pytest.raises(LabellingError, match="no exam tasks in ru"):
        start_sitting(ledger.store, anna.id, "exam", language="ru")
    sit(ledger, anna, "exam", *["A_better"] * 4)
    held = reserve(ledger.store, anna.id, count=5)
    assert [one.pair.pair_id for one in held] == [english]


def test_required_training_and_confirmation_come_first(ledger) -> None:
    from annotate.labelling.guidelines import confirm_guideline

    rules(ledger, training_required=True, confirm_guideline=True)
    pool(ledger, "training", 2)
    ledger.tasks(1)
    anna, robot = ledger.person(), ledger.machine()
    with pytest.raises(LabellingError, match="confirm"):
        reserve(ledger.store, anna.id)
    confirm_guideline(ledger.store, anna.id, ledger.guideline.id)
    with pytest.raises(LabellingError, match="do the training first"):
        reserve(ledger.store, anna.id)
    sit(ledger, anna, "training", "tie", "tie")
    assert len(reserve(ledger.store, anna.id)) == 1
    assert len(reserve(ledger.store, robot.id)) == 1  # machines read no guidelines


def test_an_unknown_pool_is_refused(ledger) -> None:
    with pytest.raises(LabellingError, match="unknown pool gold"):
        start_sitting(ledger.store, ledger.person().id, "gold", language="en")
