"""Report how far the loop has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from annotate.store import (
    AnswerRecord,
    Assessor,
    Assignment,
    Pair,
    Preference,
    Question,
    Store,
    Task,
    WorkDay,
)
from annotate.store.ledger import RESERVED, SKIPPED, SUBMITTED


@dataclass(frozen=True)
class ProgressReport:
    """Count what the ledger holds."""

    questions: int
    answers: int
    pairs: int
    tasks: int
    reserved: int
    skipped: int
    flagged: int
    judged_by_people: int
    judged_by_machines: int
    waiting_for_people: int
    preferences: int
    judgements: dict[str, int]


def report_progress(store: Store) -> ProgressReport:
    """Read the counts, from what the ledger keeps count of: a million judgements are not looked at."""
    with store.reading() as session:

        def count(column: Any, *conditions: Any) -> int:
            return session.scalar(select(func.count(column)).where(*conditions)) or 0

        tasks, people = count(Task.id), _judged(session, "person")
        return ProgressReport(
            questions=count(Question.id),
            answers=count(AnswerRecord.id),
            pairs=count(Pair.id),
            tasks=tasks,
            reserved=count(Assignment.id, Assignment.state == RESERVED),
            skipped=count(Assignment.id, Assignment.state == SKIPPED),
            flagged=count(Assignment.id, Assignment.flagged),
            judged_by_people=people,
            judged_by_machines=_judged(session, "machine"),
            waiting_for_people=tasks - people,
            preferences=count(Preference.id),
            judgements=_judgements(session),
        )


def _judged(session: Session, kind: str) -> int:
    """Count the tasks that assessors of a kind have judged: those with a place taken, and not only lent."""
    taken = Task.people_places if kind == "person" else Task.machine_places
    with_places = session.scalar(select(func.count(Task.id)).where(taken > 0)) or 0
    other, judge = aliased(Assignment), aliased(Assessor)
    is_judged = (
        exists()
        .where(other.task_id == Assignment.task_id, other.state == SUBMITTED)
        .where(judge.id == other.assessor_id, judge.kind == kind)
    )
    only_lent = session.scalar(
        select(func.count(func.distinct(Assignment.task_id)))
        .join(Assessor, Assessor.id == Assignment.assessor_id)
        .where(Assignment.state == RESERVED, Assessor.kind == kind, ~is_judged)
    )
    return with_places - (only_lent or 0)


def _judgements(session: Session) -> dict[str, int]:
    rows = session.execute(
        select(Assessor.name, func.sum(WorkDay.judgements))
        .join(WorkDay, WorkDay.assessor_id == Assessor.id)
        .group_by(Assessor.name)
        .order_by(Assessor.name)
    )
    return {name: int(number) for name, number in rows}
