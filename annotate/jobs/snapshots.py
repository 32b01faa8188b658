"""Freeze the preferences into training rows, each with its lineage down to the judgements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from annotate.jobs.context import Context
from annotate.labelling.verdicts import outcome
from annotate.store import AnswerRecord, Pair, Preference
from rag import Contender, Passage
from rag.citations import renumber
from rag.prompts import answer_messages
from training import PreferenceRow, Split, split_by_question

SALT = "pairloop"  # of the split: a question stays on its side for good


def preference_rows(context: Context) -> list[PreferenceRow]:
    """Return a row for each preference that names a winner, in the order of the pairs.

    The prompt is that of the first contender, the policy that is tuned, over the passages of the
    better answer and those the other one cites; citations are renumbered to fit it.
    """
    policy, _ = context.contenders()[0]
    loading = joinedload(Preference.pair)
    with context.store.reading() as session:
        found = session.scalars(
            select(Preference)
            .options(
                loading.joinedload(Pair.question),
                loading.joinedload(Pair.first),
                loading.joinedload(Pair.second),
            )
            .order_by(Preference.pair_id)
        )
        rows = [_row(preference, policy) for preference in found]
    return [row for row in rows if row is not None]


def frozen_split(context: Context, rows: Sequence[PreferenceRow]) -> Split:
    """Split rows by question; the same question always lands on the same side."""
    return split_by_question(rows, context.settings.training.test_share, SALT)


def _row(preference: Preference, policy: Contender) -> PreferenceRow | None:
    winner = outcome(preference.verdict)
    pair = preference.pair
    if winner not in ("first", "second"):
        return None
    chosen, rejected = (pair.first, pair.second) if winner == "first" else (pair.second, pair.first)
    if not chosen.passages or chosen.text == rejected.text:
        return None
    passages, numbers = _joined_passages(chosen, rejected)
    question = pair.question
    return PreferenceRow(
        id=f"pair-{pair.id}",
        question_id=question.key,
        prompt=answer_messages(question.text, passages, policy.style, question.language),
        chosen=chosen.text,
        rejected=renumber(rejected.text, numbers),
        weight=round(float(preference.posterior[winner]), 6),
        margin=abs(preference.margin),
        language=question.language,
        lineage=_lineage(preference, chosen, rejected),
    )


def _joined_passages(chosen: AnswerRecord, rejected: AnswerRecord) -> tuple[list[Passage], dict[int, int]]:
    """Return the passages of the prompt, and the new numbers of the rejected answer's citations."""
    joined = list(chosen.passages)
    cited = {number for sentence in rejected.sentences for number in sentence["cited"]}
    numbers = {}
    for number, passage in enumerate(rejected.passages, start=1):
        known = next((at for at, other in enumerate(joined, 1) if other["chunk"] == passage["chunk"]), None)
        if known is None and number in cited:
            joined.append(passage)
            known = len(joined)
        if known is not None:
            numbers[number] = known
    return [_passage(stored) for stored in joined], numbers


def _passage(stored: dict[str, Any]) -> Passage:
    return Passage(
        chunk_id=stored["chunk"],
        document_key=stored["document"],
        title=stored["title"],
        text=stored["text"],
        text_hash=stored["text_hash"],
        score=stored["score"],
        # Answers of the first release know no dates; their prompts had none.
        published=date.fromisoformat(stored["published"]) if stored.get("published") else None,
    )


def _lineage(preference: Preference, chosen: AnswerRecord, rejected: AnswerRecord) -> dict[str, Any]:
    return {
        "question": preference.pair.question.text,
        "pair": preference.pair_id,
        "answers": {"chosen": chosen.id, "rejected": rejected.id},
        "judgements": [vote["judgement_id"] for vote in preference.votes],
        "assessors": {vote["assessor"]: vote["kind"] for vote in preference.votes},
        "guidelines": sorted({vote["guideline"] for vote in preference.votes}),
        "posterior": preference.posterior,
        "index": chosen.index_fingerprint,
        "sources": {passage["document"]: passage["text_hash"] for passage in chosen.passages},
    }
