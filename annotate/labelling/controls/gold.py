"""Keep gold tasks: pairs whose verdict is known, mixed into the work to see who can be trusted.

A gold answer is right when its verdict is among the accepted ones; the right winner in the wrong
strength counts half. The rules of the campaign say what follows from too few right answers; each
act is an event and is shown to the assessor and the lead, who can lift it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from math import sqrt
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from annotate.errors import LabellingError
from annotate.labelling.campaigns import DEFAULT, campaign_named, default_campaign
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.history import DROPPED, record
from annotate.labelling.verdicts import check_verdict, outcome
from annotate.store import Assessor, Assignment, Campaign, Judgement, Pair, Question, Store, Task
from annotate.store.ledger import EXPIRED, RELEASED, RESERVED, SKIPPED, SUBMITTED

CONTROL_POOLS = ("gold", "training", "exam")
EVERYBODY = 1_000_000  # a control task is for all
CORRECTED = "corrected"
# Said by what they are not, so that no database begins with all submitted work instead of the gold tasks.
UNANSWERED = (RESERVED, SKIPPED, RELEASED, EXPIRED)
FEW = 500  # tasks that a query may name one by one
_Z = 1.96  # 95 % of a normal distribution


@dataclass(frozen=True)
class Known:
    """Hold what is known of a control pair, in the order of the stored pair.

    `verdicts` are accepted; `guideline` names the place in the guidelines (`errors#Hallucination`);
    `unsafe` the side, A or B, that must not be preferred in an exam.
    """

    verdicts: tuple[str, ...]
    why: str
    made_by: str = "hand"
    guideline: str = ""
    unsafe: str = ""
    edit: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.verdicts or not self.why.strip():
            raise LabellingError("a control task needs an accepted verdict and the reason for it")
        for verdict in self.verdicts:
            check_verdict(verdict)
        if self.unsafe not in ("", "A", "B"):
            raise LabellingError("the unsafe side is A or B")

    @classmethod
    def of(cls, task: Task) -> Known:
        """Read what is known of a task; raise LabellingError for real work."""
        known = {key: value for key, value in task.known.items() if key in cls.__dataclass_fields__}
        if not known.get("verdicts"):
            raise LabellingError(f"task {task.id} is real work: no verdict of it is known")
        return cls(**known | {"verdicts": tuple(known["verdicts"]), "why": known.get("why") or "-"})

    def score(self, verdict: str) -> float:
        """Return 1 for an accepted verdict, 0.5 for the right winner in the wrong strength, else 0."""
        if verdict in self.verdicts:
            return 1.0
        winner = outcome(verdict)
        won = winner in ("first", "second") and winner in {outcome(known) for known in self.verdicts}
        return 0.5 if won else 0.0


@dataclass(frozen=True)
class GoldAnswer:
    """Hold one assessor's answer to a gold task."""

    task_id: int
    judgement_id: int
    verdict: str
    score: float
    made_by: str
    at: datetime


@dataclass(frozen=True)
class GoldResult:
    """Hold how many gold answers of an assessor were right, with the Wilson interval of their share."""

    assessor_id: int
    n: int
    right: float
    accuracy: float
    low: float
    high: float


def add_control(
    store: Store, pair_id: int, known: Known, *, pool: str = "gold", campaign: str = DEFAULT
) -> int:
    """Make a pair a control task and return the task's id.

    Raises LabellingError for an unknown pair, pool or campaign, or a pair that is a task already.
    """
    with store.writing.begin() as session:
        return put_control(session, pair_id, known, pool=pool, campaign=campaign)


def put_control(
    session: Session, pair_id: int, known: Known, *, pool: str = "gold", campaign: str = DEFAULT
) -> int:
    """Make a pair a control task in the caller's transaction; see `add_control`."""
    if pool not in CONTROL_POOLS:
        raise LabellingError(f"unknown pool {pool}; known: {', '.join(CONTROL_POOLS)}")
    pair = session.get(Pair, pair_id)
    if pair is None:
        raise LabellingError(f"no pair {pair_id}")
    if session.scalar(select(Task.id).where(Task.pair_id == pair_id)) is not None:
        raise LabellingError(f"pair {pair_id} is a task already; a control pair must be no real work")
    task = Task(
        campaign_id=campaign_record(session, campaign).id,
        pair_id=pair_id,
        pool=pool,
        known=asdict(known) | {"verdicts": list(known.verdicts)},
        language=session.get_one(Question, pair.question_id).language,
        overlap=EVERYBODY,
        max_overlap=EVERYBODY,
        open_to_machines=pool == "gold",
    )
    session.add(task)
    session.flush()
    return task.id


def correct_control(store: Store, task_id: int, verdicts: Sequence[str], why: str, by: str) -> None:
    """Correct a known verdict that was disputed; all results are reckoned anew from then on."""
    with store.writing.begin() as session:
        task = session.get(Task, task_id, with_for_update=True)
        if task is None:
            raise LabellingError(f"no task {task_id}")
        before = Known.of(task)
        after = Known(tuple(verdicts), why, before.made_by, before.guideline, before.unsafe, before.edit)
        task.known = asdict(after) | {"verdicts": list(after.verdicts)}
        record(
            session, CORRECTED, clock_now(session), task_id=task_id,
            before=list(before.verdicts), after=list(after.verdicts), why=why, by=by,
        )  # fmt: skip


def campaign_record(session: Session, name: str) -> Campaign:
    """Return a campaign by name, the default one made if need be; raise LabellingError for others."""
    return default_campaign(session) if name == DEFAULT else campaign_named(session, name)


def gold_answers(
    session: Session,
    campaign_id: int | None = None,
    assessor_id: int | None = None,
    latest: int | None = None,
) -> dict[int, list[GoldAnswer]]:
    """Return the gold answers, oldest first, by assessor: the last revision of each assignment.

    Answers that were dropped stay: they say how reliable the assessor was. `latest` keeps those to the
    tasks that were handed out last, which are found without reading all that an assessor did.
    """
    later = aliased(Judgement)
    query = (
        select(
            Judgement.id, Judgement.verdict, Judgement.created_at,
            Assignment.assessor_id, Assignment.task_id,
        )
        .join(Assignment, Assignment.id == Judgement.assignment_id)
        .join(Task, Task.id == Assignment.task_id)
        .outerjoin(
            later,
            (later.assignment_id == Judgement.assignment_id) & (later.revision > Judgement.revision),
        )
        .where(later.id.is_(None), Task.pool == "gold", Assignment.state.not_in(UNANSWERED))
    )  # fmt: skip
    wanted = [Task.campaign_id == campaign_id] if campaign_id is not None else []
    wanted += [Assignment.assessor_id == assessor_id] if assessor_id is not None else []
    query = query.where(*wanted)
    if latest is not None:
        query = query.where(Assignment.id.in_(_latest(session, wanted, latest)))
    rows = sorted(session.execute(query).all())  # here, lest the database walk over all judgements for it
    known = _known_of(session, {row.task_id for row in rows}, campaign_id)
    found: dict[int, list[GoldAnswer]] = defaultdict(list)
    for number, verdict, at, assessor, task in rows:
        truth = known[task]
        found[assessor].append(GoldAnswer(task, number, verdict, truth.score(verdict), truth.made_by, at))
    return dict(found)


def _known_of(session: Session, tasks: Collection[int], campaign_id: int | None) -> dict[int, Known]:
    """Return what is known of gold tasks: each read once, however many answers it has."""
    query = select(Task).where(Task.pool == "gold")
    if len(tasks) <= FEW:
        query = query.where(Task.id.in_(tasks))
    elif campaign_id is not None:
        query = query.where(Task.campaign_id == campaign_id)
    return {task.id: Known.of(task) for task in session.scalars(query) if task.id in tasks}


def _latest(session: Session, wanted: Sequence[ColumnElement[bool]], count: int) -> Sequence[int]:
    ids = select(Assignment.id).join(Task, Task.id == Assignment.task_id).where(*wanted)
    ids = ids.where(Task.pool == "gold", Assignment.state.in_((SUBMITTED, DROPPED)))
    return session.scalars(ids.order_by(Assignment.id.desc()).limit(count)).all()


def gold_result(assessor_id: int, answers: Sequence[GoldAnswer]) -> GoldResult:
    """Sum up gold answers."""
    right = sum(answer.score for answer in answers)
    low, high = wilson(right, len(answers))
    accuracy = right / len(answers) if answers else 0.0
    return GoldResult(assessor_id, len(answers), right, accuracy, low, high)


def gold_results(store: Store, campaign: str | None = None) -> dict[str, GoldResult]:
    """Return the gold results by the assessor's name; who had no gold task does not appear."""
    with store.reading() as session:
        number = campaign_record(session, campaign).id if campaign else None
        names = {one.id: one.name for one in session.scalars(select(Assessor))}
        answers = gold_answers(session, number)
        return {names[key]: gold_result(key, own) for key, own in sorted(answers.items())}


def wilson(right: float, n: int, z: float = _Z) -> tuple[float, float]:
    """Return the interval of a share; (0, 1) of nothing.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    """
    if n <= 0:
        return 0.0, 1.0
    share, weight = right / n, z * z / n
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * sqrt(share * (1 - share) / n + weight / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)
