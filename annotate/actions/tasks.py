"""Reserve tasks and judge them in somebody's name: by program, as on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from annotate.access.accounts import assessor_of
from annotate.access.permissions import Actor, Permission
from annotate.errors import NothingToLabel, VerdictError
from annotate.jobs.context import Context
from annotate.labelling import AssignmentView, Submission
from annotate.labelling import amend as amend_judgement
from annotate.labelling import flag as flag_task
from annotate.labelling import release as release_task
from annotate.labelling import renew as renew_lease
from annotate.labelling import reserve as reserve_tasks
from annotate.labelling import skip as skip_task
from annotate.labelling import submit as submit_judgement
from annotate.labelling import undo as undo_judgement
from annotate.labelling.guidelines import list_guidelines

CHANNEL = "api"


@dataclass(frozen=True)
class Loan:
    """Hold the tasks that an assessor has on loan, or why there are none."""

    tasks: Sequence[AssignmentView]
    waiting: str
    guideline: int


def reserve(
    context: Context, actor: Actor, *, count: int, campaign: str | None, lease_seconds: int | None
) -> Loan:
    """Lend up to `count` tasks to the actor's assessor; raise LabellingError for an inactive one."""
    actor.demand(Permission.LABEL)
    guideline = context.guideline.id
    try:
        lent = reserve_tasks(
            context.store,
            labels_as(context, actor),
            count=count,
            lease_seconds=lease_seconds,
            seed=context.settings.seed,
            campaign=campaign,
        )
    except NothingToLabel as reason:
        return Loan([], str(reason), guideline)
    return Loan(lent, "", guideline)


def submit(context: Context, actor: Actor, assignment_id: int, said: Submission) -> int:
    """Record a judgement; return its number."""
    actor.demand(Permission.LABEL)
    _check_guideline(context, said)
    return submit_judgement(context.store, assignment_id, labels_as(context, actor), said)


def amend(
    context: Context, actor: Actor, assignment_id: int, said: Submission, expected_version: int | None
) -> int:
    """Record another revision of a judgement; return its number."""
    actor.demand(Permission.LABEL)
    _check_guideline(context, said)
    who = labels_as(context, actor)
    return amend_judgement(context.store, assignment_id, who, said, expected_version=expected_version)


def skip(context: Context, actor: Actor, assignment_id: int, reason: str) -> None:
    """Pass on a pair for good."""
    actor.demand(Permission.LABEL)
    skip_task(context.store, assignment_id, labels_as(context, actor), reason)


def flag(context: Context, actor: Actor, assignment_id: int, reason: str) -> None:
    """Mark a pair for review."""
    actor.demand(Permission.LABEL)
    flag_task(context.store, assignment_id, labels_as(context, actor), reason)


def release(context: Context, actor: Actor, assignment_id: int) -> None:
    """Give a pair back."""
    actor.demand(Permission.LABEL)
    release_task(context.store, assignment_id, labels_as(context, actor))


def renew(context: Context, actor: Actor, assignment_id: int, lease_seconds: int | None) -> datetime:
    """Extend a loan; return until when."""
    actor.demand(Permission.LABEL)
    who = labels_as(context, actor)
    return renew_lease(context.store, assignment_id, who, lease_seconds=lease_seconds)


def undo(context: Context, actor: Actor, assignment_id: int) -> datetime:
    """Take the last judgement back; return until when the pair is on loan again."""
    actor.demand(Permission.LABEL)
    return undo_judgement(context.store, assignment_id, labels_as(context, actor))


def labels_as(context: Context, actor: Actor) -> int:
    """Return the number of the person that an actor labels as, registered on first use."""
    if actor.assessor_id is not None:
        return actor.assessor_id
    return assessor_of(context.store, actor).id


def _check_guideline(context: Context, said: Submission) -> None:
    if said.guideline_id != context.guideline.id and said.guideline_id not in {
        version.id for version in list_guidelines(context.store)
    }:
        raise VerdictError(
            f"no guideline number {said.guideline_id}; judge by the one that came with the task"
        )
