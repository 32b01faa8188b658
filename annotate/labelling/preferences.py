"""Aggregate the ledger into preferences, and trace each one back to its judgements.

Only pairs of the main pool become preferences; an adjudicated verdict overrides the votes. All of
them are refreshed by fitting a method to all votes; a single one by weighing its own few votes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.orm import Session, aliased

from annotate.labelling.aggregation import (
    ASKER_RELIABILITY,
    DEFAULT,
    PRIOR_RELIABILITY,
    Aggregate,
    Aggregation,
    Method,
    Votes,
    quick_posterior,
)
from annotate.labelling.aggregation.base import conclude
from annotate.labelling.controls.gold_votes import read_gold
from annotate.labelling.ledger.places import ASKER
from annotate.labelling.ledger.votes import (
    MAIN,
    LedgerVote,
    LedgerVotes,
    current_votes,
    read_columns,
    votes_of,
)
from annotate.labelling.preference_changes import read_verdicts, record_changes
from annotate.labelling.verdicts import GRADES, OUTCOMES, outcome
from annotate.store import AnswerRecord, Assessor, Assignment, Pair, Preference, Review, Store, Task
from annotate.store.ledger import SUBMITTED
from annotate.store.quality import DECIDED

__all__ = ["LedgerVote", "current_votes", "refresh_pair", "refresh_preferences"]

QUICK = "quick"
ADJUDICATED = "adjudicated"
_PAIRS_AT_ONCE = 500  # what is written in one transaction, so that assessors need not wait


def refresh_preferences(store: Store, method: Method = DEFAULT) -> int:
    """Rebuild all preferences from the ledger; return their number.

    The votes are read and the method is fitted outside of any transaction that writes; then the
    preferences are replaced a few hundred at a time, so that assessors keep working. Where a vote
    came in or went meanwhile, the pair is weighed anew by the reliabilities just found. These are
    stored with the assessors. Answers to gold tasks, whose truth is known, count for them as well, and
    become no preference. The feedback of askers is not fitted, lest many clicks teach the method
    whom to trust; pairs that have some are weighed the same way, each asker by ASKER_RELIABILITY.
    """
    with store.reading() as session:
        ledger, gold = read_columns(session), read_gold(session)
        pairs = sorted(
            {*ledger.votes.item_ids.tolist(), *_adjudicated_pairs(session), *_asked_pairs(session)}
        )
    fitted = method.fit(ledger.votes.with_known(*gold))
    with store.writing.begin() as session:
        _store_reliabilities(session, fitted.reliability)
    stamps = _stamps(ledger)
    total = 0
    edges = [*pairs[_PAIRS_AT_ONCE::_PAIRS_AT_ONCE], None]
    low: int | None = None
    for at, high in enumerate(edges):
        chunk = pairs[at * _PAIRS_AT_ONCE : (at + 1) * _PAIRS_AT_ONCE]
        with store.writing.begin() as session:
            total += _replace(session, chunk, _between(low, high), fitted, stamps)
        low = high
    return total


def refresh_pair(session: Session, pair_id: int) -> None:
    """Refresh the preference of one pair, in the transaction that changed its votes.

    Its votes are weighed by the reliabilities that the last `refresh_preferences` found; nobody
    else's votes are read, so that it takes a few milliseconds however large the ledger is. Without
    votes and without an adjudicated verdict the pair has no preference afterwards.
    """
    _replace(session, [pair_id], [Preference.pair_id == pair_id], None, {})


def _replace(
    session: Session,
    pairs: Sequence[int],
    where: list[ColumnElement[bool]],
    fitted: Aggregation | None,
    stamps: dict[int, tuple[int, int]],
) -> int:
    """Replace some preferences and record which of them changed; return their number."""
    before = read_verdicts(session, where)
    session.execute(delete(Preference).where(*where))
    written = _write(session, pairs, fitted, stamps)
    record_changes(session, before, read_verdicts(session, where))
    return written


def _write(
    session: Session, pairs: Sequence[int], fitted: Aggregation | None, stamps: dict[int, tuple[int, int]]
) -> int:
    """Insert the preferences of pairs that have none; return their number."""
    votes = votes_of(session, pairs)
    decided = _decisions(session, Task.pair_id.in_(pairs))
    sources = _sources(session, pairs)
    known = _reliabilities(session, votes.values())
    items = fitted.items if fitted else {}
    rows = []
    for pair in pairs:
        cast = votes.get(pair, [])
        if fitted and stamps.get(pair) == (len(cast), sum(vote.judgement_id for vote in cast)):
            found, method = items[pair], fitted.method
        elif cast:
            found, method = _weigh(cast, known), QUICK
        elif pair not in decided:
            continue
        if pair in decided:
            found, method = _final(decided[pair]), ADJUDICATED
        rows.append(_row(pair, cast, found, method, sources.get(pair, {})))
    if rows:
        session.execute(insert(Preference), rows)
    return len(rows)


def _weigh(cast: Sequence[LedgerVote], known: dict[str, float]) -> Aggregate:
    votes = Votes.of(vote.vote for vote in cast)
    posterior = quick_posterior([(vote.verdict, known[vote.assessor]) for vote in cast])
    shares = np.array([[posterior[name] for name in OUTCOMES]])
    weights = np.array([known[name] for name in votes.names])
    [found] = conclude(QUICK, votes, shares, weights).items.values()
    return found


def _final(verdict: str) -> Aggregate:
    posterior = dict.fromkeys(OUTCOMES, 0.0) | {outcome(verdict): 1.0}
    return Aggregate(verdict, posterior, float(GRADES.get(verdict, 0)))


def _row(
    pair: int, cast: Sequence[LedgerVote], found: Aggregate, method: str, source: dict[str, Any]
) -> dict[str, Any]:
    return {
        "pair_id": pair,
        "verdict": found.verdict,
        "posterior": found.posterior,
        "margin": found.margin,
        "votes": [dict(vars(vote)) for vote in cast],
        "people": sum(vote.kind == "person" for vote in cast),
        "machines": sum(vote.kind == "machine" for vote in cast),
        "method": method,
        "uncertainty": found.uncertainty,
        "lineage": {
            "judgements": [vote.judgement_id for vote in cast],
            "guidelines": sorted({vote.guideline for vote in cast}),
            "snapshot": source,
            "adjudicated": method == ADJUDICATED,
        },
    }


def _stamps(ledger: LedgerVotes) -> dict[int, tuple[int, int]]:
    """Return by pair how many judgements it was fitted on and the sum of their ids, to tell changes by."""
    votes = ledger.votes
    size = len(votes.item_ids)
    numbers = np.bincount(votes.rows, minlength=size)
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, votes.rows, ledger.judgements)
    pairs = zip(numbers.tolist(), sums.tolist(), strict=True)
    return dict(zip(votes.item_ids.tolist(), pairs, strict=True))


def _store_reliabilities(session: Session, found: dict[str, float]) -> None:
    ids = dict(session.execute(select(Assessor.name, Assessor.id).order_by(Assessor.id)).all())
    rows = [{"id": number, "reliability": found.get(name)} for name, number in ids.items()]
    if rows:
        session.execute(update(Assessor), rows)


def _reliabilities(session: Session, cast: Iterable[Sequence[LedgerVote]]) -> dict[str, float]:
    names = {vote.assessor for votes in cast for vote in votes}
    columns = select(Assessor.name, Assessor.kind, Assessor.reliability)
    rows = session.execute(columns.where(Assessor.name.in_(names)))
    return {name: _trust(kind, found) for name, kind, found in rows}


def _trust(kind: str, found: float | None) -> float:
    if kind == ASKER:
        return ASKER_RELIABILITY
    return PRIOR_RELIABILITY if found is None else found


def _asked_pairs(session: Session) -> list[int]:
    given = (Assessor.kind == ASKER, Assignment.state == SUBMITTED, Task.pool == MAIN)
    query = select(Task.pair_id).join(Assignment, Assignment.task_id == Task.id).join(Assessor)
    return list(session.scalars(query.where(*given).distinct()))


def _adjudicated_pairs(session: Session) -> list[int]:
    decided = (Review.state == DECIDED, Review.verdict != "", Task.pool == MAIN)
    return list(session.scalars(select(Task.pair_id).join(Review).where(*decided).distinct()))


def _decisions(session: Session, where: ColumnElement[bool]) -> dict[int, str]:
    """Return the adjudicated verdicts by pair; of several the last decided one stands."""
    rows = session.execute(
        select(Task.pair_id, Review.verdict)
        .join(Review, Review.task_id == Task.id)
        .where(where, Task.pool == MAIN, Review.state == DECIDED, Review.verdict != "")
        .order_by(Review.decided_at, Review.id)
    )
    return dict(rows.all())


def _sources(session: Session, pairs: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return by pair which index and which weights made its two answers."""
    rows = session.execute(_fingerprints().where(Pair.id.in_(pairs)))
    return {
        row[0]: {
            "first": {"index": row[1], "model": row[2]},
            "second": {"index": row[3], "model": row[4]},
        }
        for row in rows
    }


@cache
def _fingerprints() -> Any:
    first, second = aliased(AnswerRecord), aliased(AnswerRecord)
    return (
        select(
            Pair.id,
            first.index_fingerprint,
            first.model_fingerprint,
            second.index_fingerprint,
            second.model_fingerprint,
        )
        .join(first, first.id == Pair.first_id)
        .join(second, second.id == Pair.second_id)
    )


def _between(low: int | None, high: int | None) -> list[ColumnElement[bool]]:
    bounds = [] if low is None else [Preference.pair_id >= low]
    return bounds if high is None else [*bounds, Preference.pair_id < high]
