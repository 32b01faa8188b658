from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select

from annotate.errors import JobError
from annotate.jobs import supervisor
from annotate.jobs.context import Context
from annotate.jobs.train import finish_run, queue_run, train
from annotate.reports import report_models, report_run
from annotate.store import Run

from .test_snapshots import judge

pytestmark = pytest.mark.models


def silent(_done: int, _total: int) -> None: ...


def test_training_without_preferences_says_what_to_do(context: Context, pairs: list[int]) -> None:
    with pytest.raises(JobError, match="pairloop label"):
        train(context, "reward_head")
    with pytest.raises(JobError, match="unknown kind wishes; known: reward_head, reward, dpo"):
        train(context, "wishes")


@pytest.mark.slow  # test_reward_gate trains one and takes it further
def test_a_reward_head_is_trained_registered_and_not_trained_twice(
    context: Context, pairs: list[int]
) -> None:
    judge(context, pairs, "A_better")
    result = train(context, "reward_head")
    assert result["rows"]["train"] + result["rows"]["test"] == len(pairs)
    assert train(context, "reward_head")["run"] == result["run"]
    (model,) = report_models(context.store)
    assert (model.role, model.run_id, model.champion) == ("reward_head", result["run"], False)


@pytest.mark.slow
def test_a_run_killed_while_nobody_watched_starts_again_and_a_live_one_is_adopted(
    context: Context, pairs: list[int]
) -> None:
    judge(context, pairs, "A_better")
    run_id = queue_run(context, "reward_head")

    def start() -> int:
        supervisor.start(context.store, run_id)
        with context.store.reading() as session:
            return session.get_one(Run, run_id).pid or -1

    killed = start()
    os.killpg(killed, signal.SIGKILL)
    os.waitpid(killed, 0)
    assert supervisor.recover(context.store) == [run_id]
    again = start()
    assert start() == again
    assert finish_run(context, run_id, silent)["kind"] == "reward_head"
    assert report_run(context.store, run_id).state == "finished"


def test_a_cancelled_run_leaves_no_process(context: Context, pairs: list[int]) -> None:
    judge(context, pairs, "A_better")
    run_id = queue_run(context, "reward_head")
    supervisor.start(context.store, run_id)
    with context.store.reading() as session:
        pid = session.get_one(Run, run_id).pid
    supervisor.cancel(context.store, run_id, grace_seconds=5)
    assert report_run(context.store, run_id).state == "cancelled"
    deadline = time.monotonic() + 10
    while psutil.pid_exists(pid or -1) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not psutil.pid_exists(pid or -1) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    with pytest.raises(JobError, match="is cancelled"):
        supervisor.cancel(context.store, run_id)


def test_a_failing_run_says_why_and_leaves_no_model(
    context: Context, pairs: list[int], tmp_path: Path
) -> None:
    judge(context, pairs, "A_better")
    with pytest.raises(JobError, match="failed"):
        train(context, "reward_head", {"base": str(tmp_path / "nothing")})
    assert report_models(context.store) == []
    with context.store.reading() as session:
        assert session.scalars(select(Run)).one().state == "failed"
