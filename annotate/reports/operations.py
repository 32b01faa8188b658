"""Report what a running workspace is at, for those who watch over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, text, true

from annotate.store import Delivery, Feedback, Judgement, Run, Store, Task
from annotate.store.exchanges import DELIVERED, GIVEN_UP, WAITING
from annotate.store.runs import CANCELLED, FAILED, FINISHED, QUEUED, RUNNING

_RUN_STATES = (QUEUED, RUNNING, FINISHED, FAILED, CANCELLED)
_DELIVERY_STATES = (WAITING, DELIVERED, GIVEN_UP)


@dataclass(frozen=True)
class OperationsReport:
    """Count judgements, feedback, tasks with a free place, and runs and deliveries by state."""

    judgements: int
    feedback: int
    open_tasks: dict[str, int]
    runs: dict[str, int]
    deliveries: dict[str, int]


def report_operations(store: Store) -> OperationsReport:
    """Read the counts."""
    with store.reading() as session:

        def count(column: Any, *conditions: Any) -> int:
            return session.scalar(select(func.count(column)).where(*conditions)) or 0

        def by_state(column: Any, states: tuple[str, ...]) -> dict[str, int]:
            rows = session.execute(select(column, func.count()).group_by(column))
            return dict.fromkeys(states, 0) | {state: number for state, number in rows}  # noqa: C416

        return OperationsReport(
            judgements=count(Judgement.id),
            feedback=count(Feedback.id),
            open_tasks={
                "people": count(Task.id, Task.pool == "main", Task.open_to_people == true()),
                "machines": count(Task.id, Task.pool == "main", Task.open_to_machines == true()),
            },
            runs=by_state(Run.state, _RUN_STATES),
            deliveries=by_state(Delivery.state, _DELIVERY_STATES),
        )


def database_answers(store: Store) -> bool:
    """Tell whether the database answers; an error of its driver is raised."""
    with store.reading() as session:
        return bool(session.scalar(text("SELECT 1")))
