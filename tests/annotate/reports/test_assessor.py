"""One assessor's own figures: days, streak, pace, breaks, and agreement where it may be shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from annotate.labelling import reserve, submit
from annotate.labelling.assessors import describe
from annotate.labelling.campaigns import open_campaign, set_rules
from annotate.labelling.controls.gold import Known, add_control
from annotate.reports.assessor import break_due, count_streak, report_days, report_standing
from annotate.store import Assignment, Judgement, WorkDay
from annotate.store.history import protect, unprotect
from tests.annotate.conftest import in_order

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
TODAY = NOW.date()


def minutes_ago(*minutes: float, seconds: float = 20.0) -> list[tuple[datetime, float]]:
    return [(NOW - timedelta(minutes=ago), seconds) for ago in minutes]


def judge_all(ledger, who, verdict: str = "A_better", pool: str = "main", **reasons) -> int:
    held = reserve(ledger.store, who.id, count=50, pool=pool)
    for one in held:
        submit(ledger.store, one.id, who.id, ledger.says(in_order(one, verdict), **reasons))
    return len(held)


def a_day_passes(ledger) -> None:
    """Put everything that was done a day back, as the database's owner may."""
    with ledger.store.writing.begin() as session:
        unprotect(session.connection(), "judgements")
        for column in (Judgement.created_at, Assignment.reserved_at):
            table = column.class_
            for number, at in session.execute(select(table.id, column)).all():
                earlier = {column: at - timedelta(days=1)}
                session.execute(update(table).where(table.id == number).values(earlier))
        for row in session.scalars(select(WorkDay).order_by(WorkDay.day)):
            row.day -= timedelta(days=1)
        protect(session.connection(), "judgements")


def test_a_newcomer_has_done_nothing(ledger) -> None:
    found = report_standing(ledger.store, ledger.person().id)
    assert (found.today, found.total, found.streak, found.median_seconds) == (0, 0, 0, None)
    assert (found.left_today, found.gold, found.consensus, found.break_since) == (None, None, None, None)


def test_work_is_counted_and_training_is_not(ledger) -> None:
    ledger.tasks(3)
    for _ in range(2):
        add_control(ledger.store, ledger.pair(), Known(("tie",), "known"), pool="training")
    anna, boris = ledger.person("anna"), ledger.person("boris")
    assert judge_all(ledger, anna, seconds=30.0, active_seconds=12.0) == 3
    held = reserve(ledger.store, anna.id, pool="training", count=2)
    submit(ledger.store, held[0].id, anna.id, ledger.says("tie", seconds=99.0))
    found = report_standing(ledger.store, anna.id)
    assert (found.today, found.total, found.streak, found.median_seconds) == (3, 3, 1, 12.0)
    assert report_standing(ledger.store, boris.id).total == 0
    assert [day.judgements for day in report_days(ledger.store, anna.id)] == [3]


def test_yesterdays_work_is_not_todays(ledger) -> None:
    ledger.tasks(5)
    anna = ledger.person()
    [first, *_] = reserve(ledger.store, anna.id, count=2)
    submit(ledger.store, first.id, anna.id, ledger.says())
    a_day_passes(ledger)
    found = report_standing(ledger.store, anna.id)
    assert (found.today, found.total, found.streak) == (0, 1, 1)
    judge_all(ledger, anna)
    found = report_standing(ledger.store, anna.id)
    assert (found.today, found.total, found.streak) == (4, 5, 2)


def test_what_is_left_of_the_day(ledger) -> None:
    ledger.tasks(3)
    anna = ledger.person()
    describe(ledger.store, "anna", daily_limit=5)
    judge_all(ledger, anna)
    assert report_standing(ledger.store, anna.id).left_today == 2


@pytest.mark.parametrize("shown", [True, False])
def test_agreement_is_that_of_the_days_before_and_only_where_it_is_shown(ledger, shown: bool) -> None:
    open_campaign(ledger.store, "default")
    set_rules(ledger.store, "default", show_agreement=shown)
    pairs = ledger.tasks(12)
    for _ in range(12):
        add_control(ledger.store, ledger.pair(), Known(("A_better",), "known"))
    anna, boris = ledger.person("anna"), ledger.person("boris")
    for who, verdict in ((anna, "A_better"), (boris, "B_better")):
        for pool in ("main", "gold"):
            assert judge_all(ledger, who, verdict, pool) == 12
    same_day = report_standing(ledger.store, anna.id)
    assert (same_day.gold, same_day.consensus) == (None, None)
    a_day_passes(ledger)
    for who, right in ((anna, 12), (boris, 0)):
        found = report_standing(ledger.store, who.id)
        if not shown:
            assert (found.gold, found.consensus) == (None, None)
            continue
        assert found.gold is not None
        assert found.consensus is not None
        assert (found.gold.right, found.gold.of) == (right, 12)
        assert (found.consensus.right, found.consensus.of) == (0, len(pairs))


def test_a_break_is_due_after_fifty_minutes_without_a_pause() -> None:
    steady = minutes_ago(*range(1, 60, 3))
    assert break_due(steady, NOW) == NOW - timedelta(minutes=58, seconds=20)
    assert break_due(steady[:10], NOW) is None
    assert break_due([], NOW) is None


def test_a_pause_starts_the_time_anew() -> None:
    paused = minutes_ago(1, 3, 6, 30, 33, 36, 39, 42, 45, 48, 51, 54)
    assert break_due(paused, NOW) is None
    assert break_due(minutes_ago(*range(6, 90, 3)), NOW) is None  # it is over since


def test_a_pair_that_takes_long_is_no_pause() -> None:
    assert break_due(minutes_ago(1, 8, 15, 22, 29, 36, 43, 50, seconds=390), NOW) is not None


@given(st.sets(st.integers(0, 40)))
def test_a_streak_is_the_run_of_days_up_to_today_or_yesterday(ago: set[int]) -> None:
    days = [TODAY - timedelta(days=n) for n in ago]
    expected = 0
    start = 0 if 0 in ago else 1
    while start + expected in ago:
        expected += 1
    assert count_streak(days, TODAY) == expected
