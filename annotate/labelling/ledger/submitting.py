"""Take judgements in: submit them once, amend them with a history."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from annotate.errors import LabellingError, LeaseLost
from annotate.labelling.ledger.admission import after_control
from annotate.labelling.ledger.leases import Lease, lock_lease, turn
from annotate.labelling.ledger.places import MAIN
from annotate.labelling.ledger.spans import check_spans, swap_spans
from annotate.labelling.verdicts import (
    check_reasons,
    check_verdict,
    swap_aspects,
    swap_tags,
    swap_verdict,
)
from annotate.store import Judgement, Store
from annotate.store.ledger import EXPIRED, RESERVED, SUBMITTED
from annotate.store.prepared import Prepared

_INSERT = Prepared(insert(Judgement).returning(Judgement.id))
_KNOWN = Prepared(
    select(Judgement.id, Judgement.assignment_id).where(Judgement.client_key == bindparam("key"))
)


@dataclass(frozen=True)
class Submission:
    """Hold what an assessor says about a pair, in the order in which it was shown.

    `client_key` makes sending idempotent: the same key is the same judgement. `spans` marks stretches
    of the answers ({"side", "start", "end", "kind"}); `seconds` is the time from display to verdict,
    `active_seconds` the part of it in which something happened.
    """

    client_key: str
    verdict: str
    guideline_id: int
    channel: str
    aspects: dict[str, str] = field(default_factory=dict)
    tags: dict[str, list[str]] = field(default_factory=dict)
    comment: str = ""
    confidence: float | None = None
    details: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    spans: list[dict[str, Any]] = field(default_factory=list)
    active_seconds: float = 0.0


@dataclass(frozen=True)
class Taken:
    """Hold a judgement that is recorded and its lease, None where it was known; was the lease held?"""

    judgement: int
    lease: Lease | None
    was_held: bool = False


def submit(store: Store, assignment_id: int, assessor_id: int, submission: Submission) -> int:
    """Record a judgement and return its id; sending the same client key again changes nothing.

    A lease that ran out is honoured while the task still has room. Raises LeaseLost or
    VerdictError; then nothing is recorded.
    """
    check_submission(submission)
    with store.writing.begin() as session:
        taken = take_in(session, assignment_id, assessor_id, submission)
    follow_up(store, taken.lease)
    return taken.judgement


def take_in(session: Session, assignment_id: int, assessor_id: int, submission: Submission) -> Taken:
    """Record a judgement as `submit` does, in a transaction under way; `follow_up` comes after it."""
    lease = lock_lease(session, assignment_id, assessor_id)
    if (known := _known(session, submission, assignment_id)) is not None:
        return Taken(known, None)
    if lease.state not in (RESERVED, EXPIRED):
        raise LeaseLost(f"this pair is {lease.state} already")
    was_held = lease.state == RESERVED
    if not was_held and not lease.task.has_room(lease.kind):
        raise LeaseLost("the lease ran out and others have judged this pair meanwhile")
    return Taken(_record(session, lease, submission, "submitted"), lease, was_held)


def amend(
    store: Store,
    assignment_id: int,
    assessor_id: int,
    submission: Submission,
    *,
    expected_version: int | None = None,
) -> int:
    """Record a new revision of a judgement and return its id; the earlier one stays in the history.

    `expected_version` is the assignment's version when it was read. Raises LabellingError when there is
    nothing to amend, or when it was changed since.
    """
    check_submission(submission)
    with store.writing.begin() as session:
        lease = lock_lease(session, assignment_id, assessor_id)
        if (known := _known(session, submission, assignment_id)) is not None:
            return known
        if lease.state != SUBMITTED:
            raise LabellingError("there is no judgement to amend")
        if expected_version not in (None, lease.version):
            raise LabellingError("this judgement was changed meanwhile; read it again")
        made = _record(session, lease, submission, "amended")
    follow_up(store, lease)
    return made


def follow_up(store: Store, lease: Lease | None) -> None:
    """Let the rules for control tasks act, in a transaction of their own: they lock the assessor first."""
    if lease is not None and lease.task.pool != MAIN:
        with store.writing.begin() as session:
            after_control(session, lease.assessor_id, lease.task.campaign_id, lease.task.task_id)


def check_submission(submission: Submission) -> None:
    """Raise VerdictError for what is not well formed."""
    check_verdict(submission.verdict)
    check_reasons(submission.aspects, submission.tags)
    check_spans(submission.spans)


def _known(session: Session, submission: Submission, assignment_id: int) -> int | None:
    found = _KNOWN.first(session, {"key": submission.client_key})
    if found is None:
        return None
    if found.assignment_id != assignment_id:
        raise LabellingError("this client key was used for another pair")
    return int(found.id)


def _record(session: Session, lease: Lease, submission: Submission, kind: str) -> int:
    """Write the judgement in the order of the stored pair."""
    row = _as_stored(submission, lease.swapped) | {
        "assignment_id": lease.id,
        "revision": _next_revision(session, lease),
        "client_key": submission.client_key,
        "comment": submission.comment.strip(),
        "confidence": submission.confidence,
        "details": submission.details,
        "guideline_id": submission.guideline_id,
        "channel": submission.channel,
        "seconds": submission.seconds,
        "active_seconds": submission.active_seconds,
        "created_at": lease.moment,
    }
    judgement_id: int = _INSERT.scalar(session, row)
    turn(session, lease, kind, SUBMITTED, judgement=judgement_id)
    return judgement_id


def _as_stored(submission: Submission, turned: bool) -> dict[str, Any]:
    said = submission
    return {
        "verdict": swap_verdict(said.verdict) if turned else said.verdict,
        "aspects": swap_aspects(said.aspects) if turned else said.aspects,
        "tags": swap_tags(said.tags) if turned else said.tags,
        "spans": swap_spans(said.spans) if turned else said.spans,
    }


def _next_revision(session: Session, lease: Lease) -> int:
    if lease.version == 1:  # nothing happened since it was handed out
        return 1
    last = session.scalar(select(func.max(Judgement.revision)).where(Judgement.assignment_id == lease.id))
    return (last or 0) + 1
