"""Write imported judgements into the ledger: assessors, tasks, assignments, judgements, events.

A judgement is known by its pair and its assessor: coming in again it changes nothing, and another
verdict of the same assessor on the same pair is refused, since nothing that was submitted is lost.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from annotate.bridges.formats import JudgementRecord
from annotate.jobs.exchange.incoming import Incoming, put_pairs
from annotate.jobs.exchange.judgements import SOURCE
from annotate.labelling.ledger.history import event, record_all
from annotate.labelling.ledger.places import MAIN, lock_places, settle
from annotate.labelling.ledger.spans import swap_spans
from annotate.labelling.verdicts import swap_aspects, swap_tags, swap_verdict
from annotate.store import Assessor, Assignment, Campaign, Guideline, Judgement, Pair, Question, Task, now
from annotate.store.ledger import CLOSED, EXPIRED, RELEASED, RESERVED, SUBMITTED

IMPORTED = "imported"  # campaign of the pairs that came in; it is closed until a lead opens it


@dataclass(frozen=True)
class Source:
    """Say where judgements come from: the name of the file, its format, and the guideline in force."""

    file: str
    form: str
    guideline_id: int
    campaign: str = IMPORTED
    overlap: int = 1


@dataclass
class Taken:
    """Count what became of a batch."""

    recorded: int
    known: int
    refused: list[str]


@dataclass
class _Held:
    """Hold what the ledger knows of one assessor at one task; without an id it is yet to be written."""

    state: str
    id: int = 0
    version: int = 0
    verdict: str = ""
    revision: int = 0


@dataclass(frozen=True)
class _Fresh:
    """Hold a judgement that is to be written."""

    item: Incoming
    task_id: int
    assessor: Assessor
    held: _Held


def take_in(session: Session, items: Sequence[Incoming], source: Source) -> Taken:
    """Record a batch of judgements in the transaction of the session."""
    put_pairs(session, items)
    assessors = _put_assessors(session, items)
    tasks = _put_tasks(session, items, source)
    places = lock_places(session, tasks.values())
    held = _held(session, list(places))
    known = 0
    fresh: list[_Fresh] = []
    for item in items:
        if item.reason:
            continue
        task_id, assessor = tasks[item.pair_id], assessors[item.record.assessor, item.record.fingerprint]
        place = held.setdefault((task_id, assessor.id), _Held(RELEASED))
        if place.state in (EXPIRED, RELEASED):
            place.state, place.verdict = SUBMITTED, _verdict(item)
            fresh.append(_Fresh(item, task_id, assessor, place))
        elif place.state == SUBMITTED and place.verdict == _verdict(item):
            known += 1
        else:
            item.reason = _conflict(assessor.name, place)
    _record(session, fresh, source)
    for (task_id, kind), count in Counter((one.task_id, one.assessor.kind) for one in fresh).items():
        settle(session, places[task_id], kind, count)
    refused = [f"{item.place}: {item.reason}" for item in items if item.reason]
    return Taken(len(fresh), known, refused)


def _put_assessors(session: Session, items: Sequence[Incoming]) -> dict[tuple[str, str], Assessor]:
    """Return the assessor of each name and fingerprint, made where it is new."""
    wanted = {(item.record.assessor, item.record.fingerprint): item for item in items if not item.reason}
    names = {name for name, _ in wanted} | {_other_name(*key) for key in wanted}
    known = {one.name: one for one in session.scalars(select(Assessor).where(Assessor.name.in_(names)))}
    found: dict[tuple[str, str], Assessor] = {}
    for (name, fingerprint), item in wanted.items():
        kind = item.record.kind
        own = name
        if kind == "machine" and name in known and fingerprint not in ("", known[name].fingerprint):
            own = _other_name(name, fingerprint)  # a machine with other settings is another assessor
        if own not in known:
            known[own] = Assessor(name=own, kind=kind, languages=["en", "ru"], fingerprint=fingerprint)
            session.add(known[own])
        found[name, fingerprint] = known[own]
    for item in items:
        assessor = found.get((item.record.assessor, item.record.fingerprint))
        if assessor is not None and assessor.kind != item.record.kind:
            item.reason = f"{assessor.name} is a {assessor.kind} here, not a {item.record.kind}"
    session.flush()
    return found


def _other_name(name: str, fingerprint: str) -> str:
    return f"{name}-{hashlib.sha256(fingerprint.encode()).hexdigest()[:6]}"


def _put_tasks(session: Session, items: Sequence[Incoming], source: Source) -> dict[int, int]:
    """Return the task of each pair, made where there is none; controls take no judgements from files."""
    pairs = {item.pair_id for item in items if not item.reason}
    found = session.execute(select(Task.pair_id, Task.id, Task.pool).where(Task.pair_id.in_(pairs))).all()
    tasks = {pair_id: task_id for pair_id, task_id, _ in found}
    controls = {pair_id: pool for pair_id, _, pool in found if pool != MAIN}
    for item in items:
        if not item.reason and item.pair_id in controls:
            item.reason = f"pair {item.pair_id} is a control of the pool {controls[item.pair_id]}"
    missing = sorted(pairs - set(tasks))
    if missing:
        campaign = _campaign(session, source)
        languages = session.execute(
            select(Pair.id, Question.language).join(Question).where(Pair.id.in_(missing)).order_by(Pair.id)
        )
        made = [
            Task(
                campaign_id=campaign.id,
                pair_id=pair_id,
                language=language,
                overlap=source.overlap,
                max_overlap=source.overlap,
                chosen_by={"strategy": "import", "source": source.file},
            )
            for pair_id, language in languages
        ]
        session.add_all(made)
        session.flush()
        tasks |= {task.pair_id: task.id for task in made}
    return tasks


def _campaign(session: Session, source: Source) -> Campaign:
    found = session.scalar(select(Campaign).where(Campaign.name == source.campaign))
    if found is None:
        found = Campaign(name=source.campaign, state=CLOSED, rules={"overlap": source.overlap})
        session.add(found)
        session.flush()
    return found


def _held(session: Session, tasks: Sequence[int]) -> dict[tuple[int, int], _Held]:
    """Return the assignments of tasks by task and assessor, each with its last verdict."""
    held: dict[tuple[int, int], _Held] = {}
    rows = session.execute(
        select(
            Assignment.task_id, Assignment.assessor_id, Assignment.state, Assignment.id, Assignment.version
        ).where(Assignment.task_id.in_(tasks))
    )
    for task_id, assessor_id, state, number, version in rows:
        held[task_id, assessor_id] = _Held(state, number, version)
    by_id = {one.id: one for one in held.values()}
    given = (
        select(Judgement.assignment_id, Judgement.verdict, Judgement.revision)
        .where(Judgement.assignment_id.in_(by_id))
        .order_by(Judgement.revision)
    )
    for assignment_id, verdict, revision in session.execute(given):
        by_id[assignment_id].verdict, by_id[assignment_id].revision = verdict, revision
    return held


def _verdict(item: Incoming) -> str:
    return swap_verdict(item.record.verdict) if item.turned else item.record.verdict


def _conflict(name: str, place: _Held) -> str:
    if place.state == RESERVED:
        return f"{name} has this pair on the desk now"
    if place.state == SUBMITTED:
        return f"{name} judged this pair before, as {place.verdict}; what was submitted stays"
    return f"{name} has had this pair already ({place.state})"


def _record(session: Session, fresh: Sequence[_Fresh], source: Source) -> None:
    """Write assignments, judgements and events, each in one statement."""
    if not fresh:
        return
    moment = now()
    _put_assignments(session, fresh, moment)
    guidelines = dict(session.execute(select(Guideline.content_hash, Guideline.id)).all())
    channel = f"import:{source.form}"
    judgements = [
        {
            "assignment_id": one.held.id,
            "revision": one.held.revision + 1,
            "client_key": f"{channel}:{one.held.id}:{one.held.revision + 1}",
            "guideline_id": guidelines.get(one.item.record.guideline, source.guideline_id),
            "channel": channel,
            "verdict": one.held.verdict,
            "created_at": moment,
            "details": one.item.record.details | {SOURCE: _origin(one.item, source)},
            **_content(one.item.record, turned=one.item.turned),
        }
        for one in fresh
    ]
    session.connection().execute(insert(Judgement), judgements)
    told = {"channel": channel, "file": source.file}
    record_all(
        session,
        [event("submitted", moment, one.task_id, one.held.id, one.assessor.id, **told) for one in fresh],
    )


def _put_assignments(session: Session, fresh: Sequence[_Fresh], moment: datetime) -> None:
    """Write the assignments as submitted; those that were given back or ran out are taken up again."""
    made = [one for one in fresh if not one.held.id]
    rows = [
        {
            "task_id": one.task_id,
            "assessor_id": one.assessor.id,
            "state": SUBMITTED,
            "swapped": one.item.record.swapped != one.item.turned,
            "reserved_at": moment,
            "expires_at": moment,
        }
        for one in made
    ]
    if rows:
        adding = insert(Assignment).returning(Assignment.id, sort_by_parameter_order=True)
        ids = session.connection().execute(adding, rows).scalars()
        for one, number in zip(made, ids, strict=True):
            one.held.id = number
    for one in fresh:
        if one.held.version:
            values = {"state": SUBMITTED, "swapped": one.item.record.swapped != one.item.turned}
            changed = update(Assignment).where(Assignment.id == one.held.id)
            session.connection().execute(changed.values(**values, version=one.held.version + 1))


def _content(record: JudgementRecord, *, turned: bool) -> dict[str, Any]:
    return {
        "aspects": swap_aspects(record.aspects) if turned else record.aspects,
        "tags": swap_tags(record.tags) if turned else record.tags,
        "spans": swap_spans(record.spans) if turned else record.spans,
        "comment": record.comment,
        "confidence": record.confidence,
        "seconds": record.seconds,
        "active_seconds": record.active_seconds,
    }


def _origin(item: Incoming, source: Source) -> dict[str, Any]:
    record = item.record
    said = {"guideline": record.guideline, "channel": record.channel, "judged_at": record.judged_at}
    return {"file": source.file, "line": item.line} | {name: value for name, value in said.items() if value}
