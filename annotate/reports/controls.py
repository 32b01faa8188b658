"""Report the controls: gold results, exams, confirmations, acts and signals, assessor by assessor."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotate.labelling.controls.exams import SittingView, list_sittings
from annotate.labelling.controls.gold import CONTROL_POOLS, GoldResult, Known, campaign_record, wilson
from annotate.labelling.controls.gold_rules import Act, list_acts
from annotate.labelling.controls.signals import SignalView, list_signals
from annotate.labelling.guidelines import current_record
from annotate.reports.last_verdicts import (
    all_campaigns,
    count_answers,
    gold_answers_of,
    read_answers,
)
from annotate.store import Assessor, Campaign, Confirmation, Store, Task

GOLD = "gold"  # the pool whose answers are counted


@dataclass(frozen=True)
class AssessorControls:
    """Show what the controls say of one assessor; `by_kind` splits the gold result by how it was made."""

    assessor: str
    kind: str
    state: str
    state_reason: str
    confirmed: bool
    gold: GoldResult | None
    by_kind: dict[str, GoldResult]
    sittings: tuple[SittingView, ...]
    acts: tuple[Act, ...]
    signals: tuple[SignalView, ...]


@dataclass(frozen=True)
class ControlTask:
    """Show one control task: its pool, what is known of it, and how its answers turned out."""

    task_id: int
    pair_id: int
    pool: str
    language: str
    verdicts: tuple[str, ...]
    why: str
    made_by: str
    answers: int
    right: float


@dataclass(frozen=True)
class GoldFeedback:
    """Tell an assessor how a gold answer turned out, in the order of the stored pair."""

    task_id: int
    pair_id: int
    said: str
    verdicts: tuple[str, ...]
    why: str
    score: float
    at: datetime


def report_gold_feedback(store: Store, assessor_id: int, before: datetime) -> list[GoldFeedback]:
    """Return an assessor's gold answers given before a moment, oldest first.

    Feedback comes at the end of the day and not at once, so that gold tasks cannot be told from others.
    """
    with store.reading() as session:
        told = []
        for _, verdict, at, task in gold_answers_of(session, assessor_id, all_campaigns(session)):
            if at < before:
                known = Known.of(task)
                told.append(
                    GoldFeedback(
                        task.id, task.pair_id, verdict, known.verdicts, known.why, known.score(verdict), at
                    )
                )  # fmt: skip
        return told


def report_controls(store: Store, campaign: str = "default") -> list[AssessorControls]:
    """Return the controls of every assessor of a campaign, by name."""
    signals: dict[str, list[SignalView]] = defaultdict(list)
    for signal in list_signals(store, settled=True):
        signals[signal.assessor].append(signal)
    acts: dict[int, list[Act]] = defaultdict(list)
    for act in list_acts(store):
        acts[act.assessor_id].append(act)
    sittings: dict[int, list[SittingView]] = defaultdict(list)
    for sitting in list_sittings(store):
        sittings[sitting.assessor_id].append(sitting)
    with store.reading() as session:
        place = campaign_record(session, campaign)
        results, confirmed = _results(session, place.id), _confirmed(session, place)
        return [
            AssessorControls(
                assessor=one.name,
                kind=one.kind,
                state=one.state,
                state_reason=one.state_reason,
                confirmed=one.id in confirmed,
                gold=results[one.id][0] if one.id in results else None,
                by_kind=results[one.id][1] if one.id in results else {},
                sittings=tuple(s for s in sittings[one.id] if s.campaign_id == place.id),
                acts=tuple(act for act in acts[one.id] if act.campaign_id == place.id),
                signals=tuple(signals[one.name]),
            )
            for one in session.scalars(select(Assessor).order_by(Assessor.name))
        ]


def report_control_tasks(store: Store, campaign: str | None = None) -> list[ControlTask]:
    """Return the control tasks of a campaign, or of all, with the share of right answers in gold."""
    with store.reading() as session:
        campaigns = [campaign_record(session, campaign).id] if campaign else all_campaigns(session)
        wanted = select(Task).where(Task.campaign_id.in_(campaigns), Task.pool.in_(CONTROL_POOLS))
        tasks = session.scalars(wanted.order_by(Task.id)).all()
        counts = count_answers(session, [task.id for task in tasks if task.pool == GOLD])
        made = []
        for task in tasks:
            known, given = Known.of(task), counts[task.id]
            right = sum(known.score(verdict) * number for verdict, number in given.items())
            made.append(
                ControlTask(
                    task.id, task.pair_id, task.pool, task.language, known.verdicts, known.why, known.made_by,
                    given.total(), right,
                )
            )  # fmt: skip
        return made


def count_control_tasks(store: Store) -> dict[str, int]:
    """Return how many control tasks each pool has."""
    with store.reading() as session:
        rows = session.execute(
            select(Task.pool, func.count().label("number"))
            .where(Task.pool.in_(CONTROL_POOLS))
            .group_by(Task.pool)
        )
        return {row.pool: row.number for row in rows}


def _results(session: Session, campaign_id: int) -> dict[int, tuple[GoldResult, dict[str, GoldResult]]]:
    """Return the gold results by assessor: that of all answers, and those by how the tasks were made."""
    wanted = select(Task).where(Task.campaign_id == campaign_id, Task.pool == GOLD)
    tasks = {task.id: task for task in session.scalars(wanted)}
    answers = read_answers(session, list(tasks))
    answered = {task for own in answers.values() for task, _ in own}
    known = {number: Known.of(tasks[number]) for number in answered}
    found = {}
    for assessor, own in answers.items():
        scores: dict[str, list[float]] = defaultdict(list)
        for task, verdict in own:
            scores[known[task].made_by].append(known[task].score(verdict))
        by_kind = {kind: _result(assessor, scores[kind]) for kind in sorted(scores)}
        found[assessor] = _result(assessor, [score for some in scores.values() for score in some]), by_kind
    return found


def _result(assessor_id: int, scores: Sequence[float]) -> GoldResult:
    n, right = len(scores), sum(scores)
    return GoldResult(assessor_id, n, right, right / n, *wilson(right, n))


def _confirmed(session: Session, campaign: Campaign) -> set[int]:
    """Return who has confirmed the version of the guidelines that the campaign works under."""
    guideline = current_record(session, campaign)
    if guideline is None:
        return set()
    wanted = select(Confirmation.assessor_id).where(Confirmation.guideline_id == guideline.id)
    return set(session.scalars(wanted))
