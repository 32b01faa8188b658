from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from annotate.bridges.label_studio.webhook import SECRET_HEADER
from annotate.jobs.webhooks.delivery import deliver_due
from annotate.jobs.webhooks.keys import signed
from annotate.store import AuditEntry, Campaign, LinkedProject

URL = "https://hooks.example.org/pairloop"
INCOMING = "/hooks/label-studio/webhook"


@pytest.fixture
def hook(site) -> int:
    answer = site.client("engineer").post("/webhooks", json={"url": URL, "events": ["run.finished"]})
    assert answer.status_code == 201, answer.text
    return answer.json()["webhook"]["id"]


def test_a_webhook_is_added_changed_and_forgotten_and_all_of_it_is_logged(site, hook):
    client = site.client("engineer")
    shown = client.get(f"/webhooks/{hook}").json()
    assert (shown["url"], shown["events"], shown["active"]) == (URL, ["run.finished"], True)
    changed = client.patch(f"/webhooks/{hook}", json={"active": False, "events": ["model.promoted"]}).json()
    assert (changed["active"], changed["events"]) == (False, ["model.promoted"])
    assert len(client.get("/webhooks").json()["items"]) == 1
    assert client.delete(f"/webhooks/{hook}").status_code == 204
    assert client.get(f"/webhooks/{hook}").status_code == 404
    with site.context.store.reading() as session:
        entries = list(session.query(AuditEntry).order_by(AuditEntry.id))
    assert entries[0].target == "hooks.example.org"  # the path may be a secret
    assert [entry.action for entry in entries] == [
        "webhook.add",
        "webhook.key",
        "webhook.change",
        "webhook.remove",
    ]


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"url": "http://hooks.example.org/x", "events": ["run.finished"]}, 409),
        ({"url": "https://user:secret@example.org/", "events": ["run.finished"]}, 409),
        ({"url": "https://[::1", "events": ["run.finished"]}, 409),
        ({"url": URL, "events": []}, 422),
        ({"url": URL, "events": ["tea.ready"]}, 422),
        ({"url": URL, "events": ["run.finished"], "key": "mine"}, 422),
    ],
)
def test_a_webhook_that_will_not_do_is_refused(site, wish, status):
    assert site.client("engineer").post("/webhooks", json=wish).status_code == status


@pytest.mark.parametrize("role", ["assessor", "lead"])
def test_only_those_with_the_right_see_webhooks_and_their_keys(site, hook, role):
    client = site.client(role)
    for path in ("/webhooks", f"/webhooks/{hook}", f"/webhooks/{hook}/key", f"/webhooks/{hook}/deliveries"):
        assert client.get(path).status_code == 403
    assert client.post("/webhooks", json={"url": URL, "events": ["run.finished"]}).status_code == 403


def test_a_ping_waits_is_given_to_the_receiver_and_can_be_sent_again(make_site):
    site = make_site()
    settings = site.context.workspace.folder / "pairloop.toml"
    settings.write_text(settings.read_text() + "[webhooks]\nallow_private = true\n")
    site.context.store.engine.dispose()
    context = type(site.context).open(site.context.workspace.folder)
    site.api.state.context = context
    seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((dict(self.headers), body))
            self.send_response(500 if len(seen) == 1 else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        client = site.client("engineer")
        url = f"http://127.0.0.1:{server.server_port}/hook"
        made = client.post("/webhooks", json={"url": url, "events": ["run.finished"]}).json()
        hook = made["webhook"]["id"]
        number = client.post(f"/webhooks/{hook}/ping").json()["delivery"]
        deliver_due(context)
        [row] = client.get(f"/webhooks/{hook}/deliveries").json()["items"]
        assert (row["state"], row["status"], row["attempts"], row["event"]) == ("waiting", 500, 1, "ping")
        assert client.post(f"/webhooks/{hook}/deliveries/{number}/retry").status_code == 202
        assert client.post(f"/webhooks/{hook}/deliveries/999/retry").status_code == 409
        deliver_due(context)
        assert client.get(f"/webhooks/{hook}").json()["delivered"] == 1
        assert client.get(f"/webhooks/{hook}/deliveries?state=waiting").json()["items"] == []
        server.shutdown()
    headers, body = seen[-1]
    key = client.get(f"/webhooks/{hook}/key").json()["key"]
    assert key == made["key"]
    expected = signed(key, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
    assert headers["webhook-signature"] == expected["webhook-signature"]
    context.store.engine.dispose()


@pytest.fixture
def linked(site, monkeypatch):
    """Link a project of a Label Studio that is never asked."""
    monkeypatch.setenv("PAIRLOOP_LABEL_STUDIO_SECRET", "s3cret")
    monkeypatch.setenv("PAIRLOOP_LABEL_STUDIO_TOKEN", "token")
    with site.context.store.writing.begin() as session:
        campaign = session.query(Campaign).first()
        session.add(
            LinkedProject(base_url="http://127.0.0.1:9", project=1, campaign_id=campaign.id, config_hash="")
        )
    return site.client("nobody")


def test_label_studio_proves_itself_by_its_secret(linked):
    event = {"action": "PROJECT_UPDATED", "project": {"id": 1}}
    assert linked.post(INCOMING, json=event).status_code == 401
    assert linked.post(INCOMING, json=event, headers={SECRET_HEADER: "guess"}).status_code == 401
    good = {SECRET_HEADER: "s3cret"}
    for _ in range(2):
        answer = linked.post(INCOMING, json=event, headers=good)
        assert (answer.status_code, answer.json()) == (200, {"outcome": "ignored"})
    for wrong in ([], {}, {"action": "ANNOTATION_CREATED", "project": {"id": 77}, "annotation": {}}):
        refused = linked.post(INCOMING, json=wrong, headers=good)
        assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")


def test_without_a_link_or_for_another_server_nothing_is_taken(site, linked):
    good = {SECRET_HEADER: "s3cret"}
    assert (
        linked.post(INCOMING, params={"server": "https://other.org"}, json={}, headers=good).status_code
        == 404
    )
    with site.context.store.writing.begin() as session:
        session.query(LinkedProject).delete()
    assert linked.post(INCOMING, json={}, headers=good).status_code == 404
