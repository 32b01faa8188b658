"""Report the answers to gold tasks: who was right how often, what was missed, which tasks most miss."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.labelling.agreement import Estimate
from annotate.labelling.controls.gold import GoldAnswer, Known, gold_answers, gold_result
from annotate.store import Assessor, Pair, Question, Task

LATEST = 100  # missed answers that are kept
HARDEST = 100  # tasks that are kept


@dataclass(frozen=True)
class GoldRecord:
    """Hold the gold answers of one assessor: `share` right with its interval; half points count half."""

    name: str
    kind: str
    right: float
    share: Estimate


@dataclass(frozen=True)
class Miss:
    """Show a gold answer that was not (wholly) right, in the order of the stored pair."""

    task_id: int
    pair_id: int
    question: str
    name: str
    kind: str
    said: str
    accepted: tuple[str, ...]
    why: str
    score: float
    at: datetime


@dataclass(frozen=True)
class HardTask:
    """Show a gold task by how it was answered; one that most miss may be wrong itself."""

    task_id: int
    pair_id: int
    question: str
    made_by: str
    accepted: tuple[str, ...]
    share: Estimate


@dataclass(frozen=True)
class Gold:
    """Hold the results of gold tasks: by assessor, the latest misses, and the tasks missed most."""

    records: tuple[GoldRecord, ...] = ()
    misses: tuple[Miss, ...] = ()
    tasks: tuple[HardTask, ...] = ()


def report_gold(session: Session) -> Gold:
    """Read the answers to gold tasks of all campaigns."""
    answers = gold_answers(session)
    people = {row.id: row for row in session.execute(select(Assessor.id, Assessor.name, Assessor.kind))}
    records = [
        GoldRecord(people[key].name, people[key].kind, sum(a.score for a in own), _share(key, own))
        for key, own in answers.items()
    ]
    flat = [(key, answer) for key, own in answers.items() for answer in own]
    missed = sorted(
        (one for one in flat if one[1].score < 1), key=lambda one: one[1].judgement_id, reverse=True
    )[:LATEST]
    by_task: dict[int, list[GoldAnswer]] = defaultdict(list)
    for _, answer in flat:
        by_task[answer.task_id].append(answer)
    shares = {task: _share(task, own) for task, own in by_task.items()}
    hardest = sorted(shares, key=lambda task: (shares[task].high, task))[:HARDEST]
    tasks = _tasks(session, {answer.task_id for _, answer in missed} | set(hardest))
    return Gold(
        tuple(sorted(records, key=lambda record: record.name)),
        tuple(
            _miss(people[key].name, people[key].kind, answer, *tasks[answer.task_id])
            for key, answer in missed
        ),
        tuple(_hard(shares[task], *tasks[task]) for task in hardest),
    )


def _share(key: int, answers: list[GoldAnswer]) -> Estimate:
    found = gold_result(key, answers)
    return Estimate(found.accuracy, found.low, found.high, found.n)


def _tasks(session: Session, ids: set[int]) -> dict[int, tuple[Task, str]]:
    rows = session.execute(
        select(Task, Question.text)
        .join(Pair, Pair.id == Task.pair_id)
        .join(Question, Question.id == Pair.question_id)
        .where(Task.id.in_(ids))
    )
    return {task.id: (task, text) for task, text in rows}


def _miss(name: str, kind: str, answer: GoldAnswer, task: Task, question: str) -> Miss:
    known = Known.of(task)
    return Miss(
        task.id, task.pair_id, question, name, kind, answer.verdict, known.verdicts, known.why,
        answer.score, answer.at,
    )  # fmt: skip


def _hard(share: Estimate, task: Task, question: str) -> HardTask:
    known = Known.of(task)
    return HardTask(task.id, task.pair_id, question, known.made_by, known.verdicts, share)
