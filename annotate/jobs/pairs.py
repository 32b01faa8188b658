"""Make answer pairs for the questions that have none yet from the current two contenders."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.progress import Progress, Reporter, Silent
from annotate.store import AnswerRecord, ContenderRecord, Pair, Question
from rag import Answer, AnswerPair, Contender, make_pairs
from rag.citations import cited_sentences

BATCH = 16  # questions answered between two commits


def make_missing_pairs(
    context: Context, limit: int | None = None, reporter: Reporter | None = None
) -> dict[str, int]:
    """Answer questions twice and store the pairs; each batch is one transaction.

    Raises JobError when there are not two contenders or no questions.
    """
    reporter = reporter or Silent()
    contenders = context.contenders()
    if len(contenders) != 2:
        raise JobError("a pair needs exactly two [[contenders]] in pairloop.toml")
    retriever = context.retriever()
    sides = [
        (context.answerer(retriever, context.generator(model)), contender) for contender, model in contenders
    ]
    prints = [
        contender_print(contender, context.generator(model).fingerprint) for contender, model in contenders
    ]
    questions = _unpaired(context, prints)[:limit]
    made = left_out = 0
    with reporter.track("answering") as progress:
        for at in range(0, len(questions), BATCH):
            some = questions[at : at + BATCH]
            pairs, alike = make_pairs(
                [text for _, text in some], sides[0], sides[1], _shifted(progress, at, len(questions))
            )
            _store(context, {text: key for key, text in some}, pairs, prints)
            made, left_out = made + len(pairs), left_out + len(alike)
    return {"pairs": made, "left_out_as_identical": left_out}


def _shifted(progress: Progress, start: int, total: int) -> Progress:
    return lambda done, of: progress(min(start + done * BATCH // max(of, 1), total), total)


def contender_print(contender: Contender, model: str) -> str:
    """Identify a contender by its settings and the weights that it runs on."""
    return hashlib.sha256(f"{contender.fingerprint}|{model}".encode()).hexdigest()[:16]


def _unpaired(context: Context, prints: list[str]) -> list[tuple[int, str]]:
    """Return id and text of the questions without a pair from these two contenders."""
    with context.store.reading() as session:
        if session.scalar(select(Question.id).limit(1)) is None:
            raise JobError("no questions; bring some in with `pairloop pairs --questions FILE`")
        sides = [
            set(
                session.scalars(
                    select(Pair.question_id)
                    .join(AnswerRecord, AnswerRecord.id.in_((Pair.first_id, Pair.second_id)))
                    .join(ContenderRecord)
                    .where(ContenderRecord.fingerprint == fingerprint)
                )
            )
            for fingerprint in prints
        ]
        rows = session.execute(select(Question.id, Question.text).order_by(Question.id))
        return [(key, text) for key, text in rows if not all(key in side for side in sides)]


def _store(context: Context, ids: dict[str, int], pairs: list[AnswerPair], prints: list[str]) -> None:
    with context.store.writing.begin() as session:
        for pair in pairs:
            question_id = ids[pair.first.question]
            first = put_answer(session, question_id, pair.first, prints[0])
            second = put_answer(session, question_id, pair.second, prints[1])
            known = session.scalar(
                select(Pair.id).where(Pair.first_id == first.id, Pair.second_id == second.id)
            )
            if known is None:
                session.add(Pair(question_id=question_id, first_id=first.id, second_id=second.id))


def put_answer(session: Session, question_id: int, answer: Answer, contender_print: str) -> AnswerRecord:
    """Store an answer under its contender, or return the one that is there already."""
    contender = session.scalar(select(ContenderRecord).where(ContenderRecord.fingerprint == contender_print))
    if contender is None:
        settings: dict[str, Any] = asdict(answer.contender)
        contender = ContenderRecord(
            name=answer.contender.name, fingerprint=contender_print, settings=settings
        )
        session.add(contender)
        session.flush()
    record = session.scalar(
        select(AnswerRecord).where(
            AnswerRecord.question_id == question_id, AnswerRecord.contender_id == contender.id
        )
    )
    if record is None:
        record = answer_record(answer)
        record.question_id, record.contender_id = question_id, contender.id
        session.add(record)
        session.flush()
        question = session.get_one(Question, question_id)
        question.retrieval = _support(answer)
    return record


def answer_record(answer: Answer) -> AnswerRecord:
    """Turn an answer of the library into a row."""
    return AnswerRecord(
        text=answer.text,
        sentences=[{"text": part.text, "cited": list(part.numbers)} for part in cited_sentences(answer.text)],
        passages=[
            {
                "chunk": passage.chunk_id,
                "document": passage.document_key,
                "title": passage.title,
                "text": passage.text,
                "text_hash": passage.text_hash,
                "score": passage.score,
                "similarity": passage.similarity,
                "published": passage.published.isoformat() if passage.published else None,
            }
            for passage in answer.passages
        ],
        prompt=list(answer.prompt),
        model_fingerprint=answer.model_fingerprint,
        index_fingerprint=answer.index_fingerprint,
        refused=answer.refused,
        new_tokens=answer.new_tokens,
        seconds=answer.seconds,
        flags=[asdict(flag) for flag in answer.flags],
        circumstances={
            "decision": asdict(answer.decision),
            "checks": [asdict(check) for check in answer.checks],
            "embedder": answer.embedder_fingerprint,
            "seed": answer.seed,
            "latency_seconds": answer.latency_seconds,
        },
    )


def _support(answer: Answer) -> dict[str, Any]:
    similarities = [p.similarity for p in answer.passages if p.similarity is not None]
    return {
        "best_similarity": max(similarities, default=None),
        "documents": [passage.document_key for passage in answer.passages],
        "refused": answer.refused,
    }
