"""Runs, models and the decisions of the gate."""

from pathlib import Path

import pytest

from annotate.errors import JobError
from annotate.reports import read_progress, report_models, report_run, report_runs
from annotate.store import ModelVersion, Promotion, Run, Store


def test_runs_come_newest_first_with_their_last_progress(store: Store, tmp_path: Path) -> None:
    (tmp_path / "progress.jsonl").write_text('{"step": 1}\n{"step": 2, "loss": 0.5}\n', "utf-8")
    with store.writing.begin() as session:
        session.add(Run(kind="reward", recipe={}, folder=str(tmp_path), snapshot="abc"))
        session.flush()
        session.add(
            Run(kind="dpo", recipe={}, folder=str(tmp_path / "none"), error="out of memory", state="failed")
        )
    newest, oldest = report_runs(store)
    assert (newest.kind, newest.state, newest.error, newest.progress) == (
        "dpo",
        "failed",
        "out of memory",
        {},
    )
    assert (oldest.kind, oldest.state, oldest.snapshot) == ("reward", "queued", "abc")
    assert oldest.progress == {"step": 2, "loss": 0.5}
    assert report_run(store, oldest.id) == oldest
    with pytest.raises(JobError, match="no run number 99"):
        report_run(store, 99)


@pytest.mark.parametrize(
    "rest",
    [b'{"step": 3, "te', '{"stage": "обуч'.encode()[:-1], b"\xff\xfe", b""],
    ids=["text", "letter", "bytes", "none"],
)
def test_a_line_cut_short_is_left_out(tmp_path: Path, rest: bytes) -> None:
    whole = '{"step": 1, "stage": "первый\u2028шаг"}\n{"step": 2}\n'.encode()
    (tmp_path / "progress.jsonl").write_bytes(whole + rest)
    assert [line["step"] for line in read_progress(tmp_path)] == [1, 2]


def test_without_a_file_there_is_no_progress(tmp_path: Path) -> None:
    assert read_progress(tmp_path / "missing") == []


def test_the_champion_of_a_role_is_the_last_promoted_version(store: Store) -> None:
    with store.writing.begin() as session:
        versions = [
            ModelVersion(role=role, path=f"p{n}", fingerprint=f"f{n}", metrics={"accuracy": n})
            for n, role in enumerate(["policy", "policy", "policy", "reward"])
        ]
        session.add_all(versions)
        session.flush()
        for version, promoted, reason in (
            (0, True, "first"),
            (1, True, "better"),
            (2, False, "worse"),
            (3, True, "only one"),
        ):
            session.add(Promotion(model_id=versions[version].id, promoted=promoted, reason=reason))
            session.flush()
    found = {model.fingerprint: model for model in report_models(store)}
    assert list(found) == ["f3", "f2", "f1", "f0"]
    assert {name: model.champion for name, model in found.items()} == {
        "f3": True,
        "f2": False,
        "f1": True,
        "f0": False,
    }
    assert [found[name].decision for name in ("f0", "f1", "f2", "f3")] == [
        "first",
        "better",
        "worse",
        "only one",
    ]
    assert found["f2"].metrics == {"accuracy": 2}


def test_promoting_an_older_version_again_makes_it_champion(store: Store) -> None:
    with store.writing.begin() as session:
        one, other = (ModelVersion(role="policy", path="p", fingerprint=name) for name in ("one", "other"))
        session.add_all([one, other])
        session.flush()
        for model in (one, other, one):
            session.add(Promotion(model_id=model.id, promoted=True, reason=""))
            session.flush()
    assert {model.fingerprint: model.champion for model in report_models(store)} == {
        "one": True,
        "other": False,
    }
