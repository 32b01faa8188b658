"""Show pairs to those who judge them: people on a screen and machines alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Protocol

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session, aliased, selectinload

from annotate.store import AnswerRecord, Assignment, Pair, Question
from annotate.store.prepared import Prepared


@dataclass(frozen=True)
class PassageView:
    """Show one numbered passage."""

    number: int
    title: str
    text: str
    document: str


@dataclass(frozen=True)
class SentenceView:
    """Show one sentence of an answer and the passage numbers it cites."""

    text: str
    cited: tuple[int, ...]


@dataclass(frozen=True)
class AnswerView:
    """Show one answer with its own passages; who wrote it is not shown."""

    text: str
    sentences: tuple[SentenceView, ...]
    passages: tuple[PassageView, ...]
    refused: bool


@dataclass(frozen=True)
class PairView:
    """Show a question with its two answers in the order of display."""

    pair_id: int
    question: str
    language: str
    a: AnswerView
    b: AnswerView


@dataclass(frozen=True)
class AssignmentView:
    """Show what an assessor holds: the pair, in the order drawn for this assignment.

    `version` grows with every step of the assignment; naming it when amending keeps two from
    overwriting each other. Whether the pair is a control is not shown.
    """

    id: int
    task_id: int
    pair: PairView
    expires_at: datetime
    version: int = 1


@dataclass(frozen=True)
class Lent:
    """Hold what was handed out, without its texts."""

    assignment_id: int
    task_id: int
    pair_id: int
    swapped: bool
    expires_at: datetime
    version: int


class _AnswerText(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def sentences(self) -> list[Any]: ...
    @property
    def passages(self) -> list[Any]: ...
    @property
    def refused(self) -> bool: ...


# For queries of many pairs: their texts come with them instead of by three queries each.
WHOLE_PAIR = (selectinload(Pair.question), selectinload(Pair.first), selectinload(Pair.second))
_FIRST, _SECOND = aliased(AnswerRecord), aliased(AnswerRecord)
_ANSWER = ("text", "sentences", "passages", "refused")
_TEXTS = (
    select(
        Pair.id,
        Question.text.label("question"),
        Question.language,
        *(getattr(_FIRST, name).label(f"first_{name}") for name in _ANSWER),
        *(getattr(_SECOND, name).label(f"second_{name}") for name in _ANSWER),
    )
    .join(Question, Question.id == Pair.question_id)
    .join(_FIRST, _FIRST.id == Pair.first_id)
    .join(_SECOND, _SECOND.id == Pair.second_id)
)
_TEXT_OF_ONE = Prepared(_TEXTS.where(Pair.id == bindparam("pair")))
_TEXTS_OF_MANY = _TEXTS.where(Pair.id.in_(bindparam("pairs", expanding=True)))


def view_answer(record: _AnswerText) -> AnswerView:
    """Show an answer."""
    return AnswerView(
        text=record.text,
        sentences=tuple(SentenceView(part["text"], tuple(part["cited"])) for part in record.sentences),
        passages=tuple(
            PassageView(number, part["title"], part["text"], part["document"])
            for number, part in enumerate(record.passages, start=1)
        ),
        refused=record.refused,
    )


def view_pair(pair: Pair, *, swapped: bool = False) -> PairView:
    """Show a pair; `swapped` puts its second answer first."""
    a, b = (pair.second, pair.first) if swapped else (pair.first, pair.second)
    return PairView(pair.id, pair.question.text, pair.question.language, view_answer(a), view_answer(b))


def view_assignment(assignment: Assignment) -> AssignmentView:
    """Show an assignment."""
    return AssignmentView(
        assignment.id,
        assignment.task_id,
        view_pair(assignment.task.pair, swapped=assignment.swapped),
        assignment.expires_at,
        assignment.version,
    )


def view_lent(session: Session, lent: Sequence[Lent]) -> list[AssignmentView]:
    """Show what was handed out."""
    ids = [one.pair_id for one in lent]
    if len(ids) == 1:  # by far the most frequent, and a list in a query costs
        rows: Sequence[Any] = _TEXT_OF_ONE.all(session, {"pair": ids[0]})
    else:
        rows = session.connection().execute(_TEXTS_OF_MANY, {"pairs": ids}).all()
    pairs = {row.id: row for row in rows}
    return [
        AssignmentView(
            one.assignment_id,
            one.task_id,
            _pair_of(pairs[one.pair_id], swapped=one.swapped),
            one.expires_at,
            one.version,
        )
        for one in lent
    ]


def _pair_of(row: Row[Any], *, swapped: bool) -> PairView:
    sides = [
        view_answer(SimpleNamespace(**{name: getattr(row, f"{side}_{name}") for name in _ANSWER}))
        for side in (("second", "first") if swapped else ("first", "second"))
    ]
    return PairView(row.id, row.question, row.language, *sides)
