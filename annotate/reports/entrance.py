"""Report what stands between a person and the pairs: a stop, new guidelines, the training, the exam."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotate.labelling.campaign_rules import CampaignRules
from annotate.labelling.controls.attempts import again_at, sittings_of
from annotate.labelling.guidelines import current_record, is_confirmed
from annotate.labelling.ledger.admission import admitted_languages
from annotate.labelling.ledger.clock import clock_now
from annotate.store import Assessor, Campaign, Sitting, Store, Task
from annotate.store.ledger import ACTIVE, OPEN

FREE, STOPPED, CONFIRM, TRAINING, EXAM = "", "stopped", "confirm", "training", "exam"


@dataclass(frozen=True)
class Attempt:
    """Show one attempt that has ended."""

    right: int
    total: int
    passed: bool
    ended_at: datetime


@dataclass(frozen=True)
class Trial:
    """Show where a person stands with the training or the exam of a campaign in one language.

    `running` is the number of the sitting that has not ended, `again_at` the moment before which no
    other may start. Training has no mark to pass and no limit of attempts.
    """

    campaign: str
    pool: str
    language: str
    tasks: int
    pass_mark: float
    attempts_allowed: int | None
    attempts: tuple[Attempt, ...]
    running: int | None
    again_at: datetime | None

    @property
    def passed(self) -> bool:
        """Tell whether an attempt was passed."""
        return any(attempt.passed for attempt in self.attempts)

    @property
    def attempts_left(self) -> int | None:
        """Return how many attempts may still start; None where they are not limited."""
        if self.attempts_allowed is None:
            return None
        used = len(self.attempts) + (self.running is not None)
        return max(0, self.attempts_allowed - used)

    @property
    def needed(self) -> int:
        """Return how many answers of the next attempt must be right to pass."""
        return self.needed_of(self.tasks)

    def needed_of(self, tasks: int) -> int:
        """Return how many of so many answers must be right to pass."""
        return ceil(self.pass_mark * tasks - 1e-9)

    def is_open(self, moment: datetime) -> bool:
        """Tell whether an attempt can be started, or gone on with, at a moment."""
        if self.running is not None:
            return True
        waits = self.again_at is not None and moment < self.again_at
        return not self.passed and self.attempts_left != 0 and not waits


@dataclass(frozen=True)
class Entrance:
    """Show the step that a person has to take before the pairs, if there is one.

    `steps` are all that the campaign asks for, in order. `state` and `reason` tell of a stop; `trials`
    are those of the step, one for each language in which there are tasks for it.
    """

    step: str
    steps: tuple[str, ...]
    campaign: str
    state: str
    reason: str
    trials: tuple[Trial, ...]
    moment: datetime

    def trial(self, language: str) -> Trial | None:
        """Return the trial in a language."""
        return next((trial for trial in self.trials if trial.language == language), None)

    @property
    def can_go_on(self) -> bool:
        """Tell whether the person can take the step now."""
        if self.step in (TRAINING, EXAM):
            return any(trial.is_open(self.moment) for trial in self.trials)
        return self.step in (FREE, CONFIRM)


def report_entrance(store: Store, assessor_id: int) -> Entrance:
    """Return what stands between a person and the pairs of the open campaigns.

    The first campaign that lets the person in decides; else the first one whose step can be taken now;
    else the first one that asks for a step. A campaign that wants skills which the person lacks asks
    for nothing.
    """
    with store.reading() as session:
        moment = clock_now(session)
        assessor = session.get_one(Assessor, assessor_id)
        if assessor.state != ACTIVE:
            return Entrance(STOPPED, (), "", assessor.state, assessor.state_reason, (), moment)
        steps = [_entrance(session, assessor, campaign, moment) for campaign in _campaigns(session, assessor)]
    free = Entrance(FREE, (), "", ACTIVE, "", (), moment)
    if not steps or any(one.step == FREE for one in steps):
        return free
    return next((one for one in steps if one.can_go_on), steps[0])


def report_trials(store: Store, assessor_id: int) -> list[Trial]:
    """Return every training and exam that a person may sit, or has sat, in the open campaigns."""
    with store.reading() as session:
        assessor = session.get_one(Assessor, assessor_id)
        return [
            trial
            for campaign in _campaigns(session, assessor)
            for pool in (TRAINING, EXAM)
            for trial in _trials(session, assessor, campaign, pool)
        ]


def _campaigns(session: Session, assessor: Assessor) -> Iterator[Campaign]:
    for campaign in session.scalars(select(Campaign).where(Campaign.state == OPEN).order_by(Campaign.id)):
        if set(CampaignRules.of(campaign).skills) <= set(assessor.skills):
            yield campaign


def _entrance(session: Session, assessor: Assessor, campaign: Campaign, moment: datetime) -> Entrance:
    step = _step(session, assessor, campaign)
    trials = _trials(session, assessor, campaign, step) if step in (TRAINING, EXAM) else ()
    rules = CampaignRules.of(campaign)
    asked = {CONFIRM: rules.confirm_guideline, TRAINING: rules.training_required, EXAM: rules.exam_required}
    steps = tuple(name for name, is_asked in asked.items() if is_asked)
    return Entrance(step, steps, campaign.name, assessor.state, "", tuple(trials), moment)


def _step(session: Session, assessor: Assessor, campaign: Campaign) -> str:
    """Return the step in the order in which `admission.reason_to_wait` asks for it."""
    rules = CampaignRules.of(campaign)
    if rules.confirm_guideline:
        current = current_record(session, campaign)
        if current is not None and not is_confirmed(session, assessor.id, current.id):
            return CONFIRM
    for pool, required in ((TRAINING, rules.training_required), (EXAM, rules.exam_required)):
        if required and not admitted_languages(session, assessor, campaign, pool):
            return pool
    return FREE


def _trials(session: Session, assessor: Assessor, campaign: Campaign, pool: str) -> Sequence[Trial]:
    sizes = session.execute(
        select(Task.language, func.count().label("tasks"))
        .where(Task.campaign_id == campaign.id, Task.pool == pool)
        .group_by(Task.language)
        .order_by(Task.language)
    )
    spoken = assessor.languages
    return [
        _trial(session, assessor, campaign, pool, row.language, row.tasks)
        for row in sizes.all()
        if not spoken or row.language in spoken
    ]


def _trial(
    session: Session, assessor: Assessor, campaign: Campaign, pool: str, language: str, tasks: int
) -> Trial:
    rules = CampaignRules.of(campaign)
    sittings = sittings_of(session, assessor.id, campaign.id, pool, language)
    running = next((one.id for one in sittings if one.ended_at is None), None)
    is_exam = pool == EXAM
    return Trial(
        campaign=campaign.name,
        pool=pool,
        language=language,
        tasks=min(tasks, rules.exam_tasks if is_exam else rules.training_tasks),
        pass_mark=rules.exam_pass_mark,
        attempts_allowed=rules.exam_attempts if is_exam else None,
        attempts=tuple(_attempt(one) for one in sittings if one.ended_at is not None),
        running=running,
        again_at=again_at(sittings, rules) if is_exam else None,
    )


def _attempt(sitting: Sitting) -> Attempt:
    assert sitting.ended_at is not None  # noqa: S101 - only ended ones are shown
    return Attempt(sitting.right, sitting.total, bool(sitting.passed), sitting.ended_at)
