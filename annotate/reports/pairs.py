"""Report single pairs, with what was said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from annotate.labelling.views import WHOLE_PAIR, PairView, view_pair
from annotate.store import Pair, Preference, Store, Task


@dataclass(frozen=True)
class PairReport:
    """Show a pair with its preference, if any, and why it was chosen for labelling."""

    pair: PairView
    verdict: str
    margin: float | None
    votes: tuple[dict[str, Any], ...]
    chosen_by: dict[str, Any]


def report_pairs(store: Store, limit: int = 100) -> list[PairReport]:
    """Return pairs in order, with their preferences."""
    with store.reading() as session:
        rows = session.execute(
            select(Pair, Preference, Task)
            .options(*WHOLE_PAIR)
            .outerjoin(Preference, Preference.pair_id == Pair.id)
            .outerjoin(Task, Task.pair_id == Pair.id)
            .order_by(Pair.id)
            .limit(limit)
        )
        return [
            PairReport(
                view_pair(pair),
                preference.verdict if preference else "",
                preference.margin if preference else None,
                tuple(preference.votes) if preference else (),
                task.chosen_by if task else {},
            )
            for pair, preference, task in rows
        ]
