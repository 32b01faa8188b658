"""Turn an assignment into the card that the browser shows: safe HTML, passages, and what supports what.

Both answers share one list of passages, each shown once with the numbers under which A and B
cite it. Where both have the same list, a passage has one number; else it is, say, A1 and B2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from pydantic import BaseModel, Field

from annotate.api.evidence import Evidence, Read, read_sentences
from annotate.api.rendering import direction, render_markdown, render_plain
from annotate.api.unwrapping import unwrap
from annotate.labelling import AnswerView, AssignmentView, PairView
from annotate.labelling.controls.corruption.texts import split
from annotate.labelling.views import PassageView


class QuestionCard(BaseModel):
    """Hold the question as safe HTML."""

    html: str
    language: str
    dir: str


class AnswerCard(BaseModel):
    """Hold one answer as safe HTML; `sentences` are their offsets [start, end) in the text as written.

    `weak` are the sentences that no passage seems to support; empty unless the campaign shows hints.
    """

    html: str
    dir: str
    words: int
    refused: bool
    sentences: list[tuple[int, int]]
    weak: list[int] = []


class PassageCard(BaseModel):
    """Hold one passage; `labels` are its numbers, such as `2`, or `A2` and `B1`."""

    labels: list[str]
    title: str
    document: str
    html: str
    dir: str


class Card(BaseModel):
    """Hold all that the browser needs to show one pair; who wrote the answers is not told."""

    assignment: int
    expires_at: datetime
    lasts_seconds: int = Field(description="How long the lease lasts from now; clocks may differ.")
    version: int = Field(description="Grows with every step of the assignment.")
    guideline: int = Field(description="The version of the guidelines that the pair is judged under.")
    hints: bool
    question: QuestionCard
    a: AnswerCard
    b: AnswerCard
    passages: list[PassageCard]


@dataclass(frozen=True)
class SharedPassage:
    """Hold one passage with its number in each answer, by side."""

    passage: PassageView
    numbers: dict[str, int]


def make_card(view: AssignmentView, *, guideline: int, hints: bool = False) -> Card:
    """Return the card of an assignment."""
    pair = view.pair
    passages = share_passages(pair)
    same = all(shared.numbers.get("A") == shared.numbers.get("B") for shared in passages)
    return Card(
        assignment=view.id,
        expires_at=view.expires_at,
        lasts_seconds=max(0, round((view.expires_at - datetime.now(UTC)).total_seconds())),
        version=view.version,
        guideline=guideline,
        hints=hints,
        question=QuestionCard(
            html=render_plain(pair.question), language=pair.language, dir=direction(pair.question)
        ),
        a=_answer("A", pair.a, passages, same=same, hints=hints),
        b=_answer("B", pair.b, passages, same=same, hints=hints),
        passages=[_passage(shared, same=same) for shared in passages],
    )


def share_passages(pair: PairView) -> list[SharedPassage]:
    """Return the passages of both answers, each once, by their lowest number."""
    found: dict[tuple[str, str, str], SharedPassage] = {}
    for side, answer in (("A", pair.a), ("B", pair.b)):
        for passage in answer.passages:
            key = (passage.document, passage.title, passage.text)
            found.setdefault(key, SharedPassage(passage, {})).numbers.setdefault(side, passage.number)
    return sorted(
        found.values(), key=lambda shared: (min(shared.numbers.values()), "A" not in shared.numbers)
    )


def _answer(
    side: str, answer: AnswerView, passages: Sequence[SharedPassage], *, same: bool, hints: bool
) -> AnswerCard:
    places = {shared.numbers[side]: at for at, shared in enumerate(passages) if side in shared.numbers}
    sentences = split(answer.text)
    evidence = Evidence([_read(shared.passage.text).sentences for shared in passages])

    def cite(number: int, sentence: int) -> str:
        label = str(number) if same else f"{side}{number}"
        of = f' data-s="{sentence}"' if sentence >= 0 else ""
        if number not in places:
            return f'<span class="pc-cite pc-missing"{of}>{label}</span>'
        place = places[number]
        best = evidence.best(sentences[sentence].text, place) if sentence >= 0 else -1
        return (
            f'<button type="button" class="pc-cite" data-passage="{place}" data-support="{best}"{of}>'
            f"{label}</button>"
        )

    own = list(places.values())
    weak = [at for at, one in enumerate(sentences) if evidence.is_weak(one.text, own)] if hints else []
    return AnswerCard(
        html=render_markdown(answer.text, sentences, cite),
        dir=direction(answer.text),
        words=len(answer.text.split()),
        refused=answer.refused,
        sentences=[(one.start, one.end) for one in sentences],
        weak=[] if answer.refused else weak,
    )


def _passage(shared: SharedPassage, *, same: bool) -> PassageCard:
    one = shared.passage
    return PassageCard(
        labels=[str(one.number)] if same else [f"{side}{at}" for side, at in shared.numbers.items()],
        title=one.title,
        document=one.document if one.document != one.title else "",  # needs no second mention
        html=_read(one.text).html,
        dir=direction(one.text),
    )


@dataclass(frozen=True)
class _ReadPassage:
    html: str
    sentences: tuple[Read, ...]


@lru_cache(maxsize=1024)
def _read(text: str) -> _ReadPassage:
    """Read a passage once: the same ones come back with pair after pair."""
    text = unwrap(text)
    sentences = split(text)
    return _ReadPassage(render_markdown(text, sentences), read_sentences(sentences))
