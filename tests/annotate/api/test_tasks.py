from __future__ import annotations

from typing import Any

from annotate.reports.listing import list_judgements


def take(client: Any, **wish: Any) -> list[dict[str, Any]]:
    answer = client.post("/tasks/reserve", json=wish)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["tasks"])


def judgement(site: Any, key: str = "key-00001", **said: Any) -> dict[str, Any]:
    return {"key": key, "verdict": "A_better", "guideline": site.context.guideline.id} | said


def test_a_reserved_task_is_judged_once_however_often_it_is_sent(site):
    client = site.client("assessor")
    [task] = take(client)
    url = f"/tasks/{task['id']}/judgement"
    said = judgement(site, comment="clear", tags={"B": ["too_long"]}, seconds=3.5)
    first, again = client.post(url, json=said), client.post(url, json=said)
    assert (first.status_code, again.json()) == (201, first.json())
    [row] = list_judgements(site.context.store)
    assert (row.channel, row.assessor, row.comment) == ("api", "the assessor", "clear")
    shown_first = task["pair"]["a"]["text"].split()[-2] == "plain"
    assert row.verdict == ("A_better" if shown_first else "B_better")


def test_who_writes_an_answer_is_not_shown_to_who_judges_it(site):
    [task] = take(site.client("assessor"))
    assert set(task["pair"]["a"]) == {"text", "sentences", "passages", "refused"}


def test_tasks_on_loan_come_again_and_an_empty_shelf_says_why(site):
    client = site.client("assessor")
    first = take(client, count=3)
    assert [task["id"] for task in take(client, count=5)] == [task["id"] for task in first]
    for number, task in enumerate(first):
        client.post(f"/tasks/{task['id']}/judgement", json=judgement(site, f"key-0000{number}"))
    answer = client.post("/tasks/reserve", json={}).json()
    assert answer["tasks"] == []
    assert "waiting" in answer["waiting"]


def test_a_judgement_is_amended_unless_somebody_changed_it_since_and_undone(site):
    client = site.client("assessor")
    [task] = take(client)
    url = f"/tasks/{task['id']}/judgement"
    client.post(url, json=judgement(site))
    old = client.put(url, json=judgement(site, "key-00002", verdict="tie", version=1))
    assert (old.status_code, old.json()["type"]) == (409, "refused")
    assert client.put(url, json=judgement(site, "key-00003", verdict="tie", version=2)).status_code == 200
    assert client.delete(url).status_code == 200
    assert [row.counts for row in list_judgements(site.context.store)] == [False, False]


def test_tasks_are_skipped_flagged_renewed_and_given_back(site):
    client = site.client("assessor")
    one, two = take(client, count=2)
    assert client.post(f"/tasks/{one['id']}/flag", json={"reason": "odd"}).status_code == 204
    renewed = client.post(f"/tasks/{one['id']}/renew", json={"lease_seconds": 7200}).json()
    assert renewed["expires_at"] > one["expires_at"]
    assert client.post(f"/tasks/{one['id']}/skip", json={"reason": "too hard"}).status_code == 204
    assert client.post(f"/tasks/{two['id']}/release").status_code == 204
    lost = client.post(f"/tasks/{one['id']}/judgement", json=judgement(site))
    assert (lost.status_code, lost.json()["type"]) == (409, "lease-lost")


def test_nobody_touches_the_loan_of_another(site):
    [task] = take(site.client("assessor"))
    other = site.client("lead")
    for method, path, body in (
        ("POST", "judgement", judgement(site)),
        ("PUT", "judgement", judgement(site)),
        ("DELETE", "judgement", None),
        ("POST", "skip", {"reason": "no"}),
        ("POST", "flag", {"reason": "no"}),
        ("POST", "release", None),
        ("POST", "renew", {}),
    ):
        answer = other.request(method, f"/tasks/{task['id']}/{path}", json=body)
        assert (answer.status_code, answer.json()["type"]) == (409, "lease-lost"), path
    assert list_judgements(site.context.store) == []


def test_a_judgement_that_is_not_well_formed_is_refused_and_named(site):
    client = site.client("assessor")
    [task] = take(client)
    for wrong, place in (
        ({"verdict": "C_better"}, "body.verdict"),
        ({"key": "a b"}, "body.key"),
        ({"tag": {}}, "body.tag"),
        ({"seconds": -1}, "body.seconds"),
    ):
        answer = client.post(f"/tasks/{task['id']}/judgement", json=judgement(site, **wrong))
        assert answer.status_code == 422
        assert place in {fault["place"] for fault in answer.json()["errors"]}
    for wrong in ({"guideline": 999}, {"aspects": {"beauty": "A"}}, {"tags": {"A": ["ugly"]}}):
        answer = client.post(f"/tasks/{task['id']}/judgement", json=judgement(site, **wrong))
        assert (answer.status_code, answer.json()["type"]) == (422, "invalid")
