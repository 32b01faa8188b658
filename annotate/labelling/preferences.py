"""Aggregate the ledger into preferences, and trace each one back to its judgements."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from annotate.labelling.aggregation import Aggregate, Vote, aggregate
from annotate.store import Assessor, Assignment, Guideline, Judgement, Preference, Store, Task


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


def current_votes(session: Session) -> list[LedgerVote]:
    """Return the last revision of every submitted judgement, oldest first."""
    latest = (
        select(Judgement.assignment_id, func.max(Judgement.revision).label("revision"))
        .group_by(Judgement.assignment_id)
        .subquery()
    )
    rows = session.execute(
        select(Judgement, Assignment.swapped, Task.pair_id, Task.audit, Assessor, Guideline.content_hash)
        .join(
            latest,
            (latest.c.assignment_id == Judgement.assignment_id) & (latest.c.revision == Judgement.revision),
        )
        .join(Assignment, Assignment.id == Judgement.assignment_id)
        .join(Task, Task.id == Assignment.task_id)
        .join(Assessor, Assessor.id == Assignment.assessor_id)
        .join(Guideline, Guideline.id == Judgement.guideline_id)
        .order_by(Judgement.id)
    )
    return [
        LedgerVote(
            judgement.id, pair_id, assessor.name, assessor.kind, judgement.verdict, judgement.confidence,
            guideline, swapped, audit,
        )
        for judgement, swapped, pair_id, audit, assessor, guideline in rows
    ]  # fmt: skip


def refresh_preferences(store: Store) -> int:
    """Rebuild all preferences from the ledger in one transaction; return their number."""
    with store.writing.begin() as session:
        votes = current_votes(session)
        joint = aggregate([Vote(vote.pair_id, vote.assessor, vote.verdict) for vote in votes])
        by_pair: dict[int, list[LedgerVote]] = defaultdict(list)
        for vote in votes:
            by_pair[vote.pair_id].append(vote)
        session.execute(delete(Preference))
        session.add_all(
            _preference(pair_id, by_pair[pair_id], found) for pair_id, found in joint.items.items()
        )
        return len(joint.items)


def _preference(pair_id: int, votes: list[LedgerVote], found: Aggregate) -> Preference:
    return Preference(
        pair_id=pair_id,
        verdict=found.verdict,
        posterior=found.posterior,
        margin=found.margin,
        votes=[asdict(vote) for vote in votes],
        people=sum(vote.kind == "person" for vote in votes),
        machines=sum(vote.kind == "machine" for vote in votes),
    )
