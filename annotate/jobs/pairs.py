"""Make answer pairs for the questions that have none yet from the current contenders."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.progress import Progress, Reporter, Silent
from annotate.store import AnswerRecord, ContenderRecord, Pair, Question
from rag import Answer, AnswerPair, Contender, Reranker, make_pairs
from rag.citations import cited_sentences

if TYPE_CHECKING:
    from active.contenders import Aim

BATCH = 16  # questions answered between two commits
Asked = tuple[int, str]  # id and text of a question
Duel = tuple[int, int]  # two contenders, by place


def make_missing_pairs(
    context: Context,
    limit: int | None = None,
    reporter: Reporter | None = None,
    *,
    choose: int | None = None,
    aim: Aim = "design",
) -> dict[str, int]:
    """Answer questions twice and store the pairs; each batch is one transaction.

    Of more than two contenders the two whose duel teaches most answer a question; `aim` is `design` to learn
    how strong they all are, `best` to find the strongest, `gap` for answers that lie far apart. With `choose`
    only so many questions are answered, those that are worth most; else all, or the first `limit`. Raises
    JobError when there are fewer than two contenders or no questions.
    """
    reporter = reporter or Silent()
    contenders = context.contenders()
    if len(contenders) < 2:
        raise JobError("a pair needs two [[contenders]] or more in pairloop.toml")
    retriever = context.retriever()
    prints = [
        contender_print(contender, context.generator(model).fingerprint, retriever.reranker)
        for contender, model in contenders
    ]
    planned = _planned(context, prints, limit, choose, aim)
    sides = {
        place: (context.answerer(retriever, context.generator(contenders[place][1])), contenders[place][0])
        for place in sorted({place for duel, _ in planned for place in duel})
    }
    made = left_out = done = 0
    with reporter.track("answering") as progress:
        for (one, other), some in _batches(planned):
            shifted = _shifted(progress, done, len(planned))
            pairs, alike = make_pairs([text for _, text in some], sides[one], sides[other], shifted)
            _store(context, {text: key for key, text in some}, pairs, [prints[one], prints[other]])
            made, left_out, done = made + len(pairs), left_out + len(alike), done + len(some)
    return {"pairs": made, "left_out_as_identical": left_out}


def _planned(
    context: Context, prints: list[str], limit: int | None, choose: int | None, aim: Aim
) -> list[tuple[Duel, Asked]]:
    """Return the questions to answer, each with the two contenders that are to answer it."""
    # The learner's libraries are slow to import, and asking live needs this module, too.
    from annotate.jobs.pair_choices import choose_contenders, choose_for_pairs

    questions = _unpaired(context, prints)
    if choose is not None:
        questions = choose_for_pairs(context, questions, choose)
    questions = questions[:limit]
    duels = choose_contenders(context, prints, len(questions), aim) if questions else []
    return list(zip(duels, questions, strict=True))


def _batches(planned: list[tuple[Duel, Asked]]) -> Iterator[tuple[Duel, list[Asked]]]:
    """Yield the questions of each duel, some at a time, in the order of the questions."""
    waiting: dict[Duel, list[Asked]] = defaultdict(list)
    for duel, question in planned:
        waiting[duel].append(question)
        if len(waiting[duel]) == BATCH:
            yield duel, waiting.pop(duel)
    yield from waiting.items()


def _shifted(progress: Progress, start: int, total: int) -> Progress:
    return lambda done, of: progress(min(start + done * BATCH // max(of, 1), total), total)


def contender_print(contender: Contender, model: str, reranker: Reranker | None = None) -> str:
    """Identify a contender by its settings and the weights that it runs on, the reranker's if it reranks."""
    reranked = f"|{reranker.fingerprint}" if contender.rerank and reranker else ""
    return hashlib.sha256(f"{contender.fingerprint}|{model}{reranked}".encode()).hexdigest()[:16]


def _unpaired(context: Context, prints: list[str]) -> list[Asked]:
    """Return id and text of the questions without a pair from two of these contenders."""
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
        return [(key, text) for key, text in rows if sum(key in side for side in sides) < 2]


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
            "reranker": answer.reranker_fingerprint,
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
