"""Ask one more person about tasks that had all the people they wanted."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from annotate.labelling.ledger.history import record
from annotate.labelling.ledger.places import MAIN, PERSON, lock_places, settle
from annotate.store import Store, Task, now


def open_again(store: Store, task_ids: Collection[int], most: int) -> int:
    """Want one person more at each of these tasks that is closed, up to `most` people; return how many.

    A task that is open, or was opened meanwhile, stays as it is.
    """
    with store.writing.begin() as session:
        moment = now()
        known = session.scalars(select(Task.id).where(Task.id.in_(list(task_ids)), Task.pool == MAIN)).all()
        opened = 0
        for task_id, places in lock_places(session, known).items():
            if places.open_to_people or not 0 < places.people < most:
                continue
            places.overlap = places.people + 1
            settle(session, places, PERSON, 0, weigh=False)
            record(session, "asked_again", moment, task_id=task_id, overlap=places.overlap)
            opened += 1
        return opened
