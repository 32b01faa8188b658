"""Read which verdicts stand: the last revision of each assignment, without all that was said with it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from annotate.labelling.controls.gold import UNANSWERED
from annotate.store import Assignment, Campaign, Judgement, Task

AT_ONCE = 200  # tasks


def last_verdicts(session: Session, task_ids: Sequence[int], states: Collection[str]) -> dict[int, list[str]]:
    """Return the verdicts on tasks whose assignments are in one of the states, in the order of saying."""
    query = _last(Assignment.task_id, Assignment.state, Judgement.id, Judgement.verdict)
    rows = session.execute(query.where(Assignment.task_id.in_(task_ids)).order_by(Judgement.id))
    found: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        if row.state in states:  # asked of the database, it would look through all that were submitted
            found[row.task_id].append(row.verdict)
    return found


def count_answers(session: Session, task_ids: Sequence[int]) -> dict[int, Counter[str]]:
    """Count what was answered to control tasks, by task and verdict; dropped answers are counted, too."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    columns = Assignment.task_id, Judgement.verdict
    for some in _parts(task_ids):
        rows = session.execute(_answered(*columns, func.count()).where(some).group_by(*columns))
        for task, verdict, number in rows:
            found[task][verdict] = number
    return found


def read_answers(session: Session, task_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    """Return who answered what to control tasks, (task, verdict) by assessor, in no order."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    columns = Assignment.assessor_id, Assignment.task_id, Judgement.verdict
    for some in _parts(task_ids):
        for assessor, task, verdict in session.execute(_answered(*columns).where(some)):
            found[assessor].append((task, verdict))
    return found


def gold_answers_of(session: Session, assessor_id: int, campaigns: Sequence[int]) -> list[Any]:
    """Return (judgement id, verdict, created_at, task) of an assessor's answers to gold, oldest first."""
    rows = session.execute(
        _answered(Judgement.id, Judgement.verdict, Judgement.created_at, Task)
        .join(Task, Task.id == Assignment.task_id)
        .where(Task.campaign_id.in_(campaigns), Task.pool == "gold", Assignment.assessor_id == assessor_id)
    )
    # Sorted here, lest the database walk over all judgements for the order.
    return sorted(rows, key=lambda row: row[0])


def all_campaigns(session: Session) -> Sequence[int]:
    """Return every campaign: the tasks of a pool are found by campaign, not without."""
    return session.scalars(select(Campaign.id)).all()


def _parts(task_ids: Sequence[int]) -> Iterator[ColumnElement[bool]]:
    """Yield conditions on so few tasks each that no database reads all assignments to find theirs."""
    for start in range(0, len(task_ids), AT_ONCE):
        yield Assignment.task_id.in_(task_ids[start : start + AT_ONCE])


def _answered(*columns: Any) -> Select[Any]:
    return _last(*columns).where(Assignment.state.not_in(UNANSWERED))


def _last(*columns: Any) -> Select[Any]:
    later = aliased(Judgement)
    return (
        select(*columns)
        .select_from(Judgement)
        .join(Assignment, Assignment.id == Judgement.assignment_id)
        .outerjoin(
            later,
            (later.assignment_id == Judgement.assignment_id) & (later.revision > Judgement.revision),
        )
        .where(later.id.is_(None))
    )
