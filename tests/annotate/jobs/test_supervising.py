"""A server's supervisor: it starts what waits, adopts what lives, settles what died, and is alone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from annotate.errors import JobError
from annotate.jobs import supervisor
from annotate.jobs.context import Context
from annotate.jobs.launchers.local import process_lives, process_started
from annotate.jobs.run_options import RunOptions
from annotate.jobs.supervising import LOCK_FILE, Queue, supervise
from annotate.jobs.train import request_run
from annotate.reports import report_models, report_run
from annotate.store import Run
from training import RecipeError

from .test_snapshots import judge

pytestmark = pytest.mark.models


def until(holds: Callable[[], bool], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def state(context: Context, run_id: int) -> str:
    return report_run(context.store, run_id).state


def pid(context: Context, run_id: int) -> int:
    with context.store.reading() as session:
        return session.get_one(Run, run_id).pid or -1


@pytest.fixture
def judged(context: Context, pairs: list[int]) -> Context:
    judge(context, pairs, "A_better")
    return context


@pytest.mark.slow
def test_what_was_asked_for_is_frozen_trained_and_registered(judged: Context) -> None:
    run_id = request_run(judged, "reward_head", {"folds": 2})
    assert (state(judged, run_id), report_run(judged.store, run_id).snapshot) == ("queued", "")
    with supervise(judged, poll_seconds=0.05):
        until(lambda: bool(report_models(judged.store)))
    run = report_run(judged.store, run_id)
    assert (run.state, run.recipe["folds"], run.result["snapshot"]) == ("finished", 2, run.snapshot)
    assert [model.run_id for model in report_models(judged.store)] == [run_id]


def test_one_runs_at_a_time_and_a_cancelled_one_makes_room(judged: Context) -> None:
    first, second = (request_run(judged, "reward_head", {"folds": folds}) for folds in (2, 3))
    queue = Queue(judged)
    queue.step()
    queue.step()
    assert (state(judged, first), state(judged, second)) == ("running", "queued")
    supervisor.cancel(judged.store, first, grace_seconds=2)
    queue.step()
    assert (state(judged, first), state(judged, second)) == ("cancelled", "running")
    with pytest.raises(JobError, match="only a cancelled or failed one"):
        supervisor.resume(judged.store, second)
    supervisor.cancel(judged.store, second, grace_seconds=2)
    supervisor.resume(judged.store, first)
    queue.step()
    assert state(judged, first) == "running"
    supervisor.cancel(judged.store, first, grace_seconds=2)


def test_a_new_supervisor_adopts_a_live_run_and_starts_a_dead_one_again(judged: Context) -> None:
    run_id = request_run(judged, "reward_head", {})
    Queue(judged).step()
    running = pid(judged, run_id)
    after_restart = Queue(judged)
    after_restart.step()
    assert pid(judged, run_id) == running
    os.killpg(running, signal.SIGKILL)
    until(lambda: not process_lives(running, process_started(running)))
    after_restart.step()
    assert state(judged, run_id) == "running"
    assert pid(judged, run_id) != running
    supervisor.cancel(judged.store, run_id, grace_seconds=2)


def test_a_second_supervisor_waits_for_the_first(judged: Context) -> None:
    run_id = request_run(judged, "reward_head", {})
    with FileLock(judged.workspace.folder / LOCK_FILE), supervise(judged, poll_seconds=0.02):
        time.sleep(0.3)
        assert state(judged, run_id) == "queued"
    with supervise(judged, poll_seconds=0.02):
        until(lambda: state(judged, run_id) == "running")
    supervisor.cancel(judged.store, run_id, grace_seconds=2)


def test_a_request_that_cannot_be_trained_is_refused_at_once(context: Context, pairs: list[int]) -> None:
    with pytest.raises(JobError, match="too few preferences"):
        request_run(context, "dpo", {})
    judge(context, pairs, "A_better")
    with pytest.raises(RecipeError, match="learning_rate"):
        request_run(context, "dpo", {"learning_rate": -1})
    with pytest.raises(JobError, match="base: set by the platform"):
        request_run(context, "dpo", {"base": "/etc"})
    with pytest.raises(JobError, match="unknown kind"):
        request_run(context, "wishes", {})


def test_a_run_that_cannot_freeze_its_rows_says_why(judged: Context) -> None:
    run_id = request_run(judged, "reward_head", {})
    judged.workspace.folder.joinpath("pairloop.toml").write_text('[models]\nembedder = "nowhere"\n', "utf-8")
    queue = Queue(judged)
    queue.step()
    until(lambda: not supervisor.alive(supervisor._read(judged.store, run_id)))
    queue.step()
    run = report_run(judged.store, run_id)
    assert run.state == "failed"
    assert "nowhere" in run.error


def settings(context: Context, text: str) -> Context:
    """Return the workspace anew with these settings."""
    (context.workspace.folder / "pairloop.toml").write_text(f"[training]\n{text}\n", "utf-8")
    return Context.open(context.workspace.folder)


def resources(context: Context, run_id: int) -> dict[str, object]:
    with context.store.reading() as session:
        return session.get_one(Run, run_id).resources


def stop(context: Context, *runs: int) -> None:
    for run_id in runs:
        if state(context, run_id) in ("queued", "running"):
            supervisor.cancel(context.store, run_id, grace_seconds=2)


def test_the_most_urgent_run_starts_first_and_is_not_overtaken(judged: Context) -> None:
    context = settings(judged, "cpu_slots = 2")
    late, wide, urgent = (
        request_run(context, "reward_head", {"folds": folds}, options)
        for folds, options in ((2, RunOptions()), (3, RunOptions(1, cpus=2)), (4, RunOptions(5)))
    )
    Queue(context).step()
    # One slot is left; the wide run needs two, and whoever waits behind it must not take it away.
    assert [state(context, run) for run in (urgent, wide, late)] == ["running", "queued", "queued"]
    stop(context, urgent)
    Queue(context).step()
    assert [state(context, run) for run in (wide, late)] == ["running", "queued"]
    stop(context, wide, late)


def test_gpus_are_dealt_out_and_given_back(judged: Context) -> None:
    context = settings(judged, "cpu_slots = 3\ngpu_ids = [0, 3]")
    runs = [request_run(context, "reward_head", {"folds": folds}, RunOptions(gpus=1)) for folds in (2, 3, 4)]
    Queue(context).step()
    assert [resources(context, run).get("gpu_ids") for run in runs] == [[0], [3], None]
    stop(context, runs[0])
    Queue(context).step()
    assert resources(context, runs[2])["gpu_ids"] == [0]
    stop(context, *runs)
    with pytest.raises(JobError, match="this workspace has 3 and 2"):
        request_run(context, "reward_head", {}, RunOptions(gpus=3))


def test_a_run_past_its_limit_fails_with_the_reason_and_its_process_ends(judged: Context) -> None:
    run_id = request_run(judged, "reward_head", {}, RunOptions(limit_seconds=1))
    queue = Queue(judged)
    queue.step()
    running = pid(judged, run_id)
    started = process_started(running)
    time.sleep(1.1)
    queue._limits_at = 0.0
    queue.step()
    run = report_run(judged.store, run_id)
    assert (run.state, run.error) == (
        "failed", "stopped at its time limit of 1 s; its checkpoint is kept: raise the limit and resume"
    )  # fmt: skip
    until(lambda: not process_lives(running, started))
    queue.step()
    assert pid(judged, run_id) == -1


def test_a_run_that_always_dies_is_given_up_with_the_end_of_its_log(judged: Context) -> None:
    run_id = request_run(judged, "reward_head", {})
    folder = Path(report_run(judged.store, run_id).folder)
    queue = Queue(judged)
    for _ in range(supervisor.MAX_STARTS):
        queue.step()
        (folder / "run.log").write_text("it went up in smoke\n")
        running = pid(judged, run_id)
        os.killpg(running, signal.SIGKILL)
        until(lambda pid=running: not process_lives(pid, process_started(pid)))  # type: ignore[misc]
    queue.step()
    run = report_run(judged.store, run_id)
    assert run.state == "failed"
    assert run.error == "died 3 times in a row without getting further; its log ends: it went up in smoke"
    supervisor.resume(judged.store, run_id)
    queue.step()
    assert state(judged, run_id) == "running"
    stop(judged, run_id)


def test_a_process_born_as_the_platform_died_is_adopted_not_doubled(judged: Context) -> None:
    run_id = request_run(judged, "reward_head", {})
    queue = Queue(judged)
    queue.step()
    running = pid(judged, run_id)
    with judged.store.writing.begin() as session:  # the platform died before it could note the birth
        run = session.get_one(Run, run_id)
        run.state, run.pid, run.pid_started, run.host = "queued", None, None, ""
    until(lambda: Queue(judged).step() or state(judged, run_id) == "running")
    assert pid(judged, run_id) == running
    stop(judged, run_id)


def test_a_cancelled_run_that_nobody_ended_is_ended(judged: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = request_run(judged, "reward_head", {})
    queue = Queue(judged)
    queue.step()
    running = pid(judged, run_id)
    started = process_started(running)
    supervisor.close(judged.store, run_id, "cancelled", error="cancelled")  # and its canceller died
    monkeypatch.setattr("annotate.jobs.supervising.OWN_GRACE_SECONDS", 0.0)
    queue.step()
    until(lambda: not process_lives(running, started))
    queue.step()
    assert pid(judged, run_id) == -1
