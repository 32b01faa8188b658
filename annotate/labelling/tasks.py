"""Turn chosen pairs into tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from annotate.store import Store, Task


@dataclass(frozen=True)
class ChosenPair:
    """Name a pair, how urgent it is, and why it was chosen."""

    pair_id: int
    priority: float = 0.0
    audit: bool = False
    chosen_by: dict[str, Any] = field(default_factory=dict)


def create_tasks(store: Store, chosen: Sequence[ChosenPair], overlap: int) -> int:
    """Add the pairs as one new batch of tasks; a pair that is a task already stays as it is.

    Returns the number of new tasks.
    """
    with store.writing.begin() as session:
        batch = (session.scalar(select(func.max(Task.batch))) or 0) + 1
        known = set(
            session.scalars(select(Task.pair_id).where(Task.pair_id.in_([c.pair_id for c in chosen])))
        )
        fresh = {
            choice.pair_id: Task(
                pair_id=choice.pair_id,
                overlap=overlap,
                priority=choice.priority,
                batch=batch,
                audit=choice.audit,
                chosen_by=choice.chosen_by,
            )
            for choice in chosen
            if choice.pair_id not in known
        }
        session.add_all(fresh.values())
        return len(fresh)
