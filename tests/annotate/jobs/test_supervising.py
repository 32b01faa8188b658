"""A server's supervisor: it starts what waits, adopts what lives, settles what died, and is alone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest
from filelock import FileLock

from annotate.errors import JobError
from annotate.jobs import supervisor
from annotate.jobs.context import Context
from annotate.jobs.supervising import LOCK_FILE, Queue, supervise
from annotate.jobs.train import request_run
from annotate.reports import report_models, report_run
from annotate.store import Run
from training import RecipeError

from .test_snapshots import judge

pytestmark = pytest.mark.models


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
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
    until(lambda: not supervisor._alive(running, supervisor._started(running)))
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
        request_run(context, "ppo", {})


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
