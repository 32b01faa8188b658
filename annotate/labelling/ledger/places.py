"""Keep count of the places that assessors hold at each task, and open and close the task by them.

The counters are columns of the task and change in the transaction of the step that changes them, under
a lock on the task's row: finding the next task needs no counting. `recount` checks them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session

from annotate.labelling.aggregation import PRIOR_RELIABILITY
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.ledger.overlap import wanted_overlap
from annotate.store import Assessor, Assignment, Campaign, Judgement, Task
from annotate.store.ledger import HELD, SUBMITTED
from annotate.store.prepared import Prepared

MAIN = "main"  # the pool of real work; the other pools are controls, and stay open to people
PERSON, MACHINE = "person", "machine"
ASKER = "asker"  # gave feedback on answers to a question of their own; takes no place


@dataclass
class Places:
    """Hold how many places of a task are taken, as of the lock on its row."""

    task_id: int
    campaign_id: int
    pair_id: int
    pool: str
    overlap: int
    people: int
    machines: int
    rules: CampaignRules

    @property
    def open_to_people(self) -> bool:
        """Tell whether one more person may have the task."""
        return self.pool != MAIN or self.people < self.overlap

    @property
    def open_to_machines(self) -> bool:
        """Tell whether one more machine may have the task; a dynamic overlap is about people."""
        limit = self.rules.overlap if self.rules.dynamic else self.overlap
        return self.pool != MAIN or self.machines < limit

    def has_room(self, kind: str) -> bool:
        """Tell whether one more assessor of a kind may have the task."""
        return self.open_to_people if kind == PERSON else self.open_to_machines


PLACES = (
    Task.id.label("task_id"),
    Task.campaign_id,
    Task.pair_id,
    Task.pool,
    Task.overlap,
    Task.people_places,
    Task.machine_places,
    Campaign.rules,
)

_PLACES = (
    select(*PLACES)
    .join(Campaign, Campaign.id == Task.campaign_id)
    .where(Task.id.in_(bindparam("tasks", expanding=True)))
    .order_by(Task.id)
)
_SETTLE = Prepared(update(Task).where(Task.id == bindparam("task")))
_VOTES = Prepared(
    select(Assignment.id, Judgement.verdict, Assessor.reliability)
    .join(Judgement, Judgement.assignment_id == Assignment.id)
    .join(Assessor, Assessor.id == Assignment.assessor_id)
    .where(Assignment.task_id == bindparam("task"), Assignment.state == SUBMITTED, Assessor.kind == PERSON)
    .order_by(Assignment.id, Judgement.revision)
)


def read_places(row: Row[Any]) -> Places:
    """Return the places of a task from a row with the columns `PLACES`."""
    return Places(
        row.task_id,
        row.campaign_id,
        row.pair_id,
        row.pool,
        row.overlap,
        row.people_places,
        row.machine_places,
        CampaignRules.read(row.rules),
    )


def lock_places(session: Session, task_ids: Iterable[int], *, wait: bool = True) -> dict[int, Places]:
    """Lock tasks in the order of their ids and return their places; without `wait` leave out busy ones."""
    session.flush()
    query = _PLACES.with_for_update(of=Task, key_share=True, skip_locked=not wait)
    rows = session.connection().execute(query, {"tasks": sorted(set(task_ids))})
    return {row.task_id: read_places(row) for row in rows}


def settle(session: Session, task: Places, kind: str, change: int, *, weigh: bool = True) -> None:
    """Take or free places of a task, and open or close it; an asker has none.

    With `weigh` a dynamic overlap is worked out anew from the votes, which must be flushed. What is
    already on loan stays so: the overlap never falls below the places taken.
    """
    if kind == PERSON:
        task.people += change
        if task.rules.dynamic and task.pool == MAIN:
            wanted = wanted_overlap(task.rules, people_votes(session, task.task_id)) if weigh else 0
            task.overlap = max(wanted or task.overlap, task.people)
    elif kind == MACHINE:
        task.machines += change
    _SETTLE.run(
        session,
        {
            "task": task.task_id,
            "overlap": task.overlap,
            "people_places": task.people,
            "machine_places": task.machines,
            "open_to_people": task.open_to_people,
            "open_to_machines": task.open_to_machines,
        },
    )


def claim(session: Session, task_id: int, kind: str, rules: CampaignRules) -> bool:
    """Take one place of a task if there is one, in one statement; return whether there was."""
    wanted = {"task": task_id}
    if rules.dynamic and kind != PERSON:
        wanted["limit"] = rules.overlap
    return _claim(kind == PERSON, rules.dynamic).run(session, wanted) == 1


@lru_cache(maxsize=4)
def _claim(for_people: bool, dynamic: bool) -> Prepared:
    taken = Task.people_places if for_people else Task.machine_places
    limit = bindparam("limit") if dynamic and not for_people else Task.overlap
    still_open = or_(Task.pool != MAIN, taken + 1 < limit)
    return Prepared(
        update(Task)
        .where(Task.id == bindparam("task"), or_(Task.pool != MAIN, taken < limit))
        .values(
            {
                taken: taken + 1,
                (Task.open_to_people if for_people else Task.open_to_machines): still_open,
            }
        )
    )


def people_votes(session: Session, task_id: int) -> list[tuple[str, float]]:
    """Return the verdicts of people that count for a task, each with the reliability of who gave it."""
    rows = _VOTES.all(session, {"task": task_id})
    latest = {row.id: (row.verdict, row.reliability) for row in rows}
    return [(verdict, trust or PRIOR_RELIABILITY) for verdict, trust in latest.values()]


def settle_campaign(session: Session, campaign: Campaign) -> None:
    """Work out the overlap of every task of a campaign anew, after its rules changed."""
    rules = CampaignRules.of(campaign)
    if rules.dynamic:
        ids: Sequence[int] = session.scalars(
            select(Task.id).where(Task.campaign_id == campaign.id, Task.pool == MAIN)
        ).all()
        for at in range(0, len(ids), 1000):
            for task in lock_places(session, ids[at : at + 1000]).values():
                settle(session, task, PERSON, 0)
    recount(session)


def recount(session: Session) -> int:
    """Compare the counters of all tasks with the assignments, mend those that differ; return how many did."""
    people, machines = _held(PERSON).scalar_subquery(), _held(MACHINE).scalar_subquery()
    dynamic = [row.id for row in session.scalars(select(Campaign)) if CampaignRules.of(row).dynamic]
    limits = {
        row.id: CampaignRules.of(row).overlap
        for row in session.scalars(select(Campaign).where(Campaign.id.in_(dynamic)))
    }
    limit: ColumnElement[int] = (
        case(limits, value=Task.campaign_id, else_=Task.overlap) if limits else Task.overlap.expression
    )
    to_people = or_(Task.pool != MAIN, people < Task.overlap)
    to_machines = or_(Task.pool != MAIN, machines < limit)
    right = and_(
        Task.people_places == people,
        Task.machine_places == machines,
        Task.open_to_people == to_people,
        Task.open_to_machines == to_machines,
    )
    done = session.connection().execute(
        update(Task)
        .where(~right)
        .values(
            people_places=people,
            machine_places=machines,
            open_to_people=to_people,
            open_to_machines=to_machines,
        )
    )
    return done.rowcount


def _held(kind: str) -> Select[int]:
    return (
        select(func.count(Assignment.id))
        .join(Assessor, Assessor.id == Assignment.assessor_id)
        .where(Assignment.task_id == Task.id, Assignment.state.in_(HELD), Assessor.kind == kind)
        .correlate(Task)
    )
