"""Freeze the preferences into training rows, each with its lineage down to the judgements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from annotate.jobs.context import Context
from annotate.jobs.exchange.incoming import IMPORTED
from annotate.jobs.frozen_splits import FrozenSplit, frozen_split
from annotate.jobs.snapshot_votes import Judged, judgements_of, vote_lineage
from annotate.labelling.verdicts import outcome
from annotate.store import AnswerRecord, Pair, Preference
from rag import Contender, Passage
from rag.citations import renumber
from rag.prompts import answer_messages
from training import PreferenceRow

__all__ = ["FrozenSplit", "frozen_split", "iterate_preference_rows", "preference_rows"]
BATCH = 500  # preferences in memory at a time


def preference_rows(context: Context) -> list[PreferenceRow]:
    """Return a row for each preference that names a winner, in the order of the pairs.

    The prompt is that of the first contender, the policy that is tuned, over the passages of the
    better answer and those the other one cites; citations are renumbered to fit it. Answers that
    were imported without passages keep the prompt they came with.
    """
    return list(iterate_preference_rows(context))


def iterate_preference_rows(context: Context) -> Iterator[PreferenceRow]:
    """Yield the rows of `preference_rows` one after the other, so that memory stays small."""
    policy, _ = context.contenders()[0]
    loading = joinedload(Preference.pair)
    query = (
        select(Preference)
        .options(
            loading.joinedload(Pair.question),
            loading.joinedload(Pair.first),
            loading.joinedload(Pair.second),
        )
        .order_by(Preference.pair_id)
    )
    with context.store.reading() as session:
        for some in session.scalars(query, execution_options={"yield_per": BATCH}).partitions():
            ids = {vote["judgement_id"] for preference in some for vote in preference.votes}
            judged = judgements_of(session, ids)
            for preference in some:
                if (row := _row(preference, policy, judged)) is not None:
                    yield row


def _row(preference: Preference, policy: Contender, judged: Mapping[int, Judged]) -> PreferenceRow | None:
    winner = outcome(preference.verdict)
    pair = preference.pair
    if winner not in ("first", "second"):
        return None
    chosen, rejected = (pair.first, pair.second) if winner == "first" else (pair.second, pair.first)
    if chosen.text == rejected.text:
        return None
    if chosen.passages:
        passages, numbers = _joined_passages(chosen, rejected)
        prompt = answer_messages(pair.question.text, passages, policy.style, pair.question.language)
        worse = renumber(rejected.text, numbers)
    elif IMPORTED in chosen.circumstances:
        prompt = chosen.prompt or [{"role": "user", "content": pair.question.text}]
        worse = rejected.text
    else:
        return None
    return PreferenceRow(
        id=f"pair-{pair.id}",
        question_id=pair.question.key,
        prompt=prompt,
        chosen=chosen.text,
        rejected=worse,
        weight=round(float(preference.posterior[winner]), 6),
        margin=abs(preference.margin),
        language=pair.question.language,
        lineage=_lineage(preference, chosen, rejected) | vote_lineage(preference.votes, judged, winner),
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
        "uncertainty": preference.uncertainty,
        "method": preference.method,
        "adjudicated": bool(preference.lineage.get("adjudicated")),
        "index": chosen.index_fingerprint,
        "sources": {passage["document"]: passage["text_hash"] for passage in chosen.passages},
    }
