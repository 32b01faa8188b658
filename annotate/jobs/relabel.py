"""Ask one more person about tasks whose verdict is still open: the leader is less than two votes ahead.

Two votes alike are as sure as three to one, so people are spent where the answer is not there yet. The
overlap of a dynamic campaign does the same by itself; here it is a choice, of the most open tasks first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from active.strategies.relabel import SETTLED_LEAD, Relabel, open_value
from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.labelling.campaigns import find_campaign
from annotate.labelling.ledger.places import MAIN, PERSON
from annotate.labelling.ledger.votes import votes_of
from annotate.labelling.relabelling import open_again
from annotate.labelling.verdicts import OUTCOMES, outcome
from annotate.store import Campaign, Preference, Task

RELABEL = Relabel.name
AT_ONCE = 500  # pairs whose votes are read in one statement


def ask_again(context: Context, count: int, campaign: str) -> dict[str, Any]:
    """Open up to `count` closed tasks to one more person, the most open verdicts first; return what was done.

    Only tasks that people have judged, that want nobody just now and have fewer people than the rules'
    `max_overlap`. Raises LabellingError for an unknown campaign, JobError where every verdict is settled.
    """
    most = find_campaign(context.store, campaign).rules.max_overlap
    with context.store.reading() as session:
        tasks, votes, unsure = _closed(session, campaign, most)
    rows = _most_open(votes, unsure, count)
    if not len(rows):
        raise JobError(
            f"no closed task of {campaign} leads by less than {SETTLED_LEAD:g} votes "
            f"and has fewer than {most} people"
        )
    opened = open_again(context.store, [tasks[row] for row in rows], most)
    return {
        "selected": opened,
        "strategy": RELABEL,
        "cold_start": False,
        "audit": 0,
        "l2": None,
        "shortages": [],
    }


def _most_open(votes: NDArray[np.int64], unsure: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return the rows whose leader is less than two votes ahead, the narrowest and least sure first."""
    ordered = np.sort(votes, axis=1)[:, ::-1]
    value = open_value(ordered[:, 0] - ordered[:, 1])
    order = np.lexsort((-unsure, -value))
    found: NDArray[np.int64] = order[value[order] > 0][:count]
    return found


def _closed(
    session: Session, campaign: str, most: int
) -> tuple[list[int], NDArray[np.int64], NDArray[np.float64]]:
    """Return closed tasks, people's votes for each outcome (n, 4), and how unsure each joint verdict is."""
    rows = session.execute(
        select(Task.id, Task.pair_id, func.coalesce(Preference.uncertainty, 1.0))
        .join(Campaign, Campaign.id == Task.campaign_id)
        .outerjoin(Preference, Preference.pair_id == Task.pair_id)
        .where(
            Campaign.name == campaign,
            Task.pool == MAIN,
            Task.open_to_people.is_(False),
            Task.people_places > 0,
            Task.people_places < most,
        )
        .order_by(Task.id)
    ).all()
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    pairs = [pair for _, pair, _ in rows]
    for at in range(0, len(pairs), AT_ONCE):
        for pair, cast in votes_of(session, pairs[at : at + AT_ONCE]).items():
            counts[pair].update(outcome(vote.verdict) for vote in cast if vote.kind == PERSON)
    voted = [row for row in rows if counts[row[1]].total()]
    return (
        [task for task, _, _ in voted],
        np.array([[counts[pair][name] for name in OUTCOMES] for _, pair, _ in voted], np.int64).reshape(
            -1, 4
        ),
        np.array([float(unsure) for _, _, unsure in voted]),
    )
