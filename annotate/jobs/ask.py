"""Answer one question with the first contender."""

from __future__ import annotations

from typing import Any

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.progress import Reporter, Silent
from rag import Answerer


def ask(context: Context, question: str, reporter: Reporter | None = None) -> dict[str, Any]:
    """Return the answer with its passages and what made it; raise JobError for an empty question."""
    if not question.strip():
        raise JobError("the question is empty")
    contender, model = context.contenders()[0]
    with (reporter or Silent()).track("embedding passages") as progress:
        retriever = context.retriever(progress)
    answer = Answerer(retriever, context.generator(model)).answer([question], contender)[0]
    return {
        "question": question,
        "text": answer.text,
        "refused": answer.refused,
        "cited": list(answer.cited),
        "contender": contender.name,
        "model": answer.model_fingerprint,
        "seconds": answer.seconds,
        "passages": [
            {
                "number": number,
                "document": passage.document_key,
                "title": passage.title,
                "text": passage.text,
                "score": passage.score,
                "ranks": passage.ranks,
            }
            for number, passage in enumerate(answer.passages, start=1)
        ],
    }
