"""Show a question that somebody asked, with the answers in the order in which they were shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from annotate.reports.listing.pairs import AnswerRow, read_answer
from annotate.store import Asked, Question, Store


@dataclass(frozen=True)
class AskedReport:
    """Hold a question with its answers; `pair_id` is that of the two, in the order of the ledger."""

    id: str
    question_id: int
    question: str
    language: str
    answers: tuple[AnswerRow, ...]
    pair_id: int | None
    created_at: datetime


def read_asked(store: Store, asked_id: str, account_id: int | None) -> AskedReport | None:
    """Return what an account asked, or None where it asked nothing of this number."""
    with store.reading() as session:
        found = session.get(Asked, asked_id)
        if found is None or found.account_id != account_id:
            return None
        question = session.get_one(Question, found.question_id)
        return AskedReport(
            found.id,
            question.id,
            question.text,
            question.language,
            tuple(read_answer(session, number) for number in found.answer_ids),
            found.pair_id,
            found.created_at,
        )
