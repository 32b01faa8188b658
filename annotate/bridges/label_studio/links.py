"""Remember which remote project, task and annotation is which of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from annotate.errors import BridgeError
from annotate.labelling.views import PairView, view_pair
from annotate.store import Campaign, LinkedAnnotation, LinkedProject, LinkedTask, Pair, Store, Task

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True)
class Link:
    """Show a linked project; `seats` is how many annotations the project wants of a task."""

    id: int
    base_url: str
    project: int
    campaign: str
    campaign_id: int
    seed: int
    config_hash: str
    cursor: dict[str, Any]

    @property
    def name(self) -> str:
        """Name the project as its seats and messages do."""
        return f"label-studio:{self.id}"

    @property
    def seats(self) -> int:
        """Return how many places of a task the project holds at most."""
        return int(self.cursor["seats"])


@dataclass(frozen=True)
class Shown:
    """Show a linked task: the remote one, ours, and the pair in the order of display."""

    link_id: int
    remote_id: int
    task_id: int
    pool: str
    cluster: int | None
    known: dict[str, Any]
    swapped: bool
    pair: PairView


def save_link(
    store: Store, base_url: str, project: int, campaign_id: int, config_hash: str, **cursor: Any
) -> Link:
    """Link a project to a campaign, or update the link; raise BridgeError when it serves another campaign."""
    with store.writing.begin() as session:
        found = _record(session, base_url, project)
        if found is None:
            found = LinkedProject(
                base_url=base_url, project=project, campaign_id=campaign_id, config_hash="", cursor={}
            )
            session.add(found)
        elif found.campaign_id != campaign_id:
            name = session.get_one(Campaign, found.campaign_id).name
            raise BridgeError(f"{base_url}/projects/{project} is linked to the campaign {name} already")
        found.config_hash, found.cursor = config_hash, {**found.cursor, **cursor}
        session.flush()
        return _view(session, found)


def find_link(store: Store, base_url: str, project: int) -> Link:
    """Return a link; raise BridgeError when the project is not linked."""
    with store.reading() as session:
        found = _record(session, base_url, project)
        if found is None:
            raise BridgeError(
                f"{base_url}/projects/{project} is not linked; adopt it with `pairloop label-studio adopt`"
            )
        return _view(session, found)


def list_links(store: Store) -> list[Link]:
    """Return all linked projects, the oldest first."""
    with store.reading() as session:
        return [
            _view(session, row) for row in session.scalars(select(LinkedProject).order_by(LinkedProject.id))
        ]


def move_cursor(store: Store, link: Link, **changes: Any) -> Link:
    """Store how far work on a project has come; a value of None removes the entry."""
    with store.writing.begin() as session:
        found = session.get_one(LinkedProject, link.id, with_for_update=True)
        merged = {**found.cursor, **changes}
        found.cursor = {key: value for key, value in merged.items() if value is not None}
        session.flush()
        return _view(session, found)


def link_tasks(store: Store, link: Link, remote_ids: Mapping[int, int], swapped: Mapping[int, bool]) -> int:
    """Remember which remote task shows which of ours (`remote_ids` by task); return how many are new.

    A server may give the number of a deleted task to a new one: the old link goes.
    """
    with store.writing.begin() as session:
        known = select(LinkedTask).where(LinkedTask.linked_project_id == link.id)
        for gone in session.scalars(known.where(LinkedTask.remote_id.in_(remote_ids.values()))):
            if remote_ids.get(gone.task_id) != gone.remote_id:
                session.delete(gone)
        session.flush()
        there = set(session.scalars(known.with_only_columns(LinkedTask.task_id)))
        fresh = [
            LinkedTask(
                linked_project_id=link.id, remote_id=remote_id, task_id=task_id, swapped=swapped[task_id]
            )
            for task_id, remote_id in remote_ids.items()
            if task_id not in there
        ]
        session.add_all(fresh)
        return len(fresh)


def unlink_tasks(store: Store, link: Link, remote_ids: Iterable[int]) -> None:
    """Forget remote tasks that are gone."""
    with store.writing.begin() as session:
        session.execute(
            delete(LinkedTask).where(
                LinkedTask.linked_project_id == link.id, LinkedTask.remote_id.in_(list(remote_ids))
            )
        )


def gold_among(store: Store, task_ids: Iterable[int]) -> set[int]:
    """Return which tasks are controls, whose places nobody holds."""
    with store.reading() as session:
        return set(session.scalars(select(Task.id).where(Task.id.in_(list(task_ids)), Task.pool != "main")))


def linked_ids(store: Store, link: Link) -> dict[int, int]:
    """Return our task ids by remote id."""
    with store.reading() as session:
        rows = session.execute(
            select(LinkedTask.remote_id, LinkedTask.task_id).where(LinkedTask.linked_project_id == link.id)
        )
        return {row.remote_id: row.task_id for row in rows}


def shown_tasks(store: Store, link: Link, remote_ids: Iterable[int]) -> dict[int, Shown]:
    """Return linked tasks by remote id; those that are not ours do not appear."""
    with store.reading() as session:
        rows = session.execute(
            select(LinkedTask, Task, Pair)
            .join(Task, Task.id == LinkedTask.task_id)
            .join(Pair, Pair.id == Task.pair_id)
            .where(LinkedTask.linked_project_id == link.id, LinkedTask.remote_id.in_(list(remote_ids)))
        )
        return {linked.remote_id: show(linked, task, pair) for linked, task, pair in rows}


def show(linked: LinkedTask, task: Task, pair: Pair) -> Shown:
    """Show a linked task."""
    return Shown(
        linked.linked_project_id, linked.remote_id, task.id, task.pool, task.cluster, task.known,
        linked.swapped, view_pair(pair, swapped=linked.swapped),
    )  # fmt: skip


def states_taken_in(session: Session, link_id: int, remote_id: int) -> list[LinkedAnnotation]:
    """Return the states of an annotation that were taken in, the latest last."""
    rows = session.scalars(
        select(LinkedAnnotation).where(
            LinkedAnnotation.linked_project_id == link_id, LinkedAnnotation.remote_id == remote_id
        )
    )
    return sorted(rows, key=lambda row: (moment_of(row.updated_at), row.id))


def remember_state(
    store: Store, link_id: int, remote_id: int, updated_at: str, judgement_id: int | None
) -> None:
    """Remember that a state of an annotation was taken in; once is enough."""
    state = {"linked_project_id": link_id, "remote_id": remote_id, "updated_at": updated_at}
    with suppress(IntegrityError), store.writing.begin() as session:  # a second one may come at once
        if session.scalar(select(LinkedAnnotation.id).filter_by(**state)) is None:
            session.add(LinkedAnnotation(**state, judgement_id=judgement_id))


def moment_of(text: str) -> datetime:
    """Read a time of the server; raise BridgeError for anything else."""
    try:
        moment = datetime.fromisoformat(text.removeprefix("deleted:"))
    except ValueError as error:
        raise BridgeError(f"not a time of the server: {text[:40]!r}") from error
    if moment.tzinfo is None:
        raise BridgeError(f"a time of the server without a zone: {text[:40]!r}")
    return moment


def _record(session: Session, base_url: str, project: int) -> LinkedProject | None:
    return session.scalar(
        select(LinkedProject).where(
            LinkedProject.base_url == base_url.rstrip("/"), LinkedProject.project == project
        )
    )


def _view(session: Session, record: LinkedProject) -> Link:
    campaign = session.get_one(Campaign, record.campaign_id)
    return Link(
        record.id, record.base_url, record.project, campaign.name, campaign.id, campaign.seed,
        record.config_hash, dict(record.cursor),
    )  # fmt: skip
