from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from annotate.bridges.label_studio.client import TOKEN_VARIABLE
from annotate.bridges.label_studio.webhook import PATH, SECRET_VARIABLE
from annotate.cli.label_studio import app
from annotate.errors import BridgeError
from annotate.store import Store, open_store

pytestmark = pytest.mark.timeout(300)


@dataclass
class Commands:
    folder: Path
    runner: CliRunner

    def __call__(self, *arguments: str) -> str:
        done = self.runner.invoke(app, [*arguments, "--workspace", str(self.folder)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return str(done.stdout)


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "pairloop.toml").write_text("", "utf-8")
    store = open_store(f"sqlite:///{tmp_path / 'pairloop.db'}")
    yield store
    store.engine.dispose()


@pytest.fixture
def commands(tmp_path: Path, server: Any, monkeypatch: pytest.MonkeyPatch) -> Commands:
    monkeypatch.setenv(TOKEN_VARIABLE, server.personal_token)
    monkeypatch.setenv(SECRET_VARIABLE, "secret")
    return Commands(tmp_path, CliRunner())


def test_a_campaign_goes_there_and_comes_back(
    sqlite_ledger: Any, commands: Commands, server: Any, remote: Any
) -> None:
    sqlite_ledger.tasks(2)
    said = commands(
        "create", "--url", server.base_url, "--title", "Pairs", "--person", "anna@example.org=anna"
    )
    assert "is linked to the campaign default" in said
    assert "2 tasks pushed" in commands("push")
    [project] = {row["project"] for row in json.loads(commands("status", "--json"))}
    remote.judge(remote.tasks(project)[0]["id"], "tie")
    assert json.loads(commands("pull", "--json"))["recorded"] == 1
    assert "0 judgements recorded" in commands("pull", "--full")
    [status] = json.loads(commands("status", "--json"))
    assert (status["tasks"], status["judgements"], status["held_places"]) == (2, 1, 3)
    assert (status["remote_tasks"], status["remote_annotations"]) == (2, 1)
    assert json.loads(commands("status", "--local", "--json"))[0]["remote_tasks"] is None
    assert "held" in commands("status", "--local")
    assert "sends the events" in commands("connect", "http://127.0.0.1:9")
    [hook] = remote.call("GET", "/api/webhooks/", params={"project": project})
    assert hook["url"] == f"http://127.0.0.1:9{PATH}"
    assert "0 tasks pushed" in commands("push", "--predictions")
    with sqlite_ledger.store.reading() as session:
        names = (
            session.connection().exec_driver_sql("select name from assessors where state = 'active'").all()
        )
    assert [name for (name,) in names] == ["anna"]


def test_what_is_missing_is_told(
    sqlite_ledger: Any, commands: Commands, monkeypatch: pytest.MonkeyPatch, server: Any
) -> None:
    with pytest.raises(BridgeError, match="no project is linked"):
        commands("push")
    with pytest.raises(BridgeError, match="EMAIL=NAME"):
        commands("create", "--url", server.base_url, "--person", "anna")
    monkeypatch.delenv(TOKEN_VARIABLE)
    with pytest.raises(BridgeError, match=TOKEN_VARIABLE):
        commands("adopt", "1", "--url", server.base_url)


def test_two_projects_must_be_told_apart(
    sqlite_ledger: Any, commands: Commands, make_bridge: Callable, server: Any
) -> None:
    first, second = make_bridge(sqlite_ledger), make_bridge(sqlite_ledger)
    with pytest.raises(BridgeError, match=f"project {first.project}, .* project {second.project}"):
        commands("pull")
    assert "0 judgements" in commands("pull", "--project", str(second.project))
