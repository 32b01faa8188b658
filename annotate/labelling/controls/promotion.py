"""Turn real work into a gold task, once its verdict is known for certain."""

from __future__ import annotations

from dataclasses import asdict

from annotate.errors import LabellingError
from annotate.labelling.controls.gold import EVERYBODY, Known
from annotate.labelling.ledger.clock import clock_now
from annotate.labelling.ledger.history import record
from annotate.store import Store, Task


def make_gold(store: Store, task_id: int, verdict: str, why: str, made_by: str) -> None:
    """Make a task a gold task with this verdict, in the order of the stored pair; keep what was judged.

    On a gold task the verdict becomes the only accepted one. The judgements stay, and count as
    answers to a gold task from then on. Raises LabellingError for training and exam tasks.
    """
    with store.writing.begin() as session:
        task = session.get(Task, task_id, with_for_update=True)
        if task is None:
            raise LabellingError(f"no task {task_id}")
        if task.pool not in ("main", "gold"):
            raise LabellingError(f"task {task_id} belongs to the {task.pool}; its verdict is set there")
        before, pool = task.known.get("verdicts", []), task.pool
        known = Known((verdict,), why, made_by)
        task.known = asdict(known) | {"verdicts": [verdict]}
        task.pool, task.overlap, task.max_overlap = "gold", EVERYBODY, EVERYBODY
        task.open_to_people = task.open_to_machines = True
        moment = clock_now(session)
        record(
            session, "known", moment, task_id=task_id, before=before, after=[verdict], pool=pool, by=made_by
        )
