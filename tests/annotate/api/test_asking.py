"""Ask with the real small model over a few documents."""

from __future__ import annotations

import json
from threading import BoundedSemaphore

import pytest
from starlette.testclient import TestClient

from annotate.access.accounts import create_account
from annotate.access.permissions import ROLES
from annotate.access.tokens import issue_token
from annotate.api.app import make_api
from annotate.jobs.context import Context
from annotate.jobs.ingest import build_indexes, ingest_path
from annotate.labelling import CampaignRules
from annotate.labelling.campaigns import open_campaign, set_campaign_state
from annotate.reports.listing import read_pair
from annotate.store import Feedback

pytestmark = pytest.mark.models
QUESTION = "When does the library open on weekdays?"
CONTENDERS = """
[[contenders]]
name = "plain"
max_new_tokens = 24
passages = 1
[[contenders]]
name = "free"
style = "brief"
temperature = 0.9
max_new_tokens = 24
passages = 1
[[contenders]]
name = "late"
opening = true
max_new_tokens = 24
passages = 1
"""
LINES, EVENTS = "application/x-ndjson", "text/event-stream"


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    folder = tmp_path_factory.mktemp("asking")
    (folder / "pairloop.toml").write_text(CONTENDERS, "utf-8")
    documents = folder / "documents"
    documents.mkdir()
    text = "# Library\n\nThe library opens at nine on weekdays. It is closed on Sundays.\n"
    (documents / "library.md").write_text(text, "utf-8")
    opened = Context.open(folder)
    ingest_path(opened, documents, "town")
    build_indexes(opened)
    yield opened
    opened.store.engine.dispose()


@pytest.fixture(scope="module")
def client(context):
    account = create_account(context.store, "ada", "engineer")
    _, token = issue_token(context.store, account.id, "test", ROLES["engineer"])
    return TestClient(make_api(context), headers={"Authorization": f"Bearer {token}"})


def test_the_answer_is_streamed_then_recorded_with_its_sources_and_rated(client, context):
    with client.stream("POST", "/ask", json={"question": QUESTION}, headers={"Accept": LINES}) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, LINES)
        events = [json.loads(line) for line in answer.iter_lines()]
    assert {event["type"] for event in events[:-1]} == {"piece"}
    record = events[-1]["record"]
    [given] = record["answers"]
    assert given["text"]
    assert given["sources"][0]["document"].endswith("library.md")
    assert "nine on weekdays" in given["sources"][0]["text"]
    assert (given["contender"], given["champion"], given["decision"]["action"]) == ("plain", "", "answer")
    assert given["contender_fingerprint"]
    assert given["model_fingerprint"]
    again = client.post("/ask", json={"question": QUESTION}).json()
    assert again["id"] != record["id"]
    assert again["answers"] == record["answers"]  # the same contender over the same index
    url = f"/answers/{record['id']}"
    assert client.get(url).json() == record
    thumb = {"kind": "thumb", "key": "thumb-0001", "answer": given["id"], "up": False}
    receipt = client.post(f"{url}/feedback", json=thumb)
    assert (receipt.status_code, receipt.json()["judgement_id"]) == (201, None)  # it compares nothing
    with context.store.reading() as session:
        assert session.query(Feedback).one().answer_id == given["id"]


def test_two_contenders_answer_and_their_pair_is_in_the_ledger(client, context):
    body = {"question": "Is the library open on Sundays?", "pair": True}
    with client.stream("POST", "/ask", json=body, headers={"Accept": EVENTS}) as answer:
        text = "".join(answer.iter_text())
    frames = [frame.split("\n") for frame in text.strip().split("\n\n")]
    assert all(frame[0].startswith("event: ") and frame[1].startswith("data: ") for frame in frames)
    events = [json.loads(frame[1].removeprefix("data: ")) for frame in frames]
    assert {event["place"] for event in events[:-1]} == {0, 1}
    record = events[-1]["record"]
    assert {answer["contender"] for answer in record["answers"]} == {"plain", "free"}
    if record["pair_id"] is not None:  # None where both say the same
        pair = read_pair(context.store, record["pair_id"])
        assert (pair.first.contender, pair.second.contender) == ("plain", "free")
        choice = {"kind": "choice", "key": "choice-0001", "answer": pair.second.id}
        receipt = client.post(f"/answers/{record['id']}/feedback", json=choice).json()
        assert (receipt["verdict"], receipt["pair_id"]) == ("B_better", record["pair_id"])


def test_a_campaign_brings_another_contender_into_the_pair(client, context):
    open_campaign(context.store, "newcomer", CampaignRules(contender_shares={"late": 0.5}))
    try:
        asked = client.post("/ask", json={"question": "On which day is the library closed?", "pair": True})
        one, other = (answer["contender"] for answer in asked.json()["answers"])
        assert (one == "late") != (other == "late")
    finally:
        set_campaign_state(context.store, "newcomer", "closed")


def test_who_comes_when_all_slots_are_taken_is_asked_to_come_again(context, client):
    before, client.app.state.asking = client.app.state.asking, BoundedSemaphore(1)
    try:
        assert client.app.state.asking.acquire(blocking=False)
        for accept in (LINES, EVENTS, "application/json"):
            refused = client.post("/ask", json={"question": QUESTION}, headers={"Accept": accept})
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        client.app.state.asking.release()
        for _ in range(2):  # the slot is given back each time
            assert client.post("/ask", json={"question": QUESTION}).status_code == 200
    finally:
        client.app.state.asking = before


def test_an_empty_question_is_refused(client):
    assert client.post("/ask", json={"question": "  "}).status_code == 422
