from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from annotate.jobs.models import record_decision, register_model
from annotate.store import Run


@pytest.fixture
def run(site, tmp_path) -> int:
    folder = tmp_path / "run"
    folder.mkdir()
    lines = [{"step": step, "total": 3, "loss": 1.0 / (step + 1)} for step in range(3)]
    (folder / "progress.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "run.log").write_text("begun\nstep 1\nhalf a li")
    with site.context.store.writing.begin() as session:
        made = Run(
            kind="reward",
            recipe={"base": "/models/base"},
            folder=str(folder),
            state="finished",
            finished_at=datetime.now(UTC),
            result={"metrics": {"accuracy": {"value": 0.7}}},
        )
        session.add(made)
        session.flush()
        return made.id


def test_runs_are_listed_and_shown_without_the_folders_of_the_server(site, run, tmp_path):
    client = site.client("lead")
    [listed] = client.get("/runs").json()["items"]
    shown = client.get(f"/runs/{run}")
    assert shown.json() == listed
    assert listed["progress"]["step"] == 2
    assert str(tmp_path) not in shown.text


def test_progress_is_read_on_from_where_it_was_left(site, run):
    client = site.client("lead")
    first = client.get(f"/runs/{run}/progress").json()
    assert (first["log"], [line["step"] for line in first["steps"]]) == ("begun\nstep 1\n", [0, 1, 2])
    more = client.get(f"/runs/{run}/progress", params={"after": 1, "offset": first["offset"]}).json()
    assert (more["log"], [line["step"] for line in more["steps"]]) == ("", [2])
    assert more["offset"] == first["offset"]


def test_a_run_that_cannot_start_or_is_over_is_refused_with_the_reason(site, run):
    client = site.client("engineer")
    few = client.post("/runs", json={"kind": "reward"})
    assert (few.status_code, few.json()["type"]) == (409, "refused")
    assert client.post("/runs", json={"kind": "wishes"}).status_code == 409
    over = client.post(f"/runs/{run}/cancel")
    assert over.status_code == 409
    assert "finished" in over.json()["detail"]


def test_who_may_look_at_runs_may_not_start_or_promote(site, run):
    lead = site.client("lead")
    assert lead.post("/runs", json={"kind": "reward"}).status_code == 403
    assert lead.post(f"/runs/{run}/cancel").status_code == 403
    assert lead.post("/models/print-0001/promote", json={}).status_code == 403
    assert lead.post("/models/rollback", json={"role": "policy"}).status_code == 403


def test_a_model_is_promoted_and_rolled_back(site, tmp_path):
    store, client = site.context.store, site.client("engineer")
    for number in (1, 2):
        folder = tmp_path / f"model-{number}"
        folder.mkdir()
        (folder / "policy.gguf").write_bytes(b"x")
        model = register_model(store, "policy", folder, f"print-000{number}", run_id=None, metrics={})
        record_decision(store, model, promoted=number == 1, reason="the gate", evidence={})
    champion = "/models/champions/policy"
    assert client.get(champion).json()["fingerprint"] == "print-0001"
    promoted = client.post("/models/print-0002/promote", json={"reason": "reads better"})
    assert (promoted.status_code, promoted.json()["champion"]) == (200, True)
    assert str(tmp_path) not in promoted.text
    assert client.get(champion).json()["fingerprint"] == "print-0002"
    back = client.post("/models/rollback", json={"role": "policy"})
    assert back.json()["fingerprint"] == "print-0001"
    assert [one["champion"] for one in client.get("/models?role=policy").json()["items"]] == [False, True]
    assert client.get("/models?role=reward").json()["items"] == []
    assert client.post("/models/print-0009/promote", json={}).status_code == 404


def test_triggers_are_made_listed_started_and_stopped(site):
    client = site.client("engineer")
    wish = {"kind": "reward_head", "every_preferences": 50, "values": {"folds": 3}}
    made = client.put("/triggers/nightly", json=wish)
    assert (made.status_code, made.json()["active"], made.json()["new_preferences"]) == (200, True, 0)
    assert [one["name"] for one in client.get("/triggers").json()["items"]] == ["nightly"]
    refused = client.post("/triggers/nightly/start")
    assert (refused.status_code, "too few preferences" in refused.json()["detail"]) == (409, True)
    assert client.delete("/triggers/nightly").json()["active"] is False
    assert client.post("/triggers/weekly/start").status_code == 404
    assert client.put("/triggers/never", json={"kind": "reward_head"}).status_code == 409


def test_a_run_says_how_it_is_run_and_resources_that_are_not_there_are_refused(site, run):
    client = site.client("engineer")
    shown = client.get(f"/runs/{run}").json()
    assert (shown["priority"], shown["launcher"], shown["trigger"]) == (0, "local", "hand")
    much = client.post("/runs", json={"kind": "reward_head", "gpus": 8})
    assert (much.status_code, "asked for 1 CPU slots and 8 GPUs" in much.json()["detail"]) == (409, True)
    assert client.post("/runs", json={"kind": "reward_head", "launcher": "moon"}).status_code == 422
