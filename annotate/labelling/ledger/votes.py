"""Read from the ledger the votes that count: of pairs in the main pool, submitted and not taken back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session, aliased

from annotate.labelling.aggregation import Vote, Votes
from annotate.labelling.aggregation.votes import VERDICT_NUMBER, Integers
from annotate.labelling.ledger.places import ASKER
from annotate.store import Assessor, Assignment, Guideline, Judgement, Task
from annotate.store.ledger import SUBMITTED

MAIN = "main"
_AT_ONCE = 20_000


@dataclass(frozen=True)
class LedgerVote:
    """Hold one judgement that counts: the last revision of its assignment."""

    judgement_id: int
    pair_id: int
    assessor: str
    kind: str
    verdict: str
    confidence: float | None
    guideline: str
    swapped: bool
    audit: bool

    @property
    def vote(self) -> Vote:
        """The vote as methods of aggregation take it."""
        return Vote(self.pair_id, self.assessor, self.verdict, self.swapped)


@dataclass(frozen=True)
class LedgerVotes:
    """Hold all votes that count as columns, with the judgement (n,) that each one stands for."""

    votes: Votes
    judgements: Integers


def counting(*columns: Any) -> Select[Any]:
    """Select columns of the judgements that count, with their assignments and tasks.

    What an assessor undid or a lead dropped is no longer SUBMITTED; of several revisions the last counts.
    """
    return latest(*columns).where(Assignment.state == SUBMITTED, Task.pool == MAIN)


def latest(*columns: Any) -> Select[Any]:
    """Select columns of the last revision of each judgement, with its assignment and task."""
    later = aliased(Judgement)
    newer = exists().where(
        later.assignment_id == Judgement.assignment_id, later.revision > Judgement.revision
    )
    return (
        select(*columns)
        .select_from(Judgement)
        .join(Assignment, Assignment.id == Judgement.assignment_id)
        .join(Task, Task.id == Assignment.task_id)
        .where(~newer)
        .order_by(Judgement.id)
    )


def current_votes(session: Session, where: ColumnElement[bool] | None = None) -> list[LedgerVote]:
    """Return the votes that count, oldest first; `where` limits them, on Task or Judgement."""
    query = _whole_votes()
    return [LedgerVote(*row) for row in session.execute(query if where is None else query.where(where))]


@cache
def _whole_votes() -> Select[Any]:
    """Select the columns of LedgerVote; built once, since it is asked after every submission."""
    query = counting(
        Judgement.id,
        Task.pair_id,
        Assessor.name,
        Assessor.kind,
        Judgement.verdict,
        Judgement.confidence,
        Guideline.content_hash,
        Assignment.swapped,
        Task.audit,
    )
    query = query.join(Assessor, Assessor.id == Assignment.assessor_id)
    return query.join(Guideline, Guideline.id == Judgement.guideline_id)


def votes_of(session: Session, pair_ids: Collection[int]) -> dict[int, list[LedgerVote]]:
    """Return the votes that count, by pair; pairs without votes are left out."""
    by_pair: dict[int, list[LedgerVote]] = {}
    for vote in current_votes(session, Task.pair_id.in_(pair_ids)):
        by_pair.setdefault(vote.pair_id, []).append(vote)
    return by_pair


def read_columns(session: Session) -> LedgerVotes:
    """Read the votes of people and machines that count, a batch at a time; a vote takes 33 bytes."""
    judges = select(Assessor.id, Assessor.name).where(Assessor.kind != ASKER)
    names = dict(session.execute(judges.order_by(Assessor.id)).all())
    place = {assessor: at for at, assessor in enumerate(names)}
    query = counting(
        Judgement.id, Task.pair_id, Assignment.assessor_id, Judgement.verdict, Assignment.swapped
    ).execution_options(yield_per=_AT_ONCE)
    batches: list[Integers] = [np.zeros((0, 5), dtype=np.int64)]
    for rows in session.execute(query).partitions():
        batch = [
            (judgement, pair, place[assessor], VERDICT_NUMBER[verdict], swapped)
            for judgement, pair, assessor, verdict, swapped in rows
            if assessor in place
        ]
        batches.append(np.array(batch, dtype=np.int64).reshape(-1, 5))
    judgements, pairs, assessors, verdicts, swapped = np.concatenate(batches).T
    used, codes = np.unique(assessors, return_inverse=True)
    named = [*names.values()]
    votes = Votes(
        pairs.copy(),
        codes.reshape(-1),
        tuple(named[at] for at in used),
        verdicts.copy(),
        swapped.astype(bool),
    )
    return LedgerVotes(votes, judgements.copy())
