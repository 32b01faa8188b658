"""Report the control tasks of a campaign with their pairs and how they were answered, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotate.labelling.controls.gold import CONTROL_POOLS, Known
from annotate.labelling.views import PairView, view_pair
from annotate.reports.last_verdicts import last_verdicts
from annotate.store import Campaign, Pair, Question, Store, Task
from annotate.store.ledger import DROPPED, SUBMITTED


@dataclass(frozen=True)
class GoldTask:
    """Show a control task: `right` of the `answers` so far, half points counted."""

    task_id: int
    pair_id: int
    pool: str
    language: str
    question: str
    verdicts: tuple[str, ...]
    why: str
    made_by: str
    guideline: str
    unsafe: str
    answers: int
    right: float

    @property
    def share(self) -> float | None:
        """Return the share of right answers; None before the first."""
        return self.right / self.answers if self.answers else None


@dataclass(frozen=True)
class GoldPool:
    """Show one page of a campaign's control tasks and how many there are in all, by pool."""

    tasks: tuple[GoldTask, ...]
    counts: dict[str, int]


@dataclass(frozen=True)
class GoldPair:
    """Show the pair of a control task in its stored order; `edit` tells what the corruption changed."""

    task: GoldTask
    pair: PairView
    edit: dict[str, Any]


def report_gold_pool(
    store: Store, campaign: str, pool: str | None = None, limit: int = 100, offset: int = 0
) -> GoldPool:
    """Return the newest control tasks of a campaign, of one pool or of all."""
    with store.reading() as session:
        number = session.scalar(select(Campaign.id).where(Campaign.name == campaign))
        home = (Task.campaign_id == number, Task.pool.in_(CONTROL_POOLS))
        counts = session.execute(select(Task.pool, func.count()).where(*home).group_by(Task.pool))
        wanted = select(Task).where(*home).order_by(Task.id.desc()).limit(limit).offset(offset)
        if pool is not None:
            wanted = wanted.where(Task.pool == pool)
        tasks = session.scalars(wanted).all()
        return GoldPool(
            tuple(_tasks(session, tasks)), {name: number for name, number in counts}  # noqa: C416
        )  # fmt: skip


def report_gold_task(store: Store, task_id: int) -> GoldPair | None:
    """Return one control task with its pair, or None where there is none."""
    with store.reading() as session:
        task = session.get(Task, task_id)
        if task is None or task.pool not in CONTROL_POOLS:
            return None
        pair = session.get_one(Pair, task.pair_id)
        return GoldPair(_tasks(session, [task])[0], view_pair(pair), Known.of(task).edit)


def _tasks(session: Session, tasks: Sequence[Task]) -> list[GoldTask]:
    questions = dict(
        session.execute(
            select(Pair.id, Question.text)
            .join(Question, Question.id == Pair.question_id)
            .where(Pair.id.in_([task.pair_id for task in tasks]))
        ).all()
    )
    known = {task.id: Known.of(task) for task in tasks}
    answers = last_verdicts(session, list(known), (SUBMITTED, DROPPED))
    scores = {number: [one.score(said) for said in answers[number]] for number, one in known.items()}
    return [
        GoldTask(
            task.id, task.pair_id, task.pool, task.language, questions[task.pair_id],
            known[task.id].verdicts, known[task.id].why, known[task.id].made_by, known[task.id].guideline,
            known[task.id].unsafe, len(scores[task.id]), sum(scores[task.id]),
        )
        for task in tasks
    ]  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """Show a pair that might become a control task; `task_id` tells that it is a task already."""

    pair: PairView
    task_id: int | None


def report_candidate(store: Store, pair_id: int) -> Candidate | None:
    """Return a pair in its stored order, or None where there is none of this number."""
    with store.reading() as session:
        pair = session.get(Pair, pair_id)
        if pair is None:
            return None
        return Candidate(view_pair(pair), session.scalar(select(Task.id).where(Task.pair_id == pair_id)))
