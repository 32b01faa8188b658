"""Report how fast a campaign goes, what is left, and when it will be done, with an interval.

Done work is read from the sums kept day by day, so that a million judgements cost a few rows.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scipy.stats import t as student
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from annotate.labelling.ledger.clock import clock_now
from annotate.store import Assessor, Campaign, Cluster, Store, Task, WorkDay

MAIN, PERSON = "main", "person"
WINDOW = 28  # days that the speed is read from, without today, which is not over
LEAST_DAYS = 3
LEVEL = 0.95


@dataclass(frozen=True)
class PaceDay:
    """Hold the judgements of one day, by people and by machines."""

    day: date
    people: int
    machines: int


@dataclass(frozen=True)
class Part:
    """Hold a part of the campaign, a language or a cluster: its tasks and people's labels.

    `done` tasks want nobody any more; `left` labels are those that open tasks still want.
    """

    key: str
    name: str
    tasks: int
    done: int
    labels: int
    left: int

    @property
    def share(self) -> float:
        """Return the share of the tasks that are done."""
        return self.done / self.tasks if self.tasks else 0.0


@dataclass(frozen=True)
class Worker:
    """Hold what one assessor did in the campaign; seconds are the mean of a pair, active ones if known."""

    assessor: str
    kind: str
    today: int
    week: int
    total: int
    seconds: float | None
    first: date
    last: date


@dataclass(frozen=True)
class Forecast:
    """Foretell the end from labels a day, with the interval of their mean over the last days.

    `latest` is None when, at the slow end of the interval, there may be no end.
    """

    per_day: float
    low: float
    high: float
    days: int
    expected: date
    earliest: date
    latest: date | None


@dataclass(frozen=True)
class PaceReport:
    """Show one campaign: done, left, speed, forecast, and the same by language, cluster and assessor."""

    campaign: str
    state: str
    tasks: int
    done: int
    labels: int
    left: int
    days: tuple[PaceDay, ...]
    forecast: Forecast | None
    languages: tuple[Part, ...]
    clusters: tuple[Part, ...]
    workers: tuple[Worker, ...]
    today: date

    @property
    def share(self) -> float:
        """Return the share of the labels that were given, of those that are wanted as things stand."""
        return self.labels / (self.labels + self.left) if self.labels + self.left else 0.0


def campaign_names(store: Store) -> list[str]:
    """Return the names of all campaigns, those at work first."""
    with store.reading() as session:
        rows = session.execute(select(Campaign.name, Campaign.state).order_by(Campaign.id)).all()
    return [row.name for row in sorted(rows, key=lambda row: row.state != "open")]


def report_pace(store: Store, campaign: str) -> PaceReport | None:
    """Return the pace of a campaign; None for an unknown name."""
    with store.reading() as session:
        found = session.scalar(select(Campaign).where(Campaign.name == campaign))
        if found is None:
            return None
        today = clock_now(session).date()
        languages, clusters = _parts(session, found.id)
        days, workers = _work(session, found.id, today)
    left = sum(part.left for part in languages)
    return PaceReport(
        campaign=found.name,
        state=found.state,
        tasks=sum(part.tasks for part in languages),
        done=sum(part.done for part in languages),
        labels=sum(part.labels for part in languages),
        left=left,
        days=tuple(days),
        forecast=forecast([(one.day, one.people) for one in days], left, today),
        languages=tuple(languages),
        clusters=tuple(clusters),
        workers=tuple(workers),
        today=today,
    )


def forecast(labels: Sequence[tuple[date, int]], left: int, today: date) -> Forecast | None:
    """Foretell when `left` labels will be there; None with nothing left or too few days of work.

    The mean of labels a day, days without work included, with Student's interval: days differ, and
    that is what the interval shows. Source: Student, "The probable error of a mean", Biometrika 1908.
    """
    known = dict(labels)
    worked = [day for day, count in known.items() if count and day < today]
    if not worked or left <= 0:
        return None
    first = max(min(worked), today - timedelta(days=WINDOW))
    counts = [known.get(first + timedelta(days=n), 0) for n in range((today - first).days)]
    if len(counts) < LEAST_DAYS:
        return None
    n, mean = len(counts), sum(counts) / len(counts)
    if mean <= 0:
        return None
    spread = math.sqrt(sum((count - mean) ** 2 for count in counts) / (n - 1))
    half = float(student.ppf((1 + LEVEL) / 2, n - 1)) * spread / math.sqrt(n)
    low, high = max(0.0, mean - half), mean + half
    return Forecast(
        per_day=mean,
        low=low,
        high=high,
        days=n,
        expected=today + timedelta(days=math.ceil(left / mean)),
        earliest=today + timedelta(days=math.ceil(left / high)),
        latest=today + timedelta(days=math.ceil(left / low)) if low > mean / 100 else None,
    )


def _parts(session: Session, campaign_id: int) -> tuple[list[Part], list[Part]]:
    """Count once by language and cluster together, then add up either way."""
    is_open = Task.open_to_people.is_(True)
    missing = case(
        (is_open & (Task.overlap > Task.people_places), Task.overlap - Task.people_places), else_=0
    )
    rows = session.execute(
        select(
            Task.language,
            Task.cluster,
            func.count(),
            func.sum(case((is_open, 0), else_=1)),
            func.sum(Task.people_places),
            func.sum(missing),
        )
        .where(Task.campaign_id == campaign_id, Task.pool == MAIN)
        .group_by(Task.language, Task.cluster)
    ).all()
    names = {row.number: row.name for row in session.execute(select(Cluster.number, Cluster.name))}
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for language, cluster, *counts in rows:
        for key in (("language", language), ("cluster", "" if cluster is None else str(cluster))):
            sums[key] = [before + int(count) for before, count in zip(sums[key], counts, strict=True)]

    def parts(kind: str) -> list[Part]:
        found = [
            Part(key, names.get(int(key), key) if kind == "cluster" and key else key, *counts)
            for (of, key), counts in sums.items()
            if of == kind
        ]
        return sorted(found, key=lambda part: (-part.left, part.name))

    return parts("language"), parts("cluster")


def _work(session: Session, campaign_id: int, today: date) -> tuple[list[PaceDay], list[Worker]]:
    rows = session.execute(
        select(
            Assessor.name,
            Assessor.kind,
            WorkDay.day,
            func.sum(WorkDay.judgements).label("judgements"),
            func.sum(WorkDay.seconds).label("seconds"),
            func.sum(WorkDay.active_seconds).label("active_seconds"),
        )
        .join(Assessor, Assessor.id == WorkDay.assessor_id)
        .where(WorkDay.campaign_id == campaign_id, WorkDay.pool == MAIN)
        .group_by(Assessor.name, Assessor.kind, WorkDay.day)
    ).all()
    by_day: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    by_assessor = defaultdict(list)
    for row in rows:
        by_day[row.day][row.kind != PERSON] += row.judgements
        by_assessor[row.name, row.kind].append(row)
    workers = []
    for (name, kind), own in by_assessor.items():
        total, took = (
            sum(row.judgements for row in own),
            sum(row.active_seconds or row.seconds for row in own),
        )
        week = [row.judgements for row in own if row.day > today - timedelta(days=7)]
        workers.append(
            Worker(
                name, kind, sum(row.judgements for row in own if row.day == today), sum(week), total,
                took / total if took else None, min(row.day for row in own), max(row.day for row in own),
            )
        )  # fmt: skip
    workers.sort(key=lambda worker: (worker.kind != PERSON, -worker.week, -worker.total, worker.assessor))
    days = [PaceDay(day, *counts) for day, counts in sorted(by_day.items())]
    return days, workers
