"""Define tasks on loan, and the judgements given on them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from annotate.api.schemas.base import Key, Number, Shown, Wish

Verdict = Literal["A_much_better", "A_better", "tie", "B_better", "B_much_better", "both_bad"]
Side = Literal["A", "B"]
Text = Annotated[str, Field(max_length=10_000)]
Reason = Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]


class TasksWish(Wish):
    """Ask for tasks; those on loan already come first."""

    count: int = Field(1, ge=1, le=20)
    campaign: str | None = Field(None, max_length=200)
    lease_seconds: int | None = Field(None, ge=10, le=86_400)


class Passage(Shown):
    """Show a numbered source of an answer."""

    number: int
    title: str
    text: str
    document: str


class Sentence(Shown):
    """Show a sentence of an answer, with the numbers of the passages that it cites."""

    text: str
    cited: tuple[int, ...]


class ShownAnswer(Shown):
    """Show one side of a pair; who wrote it is not shown."""

    text: str
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    refused: bool


class ShownPair(Shown):
    """Show a question and two answers in the order drawn for this loan."""

    pair_id: int
    question: str
    language: str
    a: ShownAnswer
    b: ShownAnswer


class LentTask(Shown):
    """Show a task on loan; `id` is that of the loan."""

    id: int
    task_id: int
    pair: ShownPair
    expires_at: datetime
    version: int


class LentTasks(Shown):
    """Hold the tasks on loan, or why there are none, and the guideline to judge by."""

    tasks: list[LentTask]
    waiting: str = Field("", description="Why there are no tasks, or not more.")
    guideline: int


class Span(Wish):
    """Mark a stretch of an answer, in characters from its beginning."""

    side: Side
    start: int = Field(ge=0, le=1_000_000)
    end: int = Field(ge=1, le=1_000_000)
    kind: str = Field(min_length=1, max_length=50)


class NewJudgement(Wish):
    """Judge a pair in the order in which it was shown."""

    key: Key
    verdict: Verdict
    guideline: Number
    aspects: dict[str, Literal["A", "B", "tie"]] = Field(default_factory=dict)
    tags: dict[Side, list[str]] = Field(default_factory=dict)
    spans: list[Span] = Field(default_factory=list, max_length=200)
    comment: Text = ""
    confidence: float | None = Field(None, ge=0, le=1, allow_inf_nan=False)
    seconds: Seconds = 0.0
    active_seconds: Seconds = 0.0


class Amendment(NewJudgement):
    """Change a judgement; `version` refuses it where somebody changed it since."""

    version: int | None = Field(None, ge=1, le=2**31)


class Recorded(Shown):
    """Name the judgement that was recorded."""

    judgement: int


class ReasonWish(Wish):
    """Say why."""

    reason: Reason


class RenewWish(Wish):
    """Ask for more time; without seconds the campaign's rule holds."""

    lease_seconds: int | None = Field(None, ge=10, le=86_400)


class Renewed(Shown):
    """Say until when a loan lasts."""

    expires_at: datetime
