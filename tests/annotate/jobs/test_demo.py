"""Kill the demo and let it go on; its ledger is that of a demo left alone."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotate.jobs.context import Context
from annotate.jobs.demo import DEMO_STAGES, run_demo
from annotate.jobs.progress import Silent
from annotate.settings import SETTINGS_FILE

from .conftest import SMALL_DEMO

pytestmark = [pytest.mark.models, pytest.mark.timeout(900)]
ROOT = Path(__file__).parents[3]


def start(workspace: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "annotate.cli", "demo", "-w", str(workspace), "--no-ui", *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask(workspace: Path, query: str) -> list[tuple[Any, ...]]:
    file = workspace / "pairloop.db"
    if not file.exists():
        return []
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10) as connection:
        try:
            return connection.execute(query).fetchall()
        except sqlite3.OperationalError:  # the tables are not there yet
            return []


def stages(workspace: Path) -> set[str]:
    return {row[0].removeprefix("demo/") for row in ask(workspace, "select key from stages")}


def kill_when(workspace: Path, reached: Callable[[], bool]) -> None:
    child = start(workspace)
    try:
        while not reached():
            assert child.poll() is None, "the demo ended before it could be killed"
            time.sleep(0.05)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()


LEDGER = """
select q.key, f.text, s.text, r.name, j.verdict, a.swapped
from judgements j
join assignments a on a.id = j.assignment_id join assessors r on r.id = a.assessor_id
join tasks t on t.id = a.task_id join pairs p on p.id = t.pair_id
join questions q on q.id = p.question_id
join answers f on f.id = p.first_id join answers s on s.id = p.second_id
order by q.key, r.name
"""
PAIRS = """
select q.key, f.text, s.text from pairs p join questions q on q.id = p.question_id
join answers f on f.id = p.first_id join answers s on s.id = p.second_id order by q.key
"""


def judging(workspace: Path) -> bool:
    """Tell whether the first judgements are there and others are still to come."""
    return len(ask(workspace, "select id from judgements")) > 2 and "label-cold" not in stages(workspace)


def label_all(workspace: Path) -> None:
    """Run the demo in this process up to its last judgement."""
    context = Context.open(workspace)
    for stage in run_demo(context, Silent()):
        if stage.name == "label-uncertain":
            break
    context.store.engine.dispose()


@pytest.mark.slow
def test_killed_while_it_judges_it_goes_on_without_a_judgement_lost_or_doubled(workspace: Path) -> None:
    kill_when(workspace, lambda: judging(workspace))
    before = ask(workspace, LEDGER)
    label_all(workspace)
    after = ask(workspace, LEDGER)
    assert set(before) <= set(after)
    assert len(after) == len({(question, assessor) for question, _, _, assessor, *_ in after}) == 14


@pytest.mark.slow
def test_killed_three_times_it_ends_like_one_left_alone(workspace: Path, tmp_path: Path) -> None:
    def in_pairs() -> bool:
        return "questions" in stages(workspace)

    def in_policy() -> bool:
        return bool(ask(workspace, "select id from runs where kind = 'dpo' and state = 'running'"))

    for reached in (in_pairs, lambda: judging(workspace), in_policy):
        kill_when(workspace, reached)
        assert set(DEMO_STAGES) - stages(workspace)
    kept = ask(workspace, LEDGER)

    file = tmp_path / "report.json"
    assert start(workspace, "--json", str(file)).wait() == 0
    report = json.loads(file.read_text("utf-8"))
    assert ask(workspace, LEDGER) == kept
    assert len(ask(workspace, "select id from runs where kind = 'dpo'")) == 1
    check_report(report)

    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / SETTINGS_FILE).write_text(SMALL_DEMO, "utf-8")
    label_all(alone)
    assert ask(workspace, PAIRS) == ask(alone, PAIRS)
    assert ask(workspace, LEDGER) == ask(alone, LEDGER)


def check_report(report: dict[str, Any]) -> None:
    """Check that every number of the report is there and fits the others."""
    assert report["questions"] == 8
    assert report["pairs"] <= report["questions"]
    assert report["selected"] == 7
    assert report["judgements"] == {"heuristic": 7, "llm-judge": 7}
    assert report["preferences"] == 7
    assert sum(report["verdicts"].values()) == 7
    for reward in (report["reward"], report["reward"]["head"]):
        assert reward["train"] > 0
        assert 0 <= reward["accuracy"] <= 1
    assert report["dpo"]["first_loss"] == pytest.approx(0.6931, abs=1e-3)
    assert report["dpo"]["steps"] == 2
    assert 0 <= report["win_rate"]["value"] <= 1
    assert report["win_rate"]["n"] == 3
    assert report["promoted"] is False  # three questions never promote
    assert set(report["seconds"]) == set(DEMO_STAGES)
