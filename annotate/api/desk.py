"""Serve the labelling card: pairs ahead, verdicts in the background, leases kept while somebody works."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field

from annotate.access.permissions import Actor, Permission
from annotate.actions import desk
from annotate.actions.standing import standing
from annotate.actions.waiting import Reason
from annotate.api.cards import Card, make_card
from annotate.api.context import InContext
from annotate.api.identity import require
from annotate.api.rendering import render_markdown
from annotate.jobs.context import Context
from annotate.labelling import Submission

router = APIRouter(prefix="/desk", tags=["desk"])
Labeller = Annotated[Actor, Depends(require(Permission.LABEL))]
Id = Annotated[int, Field(ge=1, le=2**53)]
Ids = Annotated[list[Id], Field(max_length=50)]
Text = Annotated[str, Field(max_length=4000)]


class Wanted(BaseModel):
    """Say how many pairs the browser wants to hold, and which it has."""

    count: int = Field(default=3, ge=1, le=desk.MOST_AHEAD)
    holding: Ids = []


class Verdict(Wanted):
    """Hold a verdict with its reasons, in the order of display; the same `key` is the same verdict."""

    assignment: Id
    key: str = Field(min_length=8, max_length=80, pattern=r"^[A-Za-z0-9-]+$")
    verdict: str = Field(max_length=40)
    aspects: dict[str, str] = Field(default={}, max_length=20)
    tags: dict[str, list[str]] = Field(default={}, max_length=2)
    spans: list[dict[str, Any]] = Field(default=[], max_length=200)
    comment: Text = ""
    seconds: float = Field(default=0.0, ge=0, le=1e6)
    active_seconds: float = Field(default=0.0, ge=0, le=1e6)
    guideline: Id
    amend: bool = False


class Passed(Wanted):
    """Say why a pair is skipped or flagged."""

    assignment: Id
    reason: str = Field(min_length=1, max_length=500)


class One(Wanted):
    """Name one assignment."""

    assignment: Id


class Some(BaseModel):
    """Name assignments."""

    assignments: Ids


class Left(Some):
    """Name assignments that are given back, with the end of each lease as the browser knows it."""

    seen: dict[int, AwareDatetime] = {}


class Why(BaseModel):
    """Say why: `code` for programs, `text` for people who read English."""

    code: str
    text: str


class Hand(BaseModel):
    """Bring the cards that the browser lacks; `status` says what became of the step that asked."""

    status: str = ""
    reason: Why | None = None
    expires_at: datetime | None = None
    cards: list[Card]
    waiting: Why | None = None
    feedback: dict[str, Any] | None = None
    standing: dict[str, Any] = {}


class Leases(BaseModel):
    """Tell until when each lease lasts, and which are lost."""

    held: dict[int, datetime]
    lost: list[int]


class GuidelinePanel(BaseModel):
    """Bring the guidelines in one language as safe HTML, the page on comparing answers first."""

    version: int
    hash: str
    pages: list[dict[str, str]]


@router.post("/take")
def take(wanted: Wanted, context: InContext, actor: Labeller) -> Hand:
    """Lease pairs until `count` are on loan; return those that the browser does not hold yet."""
    return _hand(context, actor, wanted, desk.Done(""))


@router.post("/judge")
def judge(verdict: Verdict, context: InContext, actor: Labeller) -> Hand:
    """Record a verdict, once however often it is sent, and bring the next pair."""
    submission = Submission(
        client_key=f"{verdict.assignment}-{verdict.key}",
        verdict=verdict.verdict,
        guideline_id=verdict.guideline,
        channel=desk.CHANNEL,
        aspects=verdict.aspects,
        tags=verdict.tags,
        comment=verdict.comment,
        seconds=round(verdict.seconds, 1),
        spans=verdict.spans,
        active_seconds=round(min(verdict.active_seconds, verdict.seconds), 1),
    )
    done, hand = desk.judge(
        context, actor, verdict.assignment, submission,
        count=verdict.count, holding=verdict.holding, amending=verdict.amend,
    )  # fmt: skip
    return _answer(context, actor, done, hand)


@router.post("/skip")
def skip(passed: Passed, context: InContext, actor: Labeller) -> Hand:
    """Pass on a pair for good, and bring the next one."""
    return _hand(context, actor, passed, desk.pass_on(context, actor, passed.assignment, passed.reason))


@router.post("/flag")
def flag(passed: Passed, context: InContext, actor: Labeller) -> Hand:
    """Mark a pair for review; it stays on loan."""
    return _hand(context, actor, passed, desk.mark(context, actor, passed.assignment, passed.reason))


@router.post("/undo")
def undo(one: One, context: InContext, actor: Labeller) -> Hand:
    """Take the last verdict back; the pair is on loan again."""
    return _hand(context, actor, one, desk.take_back(context, actor, one.assignment))


@router.post("/release")
def release(left: Left, context: InContext, actor: Labeller) -> dict[str, list[int]]:
    """Give pairs back; the browser calls this when it is closed or nobody works."""
    return {"released": desk.give_back(context, actor, left.assignments, left.seen)}


@router.post("/renew")
def renew(some: Some, context: InContext, actor: Labeller) -> Leases:
    """Extend leases while somebody works."""
    held, lost = desk.keep(context, actor, some.assignments)
    return Leases(held=held, lost=lost)


@router.get("/guideline")
def guideline(
    context: InContext, actor: Labeller, language: str = "en", version: int | None = None
) -> GuidelinePanel:
    """Return the guidelines in the reader's language, English where there are none."""
    found = desk.read_guideline(context, actor, version)
    texts = found.in_language(language)
    pages = [
        {"name": name, "title": _title(texts[name]), "html": render_markdown(texts[name])}
        for name in sorted(texts, key=lambda name: (name != "comparison", name))
    ]
    return GuidelinePanel(version=found.id, hash=found.content_hash[:8], pages=pages)


def _hand(context: Context, actor: Actor, wanted: Wanted, done: desk.Done) -> Hand:
    hand = desk.take(context, actor, count=wanted.count, holding=wanted.holding)
    return _answer(context, actor, done, hand)


def _answer(context: Context, actor: Actor, done: desk.Done, hand: desk.Hand) -> Hand:
    return Hand(
        status=done.status,
        reason=_why(done.reason),
        expires_at=done.expires_at,
        cards=[make_card(one.view, guideline=one.guideline, hints=one.hints) for one in hand.dealt],
        waiting=_why(hand.waiting),
        standing=standing(context, actor),
    )


def _why(reason: Reason | None) -> Why | None:
    return Why(code=reason.code, text=reason.text) if reason else None


def _title(text: str) -> str:
    return text.lstrip("# ").split("\n", 1)[0]
