"""Push the waiting tasks of a campaign: places held first, then tasks, predictions, known verdicts.

Each batch is held, imported, and linked; a kill in between leaves places that the next push finds
held, or remote tasks that it finds without a link. Nothing is imported twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, or_, select

from annotate.bridges.label_studio.client import LabelStudioClient
from annotate.bridges.label_studio.dressing import dress
from annotate.bridges.label_studio.links import Link, link_tasks, linked_ids
from annotate.bridges.label_studio.tasks import drawn_order, task_data
from annotate.labelling.ledger.holds import hold, open_seats
from annotate.labelling.views import view_pair
from annotate.store import Assignment, LinkedTask, Pair, Store, Task
from annotate.store.ledger import RESERVED

BATCH = 100
Progress = Callable[[int, int], None]
POOLS = ("main", "gold")


@dataclass(frozen=True)
class PushReport:
    """Tell what became of a push: tasks sent, found again after a broken push, and left out."""

    pushed: int
    found_again: int
    left_out: int
    predictions: int
    ground_truths: int


def push(
    store: Store,
    client: LabelStudioClient,
    link: Link,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
) -> PushReport:
    """Send the tasks of the campaign that wait for people, the most urgent first.

    A task is left out when no place is free: whoever holds them works on it elsewhere. Raises
    BridgeError when the server fails; the next push goes on from there.
    """
    seats = open_seats(store, link.name, link.seats)
    found = link_orphans(store, client, link)
    hold(store, dict.fromkeys(found, link.seats), seats, found)
    waiting = _waiting(store, link, seats, limit)
    pushed = 0
    for at in range(0, len(waiting), BATCH):
        pushed += _send(store, client, link, seats, waiting[at : at + BATCH])
        if progress is not None:
            progress(min(at + BATCH, len(waiting)), len(waiting))
    predictions, ground_truths = dress(store, client, link, seats)
    return PushReport(pushed, len(found), len(waiting) - pushed, predictions, ground_truths)


def link_orphans(store: Store, client: LabelStudioClient, link: Link) -> dict[int, bool]:
    """Link remote tasks of our pairs that have no link: from a push that was cut off, or a file import.

    Returns the order in which each of these tasks is shown. A remote task whose texts are not those
    of its pair stays foreign; a second one of a pair is deleted while nobody has worked on it.
    """
    ours = linked_ids(store, link)
    listed = (row for page in client.tasks(link.project, fields="id", page_size=5000) for row in page)
    unknown = {int(row["id"]) for row in listed} - set(ours)
    found: dict[int, bool] = {}
    if not unknown:
        return found
    taken = set(ours.values())
    for page in client.tasks(link.project, after_id=min(unknown) - 1):
        fresh = [row for row in page if int(row["id"]) in unknown]
        remote: dict[int, int] = {}
        for row, task_id, swapped in _recognise(store, link, fresh):
            if task_id not in taken:
                taken.add(task_id)
                remote[task_id], found[task_id] = int(row["id"]), swapped
            elif not row.get("annotations"):
                client.delete_task(int(row["id"]))
        link_tasks(store, link, remote, found)
    return found


def _recognise(
    store: Store, link: Link, rows: Sequence[dict[str, Any]]
) -> list[tuple[dict[str, Any], int, bool]]:
    """Return the remote tasks that show a pair of ours, with our task and the order of display."""
    with store.reading() as session:
        records = session.execute(
            select(Task, Pair)
            .join(Pair, Pair.id == Task.pair_id)
            .where(
                Task.campaign_id == link.campaign_id,
                Task.pool.in_(POOLS),
                Task.pair_id.in_({_pair_of(row) for row in rows}),
            )
        )
        known = {pair.id: (task.id, pair) for task, pair in records}
        found = []
        for row in rows:
            if (ours := known.get(_pair_of(row))) is not None:
                task_id, pair = ours
                shown = [swapped for swapped in (False, True) if _shows(row["data"], pair, swapped)]
                found += [(row, task_id, swapped) for swapped in shown[:1]]
        return found


def _shows(data: dict[str, Any], pair: Pair, swapped: bool) -> bool:
    """Tell whether the data of a remote task are those of a pair in this order."""
    wanted = task_data(view_pair(pair, swapped=swapped))
    return all(data.get(name) == wanted[name] for name in ("answer_a", "answer_b"))


def _send(
    store: Store, client: LabelStudioClient, link: Link, seats: Sequence[int], batch: Sequence[int]
) -> int:
    orders = _orders(link, batch)
    held = hold(store, dict.fromkeys(batch, link.seats), seats, orders)
    rows = [row for row in _data(store, batch, orders) if held[row[0]] or row[1]["gold"]]
    if not rows:
        return 0
    remote = client.import_tasks(link.project, [{"data": row["data"]} for _, row in rows])
    link_tasks(store, link, dict(zip((task_id for task_id, _ in rows), remote, strict=True)), orders)
    return len(rows)


def _waiting(store: Store, link: Link, seats: Sequence[int], limit: int | None) -> list[int]:
    """Return tasks without a link that are open to people, or held for us by a push that was cut off."""
    is_linked = exists().where(LinkedTask.task_id == Task.id, LinkedTask.linked_project_id == link.id)
    is_held = exists().where(
        Assignment.task_id == Task.id, Assignment.assessor_id.in_(seats), Assignment.state == RESERVED
    )
    query = (
        select(Task.id)
        .where(Task.campaign_id == link.campaign_id, Task.pool.in_(POOLS), ~is_linked)
        .where(or_(Task.open_to_people, is_held))
        .order_by(Task.rank, Task.id)
        .limit(limit)
    )
    with store.reading() as session:
        return list(session.scalars(query))


def _data(
    store: Store, batch: Sequence[int], orders: dict[int, bool]
) -> Iterator[tuple[int, dict[str, Any]]]:
    with store.reading() as session:
        rows = session.execute(
            select(Task, Pair).join(Pair, Pair.id == Task.pair_id).where(Task.id.in_(batch))
        ).all()
        by_id = {task.id: (task, pair) for task, pair in rows}
        for task_id in batch:
            task, pair = by_id[task_id]
            swapped = orders[task_id]
            data = task_data(view_pair(pair, swapped=swapped), task.cluster, swapped=swapped)
            yield task_id, {"data": data, "gold": task.pool == "gold"}


def _pair_of(row: dict[str, Any]) -> int:
    """Return the pair that a remote task names; -1 when it is none of ours."""
    named = (row.get("data") or {}).get("pair_id")
    return named if isinstance(named, int) else -1


def _orders(link: Link, task_ids: Sequence[int]) -> dict[int, bool]:
    return {task_id: drawn_order(link.seed, task_id) for task_id in task_ids}
