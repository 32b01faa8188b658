"""Look through the ledger for signs of careless work, keep them once, and let a person settle them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from annotate.errors import LabellingError
from annotate.labelling.controls.signals.base import Finding
from annotate.labelling.controls.signals.copied_comments import copied_comments
from annotate.labelling.controls.signals.one_sided import one_sided
from annotate.labelling.controls.signals.patterned import patterned
from annotate.labelling.controls.signals.too_fast import fit_pace, too_fast
from annotate.labelling.verdicts import outcome, swap_verdict
from annotate.store import (
    AnswerRecord,
    Assessor,
    Assignment,
    Event,
    Judgement,
    Pair,
    Question,
    Signal,
    Store,
    Task,
    now,
)
from annotate.store.ledger import SUBMITTED

RECENT = 200  # verdicts of an assessor that are looked at
CROWD = 4000  # verdicts of everybody that the crowd is measured by
POOLS = ("main", "gold")  # training and exam are no work
SIGNALLED, SETTLED = "signalled", "settled"
KINDS = ("too_fast", "one_sided", "patterned", "copied_comments")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class SignalView:
    """Show one signal; it is open until somebody settles it."""

    id: int
    assessor: str
    kind: str
    strength: float
    evidence: dict[str, Any]
    created_at: datetime
    settled_at: datetime | None
    settled_by: str
    resolution: str


@dataclass(frozen=True)
class Work:
    """Hold one verdict as the signals look at it: as displayed, with its time and what was to be read."""

    assessor_id: int
    shown: str
    seconds: float
    words: int
    comment: str
    at: datetime


def find_signals(store: Store) -> list[SignalView]:
    """Look at the latest verdicts of each person and keep what is new; return the new signals.

    An open signal is not raised again; after one is settled, only later verdicts count for its kind.
    """
    with store.reading() as session:
        people = list(session.scalars(select(Assessor.id).where(Assessor.kind == "person")))
        everybody = list(_works(session, CROWD))
        works = {person: list(_works(session, RECENT, person))[::-1] for person in people}
        blocked, settled = _known(session)
    fresh: list[tuple[int, Finding]] = []
    for person, own in works.items():
        crowd = [work for work in everybody if work.assessor_id != person]
        for kind in KINDS:
            since = settled.get((person, kind), _LONG_AGO)
            later = [work for work in own if work.at > since]
            finding = None if (person, kind) in blocked else _look(kind, later, crowd)
            if finding is not None:
                fresh.append((person, finding))
    return _keep(store, fresh) if fresh else []


def list_signals(store: Store, *, settled: bool = False) -> list[SignalView]:
    """Return the open signals, strongest first; with `settled` those as well, after the open ones."""
    with store.reading() as session:
        wanted = select(Signal).order_by(Signal.settled_at.is_not(None), Signal.strength.desc(), Signal.id)
        if not settled:
            wanted = wanted.where(Signal.settled_at.is_(None))
        return [_view(signal) for signal in session.scalars(wanted)]


def settle_signal(store: Store, signal_id: int, by: str, resolution: str) -> SignalView:
    """Close a signal, saying who looked at it and what came of it.

    Raises LabellingError for an unknown or settled signal, or without a resolution.
    """
    with store.writing.begin() as session:
        return _view(close_signal(session, signal_id, by, resolution))


def close_signal(session: Session, signal_id: int, by: str, resolution: str) -> Signal:
    """Do the same in a transaction under way."""
    by, resolution = by.strip(), resolution.strip()
    if not resolution or not by:
        raise LabellingError("settling a signal needs who settles it and a resolution")
    signal = session.get(Signal, signal_id, with_for_update=True)
    if signal is None or signal.settled_at is not None:
        raise LabellingError(f"signal {signal_id} is unknown or settled already")
    signal.settled_at, signal.settled_by, signal.resolution = now(), by, resolution
    details = {"signal": signal.id, "kind": signal.kind, "by": by, "resolution": resolution}
    session.add(Event(kind=SETTLED, assessor_id=signal.assessor_id, details=details))
    session.flush()
    return signal


def _look(kind: str, own: Sequence[Work], crowd: Sequence[Work]) -> Finding | None:
    if kind == "too_fast":
        timed, measured = ([work for work in works if work.seconds > 0] for works in (own, crowd))
        pace = fit_pace(*_times(measured))
        return too_fast(*_times(timed), pace)
    if kind == "copied_comments":
        return copied_comments([work.comment for work in own], {work.comment for work in crowd})
    shown = [work.shown for work in own]
    if kind == "patterned":
        return patterned(shown)
    counts = Counter(outcome(work.shown) for work in crowd)
    return one_sided(shown, {name: count / len(crowd) for name, count in counts.items()})


def _times(works: Sequence[Work]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    seconds = np.array([work.seconds for work in works], dtype=float)
    return seconds, np.array([max(work.words, 1) for work in works], dtype=float)


def _works(session: Session, limit: int, person: int | None = None) -> Iterator[Work]:
    """Yield the latest verdicts of people, newest first: the last revision of each assignment."""
    later, first, second = aliased(Judgement), aliased(AnswerRecord), aliased(AnswerRecord)
    query = (
        select(Judgement, Assignment.assessor_id, Assignment.swapped, Question.text, first.text, second.text)
        .join(Assignment, Assignment.id == Judgement.assignment_id)
        .join(Assessor, Assessor.id == Assignment.assessor_id)
        .join(Task, Task.id == Assignment.task_id)
        .join(Pair, Pair.id == Task.pair_id)
        .join(Question, Question.id == Pair.question_id)
        .join(first, first.id == Pair.first_id)
        .join(second, second.id == Pair.second_id)
        .outerjoin(
            later,
            (later.assignment_id == Judgement.assignment_id) & (later.revision > Judgement.revision),
        )
        .where(later.id.is_(None), Assignment.state == SUBMITTED, Task.pool.in_(POOLS))
        .where(Assessor.kind == "person" if person is None else Assignment.assessor_id == person)
        .order_by(Judgement.id.desc())
        .limit(limit)
    )
    for judgement, assessor, swapped, *texts in session.execute(query):
        yield Work(
            assessor_id=assessor,
            shown=swap_verdict(judgement.verdict) if swapped else judgement.verdict,
            seconds=judgement.active_seconds or judgement.seconds,
            words=sum(len(text.split()) for text in texts),
            comment=judgement.comment,
            at=judgement.created_at,
        )


def _known(session: Session) -> tuple[set[tuple[int, str]], dict[tuple[int, str], datetime]]:
    """Return which signals are open, and when each kind was last settled."""
    blocked, settled = set(), {}
    rows = session.execute(
        select(Signal.assessor_id, Signal.kind, func.count(), func.count(Signal.settled_at),
               func.max(Signal.settled_at)).group_by(Signal.assessor_id, Signal.kind)
    )  # fmt: skip
    for assessor, kind, every, closed, last in rows:
        if every > closed:
            blocked.add((assessor, kind))
        elif last is not None:
            settled[assessor, kind] = last
    return blocked, settled


def _keep(store: Store, fresh: Sequence[tuple[int, Finding]]) -> list[SignalView]:
    by_assessor: dict[int, list[Finding]] = defaultdict(list)
    for assessor_id, finding in fresh:
        by_assessor[assessor_id].append(finding)
    kept = []
    with store.writing.begin() as session:
        for assessor_id, findings in sorted(by_assessor.items()):
            session.get(
                Assessor, assessor_id, with_for_update=True
            )  # two looks at once must not keep it twice
            open_kinds = set(
                session.scalars(
                    select(Signal.kind).where(Signal.assessor_id == assessor_id, Signal.settled_at.is_(None))
                )
            )
            kept += [_store(session, assessor_id, one) for one in findings if one.kind not in open_kinds]
        return [_view(signal) for signal in kept]


def _store(session: Session, assessor_id: int, finding: Finding) -> Signal:
    signal = Signal(
        assessor_id=assessor_id,
        kind=finding.kind,
        strength=finding.strength,
        evidence=finding.evidence,
    )
    session.add(signal)
    session.flush()
    details = {"signal": signal.id, "kind": finding.kind, "strength": finding.strength}
    session.add(Event(kind=SIGNALLED, assessor_id=assessor_id, details=details))
    return signal


def _view(signal: Signal) -> SignalView:
    return SignalView(
        signal.id, signal.assessor.name, signal.kind, signal.strength, signal.evidence,
        signal.created_at, signal.settled_at, signal.settled_by, signal.resolution,
    )  # fmt: skip
