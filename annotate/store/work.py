"""Define the table of work done day by day, and let the database itself keep it.

It is counted by a trigger, in the transaction that adds the judgement: whatever way a judgement comes in, the
sums are those of a recount, and a screen that shows a million judgements reads a few rows.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from annotate.store.base import Table

TRIGGER = "judgements_count_work"
_KEY = "assessor_id, day, campaign_id, pool, language"
_SUMS = ("judgements", "seconds", "active_seconds")


class WorkDay(Table):
    """Store how many pairs an assessor judged on a day (in UTC), by campaign, pool and language.

    A pair counts on the day of its first judgement; what is amended, undone or dropped later was
    work nevertheless. `seconds` and `active_seconds` are those of the same judgements.
    """

    __tablename__ = "work_days"

    assessor_id: Mapped[int] = mapped_column(ForeignKey("assessors.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    pool: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    judgements: Mapped[int]
    seconds: Mapped[float]
    active_seconds: Mapped[float]


def count_work(connection: Connection) -> None:
    """Count the work that is in the ledger, and from now on every judgement as it is added."""
    sqlite = connection.dialect.name == "sqlite"
    day = "date({}.created_at)" if sqlite else "({}.created_at AT TIME ZONE 'UTC')::date"
    connection.execute(
        text(
            f"INSERT INTO work_days ({_KEY}, {', '.join(_SUMS)}) "  # noqa: S608 - our own names
            f"SELECT a.assessor_id, {day.format('j')} AS day, t.campaign_id, t.pool, t.language, count(*), "
            "sum(j.seconds), sum(j.active_seconds) FROM judgements j JOIN assignments a "
            "ON a.id = j.assignment_id JOIN tasks t ON t.id = a.task_id WHERE j.revision = 1 "
            f"GROUP BY a.assessor_id, {day.format('j')}, t.campaign_id, t.pool, t.language"
        )
    )
    added = ", ".join(f"{name} = work_days.{name} + excluded.{name}" for name in _SUMS)
    one = (
        f"INSERT INTO work_days ({_KEY}, {', '.join(_SUMS)}) "  # noqa: S608
        f"SELECT a.assessor_id, {day.format('NEW')}, t.campaign_id, t.pool, t.language, 1, NEW.seconds, "
        "NEW.active_seconds FROM assignments a JOIN tasks t ON t.id = a.task_id "
        f"WHERE a.id = NEW.assignment_id ON CONFLICT ({_KEY}) DO UPDATE SET {added};"
    )
    when = f"CREATE TRIGGER {TRIGGER} AFTER INSERT ON judgements"
    if sqlite:
        connection.execute(text(f"{when} WHEN NEW.revision = 1 BEGIN {one} END"))
        return
    connection.execute(
        text(
            f"CREATE OR REPLACE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {one} RETURN NULL; END $$"
        )
    )
    connection.execute(text(f"{when} FOR EACH ROW WHEN (NEW.revision = 1) EXECUTE FUNCTION {TRIGGER}()"))


def stop_counting(connection: Connection) -> None:
    """Take the trigger away again."""
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"DROP TRIGGER IF EXISTS {TRIGGER}"))
    else:
        connection.execute(text(f"DROP TRIGGER IF EXISTS {TRIGGER} ON judgements"))
        connection.execute(text(f"DROP FUNCTION IF EXISTS {TRIGGER}"))
