"""The gate of reward models: only one that is surely more accurate replaces the champion."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from annotate.errors import JobError
from annotate.jobs.context import Context
from annotate.jobs.models import champion, content_hash, promote_version, register_model
from annotate.jobs.registration import gate_model
from annotate.jobs.train import train
from annotate.reports import report_models
from benchmarks.tiny_training import judge_pairs
from training import PreferenceRow, read_rows, write_rows

pytestmark = pytest.mark.models


def swap(file: Path) -> None:
    """Turn the verdicts of a file of rows round."""
    rows = [
        PreferenceRow(**{**vars(row), "chosen": row.rejected, "rejected": row.chosen})
        for row in read_rows(file)
    ]
    write_rows(file, rows)


@pytest.mark.slow
def test_a_head_that_beats_a_toss_is_promoted_and_one_that_is_no_better_is_not(
    context: Context, tmp_path: Path
) -> None:
    judge_pairs(context.store, 60)
    trained = train(context, "reward_head")
    assert train(context, "reward_head")["run"] == trained["run"]  # not a second time
    first = trained["model_number"]
    assert champion(context.store, "reward_head") is not None
    [version] = report_models(context.store)
    assert (version.champion, version.evidence["measure"]) == (True, "accuracy")
    assert version.evidence["ci"][0] > 0.5
    assert version.lineage["snapshot"]
    assert version.lineage["base"]
    assert version.content_hash == content_hash(Path(version.path))

    twin = shutil.copytree(version.path, tmp_path / "twin")
    second = register_model(context.store, "reward_head", twin, "twin", run_id=None, metrics={})
    assert not gate_model(context, second)["promoted"]
    found = {model.id: model for model in report_models(context.store)}
    assert (found[first].champion, found[second].champion) == (True, False)
    # Both are right about every pair: no gain, and no question that the champion did not see in training.
    assert found[second].evidence["measure"] == "accuracy_gain"
    assert found[second].evidence["value"] == 0.0
    assert found[second].evidence["champion"] == first
    with pytest.raises(JobError, match="is the champion"):
        gate_model(context, first)

    worse = tmp_path / "worse"
    worse.mkdir()
    for name in ("model", "train.jsonl", "test.jsonl"):
        (worse / name).symlink_to(Path(version.path) / name)
    (worse / "test.jsonl").unlink()
    (worse / "test.jsonl").write_text((Path(version.path) / "test.jsonl").read_text())
    swap(worse / "test.jsonl")
    stranger = register_model(context.store, "reward_head", worse, "worse", run_id=None, metrics={})
    assert not gate_model(context, stranger)["promoted"]
    assert champion(context.store, "reward_head") == (first, Path(version.path))


def test_weights_changed_after_they_were_registered_do_not_serve(context: Context, tmp_path: Path) -> None:
    (tmp_path / "v" / "model").mkdir(parents=True)
    weights = tmp_path / "v" / "model" / "head.safetensors"
    weights.write_bytes(b"first")
    known = content_hash(tmp_path / "v")
    register_model(
        context.store, "reward_head", tmp_path / "v", "print", run_id=None, metrics={}, content_hash=known
    )
    weights.write_bytes(b"other")
    with pytest.raises(JobError, match="is not what was registered"):
        promote_version(context.store, "print", by="Vera")
    weights.write_bytes(b"first")
    promote_version(context.store, "print", by="Vera")
