"""Show pairs to those who judge them: people on a screen and machines alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from annotate.store import AnswerRecord, Assignment, Pair


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
    """Show what an assessor holds: the pair, in the order drawn for this assignment."""

    id: int
    task_id: int
    pair: PairView
    expires_at: datetime


def view_answer(record: AnswerRecord) -> AnswerView:
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
    )
