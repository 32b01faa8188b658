"""Record in the ledger's history which pairs got another preference, so that others can be told."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.history import event, record_all
from annotate.store import Preference, Task

CHANGED = "preference changed"


def read_verdicts(session: Session, where: list[ColumnElement[bool]]) -> dict[int, str]:
    """Return the verdicts of the present preferences by pair."""
    rows = session.execute(select(Preference.pair_id, Preference.verdict).where(*where))
    return {pair: verdict for pair, verdict in rows}  # noqa: C416 - rows are no pairs to mypy


def record_changes(session: Session, before: dict[int, str], after: dict[int, str]) -> int:
    """Record an event for each pair whose verdict came, went or changed; return how many did."""
    changed = sorted(pair for pair in before.keys() | after.keys() if before.get(pair) != after.get(pair))
    if not changed:
        return 0
    rows = session.execute(select(Task.pair_id, Task.id).where(Task.pair_id.in_(changed)))
    tasks = {pair: task for pair, task in rows}  # noqa: C416
    moment = clock_now(session)
    told = {pair: {"pair": pair, "from": before.get(pair), "to": after.get(pair)} for pair in changed}
    record_all(
        session, [event(CHANGED, moment, tasks.get(pair)) | {"details": told[pair]} for pair in changed]
    )
    return len(changed)
