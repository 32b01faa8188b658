"""A policy is put to the gate by somebody's word: who may, and which models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from annotate.access.permissions import ROLES, Actor
from annotate.actions.evaluating import evaluate_model
from annotate.errors import AccessDenied, JobError
from annotate.jobs.context import Context
from annotate.jobs.errands import read_errand
from annotate.jobs.models import register_model
from annotate.reports import report_models


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    (tmp_path / "pairloop.toml").touch()
    opened = Context.open(tmp_path)
    yield opened
    opened.store.engine.dispose()


def add_model(context: Context, folder: Path, name: str, role: str) -> int:
    (folder / name).mkdir()
    register_model(context.store, role, folder / name, name, run_id=None, metrics={})
    [found] = [one for one in report_models(context.store) if one.fingerprint == name]
    return found.id


@pytest.mark.parametrize("role", ["assessor", "lead"])
def test_who_may_not_promote_may_not_ask_the_gate(context: Context, tmp_path: Path, role: str) -> None:
    model = add_model(context, tmp_path, "one", "policy")
    with pytest.raises(AccessDenied):
        evaluate_model(context, Actor(None, "Vera", role, permissions=ROLES[role]), model)
    assert read_errand(context, "evaluate").state == "none"


def test_only_policies_are_compared(context: Context, tmp_path: Path) -> None:
    head = add_model(context, tmp_path, "head", "reward_head")
    engineer = Actor(None, "Pavel", "engineer", permissions=ROLES["engineer"])
    for model in (head, head + 1):
        with pytest.raises(JobError, match="no policy"):
            evaluate_model(context, engineer, model)
    assert read_errand(context, "evaluate").state == "none"
