"""Take in what askers think of the answers they got, as weak evidence in the ledger.

An asker is an assessor of a kind of its own: neither person nor machine that labels. Feedback takes
no place of a task, is not fitted with the judgements, and weighs little in a preference. What an
asker did with a pair is one judgement, amended with each further sign; the strongest kind of sign
counts. It makes the pair a task, or its task more urgent, so that people look at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from annotate.errors import LabellingError
from annotate.labelling.edits import Edit, pair_with_edit
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.history import record
from annotate.labelling.ledger.places import ASKER, MAIN, lock_places
from annotate.labelling.preferences import refresh_pair
from annotate.labelling.tasks import ChosenPair, add_tasks
from annotate.labelling.verdicts import outcome
from annotate.store import Asked, Assessor, Assignment, Feedback, Judgement, Pair, Preference, Store, Task
from annotate.store.ledger import SUBMITTED

CHANNEL = "feedback"
Kind = Literal["thumb", "edit", "choice", "click"]
URGENCY: dict[str, float] = {"edit": 3.0, "choice": 2.0, "thumb": 2.0, "click": 0.5}  # added to a priority


@dataclass(frozen=True)
class Sign:
    """Hold one sign: a thumb `up` or down, an `edit`, the alternative taken or none of them, a click.

    `answer_id` names the answer; a choice without one says that no answer will do. `key` makes
    sending idempotent.
    """

    key: str
    kind: Kind
    answer_id: int | None = None
    up: bool = False
    edit: Edit | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> dict[str, Any]:
        """What is stored of it."""
        own: dict[str, Any] = {"up": self.up} if self.kind == "thumb" else {}
        return self.details | own | ({"text": self.edit.text} if self.edit else {})


@dataclass(frozen=True)
class FeedbackView:
    """Show what became of a sign: the pair it speaks of and its judgement, if it compares anything."""

    id: int
    asked_id: str
    kind: str
    answer_id: int | None
    value: dict[str, Any]
    pair_id: int | None
    judgement_id: int | None
    verdict: str
    created_at: datetime
    is_new: bool = False


def give_feedback(
    store: Store, asked_id: str, account_id: int, sign: Sign, guideline_id: int
) -> FeedbackView:
    """Record a sign on answers that were given to this account; the same key again changes nothing.

    Raises LabellingError for an unknown question or answer, or a key that was used for another sign.
    """
    for last_try in (False, True):
        try:
            with store.writing.begin() as session:
                known = session.scalar(select(Feedback).where(Feedback.key == sign.key))
                if known is not None:
                    return _again(session, known, asked_id, account_id)
                return _take_in(session, asked_id, account_id, sign, guideline_id)
        except IntegrityError:  # the same key, or the first sign of the same asker, at the same moment
            if last_try:
                raise
    raise AssertionError("unreachable")


def list_feedback(store: Store, asked_id: str, account_id: int) -> list[FeedbackView]:
    """Return the signs that an account gave on one question, oldest first."""
    with store.reading() as session:
        rows = session.scalars(
            select(Feedback)
            .where(Feedback.asked_id == asked_id, Feedback.account_id == account_id)
            .order_by(Feedback.id)
        )
        return [_view(session, found) for found in rows]


def verdict_of(signs: Sequence[tuple[str, int | None, bool]], first: int, second: int) -> str:
    """Return what signs (kind, answer, up), oldest first, say of a pair; empty where they compare nothing.

    A choice stands above thumbs, thumbs above clicks; of each kind the last sign on an answer counts.
    """
    sides = {first: "A", second: "B"}
    last = {(kind, answer): up for kind, answer, up in signs}
    choices = [answer for kind, answer, _ in signs if kind == "choice"]
    if choices:
        return "both_bad" if choices[-1] is None else _better(sides.get(choices[-1]))
    thumbs = {sides[answer]: up for (kind, answer), up in last.items() if kind == "thumb" and answer in sides}
    if len(thumbs) == 2:
        if thumbs["A"] == thumbs["B"]:
            return "tie" if thumbs["A"] else "both_bad"
        return _better("A" if thumbs["A"] else "B")
    if thumbs:
        [(side, up)] = thumbs.items()
        return _better(side if up else {"A": "B", "B": "A"}[side])
    clicked = {sides[answer] for kind, answer in last if kind == "click" and answer in sides}
    return _better(clicked.pop()) if len(clicked) == 1 else ""


def _better(side: str | None) -> str:
    return f"{side}_better" if side else ""


def _take_in(session: Session, asked_id: str, account_id: int, sign: Sign, guideline_id: int) -> FeedbackView:
    asked = session.get(Asked, asked_id)
    if asked is None or asked.account_id != account_id:
        raise LabellingError("no such question")
    if sign.answer_id is not None and sign.answer_id not in asked.answer_ids:
        raise LabellingError(f"answer {sign.answer_id} was not given to this question")
    found = Feedback(
        key=sign.key, asked_id=asked_id, answer_id=sign.answer_id, kind=sign.kind, value=sign.value,
        account_id=account_id,
    )  # fmt: skip
    session.add(found)
    session.flush()
    pair_id, verdict = _compared(session, asked, account_id, sign)
    if pair_id is not None and verdict:
        found.judgement_id = _judge(session, pair_id, verdict, account_id, sign, guideline_id)
        session.flush()
    return _view(session, found, is_new=True)


def _compared(session: Session, asked: Asked, account_id: int, sign: Sign) -> tuple[int | None, str]:
    """Return the pair that a sign speaks of, and what all signs of its asker say of it."""
    if sign.edit is not None and sign.answer_id is not None:
        return pair_with_edit(session, sign.answer_id, sign.edit), "B_better"
    if asked.pair_id is None:
        return None, ""
    pair = session.get_one(Pair, asked.pair_id)
    rows = session.scalars(
        select(Feedback)
        .where(Feedback.asked_id == asked.id, Feedback.account_id == account_id)
        .order_by(Feedback.id)
    )
    signs = [(row.kind, row.answer_id, bool(row.value.get("up"))) for row in rows]
    return pair.id, verdict_of(signs, pair.first_id, pair.second_id)


def _judge(
    session: Session, pair_id: int, verdict: str, account_id: int, sign: Sign, guideline_id: int
) -> int | None:
    """Record or amend the asker's judgement of a pair; return its id, or None for a control pair."""
    asker_id = _asker(session, account_id)
    task = _task(session, pair_id, sign)
    if task is None or task.pool != MAIN:
        return None
    lock_places(session, [task.id])
    moment = clock_now(session)
    held = session.scalar(
        select(Assignment).where(Assignment.task_id == task.id, Assignment.assessor_id == asker_id)
    )
    if held is None:
        held = Assignment(
            task_id=task.id, assessor_id=asker_id, state=SUBMITTED, swapped=False,
            reserved_at=moment, expires_at=moment,
        )  # fmt: skip
        session.add(held)
        session.flush()
    last = session.execute(
        select(Judgement.revision, Judgement.verdict, Judgement.id)
        .where(Judgement.assignment_id == held.id)
        .order_by(Judgement.revision.desc())
        .limit(1)
    ).one_or_none()
    if held.state != SUBMITTED or (last and last.verdict == verdict):
        return int(last.id) if last else None  # a lead took it back, or it says nothing new
    made: int = session.execute(
        insert(Judgement).returning(Judgement.id).values(
            assignment_id=held.id, revision=last.revision + 1 if last else 1, verdict=verdict,
            client_key=f"{CHANNEL}:{sign.key}", channel=CHANNEL, guideline_id=guideline_id,
            details={"sign": sign.kind}, created_at=moment,
        )
    ).scalar_one()  # fmt: skip
    told = {"judgement": made, "sign": sign.kind}
    record(session, CHANNEL, moment, task_id=task.id, assignment_id=held.id, assessor_id=asker_id, **told)
    _make_urgent(session, task, pair_id, verdict, sign.kind)
    refresh_pair(session, pair_id)
    return made


def _asker(session: Session, account_id: int) -> int:
    name = f"{ASKER}-{account_id}"
    found = session.scalar(select(Assessor).where(Assessor.name == name))
    if found is None:
        found = Assessor(
            name=name, kind=ASKER, languages=[], state="paused", state_reason="gives feedback only"
        )
        session.add(found)
        session.flush()
    elif found.kind != ASKER:
        raise LabellingError(f"{name} is a {found.kind}; feedback of this account cannot be recorded")
    return found.id


def _task(session: Session, pair_id: int, sign: Sign) -> Task | None:
    """Return the task of a pair, made where there is none and its campaign takes more in."""
    query = select(Task).where(Task.pair_id == pair_id)
    found = session.scalar(query)
    if found is None:
        why = {"strategy": CHANNEL, "text": f"chosen because an asker gave feedback on it ({sign.kind})"}
        add_tasks(session, [ChosenPair(pair_id, chosen_by=why)])
        found = session.scalar(query)
    return found


def _make_urgent(session: Session, task: Task, pair_id: int, verdict: str, kind: str) -> None:
    """Raise the priority of a pair that no person judged yet, or whose preference the asker contradicts."""
    known = session.scalar(select(Preference.verdict).where(Preference.pair_id == pair_id))
    if task.people_places and (known is None or outcome(known) == outcome(verdict)):
        return
    session.execute(update(Task).where(Task.id == task.id).values(priority=Task.priority + URGENCY[kind]))


def _again(session: Session, known: Feedback, asked_id: str, account_id: int) -> FeedbackView:
    if known.asked_id != asked_id or known.account_id != account_id:
        raise LabellingError("this key was used for other feedback; draw another")
    return _view(session, known)


def _view(session: Session, found: Feedback, *, is_new: bool = False) -> FeedbackView:
    said = session.get(Judgement, found.judgement_id) if found.judgement_id else None
    pair = None
    if said is not None:
        pair = session.scalar(
            select(func.max(Task.pair_id)).join(Assignment, Assignment.task_id == Task.id)
            .where(Assignment.id == said.assignment_id)
        )  # fmt: skip
    return FeedbackView(
        found.id, found.asked_id, found.kind, found.answer_id, found.value, pair, found.judgement_id,
        said.verdict if said else "", found.created_at, is_new,
    )  # fmt: skip
