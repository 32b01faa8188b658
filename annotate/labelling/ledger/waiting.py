"""Find the next tasks for an assessor, most urgent first, without walking over those dealt with.

An assessor reads the tasks of a campaign like a book. The most urgent open tasks are looked at first
(`WINDOW` of them); then those behind the place where the assessor read last; then, at the end of the
book or when tasks were added, all of them from the start. So the time does not grow with the number of
tasks, nor with the number of open ones that this assessor has judged. A task that was given back
long after an assessor passed it may thus come later to this one; it comes at once to anybody behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from annotate.labelling.ledger.places import MAIN, PERSON
from annotate.labelling.ledger.waiting_queries import ids_query, tasks_query
from annotate.store import Assignment, Task
from annotate.store.prepared import Prepared

WINDOW = 64
CHOICE = 500  # controls that one is drawn from
RECENT = 24  # the assessor's last assignments that are looked at

Found = Any  # a row of `tasks_query`
_NEWEST = Prepared(select(Task.created_at).order_by(Task.id.desc()).limit(1))
_RECENT = Prepared(
    select(
        Assignment.id,
        Assignment.task_id,
        Assignment.swapped,
        Assignment.reserved_at,
        Task.campaign_id,
        Task.pool,
        Task.rank,
        Task.language,
        Task.cluster,
    )
    .join(Task, Task.id == Assignment.task_id)
    .where(Assignment.assessor_id == bindparam("assessor"))
    .order_by(Assignment.id.desc())
    .limit(RECENT)
)


@dataclass(frozen=True)
class Shelf:
    """Name a part of a campaign's tasks: a pool, and perhaps a cluster, a language, or all but some."""

    campaign_id: int
    pool: str = MAIN
    cluster: int | None = None
    language: str | None = None
    but_clusters: tuple[int, ...] = ()
    but_languages: tuple[str, ...] = ()

    def holds(self, row: Any) -> bool:
        """Tell whether a task lies in this part."""
        return (
            row.campaign_id == self.campaign_id
            and row.pool == self.pool
            and (self.cluster is None or row.cluster == self.cluster)
            and (self.language is None or row.language == self.language)
            and row.cluster not in self.but_clusters
            and row.language not in self.but_languages
        )

    @property
    def asked(self) -> dict[str, Any]:
        """Return what a query for this part asks for."""
        return {name: value for name, value in vars(self).items() if value is not None}


@dataclass
class Reader:
    """Hold who looks for tasks, and what they were given last (the latest first)."""

    assessor_id: int
    kind: str
    languages: tuple[str, ...]
    recent: Sequence[Any]
    wait: bool = False  # for tasks that others are taking at this moment
    taken: list[int] = field(default_factory=list)

    @property
    def latest(self) -> int:
        """Return the number of the last assignment: with each new one other things are drawn."""
        return self.recent[0].id if self.recent else 0

    @property
    def in_languages(self) -> dict[str, Sequence[str]]:
        """Return what a query for the assessor's languages asks for; an empty list when any will do."""
        return {"languages": self.languages}

    @property
    def turned(self) -> int:
        """Return how many of the last displays were turned, less those that were not."""
        return sum(1 if row.swapped else -1 for row in self.recent)


def read_recent(session: Session, assessor_id: int, kind: str, languages: Sequence[str]) -> Reader:
    """Return an assessor as a reader, with what was given last."""
    recent = _RECENT.all(session, {"assessor": assessor_id})
    return Reader(assessor_id, kind, tuple(languages), recent)


def find_tasks(
    session: Session, reader: Reader, shelf: Shelf, count: int, *, only: int | None = None
) -> list[Found]:
    """Return up to `count` open tasks that the reader has not dealt with, their rows locked.

    `only` names the one task that is wanted.
    """
    if only is not None:
        return _in_order(session, reader, shelf, 1, only=only)
    window = {"window": max(WINDOW, 2 * count)}
    found = _take(session, reader, shelf, count, **window, **reader.in_languages)
    place = next((row for row in reader.recent if shelf.holds(row)), None)
    if len(found) < count and place is not None and not _added_since(session, place.reserved_at):
        for behind in ({"rank": place.rank, "task": place.task_id}, {"behind": place.rank}):
            if len(found) < count:
                rest = replace(reader, taken=[*reader.taken, *(row.task_id for row in found)])
                found += _in_order(session, rest, shelf, count - len(found), **behind)
    if not found:
        found = _in_order(session, reader, shelf, count)
    return found


def unseen_ids(session: Session, reader: Reader, shelf: Shelf) -> list[int]:
    """Return the ids of up to `CHOICE` tasks of a part that the reader has not dealt with."""
    asked = _spread(shelf.asked | reader.in_languages)
    query = ids_query(reader.kind == PERSON, frozenset(asked))
    asked |= {"assessor": reader.assessor_id, "count": CHOICE}
    return [row.id for row in query.all(session, asked)]


def _added_since(session: Session, moment: datetime) -> bool:
    newest = _NEWEST.scalar(session, {})
    return newest is not None and newest >= moment


def _in_order(session: Session, reader: Reader, shelf: Shelf, count: int, **place: Any) -> list[Found]:
    """Find tasks by the index; people's by that of each language, since theirs may be rare.

    `place` names where they lie (after a `task` of the same `rank`, or `behind` it), or the `only` one.
    """
    if not reader.languages or shelf.language:
        return _take(session, reader, shelf, count, **place)
    if reader.kind != PERSON or shelf.cluster is not None:
        return _take(session, reader, shelf, count, **place, **reader.in_languages)
    found = [
        row
        for language in reader.languages
        if language not in shelf.but_languages
        for row in _take(session, reader, replace(shelf, language=language), count, **place)
    ]
    return sorted(found, key=lambda row: (row.rank, row.task_id))[:count]


def _take(session: Session, reader: Reader, shelf: Shelf, count: int, **place: Any) -> list[Found]:
    asked = _spread(shelf.asked | place | {"taken": reader.taken})
    query = tasks_query(reader.kind == PERSON, frozenset(asked), wait=reader.wait)
    asked |= {"assessor": reader.assessor_id, "count": count}
    return query.all(session, asked)


def _spread(asked: dict[str, Any]) -> dict[str, Any]:
    """Name each value of a list on its own: `taken` becomes `taken_0`, `taken_1` and so on."""
    spread: dict[str, Any] = {}
    for name, value in asked.items():
        if isinstance(value, (list, tuple)):
            spread |= {f"{name}_{number}": one for number, one in enumerate(value)}
        else:
            spread[name] = value
    return spread
