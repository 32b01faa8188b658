"""Report how far one assessor agrees with what is known, and with most of the others.

What would tell a gold task from others, or one's own verdict from those of others, is never shown the
same day: only verdicts given before a moment are looked at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.labelling.controls.gold import Known
from annotate.labelling.verdicts import outcome
from annotate.store import Assessor, Assignment, Judgement, Task
from annotate.store.ledger import DROPPED, SUBMITTED

LEAST = 10  # agreement on fewer pairs says nothing
MOST = 200


@dataclass(frozen=True)
class Agreement:
    """Hold on how many of `of` pairs an assessor agreed."""

    right: float
    of: int

    @property
    def share(self) -> float:
        """Return the share."""
        return self.right / self.of


def gold_agreement(
    session: Session, assessor_id: int, campaigns: Sequence[int], before: datetime
) -> Agreement | None:
    """Return how far somebody's gold answers in some campaigns were right; None for too few of them."""
    rows = session.execute(
        select(Assignment.id, Task.known, Judgement.verdict)
        .select_from(Task)
        .join(Assignment, Assignment.task_id == Task.id)
        .join(Judgement, Judgement.assignment_id == Assignment.id)
        .where(
            Task.campaign_id.in_(campaigns),
            Task.pool == "gold",
            Assignment.assessor_id == assessor_id,
            Assignment.state.in_((SUBMITTED, DROPPED)),
            Judgement.created_at < before,
        )
        .order_by(Assignment.id, Judgement.revision)
    ).all()
    last = {row.id: row for row in rows}
    scores = [_known(row.known).score(row.verdict) for row in list(last.values())[-MOST:]]
    return _agreement(scores)


def consensus_agreement(
    session: Session, assessor_id: int, campaigns: Sequence[int], before: datetime
) -> Agreement | None:
    """Return how often somebody's outcome was that of most of the other people on the same pair."""
    mine = session.execute(
        select(Assignment.task_id)
        .join(Task, Task.id == Assignment.task_id)
        .where(
            Assignment.assessor_id == assessor_id,
            Assignment.state == SUBMITTED,
            Assignment.reserved_at < before,
            Task.pool == "main",
            Task.campaign_id.in_(campaigns),
        )
        .order_by(Assignment.reserved_at.desc())
        .limit(MOST)
    ).scalars()
    votes: dict[int, dict[int, str]] = defaultdict(dict)
    for row in session.execute(
        select(Assignment.task_id, Assignment.assessor_id, Judgement.verdict)
        .join(Judgement, Judgement.assignment_id == Assignment.id)
        .join(Assessor, Assessor.id == Assignment.assessor_id)
        .where(
            Assignment.task_id.in_(mine.all()),
            Assignment.state == SUBMITTED,
            Assessor.kind == "person",
            Judgement.created_at < before,
        )
        .order_by(Judgement.assignment_id, Judgement.revision)
    ):
        votes[row.task_id][row.assessor_id] = outcome(row.verdict)
    return _agreement([score for cast in votes.values() if (score := _agrees(cast, assessor_id)) is not None])


def _agrees(cast: dict[int, str], assessor_id: int) -> float | None:
    """Return 1 or 0 for one pair; None where one's own vote is missing or the others have no majority."""
    own = cast.get(assessor_id)
    others = Counter(said for who, said in cast.items() if who != assessor_id)
    if own is None or not others:
        return None
    [(said, votes)] = others.most_common(1)
    return float(own == said) if 2 * votes > others.total() else None


def _agreement(scores: Sequence[float]) -> Agreement | None:
    return Agreement(sum(scores), len(scores)) if len(scores) >= LEAST else None


def _known(row: dict[str, Any]) -> Known:
    return Known(tuple(row["verdicts"]), row.get("why") or "-")
