"""The pace of a campaign: what is left, who did it, and when it will be done."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotate.labelling import reserve, submit
from annotate.reports.pace import campaign_names, forecast, report_pace
from tests.annotate.conftest import in_order

TODAY = date(2026, 3, 20)


def days(*counts: int) -> list[tuple[date, int]]:
    return [(TODAY - timedelta(days=len(counts) - n), count) for n, count in enumerate(counts)]


def test_left_and_done_are_counted_by_language_cluster_and_kind(ledger) -> None:
    ledger.tasks(4, overlap=2, languages=("en", "ru"))
    anna, boris, robot = ledger.person("anna"), ledger.person("boris"), ledger.machine()
    for who, pairs in ((anna, 3), (boris, 1), (robot, 2)):
        for held in reserve(ledger.store, who.id, count=pairs):
            said = ledger.says(in_order(held, "A_better"), seconds=9.0, active_seconds=6.0)
            submit(ledger.store, held.id, who.id, said)
    report = report_pace(ledger.store, "default")
    assert report is not None
    assert (report.tasks, report.done, report.labels, report.left) == (4, 1, 4, 4)
    assert {part.key: (part.tasks, part.labels + part.left) for part in report.languages} == {
        "en": (2, 4), "ru": (2, 4),
    }  # fmt: skip
    assert [(one.assessor, one.kind, one.today, one.total, one.seconds) for one in report.workers] == [
        ("anna", "person", 3, 3, 6.0),
        ("boris", "person", 1, 1, 6.0),
        ("robot", "machine", 2, 2, 6.0),
    ]
    [day] = report.days
    assert (day.people, day.machines) == (4, 2)
    assert report.forecast is None
    assert report_pace(ledger.store, "nothing of this name") is None
    assert campaign_names(ledger.store) == ["default"]


def test_even_days_give_a_sure_forecast() -> None:
    found = forecast(days(10, 10, 10, 10), 25, TODAY)
    assert found is not None
    assert (found.per_day, found.low, found.high, found.days) == (10.0, 10.0, 10.0, 4)
    assert found.earliest == found.expected == found.latest == TODAY + timedelta(days=3)


def test_uneven_days_give_an_interval_that_may_have_no_end() -> None:
    found = forecast(days(0, 40, 0, 0), 100, TODAY)
    assert found is not None  # the days before the first work do not count
    assert found.days == 3
    assert found.latest is None
    assert found.earliest < found.expected


@pytest.mark.parametrize(("counts", "left"), [((), 5), ((3, 3), 5), ((0, 0, 0, 0), 5), ((3, 3, 3, 3), 0)])
def test_too_little_to_go_by_or_nothing_left_gives_no_forecast(counts: tuple[int, ...], left: int) -> None:
    assert forecast(days(*counts), left, TODAY) is None


def test_work_of_today_and_of_long_ago_does_not_count() -> None:
    even = days(*[5] * 10)
    assert forecast([*even, (TODAY, 500), (TODAY - timedelta(days=90), 500)], 50, TODAY) is not None
    recent = forecast([*even, (TODAY, 500)], 50, TODAY)
    assert recent is not None
    assert recent.per_day == 5.0


@given(st.lists(st.integers(0, 50), min_size=3, max_size=40), st.integers(1, 1000))
def test_the_expected_end_lies_within_its_interval(counts: list[int], left: int) -> None:
    found = forecast(days(*counts), left, TODAY)
    if found is not None:
        assert found.low <= found.per_day <= found.high
        assert TODAY < found.earliest <= found.expected
        assert found.latest is None or found.expected <= found.latest


def test_the_day_is_that_of_utc(ledger) -> None:
    ledger.tasks(1)
    ledger.judge(ledger.person(), "tie")
    report = report_pace(ledger.store, "default")
    assert report is not None
    assert report.today in (datetime.now(UTC).date(), datetime.now(UTC).date() - timedelta(days=1))
    assert report.days[0].day == report.today
