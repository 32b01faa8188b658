"""Webhooks and reconciliations at the same time, from a real server: every annotation counts once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import delete, select

from annotate.bridges.label_studio.tasks import verdict_result
from annotate.bridges.label_studio.webhook import SECRET_HEADER, Receiver
from annotate.store import Assessor, Assignment, Judgement, LinkedAnnotation, Task
from annotate.store.ledger import SUBMITTED

pytestmark = pytest.mark.timeout(300)
SECRET = "s3cret"
PEOPLE = ("anna@example.org", "bob@example.org")
TASKS = 3


@pytest.fixture
def bridge(ledger: Any, make_bridge: Callable) -> Any:
    ledger.tasks(TASKS, overlap=2)
    made = make_bridge(ledger)
    made.push()
    return made


def event(bridge: Any, remote: Any, annotation: int, action: str) -> bytes:
    """Write the event that the server would send of an annotation as it is now."""
    row = remote.call("GET", f"/api/annotations/{annotation}/")
    told = {"action": action, "project": {"id": bridge.project}, "annotation": row}
    return json.dumps(told).encode()


def send(receiver: Receiver, body: bytes) -> int:
    return receiver.receive({SECRET_HEADER.lower(): SECRET}, body)[0]


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    """Let all steps begin at the same moment, each in a thread."""
    gate = Barrier(len(steps))

    def go(step: Callable[[], Any]) -> Any:
        gate.wait()
        return step()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(go, steps))


def counting(bridge: Any) -> list[tuple[int, str, str]]:
    """Return (task, person, verdict) of what counts, in the order of display where it has one."""
    with bridge.store.reading() as session:
        rows = session.execute(
            select(Assignment.task_id, Assessor.name, Judgement.verdict, Judgement.revision)
            .join(Assignment, Assignment.id == Judgement.assignment_id)
            .join(Assessor, Assessor.id == Assignment.assessor_id)
            .where(Assignment.state == SUBMITTED)
            .order_by(Judgement.revision)
        ).all()
    return sorted({(row.task_id, row.name): (row.task_id, row.name, row.verdict) for row in rows}.values())


def test_what_webhook_and_pull_bring_at_once_is_recorded_once(bridge: Any, client: Any, remote: Any) -> None:
    receiver = Receiver(bridge.store, client, SECRET)
    made = [remote.judge(row["id"], "tie", who) for row in remote.tasks(bridge.project) for who in PEOPLE]
    events = [event(bridge, remote, number, "ANNOTATION_CREATED") for number in made]
    answers = at_once(
        lambda: [send(receiver, body) for body in events],
        lambda: [send(receiver, body) for body in reversed(events)],
        lambda: bridge.pull(full=True).refused,
    )
    assert answers == [[200] * len(made), [200] * len(made), []]
    assert Counter(verdict for _, _, verdict in counting(bridge)) == {"tie": len(made)}
    assert len(bridge.judgements()) == len(made)
    with bridge.store.reading() as session:
        assert len(session.scalars(select(LinkedAnnotation.id)).all()) == len(made)
        assert session.scalars(select(Task.people_places)).all() == [2] * TASKS


def test_late_events_beside_a_pull_never_bring_an_earlier_verdict_back(
    bridge: Any, client: Any, remote: Any
) -> None:
    receiver = Receiver(bridge.store, client, SECRET)
    made = [remote.judge(row["id"], "tie") for row in remote.tasks(bridge.project)]
    early = [event(bridge, remote, number, "ANNOTATION_CREATED") for number in made]
    for number in made:
        remote.change(number, result=verdict_result("both_bad"))
    late = [event(bridge, remote, number, "ANNOTATION_UPDATED") for number in made]
    at_once(
        lambda: [send(receiver, body) for body in early],
        lambda: [send(receiver, body) for body in late],
        lambda: bridge.pull(full=True),
    )
    assert [verdict for _, _, verdict in counting(bridge)] == ["both_bad"] * len(made)
    assert len(bridge.judgements()) <= 2 * len(made)


def test_a_late_event_after_a_kill_before_the_state_was_remembered_changes_nothing(
    bridge: Any, client: Any, remote: Any
) -> None:
    receiver = Receiver(bridge.store, client, SECRET)
    number = remote.judge(remote.tasks(bridge.project)[0]["id"], "tie")
    early = event(bridge, remote, number, "ANNOTATION_CREATED")
    remote.change(number, result=verdict_result("both_bad"))
    assert send(receiver, event(bridge, remote, number, "ANNOTATION_UPDATED")) == 200
    with bridge.store.writing.begin() as session:
        session.execute(delete(LinkedAnnotation))
    assert send(receiver, early) == 200
    assert [verdict for _, _, verdict in counting(bridge)] == ["both_bad"]
    assert len(bridge.judgements()) == 1
