"""Read the guidelines, do the training and sit the exam, in the name of whoever is signed in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from annotate.access.accounts import assessor_of
from annotate.access.permissions import Actor, Permission
from annotate.errors import LabellingError, LeaseLost
from annotate.jobs.context import Context
from annotate.labelling import AssignmentView, Submission, flag
from annotate.labelling.campaigns import DEFAULT
from annotate.labelling.controls.exams import (
    Feedback,
    SittingView,
    answer_in_sitting,
    list_sittings,
    pairs_in_sitting,
    read_sitting,
    start_sitting,
)
from annotate.labelling.guidelines import confirm_guideline

RECORDED, LOST = "recorded", "lost"


class NoSuchSitting(LabellingError):  # noqa: N818 - an outcome, named as people say it
    """Say that there is no such sitting, or that it is somebody else's, which is not told apart."""


@dataclass(frozen=True)
class Answered:
    """Tell what became of an answer; `lost` when another one to the same pair came first."""

    status: str
    feedback: Feedback | None


def confirm_reading(context: Context, actor: Actor, guideline_id: int) -> None:
    """Record that the actor has read a version of the guidelines.

    Raises AccessDenied, or LabellingError for an unknown version.
    """
    actor.demand(Permission.LABEL)
    confirm_guideline(context.store, labels_as(context, actor), guideline_id)


def start(
    context: Context, actor: Actor, pool: str, *, language: str, campaign: str = DEFAULT
) -> SittingView:
    """Start the training or the exam in one language, or take up the attempt that has not ended.

    Raises AccessDenied, or LabellingError as `start_sitting` does.
    """
    actor.demand(Permission.LABEL)
    person = labels_as(context, actor)
    return start_sitting(context.store, person, pool, language=language, campaign=campaign)


def own_sitting(context: Context, actor: Actor, sitting_id: int) -> SittingView:
    """Return a sitting of the actor's own; raise AccessDenied, NoSuchSitting."""
    actor.demand(Permission.LABEL)
    try:
        sitting = read_sitting(context.store, sitting_id)
    except LabellingError as error:
        raise NoSuchSitting(f"no sitting {sitting_id}") from error
    if sitting.assessor_id != actor.assessor_id:
        raise NoSuchSitting(f"no sitting {sitting_id}")
    return sitting


def own_sittings(context: Context, actor: Actor) -> list[SittingView]:
    """Return the actor's own sittings, oldest first; raise AccessDenied."""
    actor.demand(Permission.LABEL)
    if actor.assessor_id is None:
        return []
    return list_sittings(context.store, actor.assessor_id)


def take_pairs(
    context: Context, actor: Actor, sitting_id: int, *, count: int, holding: Collection[int] = ()
) -> list[AssignmentView]:
    """Return the next pairs of a sitting but those held already; the same ones again after a reload.

    Raises AccessDenied, NoSuchSitting.
    """
    own_sitting(context, actor, sitting_id)
    ahead = pairs_in_sitting(context.store, sitting_id, labels_as(context, actor), count=count + len(holding))
    return [pair for pair in ahead if pair.id not in holding][:count]


def answer(
    context: Context,
    actor: Actor,
    sitting_id: int,
    assignment_id: int,
    submission: Submission,
    *,
    language: str = "",
) -> Answered:
    """Record an answer; feedback, in `language`, comes in training only.

    Raises AccessDenied, NoSuchSitting, VerdictError, or LabellingError for a pair of another sitting.
    """
    own_sitting(context, actor, sitting_id)
    try:
        feedback = answer_in_sitting(
            context.store,
            sitting_id,
            assignment_id,
            labels_as(context, actor),
            submission,
            language=language,
        )
    except LeaseLost:
        return Answered(LOST, None)
    return Answered(RECORDED, feedback)


def flag_pair(context: Context, actor: Actor, sitting_id: int, assignment_id: int, reason: str) -> None:
    """Mark a pair of a sitting for review; it is still to be answered.

    Raises AccessDenied, NoSuchSitting, LeaseLost for a pair that is not the actor's.
    """
    own_sitting(context, actor, sitting_id)
    flag(context.store, assignment_id, labels_as(context, actor), reason)


def labels_as(context: Context, actor: Actor) -> int:
    """Return the number of the person that the actor labels as, registered on first use."""
    return actor.assessor_id or assessor_of(context.store, actor).id
