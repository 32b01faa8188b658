"""List preferences by their pairs, whose numbers stay while preferences are rebuilt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from annotate.store import Pair, Preference, Question, Store


@dataclass(frozen=True)
class PreferenceRow:
    """Show the aggregated verdict of a pair; `id` is the pair's."""

    id: int
    question: str
    language: str
    verdict: str
    posterior: dict[str, float]
    margin: float
    uncertainty: float
    people: int
    machines: int
    feedback: int
    method: str
    adjudicated: bool
    judgements: tuple[int, ...]
    guidelines: tuple[str, ...]
    created_at: datetime


def list_preferences(
    store: Store, *, before: int | None = None, limit: int = 50, verdict: str | None = None
) -> list[PreferenceRow]:
    """Return up to `limit` preferences of pairs with an id below `before`, of one verdict or of all."""
    query = _query().order_by(Preference.pair_id.desc()).limit(limit)
    if before is not None:
        query = query.where(Preference.pair_id < before)
    if verdict is not None:
        query = query.where(Preference.verdict == verdict)
    with store.reading() as session:
        return [_row(*row) for row in session.execute(query)]


def read_preference(store: Store, pair_id: int) -> PreferenceRow | None:
    """Return the preference of a pair, or None while it has none."""
    with store.reading() as session:
        found = session.execute(_query().where(Preference.pair_id == pair_id)).one_or_none()
        return _row(*found) if found else None


def _query() -> Any:
    return (
        select(Preference, Question.text, Question.language)
        .join(Pair, Pair.id == Preference.pair_id)
        .join(Question, Question.id == Pair.question_id)
    )


def _row(found: Preference, question: str, language: str) -> PreferenceRow:
    return PreferenceRow(
        found.pair_id, question, language, found.verdict, found.posterior, found.margin, found.uncertainty,
        found.people, found.machines, len(found.votes) - found.people - found.machines, found.method,
        bool(found.lineage.get("adjudicated")), tuple(found.lineage.get("judgements", ())),
        tuple(found.lineage.get("guidelines", ())), found.created_at,
    )  # fmt: skip
