from __future__ import annotations

from pathlib import Path

import pytest

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.models import champion, last_evidence, record_decision, register_model


def test_equal_weights_are_one_version(context: Context, tmp_path: Path) -> None:
    first = register_model(context.store, "policy", tmp_path, "abc", run_id=None, metrics={})
    assert register_model(context.store, "policy", tmp_path, "abc", run_id=None, metrics={}) == first


def test_only_a_promotion_makes_a_champion(context: Context, tmp_path: Path) -> None:
    old = register_model(context.store, "policy", tmp_path / "a", "a", run_id=None, metrics={})
    new = register_model(context.store, "policy", tmp_path / "b", "b", run_id=None, metrics={})
    assert champion(context.store, "policy") is None
    record_decision(context.store, old, promoted=True, reason="better", evidence={"value": 0.7})
    record_decision(context.store, new, promoted=False, reason="not better", evidence={"value": 0.5})
    assert champion(context.store, "policy") == (old, tmp_path / "a")
    assert last_evidence(context.store, new) == {"value": 0.5}


def test_a_decision_on_no_model_is_refused(context: Context) -> None:
    with pytest.raises(JobError, match="no model number 7"):
        record_decision(context.store, 7, promoted=True, reason="", evidence={})
