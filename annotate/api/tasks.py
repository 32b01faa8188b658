"""Lend tasks out and take judgements in; what is shown to a program is what is shown to a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from annotate.access.permissions import Actor, Permission
from annotate.actions import tasks as actions
from annotate.api.context import InContext
from annotate.api.identity import require
from annotate.api.schemas.tasks import (
    Amendment,
    LentTasks,
    NewJudgement,
    ReasonWish,
    Recorded,
    Renewed,
    RenewWish,
    TasksWish,
)
from annotate.labelling import Submission

router = APIRouter(prefix="/tasks", tags=["tasks"])
Labeller = Annotated[Actor, Depends(require(Permission.LABEL))]
Loan = Annotated[int, Path(ge=1, lt=2**63, description="The number of the loan, not of the task.")]


@router.post("/reserve")
def reserve(wish: TasksWish, context: InContext, actor: Labeller) -> LentTasks:
    """Reserve tasks, or learn why there are none."""
    loan = actions.reserve(
        context, actor, count=wish.count, campaign=wish.campaign, lease_seconds=wish.lease_seconds
    )
    return LentTasks.model_validate(loan)


@router.post("/{loan}/judgement", status_code=201)
def submit(loan: Loan, judgement: NewJudgement, context: InContext, actor: Labeller) -> Recorded:
    """Judge a pair; the same key again is the same judgement."""
    return Recorded(judgement=actions.submit(context, actor, loan, _submission(judgement)))


@router.put("/{loan}/judgement")
def amend(loan: Loan, judgement: Amendment, context: InContext, actor: Labeller) -> Recorded:
    """Change a judgement; the earlier one stays in the history."""
    made = actions.amend(context, actor, loan, _submission(judgement), judgement.version)
    return Recorded(judgement=made)


@router.delete("/{loan}/judgement")
def undo(loan: Loan, context: InContext, actor: Labeller) -> Renewed:
    """Take the last judgement back; the pair is on loan again."""
    return Renewed(expires_at=actions.undo(context, actor, loan))


@router.post("/{loan}/skip", status_code=204, response_class=Response)
def skip(loan: Loan, wish: ReasonWish, context: InContext, actor: Labeller) -> None:
    """Pass on a pair for good."""
    actions.skip(context, actor, loan, wish.reason)


@router.post("/{loan}/flag", status_code=204, response_class=Response)
def flag(loan: Loan, wish: ReasonWish, context: InContext, actor: Labeller) -> None:
    """Mark a pair for review; the loan goes on."""
    actions.flag(context, actor, loan, wish.reason)


@router.post("/{loan}/release", status_code=204, response_class=Response)
def release(loan: Loan, context: InContext, actor: Labeller) -> None:
    """Give a pair back."""
    actions.release(context, actor, loan)


@router.post("/{loan}/renew")
def renew(loan: Loan, wish: RenewWish, context: InContext, actor: Labeller) -> Renewed:
    """Extend a loan."""
    return Renewed(expires_at=actions.renew(context, actor, loan, wish.lease_seconds))


def _submission(said: NewJudgement) -> Submission:
    return Submission(
        client_key=said.key,
        verdict=said.verdict,
        guideline_id=said.guideline,
        channel=actions.CHANNEL,
        aspects=dict(said.aspects),
        tags={side: list(names) for side, names in said.tags.items()},
        comment=said.comment,
        confidence=said.confidence,
        seconds=said.seconds,
        spans=[span.model_dump() for span in said.spans],
        active_seconds=said.active_seconds,
    )
