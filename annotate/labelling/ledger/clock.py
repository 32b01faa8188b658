"""Read the time where all writers read it, in the database: a wrong clock on one side cannot matter."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from annotate.store.base import UtcTime


class clock(FunctionElement[datetime]):  # noqa: N801 - reads as a function of SQL
    """Stand for the database's time now, not that of the transaction's start."""

    type = UtcTime()
    inherit_cache = True


@compiles(clock)
def _clock(_element: clock, _compiler: Any, **_options: Any) -> str:
    return "clock_timestamp()"


@compiles(clock, "sqlite")
def _sqlite_clock(_element: clock, _compiler: Any, **_options: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f', 'now')"


def clock_now(session: Session) -> datetime:
    """Return the database's time, in UTC."""
    return session.scalars(select(clock())).one()
