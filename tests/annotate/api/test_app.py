from __future__ import annotations

import pytest

from annotate.api.problems import PROBLEM_JSON


def is_problem(answer, status):
    assert answer.headers["content-type"] == PROBLEM_JSON
    assert answer.status_code == answer.json()["status"] == status, answer.text
    assert set(answer.json()) == {"type", "title", "status", "detail", "errors"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/pairs/999999", 404),
        ("GET", "/preferences/999999", 404),
        ("GET", "/runs/999999", 404),
        ("POST", "/runs/999999/cancel", 404),
        ("GET", "/models/0123456789", 404),
        ("GET", "/models/champions/policy", 404),
        ("GET", "/answers/0123456789", 404),
        ("GET", "/webhooks/999999", 404),
        ("DELETE", "/pairs", 405),
        ("GET", "/pairs/zero", 422),
        ("GET", "/pairs?limit=0", 422),
        ("GET", "/pairs?cursor=nonsense", 422),
        ("GET", "/pairs/99999999999999999999", 422),
    ],
)
def test_every_error_is_a_problem(site, method, path, status):
    is_problem(site.client().request(method, path), status)


def test_a_body_of_another_type_is_refused(site):
    answer = site.client().post("/ask", content="question=why", headers={"Content-Type": "text/plain"})
    is_problem(answer, 415)


def test_broken_json_is_refused_and_named(site):
    answer = site.client().post("/ask", content="{", headers={"Content-Type": "application/json"})
    is_problem(answer, 422)


def test_405_names_what_is_allowed(site):
    assert site.client().delete("/pairs").headers["allow"] == "GET"


def test_nobody_gets_401_and_a_narrow_role_403(site):
    is_problem(site.client("nobody").get("/pairs"), 401)
    is_problem(site.client("assessor").get("/pairs"), 403)
    assert site.client("lead").get("/pairs").status_code == 200


def test_every_answer_has_the_id_of_its_request(site):
    own = site.client().get("/pairs", headers={"X-Request-ID": "trace-0001"})
    assert own.headers["x-request-id"] == "trace-0001"
    hostile = site.client().get("/pairs", headers={"X-Request-ID": "a b\tc"})
    assert len(hostile.headers["x-request-id"]) == 32


def test_what_the_caller_has_already_is_not_sent_again(site):
    client = site.client()
    first = client.get("/pairs")
    same = client.get("/pairs", headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    other = client.get("/pairs?limit=1", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


def test_the_description_types_every_answer_and_every_error(site):
    found = site.client("nobody").get("/openapi.json").json()
    assert found["openapi"].startswith("3.1")
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            answers = operation["responses"]
            for status, answer in answers.items():
                if status.startswith("2") and status != "204":
                    assert all(kind["schema"] for kind in answer["content"].values()), (path, method)
                if status[0] in "45d":
                    assert set(answer["content"]) == {PROBLEM_JSON}, (path, method, status)
            assert path.startswith("/hooks") or operation["security"], path


def test_a_fault_of_ours_tells_its_number_and_nothing_else(site, caplog):
    @site.api.get("/broken")
    def broken() -> None:
        raise RuntimeError("a secret of the server")

    answer = site.client("nobody").get("/broken")
    is_problem(answer, 500)
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert "a secret of the server" in caplog.text
