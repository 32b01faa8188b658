"""Read the dates that servers write."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from rag.parsers.dates import read_date

_MILLISECONDS_FROM = 1e11  # as seconds, this is the year 5138


def parse_date(value: object) -> date | None:
    """Return the day that a value names: ISO 8601, RFC 2822 or Unix time; None where it names none."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            if not math.isfinite(value):
                return None
            seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
            return datetime.fromtimestamp(seconds, UTC).date()
        return read_date(value) or parsedate_to_datetime(str(value)).date()
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None
