"""Serve the card in training and exam: the desk protocol, on the pairs of one's own sitting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel
from starlette.requests import Request

from annotate.access.permissions import Actor
from annotate.actions import sittings
from annotate.actions.desk import CHANNEL
from annotate.api import desk
from annotate.api.cards import make_card
from annotate.api.context import InContext
from annotate.api.desk import (
    GuidelinePanel,
    Hand,
    Labeller,
    Leases,
    One,
    Passed,
    Some,
    Verdict,
    Wanted,
    Why,
)
from annotate.api.problems import NotFound
from annotate.api.rendering import render_markdown
from annotate.errors import LabellingError
from annotate.jobs.context import Context
from annotate.labelling import Submission
from annotate.labelling.controls.exams import Feedback, SittingView

router = APIRouter(prefix="/sittings", tags=["desk"])
Number = Annotated[int, Path(ge=1, le=2**53)]
ENDED = Why(code="sitting_ended", text="all pairs of this sitting are answered")


class SittingInfo(BaseModel):
    """Tell how far a sitting has come; `right` and `passed` of an exam are told when it has ended."""

    id: int
    pool: str
    language: str
    attempt: int
    answered: int
    total: int
    right: int | None
    passed: bool | None
    started_at: datetime
    ended_at: datetime | None


@router.get("")
def own(context: InContext, actor: Labeller) -> list[SittingInfo]:
    """Return one's own sittings, oldest first."""
    return [_info(sitting) for sitting in sittings.own_sittings(context, actor)]


@router.get("/{number}")
def one(number: Number, context: InContext, actor: Labeller) -> SittingInfo:
    """Return one of one's own sittings."""
    with _own():
        return _info(sittings.own_sitting(context, actor, number))


@router.post("/{number}/take")
def take(number: Number, wanted: Wanted, context: InContext, actor: Labeller) -> Hand:
    """Bring the next pairs of the sitting; the same ones again after a reload."""
    with _own():
        return _hand(context, actor, number, wanted)


@router.post("/{number}/judge")
def judge(number: Number, verdict: Verdict, request: Request, context: InContext, actor: Labeller) -> Hand:
    """Record an answer, once however often it is sent; in training say how it fits what is known."""
    submission = Submission(
        client_key=f"{verdict.assignment}-{verdict.key}",
        verdict=verdict.verdict,
        guideline_id=verdict.guideline,
        channel=CHANNEL,
        aspects=verdict.aspects,
        tags=verdict.tags,
        comment=verdict.comment,
        seconds=round(verdict.seconds, 1),
        spans=verdict.spans,
        active_seconds=round(min(verdict.active_seconds, verdict.seconds), 1),
    )
    with _own():
        said = sittings.answer(
            context, actor, number, verdict.assignment, submission, language=_language(request, actor)
        )
        hand = _hand(context, actor, number, verdict)
    return hand.model_copy(update={"status": said.status, "feedback": _feedback(said.feedback)})


@router.post("/{number}/flag")
def flag(number: Number, passed: Passed, context: InContext, actor: Labeller) -> Hand:
    """Mark a pair for review; it is still to be answered."""
    with _own():
        sittings.flag_pair(context, actor, number, passed.assignment, passed.reason)
        hand = _hand(context, actor, number, passed)
    return hand.model_copy(update={"status": "flagged"})


@router.post("/{number}/skip")
def skip(number: Number, passed: Passed, context: InContext, actor: Labeller) -> Hand:  # noqa: ARG001
    """Refuse: every pair of a sitting is answered."""
    with _own():
        sittings.own_sitting(context, actor, number)
    raise LabellingError("every pair of a training or an exam is answered; none can be skipped")


@router.post("/{number}/undo")
def undo(number: Number, pair: One, context: InContext, actor: Labeller) -> Hand:  # noqa: ARG001
    """Refuse: the first answer counts."""
    with _own():
        sittings.own_sitting(context, actor, number)
    raise LabellingError("the first answer to a pair of a training or an exam counts")


@router.post("/{number}/release")
def release(number: Number, some: Some, context: InContext, actor: Labeller) -> dict[str, list[int]]:  # noqa: ARG001
    """Keep the pairs: nobody else waits for them, and they come again after a reload."""
    with _own():
        sittings.own_sitting(context, actor, number)
    return {"released": []}


@router.post("/{number}/renew")
def renew(number: Number, some: Some, context: InContext, actor: Labeller) -> Leases:
    """Tell until when the pairs of the sitting are held."""
    with _own():
        ahead = sittings.take_pairs(context, actor, number, count=len(some.assignments))
    held = {pair.id: pair.expires_at for pair in ahead if pair.id in some.assignments}
    return Leases(held=held, lost=[one for one in some.assignments if one not in held])


@router.get("/{number}/guideline")
def guideline(
    number: Number, context: InContext, actor: Labeller, language: str = "en", version: int | None = None
) -> GuidelinePanel:
    """Return the guidelines in the reader's language, English where there are none."""
    with _own():
        sittings.own_sitting(context, actor, number)
    return desk.guideline(context, actor, language, version)


def _hand(context: Context, actor: Actor, number: int, wanted: Wanted) -> Hand:
    pairs = sittings.take_pairs(context, actor, number, count=wanted.count, holding=wanted.holding)
    sitting = sittings.own_sitting(context, actor, number)
    cards = [make_card(pair, guideline=sitting.guideline_id) for pair in pairs]
    over = ENDED if sitting.ended_at is not None else None
    return Hand(cards=cards, waiting=over, standing=_standing(sitting))


def _standing(sitting: SittingView) -> dict[str, Any]:
    told = {"pool": sitting.pool, "answered": sitting.answered, "total": sitting.total}
    return {"sitting": told | {"right": sitting.right}}


def _feedback(feedback: Feedback | None) -> dict[str, Any] | None:
    if feedback is None:
        return None
    told = render_markdown(feedback.why)
    if feedback.guideline:
        told += f'<div class="pl-section">{render_markdown(feedback.guideline)}</div>'
    return {"right": feedback.right, "html": told, "verdicts": list(feedback.verdicts)}


def _info(sitting: SittingView) -> SittingInfo:
    return SittingInfo(**{name: getattr(sitting, name) for name in SittingInfo.model_fields})


def _language(request: Request, actor: Actor) -> str:
    """Return the reader's language: that of the account, else the browser's first."""
    return actor.language or request.headers.get("Accept-Language", "")[:2].lower()


@contextmanager
def _own() -> Iterator[None]:
    """Turn a sitting that is not there, or somebody else's, into a 404."""
    try:
        yield
    except sittings.NoSuchSitting as error:
        raise NotFound(str(error)) from error
