"""Report the controls: gold results, exams, confirmations, acts and signals, assessor by assessor."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from annotate.labelling.controls.exams import SittingView, list_sittings
from annotate.labelling.controls.gold import (
    CONTROL_POOLS,
    GoldResult,
    Known,
    campaign_record,
    gold_answers,
    gold_result,
)
from annotate.labelling.controls.gold_rules import Act, list_acts
from annotate.labelling.controls.signals import SignalView, list_signals
from annotate.labelling.guidelines import current_record, is_confirmed
from annotate.store import Assessor, Store, Task


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
        answers = gold_answers(session, None, assessor_id).get(assessor_id, [])
        told = []
        for answer in answers:
            if answer.at < before:
                task = session.get_one(Task, answer.task_id)
                known = Known.of(task)
                told.append(
                    GoldFeedback(
                        task.id,
                        task.pair_id,
                        answer.verdict,
                        known.verdicts,
                        known.why,
                        answer.score,
                        answer.at,
                    )
                )
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
        answers = gold_answers(session, place.id)
        guideline = current_record(session, place)
        return [
            AssessorControls(
                assessor=one.name,
                kind=one.kind,
                state=one.state,
                state_reason=one.state_reason,
                confirmed=guideline is not None and is_confirmed(session, one.id, guideline.id),
                gold=gold_result(one.id, answers[one.id]) if one.id in answers else None,
                by_kind={
                    kind: gold_result(one.id, [a for a in answers[one.id] if a.made_by == kind])
                    for kind in sorted({a.made_by for a in answers.get(one.id, [])})
                },
                sittings=tuple(s for s in sittings[one.id] if s.campaign_id == place.id),
                acts=tuple(act for act in acts[one.id] if act.campaign_id == place.id),
                signals=tuple(signals[one.name]),
            )
            for one in session.scalars(select(Assessor).order_by(Assessor.name))
        ]


def report_control_tasks(store: Store, campaign: str | None = None) -> list[ControlTask]:
    """Return the control tasks of a campaign, or of all, with the share of right answers in gold."""
    with store.reading() as session:
        wanted = select(Task).where(Task.pool.in_(CONTROL_POOLS)).order_by(Task.id)
        number = campaign_record(session, campaign).id if campaign else None
        if number is not None:
            wanted = wanted.where(Task.campaign_id == number)
        scores: dict[int, list[float]] = defaultdict(list)
        for own in gold_answers(session, number).values():
            for answer in own:
                scores[answer.task_id].append(answer.score)
        made = []
        for task in session.scalars(wanted):
            known = Known.of(task)
            given = scores[task.id]
            made.append(
                ControlTask(
                    task.id, task.pair_id, task.pool, task.language, known.verdicts, known.why, known.made_by,
                    len(given), sum(given),
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
