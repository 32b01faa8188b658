"""Report one assessor's own work as of now: cheap enough to be asked after every verdict.

Days are those of UTC, as in the daily limits. Training and exam do not count. What would tell a gold
task from others, or one's own verdict from those of others, is never shown the same day: agreement is
that of the days before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from statistics import median
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.limits import left_today
from annotate.reports.own_agreement import Agreement, consensus_agreement, gold_agreement
from annotate.store import Assessor, Assignment, Campaign, Judgement, Store, Task, WorkDay
from annotate.store.ledger import OPEN, SUBMITTED

WORK = ("main", "gold")  # gold is mixed in and looks like any other pair
RECENT = 300  # the latest judgements that speed and pauses are read from
TYPICAL = 100  # of these, as many make the median
WORK_WITHOUT_PAUSE = timedelta(minutes=50)
PAUSE = timedelta(minutes=5)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DayWork:
    """Hold how many pairs were judged on a day, and how long it took."""

    day: date
    judgements: int
    seconds: float


@dataclass(frozen=True)
class Standing:
    """Show one assessor's own work; `break_since` is set when a break is due after work since then.

    Agreement is None where no campaign shows it, or on too few pairs.
    """

    today: int
    total: int
    left_today: int | None
    median_seconds: float | None
    streak: int
    gold: Agreement | None
    consensus: Agreement | None
    break_since: datetime | None
    moment: datetime

    @property
    def break_minutes(self) -> int:
        """Return how long somebody has worked without a pause, where a break is due; else 0."""
        if self.break_since is None:
            return 0
        return round((self.moment - self.break_since).total_seconds() / 60)


def report_standing(store: Store, assessor_id: int) -> Standing:
    """Return an assessor's own work as of now."""
    with store.reading() as session:
        moment = clock_now(session)
        assessor = session.get_one(Assessor, assessor_id)
        campaigns = session.scalars(select(Campaign).order_by(Campaign.id)).all()
        rules = {one.id: CampaignRules.of(one) for one in campaigns}
        shown = tuple(number for number, rule in rules.items() if rule.show_agreement)
        recent = _recent(session, assessor_id)
        days, today = work_by_day(session, assessor_id), moment.date()
        done = days[today].judgements if today in days else 0
        total = sum(day.judgements for day in days.values())
        gold, consensus = _agreement(store, assessor_id, shown, today, total - done)
        return Standing(
            today=done,
            total=total,
            left_today=_left(session, assessor, [rules[c.id] for c in campaigns if c.state == OPEN], moment),
            median_seconds=_median_seconds(recent[:TYPICAL]),
            streak=count_streak(days, today),
            gold=gold,
            consensus=consensus,
            break_since=break_due([(row.created_at, row.active_seconds) for row in recent], moment),
            moment=moment,
        )


def break_due(pairs: Sequence[tuple[datetime, float]], moment: datetime) -> datetime | None:
    """Return since when somebody has worked without a pause, where a break is due.

    `pairs` are (when it was judged, active seconds spent on it), the newest first.
    """
    if not pairs or moment - pairs[0][0] >= PAUSE:
        return None
    since, length = pairs[0][0] - timedelta(seconds=pairs[0][1]), 1
    for judged_at, seconds in pairs[1:]:
        if since - judged_at >= PAUSE:
            break
        since, length = judged_at - timedelta(seconds=seconds), length + 1
    return since if moment - since >= WORK_WITHOUT_PAUSE or length >= RECENT else None


def count_streak(days: Iterable[date], today: date) -> int:
    """Return on how many days in a row somebody has worked, up to today, or to yesterday if not yet today."""
    worked = set(days)
    day = today if today in worked else today - ONE_DAY
    streak = 0
    while day in worked:
        streak, day = streak + 1, day - ONE_DAY
    return streak


def work_by_day(session: Session, assessor_id: int) -> dict[date, DayWork]:
    """Return what an assessor did on each day of work, the first day first."""
    rows = session.connection().execute(_DAYS, {"assessor": assessor_id})
    return {row.day: DayWork(row.day, row.judgements, row.active_seconds or row.seconds) for row in rows}


_RECENT = (
    select(Judgement.created_at, Judgement.seconds, Judgement.active_seconds)
    .join(Assignment, Assignment.id == Judgement.assignment_id)
    .join(Task, Task.id == Assignment.task_id)
    .where(
        Assignment.assessor_id == bindparam("assessor"),
        Assignment.state == SUBMITTED,
        Judgement.revision == 1,
        Task.pool.in_(WORK),
    )
    .order_by(Assignment.reserved_at.desc())
    .limit(RECENT)
)
_DAYS = (
    select(
        WorkDay.day,
        func.sum(WorkDay.judgements).label("judgements"),
        func.sum(WorkDay.seconds).label("seconds"),
        func.sum(WorkDay.active_seconds).label("active_seconds"),
    )
    .where(WorkDay.assessor_id == bindparam("assessor"), WorkDay.pool.in_(WORK))
    .group_by(WorkDay.day)
    .order_by(WorkDay.day)
)


def _recent(session: Session, assessor_id: int) -> Sequence[Any]:
    rows = session.connection().execute(_RECENT, {"assessor": assessor_id}).all()
    return sorted(rows, key=lambda row: row.created_at, reverse=True)


@lru_cache(maxsize=1024)
def _agreement(
    store: Store, assessor_id: int, campaigns: tuple[int, ...], today: date, _done_before: int
) -> tuple[Agreement | None, Agreement | None]:
    """Return the agreement with gold and with the others before today, which stays the same all day."""
    if not campaigns:
        return None, None
    midnight = datetime.combine(today, time(), UTC)
    with store.reading() as session:
        return (
            gold_agreement(session, assessor_id, campaigns, midnight),
            consensus_agreement(session, assessor_id, campaigns, midnight),
        )


def _left(
    session: Session, assessor: Assessor, rules: Sequence[CampaignRules], moment: datetime
) -> int | None:
    """Return how many pairs may still be taken today where they may be most; None without a limit."""
    if not rules:
        rules = [CampaignRules()]
    limits = [assessor.daily_limit or rule.daily_limit for rule in rules]
    if None in limits:
        return None
    most = max(range(len(rules)), key=lambda at: limits[at] or 0)
    return left_today(session, assessor, rules[most], moment)


def _median_seconds(recent: Sequence[Any]) -> float | None:
    """Return the median of the active seconds of a pair; of all seconds where no activity was measured."""
    took = [row.active_seconds or row.seconds for row in recent]
    took = [seconds for seconds in took if seconds > 0]
    return median(took) if took else None


def report_days(store: Store, assessor_id: int) -> list[DayWork]:
    """Return an assessor's own work day by day, the first day first."""
    with store.reading() as session:
        return list(work_by_day(session, assessor_id).values())
