"""Define questions to the system, the record of its answers, and feedback on them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from annotate.api.schemas.base import Key, Number, Shown, Wish
from annotate.api.schemas.tasks import Sentence, Text


class Question(Wish):
    """Ask something; with `pair` two contenders answer."""

    question: str = Field(min_length=1, max_length=4000, pattern=r"\S")
    pair: bool = False


class Source(Shown):
    """Show a passage that an answer rests on, with its score."""

    number: int
    document: str
    title: str
    text: str
    score: float | None
    similarity: float | None
    published: str | None


class Answer(Shown):
    """Show an answer with what made it.

    `champion` is the fingerprint of the tuned policy that wrote it, `reranker` that of the model that
    ranked its passages again, both empty where none did; `decision` says whether and why the question
    was answered at all.
    """

    id: int
    text: str
    refused: bool
    sentences: tuple[Sentence, ...]
    sources: tuple[Source, ...]
    contender: str
    contender_fingerprint: str
    model_fingerprint: str
    index_fingerprint: str
    champion: str
    reranker: str
    decision: dict[str, Any]
    flags: tuple[dict[str, Any], ...]
    new_tokens: int
    seconds: float
    created_at: datetime


class AskedRecord(Shown):
    """Record a question with its answers, in the order shown; feedback names it by `id`."""

    id: str
    question_id: int
    question: str
    language: str
    answers: tuple[Answer, ...]
    pair_id: int | None = Field(description="None where only one answer was asked for, or both are the same.")
    created_at: datetime


class Thumb(Wish):
    """Say that an answer is good or not."""

    kind: Literal["thumb"]
    key: Key
    answer: Number
    up: bool
    comment: Text = ""


class EditedAnswer(Wish):
    """Give the text that the answer should have been."""

    kind: Literal["edit"]
    key: Key
    answer: Number
    text: str = Field(min_length=1, max_length=20_000, pattern=r"\S")


class Choice(Wish):
    """Say which answer was taken; none says that no answer will do."""

    kind: Literal["choice"]
    key: Key
    answer: Number | None = None


class Click(Wish):
    """Tell that somebody followed a source of an answer."""

    kind: Literal["click"]
    key: Key
    answer: Number
    passage: int = Field(ge=1, le=1000)


Feedback = Annotated[Thumb | EditedAnswer | Choice | Click, Field(discriminator="kind")]


class FeedbackReceipt(Shown):
    """Show what became of feedback: the weak judgement of a pair, where it compares two answers.

    `verdict` is in the order of the stored pair.
    """

    id: int
    kind: str
    answer_id: int | None
    value: dict[str, Any]
    pair_id: int | None
    judgement_id: int | None
    verdict: str
    created_at: datetime


class FeedbackGiven(Shown):
    """Hold what an account said on one question, oldest first."""

    items: list[FeedbackReceipt]
