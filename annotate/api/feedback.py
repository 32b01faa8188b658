"""Take feedback on answers in: thumbs, edits, the alternative taken, clicks."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from annotate.access.permissions import Actor, Permission
from annotate.actions import feedback as actions
from annotate.api.context import InContext
from annotate.api.identity import require
from annotate.api.problems import NotFound
from annotate.api.schemas.asking import (
    AskedRecord,
    Choice,
    Click,
    EditedAnswer,
    Feedback,
    FeedbackGiven,
    FeedbackReceipt,
    Thumb,
)
from annotate.labelling.feedback import list_feedback
from annotate.reports.listing import AskedReport, read_asked

router = APIRouter(prefix="/answers", tags=["ask"])
Asker = Annotated[Actor, Depends(require(Permission.ASK))]
AskedId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{8,64}$", description="`id` of the record of /ask.")]


@router.get("/{asked}")
def asked_record(asked: AskedId, context: InContext, actor: Asker) -> AskedRecord:
    """Show again what this account asked and was answered."""
    return AskedRecord.model_validate(_own(context, actor, asked))


@router.get("/{asked}/feedback")
def feedback_given(asked: AskedId, context: InContext, actor: Asker) -> FeedbackGiven:
    """Show the feedback that this account gave."""
    _own(context, actor, asked)
    found = list_feedback(context.store, asked, actor.account_id or 0)
    return FeedbackGiven(items=[FeedbackReceipt.model_validate(one) for one in found])


@router.post("/{asked}/feedback", status_code=201, responses={200: {"model": FeedbackReceipt}})
def give_feedback(
    asked: AskedId, feedback: Feedback, response: Response, context: InContext, actor: Asker
) -> FeedbackReceipt:
    """Give feedback; 200 where the same key was sent before, and nothing changed."""
    _own(context, actor, asked)
    made = actions.give(context, actor, asked, _sign(feedback))
    if not made.is_new:
        response.status_code = 200
    return FeedbackReceipt.model_validate(made)


def _own(context: InContext, actor: Actor, asked: str) -> AskedReport:
    found = read_asked(context.store, asked, actor.account_id)
    if found is None:
        raise NotFound(f"this account asked nothing of the number {asked}")
    return found


def _sign(said: Feedback) -> actions.Sign:
    sign = actions.Sign
    match said:
        case Thumb():
            details = {"comment": said.comment} if said.comment else {}
            return sign(said.key, "thumb", said.answer, up=said.up, details=details)
        case EditedAnswer():
            return sign(said.key, "edit", said.answer, edit=actions.write_edit(said.text))
        case Choice():
            return sign(said.key, "choice", said.answer)
        case Click():
            return sign(said.key, "click", said.answer, details={"passage": said.passage})
