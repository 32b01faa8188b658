"""Compare machines with people on the audit slice, draw it by lot, and let proven labels stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select, update

from annotate.labelling.aggregation import Vote, aggregate
from annotate.labelling.ledger.history import record
from annotate.labelling.ledger.places import MACHINE, MAIN, lock_places, settle
from annotate.labelling.preferences import current_votes
from annotate.labelling.verdicts import outcome
from annotate.store import Campaign, Store, Task, now

Cell = tuple[str, int | None]  # language and cluster
_EVEN = 1e-6  # posteriors of two outcomes that differ by less tell nothing


@dataclass(frozen=True)
class Observation:
    """Hold one audited pair: a machine's confidence, whether people agree, and where the pair belongs."""

    pair_id: int
    confidence: float
    right: bool
    language: str = ""
    cluster: int | None = None


@dataclass(frozen=True)
class WaitingPair:
    """Hold a pair that waits for people, where it belongs, and how many it would take."""

    pair_id: int
    language: str = ""
    cluster: int | None = None
    people: int = 1

    @property
    def cell(self) -> Cell:
        """Return language and cluster."""
        return self.language, self.cluster


Votes = Mapping[int, tuple[str, float]]  # pair -> verdict and confidence


@dataclass(frozen=True)
class Audit:
    """Hold the people's outcome of each audited pair, and what every machine said of any pair."""

    truth: dict[int, str]
    cells: dict[int, Cell]
    machines: dict[str, dict[int, tuple[str, float]]]

    def observed(self, votes: Votes) -> list[Observation]:
        """Return what votes of a machine or a panel come to on the audited pairs they are about."""
        return [
            Observation(pair, sure, outcome(verdict) == self.truth[pair], *self.cells[pair])
            for pair, (verdict, sure) in sorted(votes.items())
            if pair in self.truth
        ]


def read_audit(store: Store, campaign: str | None = None) -> Audit:
    """Return the audit of one campaign, or of all.

    The people's verdict is joined from their votes alone, never from a machine's. Pairs on which
    they are evenly split tell nothing and are left out.
    """
    with store.reading() as session:
        query = select(Task.pair_id, Task.language, Task.cluster, Task.audit).where(Task.pool == MAIN)
        if campaign is not None:
            query = query.join(Campaign, Campaign.id == Task.campaign_id).where(Campaign.name == campaign)
        tasks = {row.pair_id: row for row in session.execute(query)}
        votes = [vote for vote in current_votes(session) if vote.pair_id in tasks]
    people = aggregate(
        [
            Vote(vote.pair_id, vote.assessor, vote.verdict)
            for vote in votes
            if vote.kind == "person" and tasks[vote.pair_id].audit
        ]
    ).items
    machines: dict[str, dict[int, tuple[str, float]]] = {}
    for vote in votes:
        if vote.kind == "machine":
            machines.setdefault(vote.assessor, {})[vote.pair_id] = (vote.verdict, vote.confidence or 0.0)
    return Audit(
        {pair: outcome(joint.verdict) for pair, joint in people.items() if _is_clear(joint.posterior)},
        {pair: (row.language, row.cluster) for pair, row in tasks.items()},
        machines,
    )


def waiting_pairs(store: Store, campaign: str | None = None) -> list[WaitingPair]:
    """Return the pairs that wait for people and that no person has begun; audited pairs stay with people."""
    query = select(Task).where(
        Task.pool == MAIN, Task.open_to_people, Task.people_places == 0, Task.audit.is_(False)
    )
    if campaign is not None:
        query = query.join(Campaign, Campaign.id == Task.campaign_id).where(Campaign.name == campaign)
    with store.reading() as session:
        return [
            WaitingPair(task.pair_id, task.language, task.cluster, task.overlap)
            for task in session.scalars(query.order_by(Task.id))
        ]


def draw_audit(store: Store, count: int, rng: np.random.Generator, campaign: str | None = None) -> int:
    """Move waiting pairs drawn by lot into the audit slice; return how many.

    What is measured on pairs drawn from the waiting ones holds for the waiting ones, however
    these were chosen.
    """
    waiting = [pair.pair_id for pair in waiting_pairs(store, campaign)]
    drawn = rng.permutation(waiting)[:count].tolist()
    with store.writing.begin() as session:
        moment = now()
        ids = session.scalars(
            update(Task).where(Task.pair_id.in_(drawn)).values(audit=True).returning(Task.id)
        ).all()
        for task_id in ids:
            record(session, "audited", moment, task_id=task_id)
        return len(ids)


def let_stand(store: Store, stands: Mapping[int, Mapping[str, Any]]) -> int:
    """Close pairs to people where a machine's label stands; return how many were closed.

    `stands` names, by pair, the machine and what proves it, for the history. A pair that a person
    has taken meanwhile stays open.
    """
    with store.writing.begin() as session:
        moment = now()
        rows = session.execute(select(Task.id, Task.pair_id).where(Task.pair_id.in_(list(stands))))
        of = {row.id: row.pair_id for row in rows}
        closed = 0
        for task_id, places in lock_places(session, of).items():
            if places.people or not places.open_to_people:
                continue
            before, places.overlap = places.overlap, 0
            settle(session, places, MACHINE, 0)
            proof = dict(stands[of[task_id]]) | {"overlap": before}
            record(session, "routed", moment, task_id=task_id, **proof)
            closed += 1
        return closed


def _is_clear(posterior: Mapping[str, float]) -> bool:
    first, second = sorted(posterior.values())[-2:][::-1]
    return first - second > _EVEN
