"""Dates in metadata."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.parsers.dates import read_date


@pytest.mark.parametrize(
    "value",
    [
        "2024-03-12",
        "2024-03-12T23:59:59+03:00",
        "20240312",
        "D:20240312101500+03'00'",
        "12.03.2024",
        "12/03/2024",
        "2024/3/12",
        date(2024, 3, 12),
        datetime(2024, 3, 12, 23, tzinfo=UTC),
    ],
)
def test_known_forms_are_read(value: object) -> None:
    assert read_date(value) == date(2024, 3, 12)


@pytest.mark.parametrize("value", ["", None, "soon", "2024", "2024-13-01", "2999-01-01", "31.02.2024", 5, []])
def test_what_is_no_day_of_the_past_gives_none(value: object) -> None:
    assert read_date(value) is None


@given(st.text() | st.integers() | st.dates() | st.datetimes())
def test_nothing_fails(value: object) -> None:
    read_date(value)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2024, 1, 1)))
def test_every_day_survives_iso(day: date) -> None:
    assert read_date(day.isoformat()) == day
