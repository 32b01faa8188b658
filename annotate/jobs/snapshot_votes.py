"""Say in a row's lineage how far its assessors agree, on which aspects, and when they judged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.labelling.verdicts import outcome
from annotate.store import Judgement

PERSON = "person"
Judged = tuple[str, dict[str, str], str]  # verdict, aspects, time
_SIDES = {"A": 1, "B": -1, "tie": 0}


def judgements_of(session: Session, ids: Collection[int]) -> dict[int, Judged]:
    """Return verdict, aspects and time of judgements, all in the order of the stored pair."""
    query = select(Judgement.id, Judgement.verdict, Judgement.aspects, Judgement.created_at)
    rows = session.execute(query.where(Judgement.id.in_(ids)))
    return {key: (verdict, aspects, at.isoformat()) for key, verdict, aspects, at in rows}


def vote_lineage(votes: Sequence[dict[str, Any]], found: Mapping[int, Judged], winner: str) -> dict[str, Any]:
    """Return what the votes on a pair say beyond the verdict `winner` ("first" or "second").

    `agreement`: the share of votes for the winner. `ceiling`: see `human_ceiling`. `aspects`: 1 where most
    found the winner better on an aspect, -1 the other, 0 where neither. `judged_at`: the last judgement, UTC.
    """
    known = [(vote, *found[vote["judgement_id"]]) for vote in votes if vote["judgement_id"] in found]
    if not known:
        return {}
    outcomes = [outcome(verdict) for _, verdict, _, _ in known]
    people = [outcome(verdict) for vote, verdict, _, _ in known if vote["kind"] == PERSON]
    turned = 1 if winner == "first" else -1
    sides: dict[str, list[int]] = defaultdict(list)
    for _, _, aspects, _ in known:
        for aspect, side in aspects.items():
            sides[aspect].append(_SIDES[side] * turned)
    return {
        "agreement": round(outcomes.count(winner) / len(outcomes), 4),
        "ceiling": human_ceiling(people),
        "aspects": {aspect: _sign(sum(values)) for aspect, values in sorted(sides.items())},
        "judged_at": max(at for _, _, _, at in known),
    }


def human_ceiling(outcomes: Sequence[str]) -> float | None:
    """Return how often a person's outcome is that of most of the others, a shared lead counted half.

    This is what a perfect imitation of one more person could reach; None with fewer than two people.
    """
    if len(outcomes) < 2:
        return None
    scores = []
    for at, own in enumerate(outcomes):
        others = Counter([*outcomes[:at], *outcomes[at + 1 :]])
        most = max(others.values())
        leaders = [name for name, count in others.items() if count == most]
        scores.append((own in leaders) / len(leaders))
    return round(sum(scores) / len(scores), 4)


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)
