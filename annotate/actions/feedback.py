"""Give feedback on answers in somebody's name."""

from __future__ import annotations

from annotate.access.permissions import Actor, Permission
from annotate.errors import AccessDenied
from annotate.jobs.asking import sentences_of
from annotate.jobs.context import Context
from annotate.labelling.edits import Edit
from annotate.labelling.feedback import FeedbackView, Sign, give_feedback

__all__ = ["Edit", "FeedbackView", "Sign", "give", "write_edit"]


def give(context: Context, actor: Actor, asked_id: str, sign: Sign) -> FeedbackView:
    """Record a sign on answers that the actor was given; the same key again changes nothing.

    Raises AccessDenied, LabellingError for an unknown question or answer.
    """
    actor.demand(Permission.ASK)
    if actor.account_id is None:
        raise AccessDenied("feedback belongs to an account; sign in")
    return give_feedback(context.store, asked_id, actor.account_id, sign, context.guideline.id)


def write_edit(text: str) -> Edit:
    """Make an edited answer of a text."""
    return Edit(text.strip(), sentences_of(text.strip()))
