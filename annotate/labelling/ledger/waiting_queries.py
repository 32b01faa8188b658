"""Build the queries for the next tasks, each once: building costs more than running."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, bindparam, exists, func, select, true

from annotate.store import Assignment, Task
from annotate.store.ledger import EXPIRED, RELEASED
from annotate.store.prepared import Prepared

_MINE = (Assignment.task_id == Task.id, Assignment.assessor_id == bindparam("assessor"))


_LISTS: dict[str, Callable[[list[Any]], ColumnElement[bool]]] = {
    "languages": lambda values: Task.language.in_(values),
    "but_clusters": lambda values: func.coalesce(Task.cluster, -1).not_in(values),
    "but_languages": lambda values: Task.language.not_in(values),
    "taken": lambda values: Task.id.not_in(values),
}
_CONDITIONS: dict[str, Callable[[], ColumnElement[bool]]] = {
    "campaign_id": lambda: Task.campaign_id == bindparam("campaign_id"),
    "pool": lambda: Task.pool == bindparam("pool"),
    "cluster": lambda: Task.cluster == bindparam("cluster"),
    "language": lambda: Task.language == bindparam("language"),
    "only": lambda: Task.id == bindparam("only"),
    # Not one comparison of (rank, id): SQLite would search the index by the rank alone.
    "rank": lambda: (Task.rank == bindparam("rank")) & (Task.id > bindparam("task")),
    "behind": lambda: Task.rank > bindparam("behind"),
}


@lru_cache(maxsize=512)
def tasks_query(for_people: bool, asked: frozenset[str], *, wait: bool) -> Prepared:
    """Return the query for open tasks with what `asked` names, unseen by the assessor, in order, locked.

    `NAME_0`, `NAME_1` are the values of a list. With `window` only that many of the first open tasks are
    looked at.
    """
    is_open = (Task.open_to_people if for_people else Task.open_to_machines) == true()
    turned = func.coalesce(func.sum(2 * Assignment.swapped.cast(Integer) - 1), 0)
    query = (
        select(
            Task.id.label("task_id"),
            Task.campaign_id,
            Task.pair_id,
            Task.pool,
            Task.overlap,
            Task.people_places,
            Task.machine_places,
            Task.rank,
            _of_task(turned).label("turned"),
            select(Assignment.id).where(*_MINE).correlate(Task).scalar_subquery().label("known"),
        )
        .where(is_open, ~_dealt_with())
        .order_by(Task.rank, Task.id)
        .limit(bindparam("count"))
        .with_for_update(of=Task, key_share=True, skip_locked=not wait)
    )
    shelf = _conditions(asked)
    if "window" not in asked:
        return Prepared(query.where(*shelf))
    within = [_CONDITIONS[name]() for name in ("campaign_id", "pool")]
    first = (
        select(Task.id)
        .where(is_open, *within)
        .order_by(Task.rank, Task.id)
        .limit(bindparam("window"))
        .subquery("first")
    )
    return Prepared(query.join(first, first.c.id == Task.id).where(*shelf))


@lru_cache(maxsize=64)
def ids_query(for_people: bool, asked: frozenset[str]) -> Prepared:
    """Return the query for the ids alone, unlocked."""
    is_open = (Task.open_to_people if for_people else Task.open_to_machines) == true()
    return Prepared(
        select(Task.id)
        .where(is_open, ~_dealt_with(), *_conditions(asked))
        .order_by(Task.rank, Task.id)
        .limit(bindparam("count"))
    )


def _conditions(asked: frozenset[str]) -> list[ColumnElement[bool]]:
    found = [_CONDITIONS[name]() for name in sorted(asked) if name in _CONDITIONS]
    for name, condition in _LISTS.items():
        values: list[Any] = [bindparam(one) for one in sorted(asked) if one.startswith(f"{name}_")]
        if values:
            found.append(condition(values))
    return found


def _of_task(value: Any) -> Any:
    return select(value).where(Assignment.task_id == Task.id).correlate(Task).scalar_subquery()


def _dealt_with() -> ColumnElement[bool]:
    return exists().where(*_MINE, Assignment.state != RELEASED, Assignment.state != EXPIRED)
