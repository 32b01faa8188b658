"""Read the dates that files carry in their metadata."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

EARLIEST = date(1000, 1, 1)
_YEAR_FIRST = re.compile(r"(?:D:)?(\d{4})[-./]?(\d{1,2})[-./]?(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})(?!\d)")


def read_date(value: object) -> date | None:
    """Return the day that a metadata value names, or None where it names none or one in the future.

    Reads dates, ISO 8601, PDF's `D:20240312…`, and `12.03.2024` with the day first.
    """
    if isinstance(value, datetime):
        return _plausible(value.year, value.month, value.day)
    if isinstance(value, date):
        return _plausible(value.year, value.month, value.day)
    text = str(value or "").strip()[:40]
    if match := _YEAR_FIRST.match(text):
        return _plausible(*map(int, match.groups()))
    if match := _DAY_FIRST.match(text):
        day, month, year = map(int, match.groups())
        return _plausible(year, month, day)
    return None


def _plausible(year: int, month: int, day: int) -> date | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)  # it is later elsewhere
    return found if EARLIEST <= found <= tomorrow else None
