"""Look at disputed tasks, discuss and decide them in somebody's name."""

from __future__ import annotations

from annotate.access.accounts import assessor_of
from annotate.access.audit import audited
from annotate.access.permissions import Actor, Permission
from annotate.jobs.context import Context
from annotate.jobs.errands import start_errand
from annotate.labelling.controls import reviews as ledger
from annotate.labelling.controls.notes import NoteView, add_note
from annotate.labelling.controls.reviews import ReviewView


def look_for_reviews(context: Context, actor: Actor) -> None:
    """Look the work over in a process of its own: refresh preferences, open reviews, raise signals.

    Raises AccessDenied, or JobError while somebody's look is under way.
    """
    actor.demand(Permission.REVIEW)
    start_errand(context, "look_over", {}, by=actor.name)


def ask_for_review(context: Context, actor: Actor, task_id: int, why: str) -> ReviewView:
    """Open a review by hand; raise AccessDenied, or LabellingError as the ledger does."""
    actor.demand(Permission.REVIEW)
    return ledger.request_review(context.store, task_id, _person(context, actor), why)


def decide_review(
    context: Context, actor: Actor, review_id: int, verdict: str, note: str, *, forced: bool = False
) -> ReviewView:
    """Decide a review, about the stored order of the pair; the verdict is final.

    Raises AccessDenied, or LabellingError: without a note, for a review that somebody else decided
    meanwhile, or for a pair that this person judged, unless `forced`.
    """
    actor.demand(Permission.REVIEW)
    person = _person(context, actor)
    with audited(context.store, actor, "review.decide", str(review_id), verdict=verdict, forced=forced):
        return ledger.decide(context.store, review_id, person, verdict, note, forced=forced)


def reopen_review(context: Context, actor: Actor, review_id: int, why: str) -> ReviewView:
    """Open a decided review again; raise AccessDenied, or LabellingError as the ledger does."""
    actor.demand(Permission.REVIEW)
    person = _person(context, actor)
    with audited(context.store, actor, "review.reopen", str(review_id), why=why):
        return ledger.reopen(context.store, review_id, person, why)


def discuss(context: Context, actor: Actor, task_id: int, text: str) -> NoteView:
    """Add a remark to the discussion of a task; raise AccessDenied, or LabellingError as the ledger does."""
    actor.demand(Permission.REVIEW)
    return add_note(context.store, task_id, _person(context, actor), text)


def _person(context: Context, actor: Actor) -> int:
    """Return the person of the ledger who acts; raise AccessError for the operator, who has no account."""
    return assessor_of(context.store, actor).id if actor.assessor_id is None else actor.assessor_id
