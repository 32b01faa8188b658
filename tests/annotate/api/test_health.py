from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from annotate.access.permissions import Permission
from annotate.access.tokens import issue_token
from annotate.api.health import probes


def serve(site, address="127.0.0.1", **headers):
    routes = [*probes(site.context), Mount("/api/v1", site.api)]
    return TestClient(Starlette(routes=routes), client=(address, 50000), headers=headers)


def figures(client):
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_server_lives_and_is_ready_while_its_database_answers(site):
    client = serve(site)
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    site.context.store.engine.dispose()
    database = site.context.workspace.folder / "pairloop.db"
    database.rename(database.with_suffix(".away"))
    database.mkdir()
    assert client.get("/healthz").status_code == 200
    refused = client.get("/readyz")
    assert (refused.status_code, refused.json()["type"]) == (503, "no-database")
    database.rmdir()
    database.with_suffix(".away").rename(database)


def test_the_figures_count_requests_by_route_and_show_the_work(site):
    client = serve(site, Authorization=f"Bearer {site.tokens['admin']}")
    for number in (*site.pairs[:2], 999999):
        client.get(f"/api/v1/pairs/{number}")
    client.get("/api/v1/no/such/path")
    client.post("/api/v1/tasks/reserve", json={})
    found = figures(client)
    assert found["pairloop_http_requests_total", "/pairs/{pair}", "200", "GET"] == 2
    assert found["pairloop_http_requests_total", "/pairs/{pair}", "404", "GET"] == 1
    assert found["pairloop_http_requests_total", "404", "any", "unknown"] == 1
    assert found["pairloop_http_request_seconds_count", "/tasks/reserve", "POST"] == 1
    assert found["pairloop_open_tasks", "people"] == 3
    assert found["pairloop_runs", "running"] == 0
    assert found["pairloop_judgements_total",] == 0


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_the_figures_are_for_this_machine_and_not_for_others_through_a_proxy(site, header):
    assert serve(site).get("/metrics").status_code == 200
    assert serve(site, "203.0.113.7").get("/metrics").status_code == 401
    assert serve(site, **{header: "203.0.113.7"}).get("/metrics").status_code == 401


def test_elsewhere_the_figures_take_a_token_with_the_scope(site):
    def status(token):
        return serve(site, "203.0.113.7", Authorization=f"Bearer {token}").get("/metrics").status_code

    _, narrow = issue_token(site.context.store, site.accounts["admin"], "narrow", [Permission.LABEL])
    assert status(site.tokens["lead"]) == 200
    assert status(narrow) == 403
    assert status("pairloop_wrong") == 401
