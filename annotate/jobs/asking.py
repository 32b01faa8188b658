"""Answer a question while somebody waits: piece by piece, stored with all that made it."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.models import champion
from annotate.jobs.pairs import contender_print, put_answer
from annotate.jobs.questions import NewQuestion, put_questions, question_from_text
from annotate.store import AnswerRecord, Asked, ContenderRecord, ModelVersion, Pair, Question
from rag import Answer, Answerer, Contender
from rag.citations import cited_sentences
from rag.pairs import NEAR_IDENTICAL, similarity

PATIENCE_SECONDS = 60.0  # that a question waits while models are loaded for another
_loading = Lock()  # they are loaded once


@dataclass(frozen=True)
class Piece:
    """Hold a piece of the answer at a place (0 or 1) in the order of display."""

    place: int
    text: str


@dataclass(frozen=True)
class _Side:
    """Hold one contender ready to answer; `index` and `champion` are what its answers rest on."""

    contender: Contender
    answerer: Answerer
    print: str
    index: str
    champion: str


def ask_live(
    context: Context, text: str, account_id: int | None, *, pair: bool = False
) -> Generator[Piece, None, str]:
    """Yield the answer, or two of them one after the other, in pieces; return the number of the question.

    What the same contender with the same weights answered over the same indexes is given again
    instead of made anew. Two answers are shown in a drawn order, and stored as a pair unless they are
    nearly the same; which contenders make them, an open campaign may decide (`pair_choices.choose_live`).
    Raises JobError for an empty question, or without two contenders for a pair.
    """
    if not text.strip():
        raise JobError("the question is empty")
    if not _loading.acquire(timeout=PATIENCE_SECONDS):
        raise JobError("models are being loaded and indexes brought up to date; ask again in a minute")
    try:
        sides = _ready(context, 2 if pair else 1)
    finally:
        _loading.release()
    question = question_from_text(text)
    put_questions(context.store, [question])
    order = list(range(len(sides)))
    if pair and secrets.randbits(1):
        order.reverse()
    made: dict[int, int] = {}
    for place, at in enumerate(order):
        answer_id = known_answer(context, question, sides[at])
        if answer_id is not None:
            yield Piece(place, _text(context, answer_id))
        else:
            answer = yield from _written(sides[at], question.text, place)
            answer_id = _store(context, question, sides[at], answer)
        made[at] = answer_id
    shown = [made[at] for at in order]
    return _remember(context, question, shown, [made[0], made[1]] if pair else [], account_id)


def sentences_of(text: str) -> list[dict[str, Any]]:
    """Split a text into sentences with the passage numbers each cites, as answers are stored."""
    return [{"text": part.text, "cited": list(part.numbers)} for part in cited_sentences(text)]


def _ready(context: Context, count: int) -> list[_Side]:
    contenders = context.contenders()
    if len(contenders) < count:
        raise JobError("a pair needs two [[contenders]] in pairloop.toml")
    places = _duel(context, contenders) if count == 2 and len(contenders) > 2 else range(count)
    retriever = context.retriever()
    sides = []
    for contender, model in (contenders[place] for place in places):
        generator = context.generator(model)
        sides.append(
            _Side(
                contender,
                context.answerer(retriever, generator),
                contender_print(contender, generator.fingerprint, retriever.reranker),
                retriever.fingerprint,
                _champion_print(context) if model == "champion" else "",
            )
        )
    return sides


def _duel(context: Context, contenders: Sequence[tuple[Contender, str]]) -> Sequence[int]:
    """Return which two of more than two contenders are to answer, by place."""
    # The learner's libraries are slow to import, and most workspaces have two contenders.
    import numpy as np

    from annotate.jobs.pair_choices import choose_live

    def prints() -> list[str]:
        return [contender_print(one, context.generator(model).fingerprint) for one, model in contenders]

    names = [contender.name for contender, _ in contenders]
    return choose_live(context, names, prints, np.random.default_rng(secrets.randbits(64)))


def _champion_print(context: Context) -> str:
    found = champion(context.store, "policy")
    if found is None:
        return ""
    with context.store.reading() as session:
        return session.get_one(ModelVersion, found[0]).fingerprint


def _written(side: _Side, text: str, place: int) -> Generator[Piece, None, Answer]:
    with closing(side.answerer.stream(text, side.contender)) as pieces:
        while True:
            try:
                piece = next(pieces)
            except StopIteration as end:
                answer: Answer = end.value
                return answer
            yield Piece(place, piece)


def known_answer(context: Context, question: NewQuestion, side: _Side) -> int | None:
    """Return the answer that this contender gave to this question over these very indexes, if any."""
    with context.store.reading() as session:
        return session.scalar(
            select(AnswerRecord.id)
            .join(Question, Question.id == AnswerRecord.question_id)
            .join(ContenderRecord, ContenderRecord.id == AnswerRecord.contender_id)
            .where(
                Question.key == question.key,
                ContenderRecord.fingerprint.in_((side.print, _with_index(side))),
                AnswerRecord.index_fingerprint == side.index,
            )
            .order_by(AnswerRecord.id.desc())
            .limit(1)
        )


def _with_index(side: _Side) -> str:
    """Name a contender by its indexes too: its answer over earlier ones keeps the plain name."""
    return f"{side.print}-{side.index}"[:64]


def _text(context: Context, answer_id: int) -> str:
    with context.store.reading() as session:
        return session.get_one(AnswerRecord, answer_id).text


def _store(context: Context, question: NewQuestion, side: _Side, answer: Answer) -> int:
    with context.store.writing.begin() as session:
        question_id = session.scalars(select(Question.id).where(Question.key == question.key)).one()
        record = put_answer(session, question_id, answer, side.print)
        if record.text != answer.text or record.index_fingerprint != side.index:  # from earlier indexes
            record = put_answer(session, question_id, answer, _with_index(side))
        if side.champion and "champion" not in record.circumstances:
            record.circumstances = {**record.circumstances, "champion": side.champion}
        return record.id


def _remember(
    context: Context, question: NewQuestion, shown: Sequence[int], pair: Sequence[int], account_id: int | None
) -> str:
    """Store what was shown, and the pair (first, second) if the answers differ; return its number."""
    with context.store.writing.begin() as session:
        question_id = session.scalars(select(Question.id).where(Question.key == question.key)).one()
        number = secrets.token_urlsafe(16)
        session.add(
            Asked(
                id=number,
                question_id=question_id,
                pair_id=_pair(session, question_id, pair) if pair else None,
                answer_ids=list(shown),
                account_id=account_id,
            )
        )
        return number


def _pair(session: Any, question_id: int, answers: Sequence[int]) -> int | None:
    first, second = (session.get_one(AnswerRecord, number) for number in answers)
    if similarity(first.text, second.text) > NEAR_IDENTICAL:
        return None
    known: int | None = session.scalar(
        select(Pair.id).where(Pair.first_id.in_(answers), Pair.second_id.in_(answers))
    )
    if known is not None:
        return known
    made = Pair(question_id=question_id, first_id=first.id, second_id=second.id)
    session.add(made)
    session.flush()
    return made.id
