"""Runs and models by somebody's word: who may, what is written down, what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from annotate.access.permissions import ROLES, Actor
from annotate.actions.models import promote, rollback
from annotate.actions.runs import cancel_run, resume_run, start_run
from annotate.errors import AccessDenied, JobError
from annotate.jobs.context import Context
from annotate.jobs.models import champion, register_model
from annotate.store import AuditEntry, Run


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    (tmp_path / "pairloop.toml").touch()
    opened = Context.open(tmp_path)
    yield opened
    opened.store.engine.dispose()


def actor(role: str) -> Actor:
    return Actor(None, f"{role} Vera", role, permissions=ROLES[role])


def log(context: Context) -> list[tuple[str, str]]:
    with context.store.reading() as session:
        found = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(entry.action, entry.target) for entry in found]


def add_run(context: Context, folder: Path, state: str = "queued") -> int:
    folder.mkdir(exist_ok=True)
    with context.store.writing.begin() as session:
        run = Run(kind="dpo", recipe={}, folder=str(folder), state=state)
        session.add(run)
        session.flush()
        return run.id


def add_model(context: Context, folder: Path, name: str, role: str = "reward_head") -> str:
    (folder / name / "model").mkdir(parents=True)
    register_model(context.store, role, folder / name, name, run_id=None, metrics={})
    return name


@pytest.mark.parametrize("role", ["assessor", "lead"])
def test_who_may_not_train_changes_nothing(context: Context, tmp_path: Path, role: str) -> None:
    run_id = add_run(context, tmp_path / "run")
    add_model(context, tmp_path, "one")
    for change in (
        lambda: start_run(context, actor(role), "dpo", {}),
        lambda: cancel_run(context, actor(role), run_id),
        lambda: resume_run(context, actor(role), run_id),
        lambda: promote(context, actor(role), "one"),
        lambda: rollback(context, actor(role), "reward_head"),
    ):
        with pytest.raises(AccessDenied):
            change()
    assert log(context) == []
    assert champion(context.store, "reward_head") is None


def test_a_run_is_cancelled_and_resumed_and_both_are_written_down(context: Context, tmp_path: Path) -> None:
    run_id = add_run(context, tmp_path / "run")
    assert cancel_run(context, actor("engineer"), run_id).state == "cancelled"
    with pytest.raises(JobError, match="is cancelled"):
        cancel_run(context, actor("engineer"), run_id)
    resumed = resume_run(context, actor("engineer"), run_id)
    assert (resumed.state, resumed.error, resumed.finished_at) == ("queued", "", None)
    number = str(run_id)
    assert log(context) == [
        ("run.cancel", number), ("run.cancel", number), ("run.cancel.failed", number), ("run.resume", number)
    ]  # fmt: skip


def test_a_refused_start_is_written_down_with_its_reason(context: Context) -> None:
    with pytest.raises(JobError, match="too few preferences"):
        start_run(context, actor("engineer"), "reward_head", {})
    assert [action for action, _ in log(context)] == ["run.start", "run.start.failed"]


def test_a_promotion_and_the_way_back(context: Context, tmp_path: Path) -> None:
    boss = actor("admin")
    for name in ("one", "two", "three"):
        add_model(context, tmp_path, name)
        found = promote(context, boss, name, reason="tried")
        assert (found.champion, found.decision) == (True, "promoted by admin Vera: tried")
    with pytest.raises(JobError, match="champion of the role reward_head already"):
        promote(context, boss, "three")
    assert rollback(context, boss, "reward_head").fingerprint == "two"
    assert rollback(context, boss, "reward_head").fingerprint == "one"
    with pytest.raises(JobError, match="nothing to go back to"):
        rollback(context, boss, "reward_head")
    assert promote(context, boss, "three").champion
    assert rollback(context, boss, "reward_head").fingerprint == "one"


def test_weights_that_are_gone_do_not_serve(context: Context, tmp_path: Path) -> None:
    add_model(context, tmp_path, "policy", role="policy")  # a folder, but no file for the fast engine
    with pytest.raises(JobError, match=r"policy\.gguf: the weights of model 1 are gone"):
        promote(context, actor("admin"), "policy")
    with pytest.raises(JobError, match="no model with the fingerprint nothing"):
        promote(context, actor("admin"), "nothing")
