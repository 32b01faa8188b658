"""Answer one question with the first contender."""

from __future__ import annotations

from typing import Any

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.precomputed import answer_row, open_bank
from annotate.jobs.progress import Reporter, Silent


def ask(
    context: Context, question: str, reporter: Reporter | None = None, *, precomputed: bool = True
) -> dict[str, Any]:
    """Return the answer with its passages and what made it; raise JobError for an empty question.

    An answer that was made ahead is given where it certainly fits; `precomputed` then says why.
    """
    if not question.strip():
        raise JobError("the question is empty")
    contender, model = context.contenders()[0]
    generator = context.generator(model)
    with (reporter or Silent()).track("embedding passages") as progress:
        retriever = context.retriever(progress)
    hit = open_bank(context, retriever, generator, contender).lookup(question) if precomputed else None
    if hit:
        made_ahead = {"for": hit.question, "kind": hit.kind, "reason": hit.reason}
        return {"question": question, "precomputed": made_ahead} | hit.answer
    answer = context.answerer(retriever, generator).answer([question], contender)[0]
    return {"question": question, "precomputed": None} | answer_row(answer)
