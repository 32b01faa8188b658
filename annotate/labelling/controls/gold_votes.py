"""Read the answers to gold tasks as votes whose truth is known: they say whom to trust."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotate.labelling.aggregation import Vote
from annotate.labelling.controls.gold import UNANSWERED, Known
from annotate.labelling.ledger.places import ASKER
from annotate.labelling.ledger.votes import latest
from annotate.store import Assessor, Assignment, Judgement, Task

GoldVotes = tuple[list[Vote], Mapping[int, Collection[str]]]


def read_gold(session: Session) -> GoldVotes:
    """Return the last answer of each assignment of a gold task, and the accepted verdicts by item.

    Items are numbered by minus their pair, so that they are none of the real work. Dropped answers count:
    they say how reliable the assessor was.
    """
    columns = (Task.pair_id, Assessor.name, Judgement.verdict, Assignment.swapped)
    query = (
        latest(*columns)
        .join(Assessor, Assessor.id == Assignment.assessor_id)
        .where(Task.pool == "gold", Assignment.state.not_in(UNANSWERED), Assessor.kind != ASKER)
    )
    votes = [Vote(-pair, name, verdict, swapped) for pair, name, verdict, swapped in session.execute(query)]
    answered = {vote.item for vote in votes}
    tasks = session.scalars(select(Task).where(Task.pool == "gold")) if answered else ()
    truths = {
        -task.pair_id: Known.of(task).verdicts
        for task in tasks
        if -task.pair_id in answered and task.known.get("verdicts")
    }
    return [vote for vote in votes if vote.item in truths], truths
