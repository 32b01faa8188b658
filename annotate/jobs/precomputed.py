"""Answer the most asked questions ahead, and look such answers up."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import select

from annotate.errors import BridgeError, JobError
from annotate.jobs.context import Context
from annotate.jobs.pairs import contender_print
from annotate.jobs.progress import Reporter, Silent
from annotate.store import Question
from rag import Answer, Contender, Generator, Retriever
from rag.citations import cited_sentences
from rag.precomputed import PrecomputedAnswers, frequent_questions

BATCH = 16  # questions answered between two looks at the progress


def open_bank(
    context: Context, retriever: Retriever, generator: Generator, contender: Contender
) -> PrecomputedAnswers:
    """Return the answers made ahead by this contender with these weights over these indexes."""
    return PrecomputedAnswers(
        context.store.engine,
        retriever.embedder,
        scope=contender_print(contender, generator.fingerprint, retriever.reranker),
        index_version=retriever.fingerprint,
        writing=context.store.writing_engine,
    )


def precompute(
    context: Context,
    log: Path | None = None,
    *,
    min_asked: int = 1,
    limit: int = 100,
    keep_flagged: bool = False,
    reporter: Reporter | None = None,
) -> dict[str, Any]:
    """Answer the most asked questions of the workspace, or of a log file, by the first contender.

    Answers that no longer hold are dropped first; those that still do are left as they are.
    Refused answers are never kept, flagged ones only if told so. Raises JobError when there are
    no questions.
    """
    reporter = reporter or Silent()
    asked = read_log(log) if log else _asked(context)
    if not asked:
        raise JobError("no questions to answer ahead; bring some in with `pairloop pairs --questions FILE`")
    contender, model = context.contenders()[0]
    generator = context.generator(model)
    with reporter.track("embedding passages") as progress:
        retriever = context.retriever(progress)
    bank = open_bank(context, retriever, generator, contender)
    dropped = bank.drop_stale()
    frequent = frequent_questions(asked, retriever.embedder, min_asked=min_asked, limit=limit)
    known = set(bank.questions())
    missing = [question for question in frequent if question.text not in known]
    answerer = context.answerer(retriever, generator)
    kept = 0
    with reporter.track("answering ahead") as progress:
        for at in range(0, len(missing), BATCH):
            some = missing[at : at + BATCH]
            answers = answerer.answer([question.text for question in some], contender)
            for question, answer in zip(some, answers, strict=True):
                if _worth_keeping(answer, keep_flagged=keep_flagged):
                    shown = [(passage.document_key, passage.text_hash) for passage in answer.passages]
                    kept += bank.put(question.text, answer_row(answer), shown, question.asked)
            progress(at + len(some), len(missing))
    return {
        "frequent": len(frequent),
        "known": len(frequent) - len(missing),
        "made": kept,
        "left_out": len(missing) - kept,
        "dropped_as_stale": dropped,
    }


def answer_row(answer: Answer) -> dict[str, Any]:
    """Turn an answer into a row that JSON can hold."""
    return {
        "text": answer.text,
        "language": answer.language,
        "action": answer.decision.action,
        "reason": answer.decision.reason,
        "refused": answer.refused,
        "cited": list(answer.cited),
        "citations": [
            {"sentence": sentence.text, "passages": list(sentence.numbers)}
            for sentence in cited_sentences(answer.text)
        ],
        "flags": [asdict(flag) for flag in answer.flags],
        "passages": [
            {
                "number": number,
                "document": passage.document_key,
                "title": passage.title,
                "text": passage.text,
                "text_hash": passage.text_hash,
                "published": passage.published.isoformat() if passage.published else None,
                "score": passage.score,
                "ranks": passage.ranks,
            }
            for number, passage in enumerate(answer.passages, start=1)
        ],
        "contender": answer.contender.name,
        "model": answer.model_fingerprint,
        "index": answer.index_fingerprint,
        "reranker": answer.reranker_fingerprint,
        "seconds": answer.seconds,
    }


def read_log(path: Path) -> dict[str, int]:
    """Read a query log: one question a line, plain or as JSON with `text` and `count`.

    Raises BridgeError naming the line that cannot be read.
    """
    if not path.is_file():
        raise BridgeError(f"{path}: no such file")
    counts: Counter[str] = Counter()
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            text, count = line.strip(), 1
            if text.startswith("{"):
                try:
                    row = json.loads(text)
                    text, count = str(row["text"]).strip(), int(row.get("count", 1))
                except (ValueError, KeyError, TypeError) as error:
                    raise BridgeError(
                        f"{path}:{number}: a line needs `text`, and `count` is a number"
                    ) from error
            if text:
                counts[text] += count
    return dict(counts)


def _asked(context: Context) -> dict[str, int]:
    with context.store.reading() as session:
        return dict(Counter(session.scalars(select(Question.text))))


def _worth_keeping(answer: Answer, *, keep_flagged: bool) -> bool:
    return answer.decision.action == "answer" and not answer.refused and (keep_flagged or not answer.flags)
