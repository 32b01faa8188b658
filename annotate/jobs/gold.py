"""Make gold tasks of good stored answers: each gets a worse twin, checked to be worse, on a random side."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.progress import Reporter, Silent
from annotate.jobs.twin_checks import is_worse
from annotate.labelling.controls.corruption import KINDS, Corruption, Original, Source, corruptions
from annotate.labelling.controls.gold import Known, put_control
from annotate.store import AnswerRecord, ContenderRecord, Pair, Question
from rag.citations import cited_sentences
from rag.language import detect_language
from rag.support import SentenceVectors
from rag.verification import SentenceCheck, verify_all

PREFIX = "corruption:"
BATCH = 16  # answers looked at between two commits
TRIES = 12  # twins of one kind that are checked for one answer
ELSEWHERE = 40  # passages of other topics that a false sentence is taken from
BETTER = {"A": ("A_better", "A_much_better"), "B": ("B_better", "B_much_better")}


@dataclass(frozen=True)
class _Stored:
    """Hold a stored answer with its question, and what a twin of it may be made of."""

    id: int
    question_id: int
    original: Original
    foreign: tuple[int, ...]  # the records of `original.answers`


@dataclass(frozen=True)
class Draft:
    """Hold a twin that is worth storing: of which answer, and which record its passages come from."""

    answer_id: int
    question_id: int
    lender_id: int
    twin: Corruption


def make_gold(
    context: Context,
    count: int,
    *,
    kinds: Sequence[str] = tuple(KINDS),
    campaign: str = "default",
    pool: str = "gold",
    seed: int | None = None,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Make up to `count` gold pairs, the kinds in equal numbers as far as the answers allow.

    Returns how many were made of each kind, how many answers were looked at and good enough, and the
    kinds that found nothing to work on. Raises JobError for an unknown kind or without answers.
    """
    seed = context.settings.seed if seed is None else seed
    rng = np.random.default_rng([seed, 7])
    tally: dict[str, Any] = {}
    for drafts in draft_twins(context, count, kinds, rng, tally, reporter):
        with context.store.writing.begin() as session:
            for draft in drafts:
                put_draft(session, draft, campaign, pool, seed, first=bool(rng.integers(2)))
    return tally


def draft_twins(
    context: Context,
    count: int,
    kinds: Sequence[str],
    rng: np.random.Generator,
    tally: dict[str, Any],
    reporter: Reporter | None = None,
) -> Iterator[list[Draft]]:
    """Yield up to `count` drafts in portions; in the end `tally` holds the counts of `make_gold`.

    Raises JobError for an unknown kind or without answers.
    """
    waiting = _checked(context, kinds)
    order = [waiting[at] for at in rng.permutation(len(waiting))]
    made: Counter[str] = Counter()
    looked_at = good = 0
    with (reporter or Silent()).track("making gold tasks") as progress:
        for at in range(0, len(order), BATCH):
            if made.total() >= count:
                break
            answers = _read(context, order[at : at + BATCH], rng)
            vectors = SentenceVectors(context.embedder)
            supported = _supported(answers, vectors, context)
            looked_at, good = looked_at + len(answers), good + len(supported)
            yield _drafts(supported[: count - made.total()], kinds, made, vectors, context, rng)
            progress(made.total(), count)
    tally |= {
        "made": {kind: made[kind] for kind in kinds},
        "looked_at": looked_at,
        "good": good,
        "nothing_for": [kind for kind in kinds if not made[kind]],
    }


def _checked(context: Context, kinds: Sequence[str]) -> list[int]:
    """Return the answers to work on; raise JobError where there are none, or a kind is unknown."""
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise JobError(f"unknown corruption {', '.join(unknown)}; known: {', '.join(KINDS)}")
    waiting = _uncorrupted(context)
    if not waiting:
        raise JobError("no answers to corrupt; make some with `pairloop pairs`")
    return waiting


def _uncorrupted(context: Context) -> list[int]:
    """Return the answers that may be good and stand in no gold pair made by corruption."""
    with context.store.reading() as session:
        made = select(AnswerRecord.id).join(ContenderRecord).where(ContenderRecord.name.startswith(PREFIX))
        twins = set(session.scalars(made))
        used = {
            answer
            for pair in session.scalars(
                select(Pair).where(Pair.first_id.in_(made) | Pair.second_id.in_(made))
            )
            for answer in (pair.first_id, pair.second_id)
        }
        rows = session.execute(
            select(AnswerRecord.id, AnswerRecord.sentences)
            .where(~AnswerRecord.refused)
            .order_by(AnswerRecord.id)
        )
        return [
            row.id
            for row in rows
            if row.id not in twins | used and any(sentence["cited"] for sentence in row.sentences)
        ]


def _read(context: Context, ids: Sequence[int], rng: np.random.Generator) -> list[_Stored]:
    with context.store.reading() as session:
        records = session.scalars(select(AnswerRecord).where(AnswerRecord.id.in_(ids))).all()
        asked = {answer.question_id for answer in records}
        questions = {one.id: one for one in session.scalars(select(Question).where(Question.id.in_(asked)))}
        siblings = session.scalars(
            select(AnswerRecord).where(AnswerRecord.question_id.in_(asked), ~AnswerRecord.refused)
        ).all()
        others = _others(session, rng)
        found = []
        for answer in sorted(records, key=lambda one: ids.index(one.id)):
            question = questions[answer.question_id]
            foreign = [
                one
                for one in siblings
                if one.question_id == question.id and detect_language(one.text) != question.language
            ]
            if answer.passages and detect_language(answer.text) == question.language:
                original = Original(
                    text=answer.text,
                    language=question.language,
                    passages=tuple(_source(passage["text"]) for passage in answer.passages),
                    question=question.text,
                    elsewhere=_elsewhere(others, question, answer),
                    answers=tuple(_source(one.text) for one in foreign),
                )
                found.append(_Stored(answer.id, question.id, original, tuple(one.id for one in foreign)))
        return found


def _source(text: str) -> Source:
    return Source(text, detect_language(text))


def _others(session: Session, rng: np.random.Generator) -> list[tuple[Question, dict[str, Any]]]:
    """Return passages of answers drawn by lot, each with the question that it was found for."""
    ids = session.scalars(select(AnswerRecord.id).order_by(AnswerRecord.id)).all()
    drawn = [ids[at] for at in rng.permutation(len(ids))[: 4 * ELSEWHERE]]
    rows = session.execute(
        select(Question, AnswerRecord)
        .join(AnswerRecord, AnswerRecord.question_id == Question.id)
        .where(AnswerRecord.id.in_(drawn))
        .order_by(AnswerRecord.id)
    )
    return [(question, passage) for question, answer in rows for passage in answer.passages[:1]]


def _elsewhere(
    others: Sequence[tuple[Question, dict[str, Any]]], question: Question, answer: AnswerRecord
) -> tuple[Source, ...]:
    """Return passages from documents that the answer does not use, found for other topics."""
    own = {passage["document"] for passage in answer.passages}
    fitting = [
        _source(passage["text"])
        for asked, passage in others
        if asked.id != question.id
        and (not question.topic or asked.topic != question.topic)
        and passage["document"] not in own
    ]
    return tuple(source for source in fitting if source.language == question.language)[:ELSEWHERE]


def _supported(
    answers: Sequence[_Stored], vectors: SentenceVectors, context: Context
) -> list[tuple[_Stored, list[SentenceCheck]]]:
    """Keep the answers of which each sentence is supported by what it cites, with their checks."""
    checked = verify_all(
        [answer.original.text for answer in answers],
        [[source.text for source in answer.original.passages] for answer in answers],
        context.embedder,
        vectors,
    )
    return [
        (answer, checks)
        for answer, checks in zip(answers, checked, strict=True)
        if all(check.supported for check in checks) and any(check.numbers for check in checks)
    ]


def _drafts(
    answers: Sequence[tuple[_Stored, list[SentenceCheck]]],
    kinds: Sequence[str],
    made: Counter[str],
    vectors: SentenceVectors,
    context: Context,
    rng: np.random.Generator,
) -> list[Draft]:
    """Return a twin for each answer that allows one, and count the kinds."""
    drafts = []
    for answer, checks in answers:
        if draft := _draft(answer, checks, kinds, made, vectors, context, rng):
            made[draft.twin.kind] += 1
            drafts.append(draft)
    return drafts


def _draft(
    answer: _Stored,
    before: Sequence[SentenceCheck],
    kinds: Sequence[str],
    made: Counter[str],
    vectors: SentenceVectors,
    context: Context,
    rng: np.random.Generator,
) -> Draft | None:
    """Return a twin of the kind that is rarest so far among those that work for this answer."""
    passages = [source.text for source in answer.original.passages]
    for kind in sorted(kinds, key=lambda one: (made[one], list(kinds).index(one))):
        for _, twin in zip(range(TRIES), corruptions(answer.original, kind, rng), strict=False):
            checked = kind not in ("other_language", "dropped_fact")
            after = verify_all([twin.text], [passages], context.embedder, vectors)[0] if checked else []
            if is_worse(answer.original, twin, before, after):
                lender = answer.foreign[twin.borrowed] if twin.borrowed is not None else answer.id
                return Draft(answer.id, answer.question_id, lender, twin)
    return None


def put_draft(session: Session, draft: Draft, campaign: str, pool: str, seed: int, *, first: bool) -> None:
    """Store a twin as an answer of its own, the pair with it (it stands `first` there or not), the task."""
    original, twin = session.get_one(AnswerRecord, draft.answer_id), draft.twin
    lender = session.get_one(AnswerRecord, draft.lender_id)
    worse = AnswerRecord(
        question_id=draft.question_id,
        contender_id=_contender(session, twin.kind, seed, original.id),
        text=twin.text,
        sentences=[{"text": part.text, "cited": list(part.numbers)} for part in cited_sentences(twin.text)],
        passages=lender.passages,
        prompt=[],
        model_fingerprint=PREFIX + twin.kind,
        index_fingerprint=original.index_fingerprint,
        circumstances={"corruption": twin.kind, "of": original.id},
    )
    session.add(worse)
    session.flush()
    sides = (worse.id, original.id) if first else (original.id, worse.id)
    pair = Pair(question_id=draft.question_id, first_id=sides[0], second_id=sides[1])
    session.add(pair)
    session.flush()
    edit = {"answer": worse.id, "start": twin.start, "removed": twin.removed, "inserted": twin.inserted}
    known = Known(BETTER["B" if first else "A"], twin.why, PREFIX + twin.kind, twin.guideline, edit=edit)
    put_control(session, pair.id, known, pool=pool, campaign=campaign)


def _contender(session: Session, kind: str, seed: int, answer_id: int) -> int:
    """Return the contender that stands for one corruption of one answer."""
    digest = hashlib.sha256(f"{PREFIX}{kind}|{seed}|{answer_id}".encode()).hexdigest()[:16]
    made = ContenderRecord(
        name=PREFIX + kind, fingerprint=digest, settings={"kind": kind, "seed": seed, "answer": answer_id}
    )
    session.add(made)
    session.flush()
    return made.id
