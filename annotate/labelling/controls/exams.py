"""Train and examine assessors on pairs whose verdicts are known.

A sitting is one attempt in one language: its tasks are drawn when it starts, those not seen before
first. In training the known verdict, the reason and the place in the guidelines come after each
answer; in an exam nothing is told until the end. The first answer to a task counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.errors import LabellingError, LeaseLost
from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.controls.attempts import check_attempt, draw_tasks, sittings_of
from annotate.labelling.controls.gold import Known, campaign_record
from annotate.labelling.guidelines import GuidelineVersion, current_record, section
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.history import record
from annotate.labelling.ledger.reserving import lease_task
from annotate.labelling.ledger.submitting import Submission, amend, submit
from annotate.labelling.verdicts import outcome, swap_verdict
from annotate.labelling.views import AssignmentView, view_assignment
from annotate.store import Assessor, Assignment, Campaign, Event, Guideline, Judgement, Sitting, Store, Task
from annotate.store.ledger import SUBMITTED

POOLS = ("training", "exam")
SAT, ENDED = "sat", "sitting_ended"
LEASE_SECONDS = 86_400


@dataclass(frozen=True)
class SittingView:
    """Show one attempt; `right` and `passed` of an exam are told when it has ended."""

    id: int
    assessor_id: int
    campaign_id: int
    guideline_id: int
    pool: str
    language: str
    attempt: int
    answered: int
    total: int
    right: int | None
    passed: bool | None
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Feedback:
    """Tell how an answer in training fits what is known, in the order of display."""

    right: bool
    verdicts: tuple[str, ...]
    why: str
    guideline: str


def start_sitting(
    store: Store, assessor_id: int, pool: str, *, language: str, campaign: str = "default"
) -> SittingView:
    """Start an attempt, or take up the one that has not ended.

    Raises LabellingError when the pool has no tasks in the language, or when an exam is passed
    already, has no attempt left, or must wait.
    """
    if pool not in POOLS:
        raise LabellingError(f"unknown pool {pool}; known: {', '.join(POOLS)}")
    with store.writing.begin() as session:
        assessor = session.get(Assessor, assessor_id, with_for_update=True)
        if assessor is None:
            raise LabellingError("no such assessor")
        place = campaign_record(session, campaign)
        earlier = sittings_of(session, assessor_id, place.id, pool, language)
        if earlier and earlier[-1].ended_at is None:
            return _view(session, earlier[-1])
        moment = clock_now(session)
        rules = CampaignRules.of(place)
        if pool == "exam":
            check_attempt(earlier, rules, moment)
        guideline = current_record(session, place)
        if guideline is None:
            raise LabellingError("there are no guidelines yet")
        count = rules.exam_tasks if pool == "exam" else rules.training_tasks
        tasks = draw_tasks(session, assessor_id, place, pool, language, len(earlier) + 1)[:count]
        sitting = Sitting(
            assessor_id=assessor_id, campaign_id=place.id, pool=pool, language=language,
            guideline_id=guideline.id, attempt=len(earlier) + 1, total=len(tasks), started_at=moment,
        )  # fmt: skip
        session.add(sitting)
        session.flush()
        record(session, SAT, moment, assessor_id=assessor_id, sitting=sitting.id, tasks=tasks)
        return _view(session, sitting)


def next_in_sitting(store: Store, sitting_id: int, assessor_id: int) -> AssignmentView | None:
    """Return the next pair of a sitting; None when all are answered, and then the sitting has ended."""
    return next(iter(pairs_in_sitting(store, sitting_id, assessor_id)), None)


def pairs_in_sitting(store: Store, sitting_id: int, assessor_id: int, count: int = 1) -> list[AssignmentView]:
    """Return the next pairs of a sitting in their order; none when all are answered, and it has ended."""
    with store.writing.begin() as session:
        sitting = _own(session, sitting_id, assessor_id)
        answered = _answers(session, sitting)
        waiting = [task for task in _tasks(session, sitting) if task not in answered]
        if not waiting:
            _end(session, sitting)
        return [view_assignment(_lease(session, sitting, task)) for task in waiting[:count]]


def answer_in_sitting(
    store: Store,
    sitting_id: int,
    assignment_id: int,
    assessor_id: int,
    submission: Submission,
    *,
    language: str = "",
) -> Feedback | None:
    """Record an answer, in the order of display; return feedback in training, nothing in an exam.

    The place in the guidelines is quoted in `language`, by default that of the task. Sending the same
    client key again changes nothing. Raises LabellingError when the pair is not of this sitting, and
    LeaseLost when it was answered in it already.
    """
    with store.reading() as session:
        sitting = _own(session, sitting_id, assessor_id, locked=False)
        assignment = session.get(Assignment, assignment_id)
        if assignment is None or assignment.task_id not in _tasks(session, sitting):
            raise LabellingError("this pair is not of this sitting")
        first = _answers(session, sitting).get(assignment.task_id)
        if first is not None and first.client_key != submission.client_key:
            raise LeaseLost("this pair was answered already; the first answer counts")
        seen_before = first is None and assignment.state == SUBMITTED
    said = replace(submission, details=submission.details | {"sitting": sitting_id})
    (amend if seen_before else submit)(store, assignment_id, assessor_id, said)
    with store.writing.begin() as session:
        sitting = _own(session, sitting_id, assessor_id)
        if len(_answers(session, sitting)) == sitting.total:
            _end(session, sitting)
        if sitting.pool == "exam":
            return None
        held = session.get_one(Assignment, assignment_id)
        return _feedback(session, sitting, held, submission.verdict, language)


def read_sitting(store: Store, sitting_id: int) -> SittingView:
    """Return a sitting; raise LabellingError for an unknown one."""
    with store.reading() as session:
        sitting = session.get(Sitting, sitting_id)
        if sitting is None:
            raise LabellingError(f"no sitting {sitting_id}")
        return _view(session, sitting)


def list_sittings(store: Store, assessor_id: int | None = None) -> list[SittingView]:
    """Return the sittings of an assessor, or of all, oldest first."""
    wanted = select(Sitting).order_by(Sitting.id)
    if assessor_id is not None:
        wanted = wanted.where(Sitting.assessor_id == assessor_id)
    with store.reading() as session:
        return [_view(session, sitting) for sitting in session.scalars(wanted)]


def _own(session: Session, sitting_id: int, assessor_id: int, *, locked: bool = True) -> Sitting:
    sitting = session.get(Sitting, sitting_id, with_for_update=locked)
    if sitting is None or sitting.assessor_id != assessor_id:
        raise LabellingError("this sitting is not this assessor's")
    return sitting


def _tasks(session: Session, sitting: Sitting) -> list[int]:
    drawn = select(Event).where(Event.kind == SAT, Event.assessor_id == sitting.assessor_id)
    for event in session.scalars(drawn.order_by(Event.id.desc())):
        if event.details["sitting"] == sitting.id:
            return [int(task) for task in event.details["tasks"]]
    return []


def _answers(session: Session, sitting: Sitting) -> dict[int, Judgement]:
    """Return the first answer to each task within a sitting."""
    rows = session.execute(
        select(Assignment.task_id, Judgement)
        .join(Judgement, Judgement.assignment_id == Assignment.id)
        .where(
            Assignment.assessor_id == sitting.assessor_id, Assignment.task_id.in_(_tasks(session, sitting))
        )
        .order_by(Judgement.id.desc())
    )
    return {task: said for task, said in rows if said.details.get("sitting") == sitting.id}


def _lease(session: Session, sitting: Sitting, task_id: int) -> Assignment:
    """Return the assessor's assignment of a task; one from an earlier attempt is shown again."""
    mine = select(Assignment).where(
        Assignment.task_id == task_id, Assignment.assessor_id == sitting.assessor_id
    )
    known = session.scalar(mine)
    if known is not None and known.state in ("reserved", SUBMITTED):
        return known
    assessor = session.get_one(Assessor, sitting.assessor_id)
    assignment_id = lease_task(session, task_id, assessor, LEASE_SECONDS)
    session.expire_all()  # the lease was written beside the session
    return session.get_one(Assignment, assignment_id)


def _end(session: Session, sitting: Sitting) -> None:
    """Count the right answers and say whether they suffice; training is passed by doing it."""
    if sitting.ended_at is not None:
        return
    right, unsafe = 0, False
    for task_id, said in _answers(session, sitting).items():
        known = Known.of(session.get_one(Task, task_id))
        right += said.verdict in known.verdicts
        unsafe |= bool(known.unsafe) and outcome(said.verdict) == {"A": "first", "B": "second"}[known.unsafe]
    mark = CampaignRules.of(session.get_one(Campaign, sitting.campaign_id)).exam_pass_mark
    enough = right >= mark * sitting.total - 1e-9
    sitting.right, sitting.ended_at = right, clock_now(session)
    sitting.passed = sitting.pool == "training" or (enough and not unsafe)
    record(
        session, ENDED, sitting.ended_at, assessor_id=sitting.assessor_id, sitting=sitting.id,
        pool=sitting.pool, right=right, total=sitting.total, passed=sitting.passed, unsafe_preferred=unsafe,
    )  # fmt: skip


def _feedback(
    session: Session, sitting: Sitting, assignment: Assignment, verdict: str, language: str
) -> Feedback:
    task = session.get_one(Task, assignment.task_id)
    known = Known.of(task)
    turned = assignment.swapped
    verdicts = tuple(swap_verdict(one) if turned else one for one in known.verdicts)
    guideline = session.get_one(Guideline, sitting.guideline_id)
    version = GuidelineVersion(guideline.id, guideline.content_hash, dict(guideline.texts))
    told = section(version, language or task.language, known.guideline)
    return Feedback(verdict in verdicts, verdicts, known.why, told)


def _view(session: Session, sitting: Sitting) -> SittingView:
    told = sitting.pool == "training" or sitting.ended_at is not None
    answers = _answers(session, sitting)
    right = sitting.right
    if sitting.ended_at is None:
        right = sum(
            said.verdict in Known.of(session.get_one(Task, task)).verdicts for task, said in answers.items()
        )
    return SittingView(
        sitting.id, sitting.assessor_id, sitting.campaign_id, sitting.guideline_id, sitting.pool,
        sitting.language, sitting.attempt, len(answers), sitting.total, right if told else None,
        sitting.passed, sitting.started_at, sitting.ended_at,
    )  # fmt: skip
