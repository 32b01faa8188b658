"""`pairloop label` as a person types it: machines by name, the plan before the spending."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotate.jobs.context import Context
from annotate.labelling import ChosenPair, create_tasks
from tests.annotate.cli.conftest import pairloop
from tests.annotate.cli.test_cli import refused
from tests.annotate.conftest import Ledger
from tests.annotate.jobs.test_label import JUDGE
from tests.annotate.jobs.test_route import judge_of, make_pairs
from tests.annotate.labelers.conftest import JudgeServer
from tests.annotate.labelling.machines.audits import judge_pairs

AUDITED, WAITING = 60, 4


@pytest.fixture(scope="module")
def server() -> Iterator[JudgeServer]:
    made = JudgeServer(judge_of(set()))
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def workspace(tmp_path: Path, server: JudgeServer) -> Path:
    folder = tmp_path / "ws"
    folder.mkdir()
    (folder / "pairloop.toml").write_text(JUDGE.format(url=server.url), "utf-8")
    context = Context.open(folder)
    pairs = make_pairs(context, AUDITED + WAITING)
    create_tasks(context.store, [ChosenPair(p, audit=p in pairs[:AUDITED]) for p in pairs], overlap=2)
    people = dict.fromkeys(pairs[:AUDITED], "A_better")
    judge_pairs(Ledger(context.store, context.guideline), "anna", "person", people)
    context.store.engine.dispose()
    return folder


def test_the_plan_comes_first_and_yes_spends(workspace: Path, server: JudgeServer) -> None:
    label = ("label", "--assessor", "llm-judge", "--route", "--accuracy", 0.8, "-w", workspace)
    plan = pairloop(*label)
    assert plan.returncode == 0, plan.stderr
    assert f"llm-judge has {AUDITED} audited pairs to judge" in plan.stdout
    assert "add --yes" in plan.stdout
    assert server.asked == []
    done = json.loads(pairloop(*label, "--yes", "--json").stdout)["done"]
    assert done["closed_to_people"] == WAITING
    assert len(server.asked) == 2 * (AUDITED + WAITING)
    after = pairloop(*label)
    assert "Where machines may label" in after.stdout
    assert "Of 0 waiting pairs" in after.stdout


def test_caps_stop_cleanly_and_are_told(workspace: Path) -> None:
    said = pairloop("label", "--by", "llm-judge", "--max-calls", 5, "-w", workspace)
    assert said.returncode == 0, said.stderr
    assert "2 pairs judged" in said.stdout
    assert "5 calls" in said.stdout
    assert "stopped early: the budget of 5 calls is spent" in said.stdout
    told = json.loads(
        pairloop("label", "--by", "panel", "--max-cost", 0.02, "--json", "-w", workspace).stdout
    )
    assert [row["assessor"] for row in told["labelers"]] == ["llm-judge", "llm-judge:naive"]
    assert 0 < sum(row["cost"] for row in told["labelers"]) <= 0.02
    assert "cost is spent" in told["labelers"][1]["stopped"]


def test_an_unknown_machine_is_one_line(workspace: Path) -> None:
    refused(pairloop("label", "--by", "oracle", "-w", workspace), "no machine assessor named oracle")
