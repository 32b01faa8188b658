from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotate.bridges.label_studio.links import linked_ids
from annotate.bridges.label_studio.push import link_orphans
from annotate.bridges.label_studio.tasks import task_data
from annotate.labelling.controls.gold import Known, add_control
from annotate.labelling.views import view_pair
from annotate.store import Assignment, LinkedAnnotation, LinkedTask, Pair, Preference, Task

pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).parents[4]


def believe(ledger: Any, pair: int, verdict: str, confidence: float) -> None:
    """Let the ledger hold an opinion of a pair."""
    with ledger.store.writing.begin() as session:
        posterior = {"first": confidence, "second": 1 - confidence}
        session.add(
            Preference(
                pair_id=pair, verdict=verdict, posterior=posterior, margin=0.1, votes=[], people=0, machines=1
            )
        )


def test_predictions_carry_confidence_and_cluster(
    sqlite_ledger: Any, make_bridge: Callable, remote: Any
) -> None:
    first, second, _third = sqlite_ledger.tasks(3)
    believe(sqlite_ledger, first, "A_better", 0.75)
    believe(sqlite_ledger, second, "A_better", 0.9)
    with sqlite_ledger.store.writing.begin() as session:
        session.query(Task).filter_by(pair_id=first).update({"cluster": 7})
    bridge = make_bridge(sqlite_ledger)
    report = bridge.push()
    assert (report.pushed, report.predictions) == (3, 2)
    rows = {row["data"]["pair_id"]: row for row in remote.tasks(bridge.project)}
    found = {pair: row["predictions"] for pair, row in rows.items()}
    assert [(one["score"], one["cluster"]) for pair in (first, second) for one in found[pair]] == [
        (0.75, 7), (0.9, None)
    ]  # fmt: skip
    turned = "second" in rows[first]["data"]["answer_a"]
    assert found[first][0]["result"][0]["value"]["choices"] == ["B_better" if turned else "A_better"]
    project = remote.call("GET", f"/api/projects/{bridge.project}/")
    assert project["model_version"] == found[first][0]["model_version"] == "pairloop-1"
    assert (project["sampling"], project["maximum_annotations"]) == ("Uncertainty sampling", 2)
    assert "Compare." in project["expert_instruction"]
    again = bridge.push()
    assert (again.pushed, again.predictions) == (0, 0)


def test_known_verdicts_go_and_come_as_ground_truth(
    sqlite_ledger: Any, make_bridge: Callable, remote: Any
) -> None:
    [work] = sqlite_ledger.tasks(1)
    gold = sqlite_ledger.pair()
    add_control(sqlite_ledger.store, gold, Known(("A_better", "A_much_better"), "it says so"))
    bridge = make_bridge(sqlite_ledger)
    report = bridge.push()
    assert (report.pushed, report.ground_truths) == (2, 1)
    rows = {row["data"]["pair_id"]: row for row in remote.tasks(bridge.project)}
    [truth] = rows[gold]["annotations"]
    turned = "second" in rows[gold]["data"]["answer_a"]
    assert truth["ground_truth"] is True
    assert truth["result"][0]["value"]["choices"] == ["B_better" if turned else "A_better"]
    remote.judge(rows[gold]["id"], "tie")
    remote.judge(rows[work]["id"], "both_bad", "lead@example.org", ground_truth=True)
    pulled = bridge.pull()
    assert (pulled.recorded, pulled.known, pulled.refused) == (1, 1, [])
    with sqlite_ledger.store.reading() as session:
        tasks = {task.pair_id: task for task in session.query(Task)}
        assert tasks[work].pool == "gold"
        assert tasks[work].known["verdicts"] == ["both_bad"]
        assert tasks[gold].known["verdicts"] == ["A_better", "A_much_better"]
        assert Counter(row.state for row in session.query(Assignment)) == {"released": 2, "submitted": 1}
    overlaps = {row["data"]["pair_id"]: row["overlap"] for row in remote.tasks(bridge.project)}
    assert min(overlaps.values()) > 1000  # a gold task is for everybody


def test_only_free_places_are_given_to_the_server(
    sqlite_ledger: Any, make_bridge: Callable, remote: Any
) -> None:
    pairs = sqlite_ledger.tasks(2, overlap=2)
    sqlite_ledger.judge(sqlite_ledger.person("carl"), "tie")
    bridge = make_bridge(sqlite_ledger)
    bridge.push()
    overlaps = {row["data"]["pair_id"]: row["overlap"] for row in remote.tasks(bridge.project)}
    assert sorted(overlaps[pair] for pair in pairs) == [1, 2]


def test_an_import_that_was_cut_off_is_found_again(
    sqlite_ledger: Any, make_bridge: Callable, client: Any, remote: Any
) -> None:
    pairs = sqlite_ledger.tasks(3)
    bridge = make_bridge(sqlite_ledger)
    with sqlite_ledger.store.reading() as session:
        data = [
            task_data(view_pair(session.get_one(Pair, pair), swapped=pair == pairs[0])) for pair in pairs[:2]
        ]
    foreign = {**data[0], "answer_a": "<p>another text</p>"}
    client.import_tasks(bridge.project, [{"data": row} for row in (*data, data[0], foreign)])
    report = bridge.push()
    assert (report.found_again, report.pushed) == (2, 1)
    assert len(remote.tasks(bridge.project)) == 4  # the double is gone, the foreign one stays
    with sqlite_ledger.store.reading() as session:
        rows = session.query(LinkedTask, Task).join(Task, Task.id == LinkedTask.task_id).all()
        assert {task.pair_id: linked.swapped for linked, task in rows}[pairs[0]] is True
    assert link_orphans(sqlite_ledger.store, client, bridge.link) == {}


CHILD = """
import sys
from annotate.bridges.label_studio.client import LabelStudioClient
from annotate.bridges.label_studio.links import find_link
from annotate.bridges.label_studio import pull, push
from annotate.store import open_store

what, database, url, token, project = sys.argv[1:]
push.BATCH = pull.PAGE = 5
store, client = open_store(database), LabelStudioClient(url, token)
link = find_link(store, url, int(project))
tell = lambda done, total: print("batch", flush=True)
print("ready", flush=True)
if what == "push":
    push.push(store, client, link, progress=tell)
else:
    pull.Reconciliation.of(store, client, link).run(progress=tell)
print("done", flush=True)
"""


def kill_until_done(what: str, bridge: Any, token: str) -> int:
    """Run a push or pull in a process, kill it soon after its n-th batch, then let one finish."""
    database = bridge.store.engine.url.render_as_string(hide_password=False)
    arguments = [what, database, bridge.client.base_url, token, str(bridge.project)]
    kills = 0
    for batches, wait in ((0, 0.1), (1, 0.02), (1, 0.0), (None, 0.0)):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(CHILD), *arguments],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        if batches is None:
            assert process.stdout.read().endswith("done\n")
        else:
            told = [process.stdout.readline() for _ in range(batches)]
            time.sleep(wait)
            kills += told == ["batch\n"] * batches and process.poll() is None
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    return kills


@pytest.mark.slow
def test_a_killed_push_and_pull_lose_nothing_and_double_nothing(
    sqlite_ledger: Any, make_bridge: Callable, remote: Any, server: Any
) -> None:
    pairs = sqlite_ledger.tasks(25, overlap=2)
    bridge = make_bridge(sqlite_ledger)
    assert kill_until_done("push", bridge, server.legacy_token) >= 2
    rows = remote.tasks(bridge.project)
    assert Counter(row["data"]["pair_id"] for row in rows) == Counter(pairs)
    assert set(linked_ids(bridge.store, bridge.link)) == {row["id"] for row in rows}
    for row in rows:
        remote.judge(row["id"], "tie" if row["id"] % 2 else "both_bad")
    assert kill_until_done("pull", bridge, server.legacy_token) >= 2
    judged = Counter(judgement.verdict for judgement in bridge.judgements())
    assert judged == Counter("tie" if row["id"] % 2 else "both_bad" for row in rows)
    with bridge.store.reading() as session:
        assert session.query(LinkedAnnotation).count() == 25
        assert {task.people_places for task in session.query(Task)} == {2}
