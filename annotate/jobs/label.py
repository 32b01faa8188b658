"""Let machine assessors label: reserve, judge, submit, like anybody else."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from annotate.errors import LabellingError, NothingToLabel
from annotate.jobs.context import Context
from annotate.jobs.judges import make_budget, make_labeler
from annotate.jobs.progress import Reporter, Silent
from annotate.labelers import Abstention, Labeler, MachineJudgement, Outcome
from annotate.labelers.llm import Budget
from annotate.labelling import (
    AssessorView,
    AssignmentView,
    Submission,
    flag,
    refresh_preferences,
    register,
    release,
    reserve,
    reserve_pair,
    skip,
    submit,
)
from annotate.store import Assessor, Assignment, Task
from annotate.store.ledger import HELD, SKIPPED

BATCH = 8  # pairs judged between two commits


@dataclass
class Tally:
    """Count what a machine did: pairs judged and passed on, what it spent, and why it stopped early."""

    assessor: str
    judged: int = 0
    skipped: int = 0
    flagged: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    stopped: str = ""
    reasons: dict[str, int] = field(default_factory=dict)


def label_by_machine(
    context: Context,
    name: str,
    limit: int | None = None,
    reporter: Reporter | None = None,
    *,
    pairs: Sequence[int] | None = None,
    budget: Budget | None = None,
) -> dict[str, Any]:
    """Judge the tasks that wait for this machine, or the given pairs; return what it did.

    Each batch is reserved, judged and submitted before the next, so that little is lost when
    the work is cut off; a batch that was reserved but not submitted is taken up again. A pair
    whose reply cannot be read is skipped with the reason, so that somebody else gets it. Once the
    budget is spent or the server is away, pairs are given back and the work ends.
    """
    budget = budget or make_budget(context)
    spent = vars(budget).copy()
    started = time.monotonic()
    labeler = make_labeler(context, name, budget)
    assessor = _register(context, labeler)
    tally, left = Tally(assessor.name), None if pairs is None else list(pairs)
    with (reporter or Silent()).track(f"{name} judges") as progress:
        while not tally.stopped and (limit is None or tally.judged + tally.skipped < limit):
            size = BATCH if limit is None else min(BATCH, limit - tally.judged - tally.skipped)
            held = _take(context, assessor, size, left)
            if not held:
                break
            _hand_in(context, assessor, held, labeler.judge([one.pair for one in held]), tally)
            done = tally.judged + tally.skipped
            progress(done, max(done, done + len(left) if left else _waiting(context, assessor, done, limit)))
    refresh_preferences(context.store)
    for column in ("calls", "prompt_tokens", "completion_tokens", "cost"):
        setattr(tally, column, getattr(budget, column) - spent[column])
    tally.seconds = time.monotonic() - started
    return vars(tally)


def registered(context: Context, labeler: Labeler) -> str:
    """Return the name under which a machine of these settings is, or would be, registered."""
    with context.store.reading() as session:
        known = session.scalar(
            select(Assessor.name).where(
                Assessor.kind == "machine", Assessor.fingerprint == labeler.fingerprint
            )
        )
        taken = session.scalar(select(Assessor.id).where(Assessor.name == labeler.name))
    return known or (f"{labeler.name}-{_digest(labeler)}" if taken else labeler.name)


def _register(context: Context, labeler: Labeler) -> AssessorView:
    """Register the machine; one whose settings changed is another assessor, under another name."""
    name = registered(context, labeler)
    return register(context.store, name, "machine", fingerprint=labeler.fingerprint)


def _digest(labeler: Labeler) -> str:
    return hashlib.sha256(labeler.fingerprint.encode()).hexdigest()[:6]


def _take(
    context: Context, assessor: AssessorView, size: int, left: list[int] | None
) -> list[AssignmentView]:
    """Lease the next tasks: those that wait, or the next of the given pairs."""
    lease = context.settings.labelling.lease_seconds
    if left is None:
        try:
            return reserve(
                context.store, assessor.id, count=size, lease_seconds=lease, seed=context.settings.seed
            )
        except NothingToLabel:
            return []
    held: list[AssignmentView] = []
    while left and len(held) < size:
        try:
            held.append(reserve_pair(context.store, left.pop(0), assessor.id, lease_seconds=lease))
        except LabellingError:  # judged before, or no task any more
            continue
    return held


def _hand_in(
    context: Context,
    assessor: AssessorView,
    held: Sequence[AssignmentView],
    judged: Sequence[Outcome],
    tally: Tally,
) -> None:
    for one, found in zip(held, judged, strict=True):
        if isinstance(found, Abstention):
            _pass_on(context, assessor, one, found, tally)
            continue
        if orders := found.details.get("orders_in_answers"):
            sides = " and ".join(sorted(orders))
            flag(context.store, one.id, assessor.id, f"the answer shown as {sides} gives orders to its judge")
            tally.flagged += 1
        submit(context.store, one.id, assessor.id, _submission(context, assessor, one, found))
        tally.judged += 1


def _pass_on(
    context: Context, assessor: AssessorView, one: AssignmentView, found: Abstention, tally: Tally
) -> None:
    if found.stops:
        release(context.store, one.id, assessor.id)
        tally.stopped = tally.stopped or found.reason
        return
    skip(context.store, one.id, assessor.id, found.reason)
    tally.skipped += 1
    tally.reasons[found.reason] = tally.reasons.get(found.reason, 0) + 1


def _submission(
    context: Context, assessor: AssessorView, one: AssignmentView, found: MachineJudgement
) -> Submission:
    return Submission(
        client_key=f"machine:{assessor.name}:{one.id}",
        verdict=found.verdict,
        guideline_id=context.guideline.id,
        channel="machine",
        aspects=found.aspects,
        tags=found.tags,
        confidence=found.confidence,
        details=found.details,
        seconds=float(found.details.get("elapsed_seconds", 0.0)),
    )


def _waiting(context: Context, assessor: AssessorView, done: int, limit: int | None) -> int:
    """Return how many pairs this machine will have been shown in the end."""
    with context.store.reading() as session:
        seen = (
            select(Assignment.id)
            .where(
                Assignment.task_id == Task.id,
                Assignment.assessor_id == assessor.id,
                Assignment.state.in_((*HELD, SKIPPED)),
            )
            .exists()
        )
        waiting = session.scalar(select(func.count(Task.id)).where(Task.open_to_machines, ~seen)) or 0
    return min(done + waiting, limit) if limit else done + waiting
