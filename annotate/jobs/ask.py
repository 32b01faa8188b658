"""Answer one question with a contender."""

from __future__ import annotations

from typing import Any

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.precomputed import answer_row, open_bank
from annotate.jobs.progress import Reporter, Silent
from rag import Contender


def ask(
    context: Context,
    question: str,
    reporter: Reporter | None = None,
    *,
    contender_name: str = "",
    precomputed: bool = True,
) -> dict[str, Any]:
    """Return the answer with its passages and what made it, by default of the first contender.

    An answer that was made ahead is given where it certainly fits; `precomputed` then says why. Raises
    JobError for an empty question or a contender that the settings do not have.
    """
    if not question.strip():
        raise JobError("the question is empty")
    contender, model = _contender(context, contender_name)
    told = {"question": question, "contender": contender.name}
    generator = context.generator(model)
    with (reporter or Silent()).track("embedding passages") as progress:
        retriever = context.retriever(progress)
    hit = open_bank(context, retriever, generator, contender).lookup(question) if precomputed else None
    if hit:
        made_ahead = {"for": hit.question, "kind": hit.kind, "reason": hit.reason}
        return told | {"precomputed": made_ahead} | hit.answer
    answer = context.answerer(retriever, generator).answer([question], contender)[0]
    return told | {"precomputed": None} | answer_row(answer)


def _contender(context: Context, name: str) -> tuple[Contender, str]:
    there = context.contenders()
    found = [each for each in there if name in ("", each[0].name)]
    if not found:
        known = ", ".join(contender.name for contender, _ in there)
        raise JobError(f"no contender named {name}; the settings have {known}")
    return found[0]
