from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import select

from annotate.bridges.label_studio.client import LabelStudioClient
from annotate.bridges.label_studio.webhook import PATH, SECRET_HEADER, Receiver, connect_webhook, webhook_app
from annotate.errors import BridgeError
from annotate.store import Assignment, LinkedTask, Task

pytestmark = pytest.mark.timeout(300)
SECRET = "s3cret"


@pytest.fixture
def bridge(sqlite_ledger: Any, make_bridge: Callable) -> Any:
    sqlite_ledger.tasks(2, overlap=2)
    made = make_bridge(sqlite_ledger)
    made.push()
    return made


@pytest.fixture
def receiver(bridge: Any, client: Any) -> Receiver:
    return Receiver(bridge.store, client, SECRET)


@pytest.fixture
def alone(sqlite_store: Any) -> Receiver:
    """A receiver that never comes to ask its server."""
    return Receiver(sqlite_store, LabelStudioClient("http://127.0.0.1:9", "token"), SECRET)


def send(receiver: Receiver, event: Any, secret: str = SECRET) -> tuple[int, dict[str, Any]]:
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    return receiver.receive({SECRET_HEADER.lower(): secret}, body)


def saved(bridge: Any, remote: Any, annotation: int, action: str = "ANNOTATION_CREATED") -> dict[str, Any]:
    """Write the event that the server would send of an annotation as it is now."""
    row = remote.call("GET", f"/api/annotations/{annotation}/")
    return {
        "action": action,
        "project": {"id": bridge.project},
        "annotation": row,
        "task": {"id": row["task"]},
    }


def states(bridge: Any) -> list[str]:
    with bridge.store.reading() as session:
        return sorted(session.scalars(select(Assignment.state)))


@pytest.fixture
def listening(bridge: Any, client: Any) -> Iterator[str]:
    """Serve the application for the real server to reach; return its address."""
    config = uvicorn.Config(
        webhook_app(bridge.store, client, SECRET), host="127.0.0.1", port=0, log_level="error"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def test_the_server_tells_of_every_change(bridge: Any, client: Any, remote: Any, listening: str) -> None:
    number = connect_webhook(client, bridge.link, listening + PATH, SECRET)
    assert connect_webhook(client, bridge.link, listening + PATH, SECRET) == number
    first, second = remote.tasks(bridge.project)
    annotation = remote.judge(first["id"], "tie")
    assert [judgement.verdict for judgement in bridge.judgements()] == ["tie"]
    assert states(bridge) == ["released", "reserved", "reserved", "reserved", "submitted"]
    remote.judge(first["id"], "tie", "bob@example.org", was_cancelled=True)
    assert states(bridge).count("skipped") == 1
    remote.delete(annotation)
    assert "submitted" not in states(bridge)
    remote.call("DELETE", f"/api/tasks/{second['id']}/")
    with bridge.store.reading() as session:
        assert set(session.scalars(select(LinkedTask.remote_id))) == {first["id"]}
        assert sorted(session.scalars(select(Task.people_places))) == [0, 2]
    report = bridge.pull()
    assert (report.recorded, report.withdrawn, report.tasks_gone) == (0, 0, 0)


def test_a_replay_and_a_late_event_change_nothing(bridge: Any, remote: Any, receiver: Receiver) -> None:
    annotation = remote.judge(remote.tasks(bridge.project)[0]["id"], "tie")
    created = saved(bridge, remote, annotation)
    remote.change(annotation, lead_time=9.0)
    changed = saved(bridge, remote, annotation, "ANNOTATION_UPDATED")
    assert send(receiver, changed) == (200, {"outcome": ["recorded"]})
    for event in (created, changed, created):
        assert send(receiver, event) == (200, {"outcome": ["unchanged"]})
    deleted = {**created, "action": "ANNOTATIONS_DELETED", "annotations": [{"id": annotation}]}
    assert send(receiver, deleted) == (200, {"withdrawn": 1})
    assert send(receiver, changed) == (200, {"outcome": ["unchanged"]})
    assert "submitted" not in states(bridge)


def test_reconciliation_picks_up_what_webhooks_lost(bridge: Any, remote: Any, receiver: Receiver) -> None:
    first, second = remote.tasks(bridge.project)
    seen = remote.judge(first["id"], "tie")
    send(receiver, saved(bridge, remote, seen))
    remote.judge(second["id"], "both_bad")
    remote.change(seen, was_cancelled=True)
    report = bridge.pull()
    assert (report.recorded, report.skipped, report.refused) == (1, 1, [])


@pytest.mark.parametrize("secret", ["", "wrong", "s3cret ", "пароль"])
def test_without_the_secret_nothing_is_read(alone: Receiver, secret: str) -> None:
    assert send(alone, b"no json", secret) == (401, {"error": "wrong or missing secret"})


@pytest.mark.parametrize(
    "event",
    [
        b"", b"\xff\xfe", b"[1]", b"null", b"[" * 100_000, {}, {"action": "ANNOTATION_CREATED"},
        {"action": "ANNOTATION_CREATED", "project": {"id": "x"}},
        {"action": "ANNOTATION_CREATED", "project": {"id": 987_654}, "annotation": {}},
        {"action": "ANNOTATIONS_DELETED", "project": {"id": None}, "annotations": [{"id": 1}]},
    ],
)  # fmt: skip
def test_a_bad_event_is_answered_in_one_line(alone: Receiver, event: Any) -> None:
    status, answer = send(alone, event)
    assert status == 400
    assert "\n" not in answer["error"]


def test_bad_annotations_are_answered_too(bridge: Any, remote: Any, receiver: Receiver) -> None:
    good = saved(bridge, remote, remote.judge(remote.tasks(bridge.project)[0]["id"], "tie"))
    for change in (
        {"id": "x"}, {"updated_at": "yesterday"}, {"updated_at": None}, {"result": [{}]}, {"result": 7},
        {"result": []}, {"completed_by": 10**6}, {"task": None}, {"lead_time": "long"},
        {"updated_at": "2026-11-23T04:06:55"},
    ):  # fmt: skip
        status, answer = send(receiver, {**good, "annotation": {**good["annotation"], **change}})
        assert (status, "\n" in answer["error"]) == (400, False), change
    assert bridge.judgements() == []
    assert send(receiver, {**good, "annotation": {**good["annotation"], "task": 10**6}}) == (
        200, {"outcome": ["not ours"]}
    )  # fmt: skip
    assert send(receiver, {"action": "LABEL_LINK_CREATED"}) == (200, {"outcome": "ignored"})


def test_the_application_limits_what_it_reads(listening: str) -> None:
    headers = {SECRET_HEADER: SECRET}
    assert httpx.get(listening + PATH, headers=headers).status_code == 405
    assert httpx.post(listening + PATH, content=b"x" * (17 * 1024 * 1024), headers=headers).status_code == 413


def test_a_receiver_without_a_secret_is_refused(bridge: Any, client: Any) -> None:
    with pytest.raises(BridgeError, match="SECRET"):
        Receiver(bridge.store, client, " ")
    with pytest.raises(BridgeError, match="SECRET"):
        connect_webhook(client, bridge.link, "http://127.0.0.1:1/", "")
