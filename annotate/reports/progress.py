"""Report how far the loop has come."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from annotate.store import (
    AnswerRecord,
    Assessor,
    Assignment,
    Judgement,
    Pair,
    Preference,
    Question,
    Store,
    Task,
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
    """Read the counts."""
    with store.reading() as session:

        def count(column: object, *conditions: object) -> int:
            return session.scalar(select(func.count(column)).where(*conditions)) or 0  # type: ignore[arg-type]

        def judged(kind: str) -> int:
            query = (
                select(func.count(func.distinct(Assignment.task_id)))
                .join(Assessor)
                .where(Assignment.state == SUBMITTED, Assessor.kind == kind)
            )
            return session.scalar(query) or 0

        by_assessor = session.execute(
            select(Assessor.name, func.count(func.distinct(Judgement.assignment_id)))
            .join(Assignment, Assignment.id == Judgement.assignment_id)
            .join(Assessor, Assessor.id == Assignment.assessor_id)
            .group_by(Assessor.name)
            .order_by(Assessor.name)
        )
        tasks, people = count(Task.id), judged("person")
        return ProgressReport(
            questions=count(Question.id),
            answers=count(AnswerRecord.id),
            pairs=count(Pair.id),
            tasks=tasks,
            reserved=count(Assignment.id, Assignment.state == RESERVED),
            skipped=count(Assignment.id, Assignment.state == SKIPPED),
            flagged=count(Assignment.id, Assignment.flagged),
            judged_by_people=people,
            judged_by_machines=judged("machine"),
            waiting_for_people=tasks - people,
            preferences=count(Preference.id),
            judgements={name: number for name, number in by_assessor},  # noqa: C416
        )
