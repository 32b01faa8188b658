"""A real Label Studio server, and people who annotate there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from annotate.bridges.label_studio.client import LabelStudioClient
from annotate.bridges.label_studio.links import Link, find_link
from annotate.bridges.label_studio.projects import ProjectWish, create_project
from annotate.bridges.label_studio.pull import PullReport, Reconciliation
from annotate.bridges.label_studio.push import PushReport, push
from annotate.bridges.label_studio.tasks import verdict_result
from annotate.labelling.campaigns import open_campaign
from annotate.store import Judgement, Store
from benchmarks.label_studio_server import LabelStudioServer, installed, start_label_studio

REQUIRED = "PAIRLOOP_REQUIRE_LABEL_STUDIO"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelStudioServer]:
    if not installed():
        message = "no Label Studio server; install it with python -m benchmarks.label_studio_server"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(message)
        pytest.skip(message)
    with start_label_studio(tmp_path_factory.mktemp("label-studio")) as running:
        yield running


@pytest.fixture
def client(server: LabelStudioServer) -> Iterator[LabelStudioClient]:
    with LabelStudioClient(server.base_url, server.legacy_token) as client:
        yield client


@dataclass
class Remote:
    """Do in Label Studio what people do there."""

    http: httpx.Client
    users: dict[str, int] = field(default_factory=dict)

    def call(self, method: str, address: str, **more: Any) -> Any:
        answer = self.http.request(method, address, **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def user(self, address: str) -> int:
        if address not in self.users:
            self.users = {user["email"]: int(user["id"]) for user in self.call("GET", "/api/users/")}
        if address not in self.users:
            body = {"email": address, "username": address.split("@")[0]}
            self.users[address] = int(self.call("POST", "/api/users/", json=body)["id"])
        return self.users[address]

    def tasks(self, project: int) -> list[dict[str, Any]]:
        found = self.call(
            "GET", "/api/tasks/", params={"project": project, "fields": "all", "page_size": 500}
        )
        return sorted(found["tasks"], key=lambda task: task["id"])

    def judge(self, task: int, verdict: str, who: str = "anna@example.org", **more: Any) -> int:
        body = {"result": verdict_result(verdict), "completed_by": self.user(who), "lead_time": 7.5} | more
        return int(self.call("POST", f"/api/tasks/{task}/annotations/", json=body)["id"])

    def change(self, annotation: int, **changes: Any) -> None:
        self.call("PATCH", f"/api/annotations/{annotation}/", json=changes)

    def delete(self, annotation: int) -> None:
        self.call("DELETE", f"/api/annotations/{annotation}/")


@pytest.fixture
def remote(server: LabelStudioServer) -> Iterator[Remote]:
    headers = {"Authorization": f"Token {server.legacy_token}"}
    with httpx.Client(base_url=server.base_url, headers=headers, timeout=60) as http:
        yield Remote(http)


@dataclass
class Bridge:
    """Push and pull one project."""

    store: Store
    client: LabelStudioClient
    project: int

    @property
    def link(self) -> Link:
        return find_link(self.store, self.client.base_url, self.project)

    def push(self, **more: Any) -> PushReport:
        return push(self.store, self.client, self.link, **more)

    def pull(self, **more: Any) -> PullReport:
        return Reconciliation.of(self.store, self.client, self.link).run(**more)

    def judgements(self) -> list[Judgement]:
        with self.store.reading() as session:
            return session.query(Judgement).order_by(Judgement.id).all()


@pytest.fixture
def make_bridge(client: LabelStudioClient) -> Callable[..., Bridge]:
    """Create a project for the default campaign of a ledger."""

    def make(ledger: Any, **wish: Any) -> Bridge:
        campaign = open_campaign(ledger.store, "default")
        link = create_project(ledger.store, client, campaign, ledger.guideline, ProjectWish(**wish))
        return Bridge(ledger.store, client, link.project)

    return make
